"""Buyers' claims for returns as they come (WB API, claims)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WrapValidator

from agentiq_core.connectors.wire import Id, OptionalInt, OptionalText, Wire, or_none

Listed = Annotated[list[Any] | None, WrapValidator(or_none)]


class Claim(Wire):
    """A claim. Its times name no zone: they are Moscow's."""

    id: Id
    status: OptionalInt = None
    goods_status: OptionalInt = Field(None, alias="status_ex")
    nm_id: OptionalInt = None
    title: OptionalText = Field(None, alias="imt_name")
    user_comment: str | None = None
    wb_comment: str | None = None
    created: OptionalText = Field(None, alias="dt")
    updated: OptionalText = Field(None, alias="dt_update")
    photos: Listed = None
    videos: Listed = Field(None, alias="video_paths")
    srid: OptionalText = None


class ClaimsAnswer(Wire):
    """GET claims."""

    claims: list[Any] | None
    total: OptionalInt = None
