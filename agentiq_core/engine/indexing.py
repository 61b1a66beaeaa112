"""The search index is filled behind the feeds, never by them: a pull only says which conversations have new words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

from agentiq_core.engine.context import Engine
from agentiq_core.language.search import index_words
from agentiq_core.store import search
from agentiq_core.store.search import Pending, Unindexed

CONVERSATIONS, MESSAGES = 50, 300
"""Of a batch, at most: what one claim takes, and what one transaction writes."""
_TEXTS_AT_ONCE = 25
"""Between these a screen in the same process gets its turn: morphology is pure Python."""
_LEASE_SECONDS = 60.0


async def index_all(engine: Engine) -> int:
    """Index what waits until nothing does; how many texts were. Half of the time is left to whoever shares the process."""
    total = 0
    while (texts := await index_some(engine)) is not None:
        total += texts
    return total


async def index_some(engine: Engine) -> int | None:
    """Index one batch; how many texts were, None when nothing waits. A batch that is lost is done again by anybody."""
    async with engine.store.transaction() as session:
        claimed = await search.claim(session, CONVERSATIONS, _LEASE_SECONDS)
    if not claimed:
        return None
    refs = sorted(pending.ref for pending in claimed)
    async with engine.store.transaction() as session:
        texts = await search.missing(session, refs, MESSAGES)
        known = await search.about(session, refs)
    settled, rest = _settled(claimed, texts)
    # in the order in which a pull holds conversations, so that no two wait in a ring
    indexed = await _indexed(sorted([*texts, *known], key=lambda one: one.ref))
    async with engine.store.transaction() as session:
        await search.put(session, indexed)
        await search.done(session, settled, rest)
    return len(indexed)


def _settled(claimed: Sequence[Pending], texts: Sequence[Unindexed]) -> tuple[list[Pending], list[Pending]]:
    """Conversations that are whole in this batch, and those behind the last message that fitted."""
    if len(texts) < MESSAGES:
        return list(claimed), []
    last = texts[-1].ref
    return (
        [one for one in claimed if one.ref < last],
        [one for one in claimed if one.ref >= last],
    )


async def _indexed(texts: Sequence[Unindexed]) -> list[tuple[Unindexed, frozenset[str]]]:
    indexed: list[tuple[Unindexed, frozenset[str]]] = []
    for begin in range(0, len(texts), _TEXTS_AT_ONCE):
        some = texts[begin : begin + _TEXTS_AT_ONCE]
        started = perf_counter()
        indexed += await asyncio.to_thread(_words_of, some)
        await asyncio.sleep(perf_counter() - started)
    return indexed


def _words_of(texts: Sequence[Unindexed]) -> list[tuple[Unindexed, frozenset[str]]]:
    return [(one, index_words(one.text)) for one in texts]
