"""One action on many conversations: in steps, with honest counts; what is refused stays as it was and holds up nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.errors import Forbidden, NotFound, Rejected
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.team import BulkReport
from agentiq_core.domain.views import ChatRef, QueueKey
from agentiq_core.engine import replies
from agentiq_core.engine.context import Engine
from agentiq_core.engine.many import by_seller
from agentiq_core.engine.snooze import snooze
from agentiq_core.engine.tags import checked
from agentiq_core.store import assignment, queues, tags

STEP = 50
"""Conversations that are worked on between two reports."""
MOST = 100_000
"""Conversations that one action works on."""


@dataclass(frozen=True, slots=True)
class Assign:
    """Give them to somebody, or to nobody."""

    to: int | None


@dataclass(frozen=True, slots=True)
class AddTag:
    """Tag them."""

    name: str


@dataclass(frozen=True, slots=True)
class RemoveTag:
    """Take a tag off them."""

    name: str


@dataclass(frozen=True, slots=True)
class Snooze:
    """Put them off until then; None brings them back."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class NoReplyNeeded:
    """Nobody need answer; the marketplace is told where it can be, and the buyer's next message opens them again."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """They need an answer after all."""


Action = Assign | AddTag | RemoveTag | Snooze | NoReplyNeeded | Reopen


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that a queue holds under a filter at this moment."""

    queue: Queue
    narrowed: QueueFilter


class Bulk:
    """Actions on many conversations (`desk.bulk`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def find(self, found: Found) -> list[ChatRef]:
        """The conversations that are meant, so that a screen can say how many before anything is done. Raises `Rejected` for too many."""
        every: list[ChatRef] = []
        after: QueueKey | None = None
        while True:
            async with self._engine.store.transaction() as session:
                some, after = await queues.refs(session, found.queue, after, 2000, found.narrowed)
            every += some
            if len(every) > MOST:
                raise Rejected(f"at most {MOST} conversations at once", most_at_once=MOST)
            if after is None:
                return every

    async def run(self, action: Action, on: Found | Iterable[ChatRef]) -> AsyncGenerator[BulkReport]:
        """Do it to each: what came of it so far, step by step; the last report is the whole.

        Every step is kept as it is done, so that one who stops midway loses nothing. Raises `Forbidden` for a viewer,
        `BadFilter` for what is no tag, `Rejected` for whom the conversations may not be given to.
        """
        self._engine.access.only_writers()
        if isinstance(action, AddTag | RemoveTag):
            checked(action.name)
        refs = await self.find(on) if isinstance(on, Found) else sorted(set(on))
        report = BulkReport(len(refs))
        yield report
        for start in range(0, len(refs), STEP):
            report = await self._step(action, refs[start : start + STEP], report)
            yield report

    async def _step(self, action: Action, refs: Sequence[ChatRef], so_far: BulkReport) -> BulkReport:
        if isinstance(action, Assign | AddTag | RemoveTag):
            results = await self._at_once(action, refs)
        else:
            results = [await self._one(action, ref) for ref in refs]
        refused = Counter(so_far.refused)
        refused.update(code for code in results if isinstance(code, str))
        return replace(
            so_far,
            done=so_far.done + results.count(True),
            unchanged=so_far.unchanged + results.count(None),
            refused=dict(refused),
        )

    async def _at_once(
        self, action: Assign | AddTag | RemoveTag, refs: Sequence[ChatRef]
    ) -> list[bool | str | None]:
        results: list[bool | str | None] = []
        for seller_id, ids in by_seller(refs).items():
            async with self._engine.store.transaction() as session:
                match action:
                    case Assign(to):
                        found = await assignment.assign(session, seller_id, ids, to)
                        refusal = Forbidden.code
                    case AddTag(name):
                        found = await tags.add(session, seller_id, ids, name)
                        refusal = Rejected.code
                    case RemoveTag(name):
                        found = await tags.remove(session, seller_id, ids, name)
                        refusal = Rejected.code
            for one in ids:
                came: bool | str | None = found.get(one, NotFound.code)
                results.append(refusal if came is False else came)
        return results

    async def _one(self, action: Snooze | NoReplyNeeded | Reopen, ref: ChatRef) -> bool | str | None:
        try:
            match action:
                case Snooze(until):
                    await snooze(self._engine, ref, until)
                case NoReplyNeeded():
                    return True if await replies.no_reply_needed(self._engine, ref) else None
                case Reopen():
                    return True if await replies.reopen(self._engine, ref) else None
        except (Rejected, NotFound) as error:
            return error.code
        return True
