"""Goods as the seller describes them (WB API, get/cards/list)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import ValidationError

from agentiq_core.connectors.base import Credentials, Gate
from agentiq_core.connectors.calling import Caller
from agentiq_core.connectors.http import Sleep, Timeouts
from agentiq_core.connectors.mapping import present
from agentiq_core.connectors.wildberries import wire_cards as wire
from agentiq_core.connectors.wildberries.limits import CARDS, CARDS_SCOPE
from agentiq_core.connectors.wildberries.line import CONTENT_HOST, open_line
from agentiq_core.connectors.wildberries.token import scopes_of
from agentiq_core.connectors.wire import read
from agentiq_core.domain.messages import ProductCard

PATH: Final = "/content/v2/get/cards/list"
_FOUND_AT_MOST: Final = 100


class Cards:
    """Asks for cards, one request a good; nothing is asked with a key without that category. Opens its line when needed."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        gate: Gate | None = None,
        timeouts: Timeouts | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._credentials = credentials
        self._gate = gate
        self._timeouts = timeouts
        self._sleep = sleep
        self._caller: Caller | None = None

    async def of(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """The cards of these articles (nmID), as far as there are any."""
        if CARDS_SCOPE not in (scopes_of(self._credentials) or ()):
            return ()
        found = [await self._card(article) for article in dict.fromkeys(external_ids) if article.isdecimal()]
        return tuple(card for card in found if card is not None)

    async def aclose(self) -> None:
        """Close connections."""
        if self._caller is not None:
            await self._caller.aclose()

    async def _card(self, article: str) -> ProductCard | None:
        if self._caller is None:
            self._caller = open_line(
                self._credentials,
                CONTENT_HOST,
                scope=CARDS_SCOPE,
                bucket=CARDS,
                gate=self._gate,
                timeouts=self._timeouts,
                sleep=self._sleep,
            )
        wanted = {
            "settings": {
                "filter": {"textSearch": article, "withPhoto": -1},
                "cursor": {"limit": _FOUND_AT_MOST},
            }
        }
        answer = await self._caller.read(CARDS, "POST", PATH, json=wanted)
        cards = map(card_of, read(wire.CardsAnswer, answer.body).cards or ())
        # the search also finds vendor codes and barcodes
        return next((card for card in cards if card is not None and card.external_id == article), None)


def card_of(item: object) -> ProductCard | None:
    """A card of the list; None for one that cannot be read or has no article."""
    try:
        card = wire.Card.model_validate(item)
    except ValidationError:
        return None
    if not card.nm_id:
        return None
    return ProductCard(
        external_id=str(card.nm_id),
        title=present(card.title),
        brand=present(card.brand),
        vendor_code=present(card.vendor_code),
        photo_url=next(_photos(card.photos or ()), None),
        description=card.description or "",
        facts=tuple(_facts(card.characteristics or ())),
    )


def _photos(items: Sequence[Any]) -> Iterator[str]:
    for item in items:
        try:
            url = present(wire.Photo.model_validate(item).small)
        except ValidationError:
            continue
        if url is not None:
            yield url


def _facts(items: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for item in items:
        try:
            fact = wire.Characteristic.model_validate(item)
        except ValidationError:
            continue
        values = fact.value if isinstance(fact.value, list) else [fact.value]
        told = ", ".join(
            str(value) for value in values if isinstance(value, str | int | float) and value != ""
        )
        if told:
            yield fact.name, told
