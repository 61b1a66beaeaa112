"""The list of product cards as it comes (WB API, get/cards/list)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WrapValidator

from agentiq_core.connectors.wire import OptionalInt, OptionalText, Wire, or_none


class Photo(Wire):
    """One picture of a card in several sizes; this one is for a terminal."""

    small: OptionalText = Field(None, alias="c246x328")


class Card(Wire):
    """A good; each photo and characteristic is read on its own."""

    nm_id: OptionalInt = Field(None, alias="nmID")
    title: OptionalText = None
    brand: OptionalText = None
    vendor_code: OptionalText = Field(None, alias="vendorCode")
    description: OptionalText = None
    photos: Annotated[list[Any] | None, WrapValidator(or_none)] = None
    characteristics: Annotated[list[Any] | None, WrapValidator(or_none)] = None


class Characteristic(Wire):
    """A fact of a card; the type of its value depends on the characteristic."""

    name: str = Field(min_length=1)
    value: Any = None


class CardsAnswer(Wire):
    """POST cards/list."""

    cards: list[Any] | None
