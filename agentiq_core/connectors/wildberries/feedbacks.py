"""What reviews and questions have in common: two lists, an item by id, an answer."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from agentiq_core.connectors.base import Capabilities, Credentials, Gate, GoAhead, Memory, NoMemory, Receipt
from agentiq_core.connectors.calling import Caller
from agentiq_core.connectors.errors import ChannelClosed, Refused, Unintelligible
from agentiq_core.connectors.http import Answer, Sleep, Timeouts, ahead_of
from agentiq_core.connectors.outgoing import check
from agentiq_core.connectors.sending import nothing_sent
from agentiq_core.connectors.wildberries import wire_feedbacks as wire
from agentiq_core.connectors.wildberries.channel import Clock, WildberriesChannel, now
from agentiq_core.connectors.wildberries.limits import SCOPES
from agentiq_core.connectors.wildberries.line import FEEDBACKS_HOST
from agentiq_core.connectors.wildberries.mapping_feedbacks import REJECTED, Reader, answer_id
from agentiq_core.connectors.wildberries.places import Shelf, Stretch
from agentiq_core.connectors.wildberries.shelves import Item, Reading, Shelved
from agentiq_core.connectors.wire import read
from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Channel, FeedPage, Unreadable
from agentiq_core.domain.outbox import Undelivered

log = logging.getLogger(__name__)

NEWS_PATH: Final = "/api/v1/new-feedbacks-questions"
_GONE: Final = (404, 422)
"""What an id that stands for nothing is answered with (WB API, feedback and question)."""


class Lists:
    """The lists of reviews or of questions; implements `Shelves`. `paths` are those of the lists."""

    def __init__(
        self,
        caller: Caller,
        channel: Channel,
        paths: Mapping[Shelf, str],
        one_path: str,
        reader: Reader,
        clock: Clock,
        *,
        last_skip: int,
        gives_up_after: timedelta | None = None,
    ) -> None:
        self.channel = channel.value
        self.shelves = tuple(shelf for shelf in paths if shelf is not Shelf.WAITING)
        self.last_skip = last_skip
        self.gives_up_after = gives_up_after
        self._caller = caller
        self._paths = paths
        self._one_path = one_path
        self._reader = reader
        self._clock = clock

    async def listed(self, at: Stretch, take: int) -> Shelved:
        """A page of a list (WB API, feedbacks, feedbacks/archive, questions); times go in seconds."""
        params: dict[str, Any] = {"take": take, "skip": at.skip, "order": "dateDesc"}
        if at.shelf is not Shelf.ARCHIVE:
            params["isAnswered"] = "true" if at.shelf is Shelf.HANDLED else "false"
            bounds = {"dateFrom": at.since, "dateTo": at.until}
            params |= {name: moment for name, moment in bounds.items() if moment is not None}
        answer = await self._caller.read(f"{self.channel} list", "GET", self._paths[at.shelf], params=params)
        listed = read(wire.ListAnswer, answer.body)
        if listed.data is None or listed.error:
            raise Unintelligible(f"wildberries {self.channel} list: an error in place of a list")
        found = listed.data.questions if self.channel == Channel.QUESTION else listed.data.feedbacks
        ahead = ahead_of(answer.headers, datetime.now(UTC))
        moment = self._moment(ahead)
        items: dict[str, Item] = {}
        unreadable: list[Unreadable] = []
        for one in found or ():
            outcome = self._reader(one, moment, at.shelf is not Shelf.WAITING)
            if isinstance(outcome, Unreadable):
                unreadable.append(outcome)
            else:
                items.setdefault(outcome.id, outcome)
        return Shelved(
            items=tuple(items.values()),
            unreadable=tuple(unreadable),
            size=len(found or ()),
            ahead=ahead,
        )

    async def one(self, id: str) -> Item | Unreadable | None:
        """An item by its id (WB API, feedback and question)."""
        answer = await self._ask(id)
        if answer is None:
            return None
        data = read(wire.OneAnswer, answer.body).data
        moment = self._moment(ahead_of(answer.headers, datetime.now(UTC)))
        return None if data is None else self._reader(data, moment, False)

    async def standing(self, id: str) -> wire.Standing | None:
        """How an item stands, whatever else may be wrong with it; None where there is no such."""
        answer = await self._ask(id)
        return None if answer is None else read(wire.StandingAnswer, answer.body).data

    async def _ask(self, id: str) -> Answer | None:
        answer = await self._caller.read(self.channel, "GET", self._one_path, params={"id": id}, accept=_GONE)
        return None if answer.status in _GONE else answer

    def _moment(self, ahead: float | None) -> datetime:
        """Now by the marketplace's clock: what is first read gets a time among its times."""
        return self._clock() + timedelta(seconds=ahead or 0.0)


class AnsweredOnce(WildberriesChannel, ABC):
    """A channel whose conversations take one answer."""

    channel: ClassVar[Channel]
    capabilities: ClassVar[Capabilities]

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
            FEEDBACKS_HOST,
            scope=SCOPES[self.channel],
            gate=gate,
            timeouts=timeouts,
            sleep=sleep,
            clock=clock,
        )
        self._lists = self._open_lists()
        self._reading = Reading(self._lists, memory or NoMemory(), clock)

    @abstractmethod
    def _open_lists(self) -> Lists:
        """The lists of the channel."""

    @abstractmethod
    async def _write(self, external_id: str, text: str, *, edit: bool, go_ahead: GoAhead | None) -> None:
        """The one request that answers, or edits the answer."""

    async def page(self, cursor: str | None) -> FeedPage:
        """What is new in the lists behind `cursor`; see `shelves`."""
        return await self._reading.page(cursor)

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """Answer once: a first answer, or the one edit that there may be.

        How the item stands is read before; until the answer is written every failure is NotDelivered, KeyRefused or a
        refusal. It is read again after: an id is not validated by the answer (WB API, feedbacks/answer), so one that is
        gone then was refused. That it could not be read again says nothing.
        """
        check(text, files, self.capabilities)
        before = await self._before(chat_external_id)
        answered = before.answer is not None and bool(before.answer.text and before.answer.text.strip())
        rejected = before.answer is not None and before.answer.state == REJECTED
        editable = before.answer is not None and before.answer.editable is not False
        if answered and not editable and not rejected:
            raise Refused(
                f"the {self.channel} has an answer that can no longer be edited",
                reason=Undelivered.ALREADY_ANSWERED,
            )
        await self._write(chat_external_id, text, edit=answered and editable, go_ahead=go_ahead)
        return await self._after(chat_external_id, text)

    async def _try_key(self) -> None:
        await self._caller.read("news", "GET", NEWS_PATH)

    async def _before(self, external_id: str) -> wire.Standing:
        with nothing_sent(f"the {self.channel} cannot be read before it is answered", ChannelClosed, Refused):
            standing = await self._lists.standing(external_id)
        if standing is None:
            raise self._gone()
        return standing

    async def _after(self, external_id: str, text: str) -> Receipt:
        try:
            standing = await self._lists.standing(external_id)
        except AgentIQError as error:
            # the answer was taken: whatever this is, it is no failure of sending
            log.warning("wildberries %s: the answer could not be read back: %s", self.channel, error)
            return Receipt()
        if standing is None:
            raise self._gone()
        shown = standing.answer
        if shown is None or shown.text != text:
            return Receipt()
        if shown.state == REJECTED:
            raise Refused("moderation rejected the answer", reason=Undelivered.TEXT_REFUSED)
        return Receipt(message_id=answer_id(text))

    def _gone(self) -> Refused:
        return Refused(f"there is no such {self.channel}", reason=Undelivered.CHAT_GONE)
