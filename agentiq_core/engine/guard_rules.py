"""A seller's own guardrail rules: kept in the database, read once per change, tried on what was sent before they hold."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import Rejected
from agentiq_core.engine.context import Engine
from agentiq_core.engine.jobs import Dispatch
from agentiq_core.guardrails.own_rules import RuleSet, usable
from agentiq_core.guardrails.verdict import Severity
from agentiq_core.language.reading import read
from agentiq_core.store import guard_rules, sellers
from agentiq_core.store.guard_rules import SentReply

log = logging.getLogger(__name__)

LAST_REPLIES = 200
"""So many replies a change is tried on: a quarter of a second of morphology."""
EXAMPLES = 10
_AT_ONCE = 200
_NONE = RuleSet()
_MOST_KNOWN = 1_000
_known: OrderedDict[int, tuple[str, RuleSet]] = OrderedDict()
"""Rule sets that this process has read, by seller, with the revision they were read at."""


@dataclass(frozen=True, slots=True)
class StoppedReply:
    """A reply that was sent and that these rules object to. `words` are those the rule names, `severity` as in a verdict."""

    chat_id: int
    sent_at: datetime
    rule: str
    severity: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class GuardEffect:
    """What a set of rules would have done to recent replies: how many were looked at, how many an error would have stopped,
    how many others had a warning, which rule how often, and the newest of both."""

    replies: int
    stopped: int
    warned: int
    by_rule: tuple[tuple[str, int], ...]
    newest: tuple[StoppedReply, ...]


class GuardRules:
    """What front ends see of a seller's own rules."""

    def __init__(self, engine: Engine, dispatch: Dispatch) -> None:
        self._engine = engine
        self._dispatch = dispatch

    async def read(self, seller_id: int) -> RuleSet:
        """A seller's own rules, none where it has none. Raises `NotFound`."""
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            return await own_rules(session, seller_id)

    async def effect(self, seller_id: int, instead: RuleSet, last: int = LAST_REPLIES) -> GuardEffect:
        """What these rules would have done to the last replies of a seller; nothing is changed. Raises `NotFound`."""
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            replies = await guard_rules.last_replies(session, seller_id, last)
        return await asyncio.to_thread(_tried, replies, instead)

    async def set(self, seller_id: int, rules: RuleSet) -> int:
        """Give a seller these rules, none with an empty set; how many suggestions they stop, which are written anew.

        Raises `NotFound`, `Forbidden` unless an admin asks, `Rejected` when a rule says something else than the one that is
        stored under its name and version: replies tell by these which rules they were checked against.
        """
        self._engine.access.only_admins()
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            former = {rule.name: rule for rule in (await own_rules(session, seller_id)).rules}
            for rule in rules.rules:
                known = former.get(rule.name)
                if known is not None and known != rule and rule.version <= known.version:
                    raise Rejected(
                        f"the rule {rule.name} says something else now: give it a version above {known.version}",
                        rule=rule.name,
                        version=known.version,
                    )
            if rules.rules:
                await guard_rules.put(session, seller_id, [rule.to_json() for rule in rules.rules])
            else:
                await guard_rules.drop(session, seller_id)
        return await self._stop_suggestions(seller_id, rules)

    async def _stop_suggestions(self, seller_id: int, rules: RuleSet) -> int:
        stopped, last = 0, 0
        while rules.rules:
            async with self._engine.store.transaction() as session:
                offered = await guard_rules.suggested(session, seller_id, last, _AT_ONCE)
                bad = await asyncio.to_thread(_stopped, offered, rules)
                if bad:
                    await guard_rules.without_suggestion(session, seller_id, bad)
            if not offered:
                break
            stopped, last = stopped + len(bad), offered[-1][0]
        if stopped:
            await self._dispatch.suggest(seller_id)
        return stopped


async def own_rules(session: AsyncSession, seller_id: int) -> RuleSet:
    """What this seller forbids now: one short query while nothing changed.

    A rule that cannot be read is left out and logged: it was stored by a newer program, or by no program of ours.
    """
    revision, rules = _known.get(seller_id, (None, _NONE))
    stored = await guard_rules.get(session, seller_id, revision)
    if stored is None:
        return _NONE
    if stored.rules is not None:
        # the first look at a large set is the dictionary's work: off the event loop
        rules, wrong = await asyncio.to_thread(usable, stored.rules)
        for mistake in wrong:
            log.warning("an own guardrail rule of seller %d cannot be read: %s", seller_id, mistake.problem)
        _known[seller_id] = stored.revision, rules
        while len(_known) > _MOST_KNOWN:
            _known.popitem(last=False)
    return rules


def _stopped(offered: Sequence[tuple[int, str, str]], rules: RuleSet) -> list[int]:
    return [
        chat_id
        for chat_id, channel, text in offered
        if any(one.severity is Severity.ERROR for one in rules.violations(read(text), channel))
    ]


def _tried(replies: Sequence[SentReply], rules: RuleSet) -> GuardEffect:
    stopped = warned = 0
    by_rule: Counter[str] = Counter()
    newest: list[StoppedReply] = []
    for reply in replies:
        found = list(_objections(reply, rules))
        if not found:
            continue
        if any(one.severity == Severity.ERROR for one in found):
            stopped += 1
        else:
            warned += 1
        by_rule.update({one.rule for one in found})
        newest.append(min(found, key=lambda one: one.severity != Severity.ERROR))
    return GuardEffect(len(replies), stopped, warned, tuple(by_rule.most_common()), tuple(newest[:EXAMPLES]))


def _objections(reply: SentReply, rules: RuleSet) -> Iterator[StoppedReply]:
    for one in rules.violations(read(reply.text), reply.channel):
        words = reply.text[one.start : one.end]
        yield StoppedReply(reply.chat_id, reply.sent_at, one.rule, one.severity.value, words, one.reason)
