"""Searching everything that buyers and sellers wrote, and who they are: words in any form, phrases, begun and mistyped words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentiq_core.domain.search import SearchHit, SearchKey, SearchPage
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.language.search import (
    Question,
    Term,
    excerpt,
    highlights,
    holds,
    in_other_layout,
    index_words,
    nearest,
    question,
)
from agentiq_core.store import search
from agentiq_core.store.search import Found, FoundText

_LOOKED_THROUGH = 400
"""Messages of one scan; a conversation is shown once however many of them are its."""
_MOST_SCANS = 5


class Searching:
    """Search of one operator: what they may see, and nothing else. Raises `SignedOut`, `StoreUnavailable`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def find(
        self,
        words: str,
        *,
        sellers: Sequence[int] | None = None,
        after: SearchKey | None = None,
        limit: int = 50,
        seen: frozenset[ChatRef] = frozenset(),
    ) -> SearchPage:
        """Conversations with all these words, each by its newest such message, newest first.

        Words count in any form, the last one when only begun; "quoted words" stand as they are. When nothing is found,
        the other keyboard layout and the nearest known words are tried, and the page says what was `meant`. `seen` are
        the conversations of the pages before.
        """
        asked = await asyncio.to_thread(question, words)
        if not asked:
            return SearchPage((), None)
        page = await self._page(asked, sellers, after, limit, seen)
        if page.hits or after is not None:
            return page
        other = in_other_layout(words)
        instead = await asyncio.to_thread(question, other)
        if instead:
            there = await self._page(instead, sellers, None, limit, seen)
            if there.hits:
                return replace(there, meant=other)
        corrected = await self._corrected(asked, sellers)
        if corrected is not None:
            there = await self._page(corrected, sellers, None, limit, seen)
            if there.hits:
                return replace(there, meant=" ".join(term.spelling for term in corrected.terms))
        return page

    async def _page(
        self,
        asked: Question,
        sellers: Sequence[int] | None,
        after: SearchKey | None,
        limit: int,
        seen: frozenset[ChatRef],
    ) -> SearchPage:
        hits: list[SearchHit] = []
        known = set(seen)
        for _ in range(_MOST_SCANS):
            async with self._engine.store.transaction() as session:
                found = await search.find(session, asked, sellers, after, _LOOKED_THROUGH)
                behind = await search.behind(session)
            fresh = _not_shown(found, known, every=bool(asked.phrases))
            # no more texts are read than are shown, unless a phrase has to be looked for in them
            for begin in range(0, len(fresh), limit):
                some = fresh[begin : begin + limit]
                for one, hit in zip(some, await self._look_into(asked, some), strict=True):
                    if hit is not None and hit.ref not in known:
                        known.add(hit.ref)
                        hits.append(hit)
                        if len(hits) == limit:
                            return SearchPage(tuple(hits), one.key, behind=behind)
            if len(found) < _LOOKED_THROUGH:
                return SearchPage(tuple(hits), None, behind=behind)
            after = found[-1].key
        return SearchPage(tuple(hits), after, behind=behind)

    async def _look_into(self, asked: Question, found: Sequence[Found]) -> list[SearchHit | None]:
        """What these finds say; None for one without the phrases."""
        async with self._engine.store.transaction() as session:
            texts = await search.texts(session, found)
        return await asyncio.to_thread(_hits, asked, found, texts)

    async def _corrected(self, asked: Question, sellers: Sequence[int] | None) -> Question | None:
        """The same question with the words nearest to those that no message has."""
        known: dict[Term, list[str]] = {}
        async with self._engine.store.transaction() as session:
            for term in asked.terms:
                if not await search.find(session, Question((term,)), sellers, None, 1):
                    known[term] = await search.vocabulary(session, sellers, term.spelling)
        return await asyncio.to_thread(_corrected, asked, known) if known else None


def _corrected(asked: Question, known: Mapping[Term, Sequence[str]]) -> Question | None:
    """The question with the nearest of the `known` words for each of these terms; None where none is near."""
    near = {term: nearest(term.spelling, words) for term, words in known.items()}
    if not any(near.values()):
        return None
    terms = (_meant(near[term]) if near.get(term) else replace(term, beginning=None) for term in asked.terms)
    return replace(asked, terms=tuple(terms))


def _meant(words: Sequence[str]) -> Term:
    return Term(words[0], frozenset().union(words, *map(index_words, words)))


def _hits(
    asked: Question, found: Sequence[Found], texts: Mapping[tuple[ChatRef, str], FoundText]
) -> list[SearchHit | None]:
    # a conversation may have gone meanwhile
    looked_up = ((one, texts.get((one.ref, one.key.message_id))) for one in found)
    return [None if text is None else _hit(asked, one, text) for one, text in looked_up]


def _hit(asked: Question, found: Found, text: FoundText) -> SearchHit | None:
    about = (text.buyer_name, text.product, text.order_id)
    whole = text.body if text.body is not None else " · ".join(part for part in about if part)
    if not holds(whole, asked.phrases):
        return None
    shown, spans = excerpt(whole, highlights(whole, asked))
    return SearchHit(
        ref=found.ref,
        marketplace=text.marketplace,
        seller_name=text.seller_name,
        channel=text.channel,
        stars=text.stars,
        buyer_name=text.buyer_name,
        product=text.product,
        needs_reply=text.needs_reply,
        last_at=text.last_at,
        message=text.message,
        author=text.author,
        sent_at=found.key.at,
        excerpt=shown,
        spans=spans,
    )


def _not_shown(found: Sequence[Found], known: set[ChatRef], *, every: bool) -> list[Found]:
    """The newest find of each conversation that is not shown yet; `every` one where its text must still be looked at."""
    met = set(known)
    kept = []
    for one in found:
        if one.ref not in met:
            kept.append(one)
            if not every:
                met.add(one.ref)
    return kept
