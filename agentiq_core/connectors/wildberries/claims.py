"""One seller's line to the claims for returns on Wildberries, which are read here and decided in the cabinet."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from agentiq_core.connectors.base import Credentials, Gate, GoAhead, Memory, NoMemory, Receipt
from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.http import Sleep, Timeouts, ahead_of
from agentiq_core.connectors.wildberries import wire_claims as wire
from agentiq_core.connectors.wildberries.channel import Clock, WildberriesChannel, now
from agentiq_core.connectors.wildberries.limits import CLAIM_WINDOW, CLAIMS, SCOPES
from agentiq_core.connectors.wildberries.line import RETURNS_HOST
from agentiq_core.connectors.wildberries.mapping_claims import ReadClaim, claim_of
from agentiq_core.connectors.wire import read
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Channel, FeedPage, IncomingChat, Mark, Unreadable

PATH: Final = "/api/v1/claims"
AT_ONCE: Final = 200
"""Claims of one request (WB API, claims)."""

_BEGINNING: Final = "begin"
_SLACK: Final = 86_400.0
"""Seconds past the window: the clocks and the zone of the marketplace are its own."""
_UNKNOWN: Final = float("inf")


class WildberriesClaims(WildberriesChannel):
    """Implements `Connector`, without `send`."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        gate: Gate | None = None,
        memory: Memory | None = None,
        timeouts: Timeouts | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = now,
    ) -> None:
        super().__init__(
            credentials,
            RETURNS_HOST,
            scope=SCOPES[Channel.CLAIM],
            bucket=CLAIMS,
            gate=gate,
            timeouts=timeouts,
            sleep=sleep,
            clock=clock,
        )
        self._memory = memory or NoMemory()

    async def page(self, cursor: str | None) -> FeedPage:
        """Both lists from end to end with every poll: they hold two weeks. First the claims under review, then the archive,
        so that one which is decided meanwhile is met there.

        Of claims that are older and no longer listed nothing more will be heard: they are settled.
        """
        archived, offset = _position(cursor)
        params = {"is_archive": str(archived).lower(), "limit": AT_ONCE, "offset": offset}
        answer = await self._caller.read(CLAIMS, "GET", PATH, params=params)
        listed = read(wire.ClaimsAnswer, answer.body).claims or []
        outcomes = [claim_of(item, archived) for item in listed]
        claims = {one.id: one for one in outcomes if isinstance(one, ReadClaim)}
        marks = await self._memory.marks(list(claims)) if claims else {}
        changed = [claim for claim in claims.values() if marks.get(claim.id) != _mark(claim)]
        page = FeedPage(
            messages=tuple(message for claim in changed for message in claim.messages),
            chats=tuple(claim.chat for claim in changed),
            unreadable=tuple(one for one in outcomes if isinstance(one, Unreadable)),
            marks=tuple(Mark(claim.id, _mark(claim)) for claim in changed),
            ahead=ahead_of(answer.headers, datetime.now(UTC)),
        )
        if not archived and offset == 0:
            page = await self._with_expired(page, listed=frozenset(claims))
        if len(listed) >= AT_ONCE:
            return replace(page, cursor=_cursor(archived, offset + len(listed)))
        if not archived:
            return replace(page, cursor=_cursor(True, 0))
        return replace(page, cursor=_BEGINNING, complete=True)

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """A claim is decided in the cabinet: money and goods move with it."""
        raise Refused("a claim is answered in the cabinet of Wildberries")

    async def _try_key(self) -> None:
        params: dict[str, Any] = {"is_archive": "false", "limit": 1, "offset": 0}
        await self._caller.read(CLAIMS, "GET", PATH, params=params)

    async def _with_expired(self, page: FeedPage, *, listed: frozenset[str]) -> FeedPage:
        believed = [claim for claim in await self._memory.unanswered() if claim not in listed]
        if not believed:
            return page
        marks = await self._memory.marks(believed)
        moment = self._clock()
        oldest = (moment - CLAIM_WINDOW).timestamp() - _SLACK
        expired = [claim for claim in believed if _created(marks.get(claim, "")) < oldest]
        settled = tuple(
            IncomingChat(claim, channel=Channel.CLAIM.value, settled_through=moment, closed=True)
            for claim in expired
        )
        forgotten = tuple(Mark(claim, "0:gone") for claim in expired)
        return replace(page, chats=page.chats + settled, marks=page.marks + forgotten)


def _mark(claim: ReadClaim) -> str:
    return f"{int(claim.created.timestamp())}:{claim.print}"


def _created(mark: str) -> float:
    """When the claim of a mark was made, in Unix seconds; for ever when it does not tell."""
    seconds = mark.partition(":")[0]
    return float(seconds) if seconds.isdecimal() and int(seconds) else _UNKNOWN


def _cursor(archived: bool, offset: int) -> str:
    return f"{'archive' if archived else 'open'} {offset}"


def _position(cursor: str | None) -> tuple[bool, int]:
    """Which list, and from where; the beginning for what is no cursor of this version."""
    shelf, _, offset = (cursor or "").partition(" ")
    if shelf not in ("open", "archive") or not (offset.isascii() and offset.isdecimal()) or len(offset) > 9:
        return False, 0
    return shelf == "archive", int(offset)
