"""Searching everything that buyers and sellers wrote, and who they are: words in any form, phrases, begun and mistyped words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
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
                fresh = _not_shown(found, known, every=bool(asked.phrases))
                texts = await search.texts(session, fresh) if fresh else {}
                behind = await search.behind(session)
            shown = await asyncio.to_thread(_hits, asked, fresh, texts)
            for one, hit in zip(fresh, shown, strict=True):
                if hit is not None:
                    known.add(one.ref)
                    hits.append(hit)
                    if len(hits) == limit:
                        return SearchPage(tuple(hits), one.key, behind=behind)
            if len(found) < _LOOKED_THROUGH:
                return SearchPage(tuple(hits), None, behind=behind)
            after = found[-1].key
        return SearchPage(tuple(hits), after, behind=behind)

    async def _corrected(self, asked: Question, sellers: Sequence[int] | None) -> Question | None:
        """The same question with the words nearest to those that no message has."""
        terms: list[Term] = []
        changed = False
        for term in asked.terms:
            async with self._engine.store.transaction() as session:
                alone = await search.find(session, Question((term,)), sellers, None, 1)
                words = [] if alone else await search.vocabulary(session, sellers, term.spelling)
            near = await asyncio.to_thread(nearest, term.spelling, words) if words else []
            if near:
                changed = True
                meant = frozenset().union(*map(index_words, near)) | frozenset(near)
                terms.append(Term(near[0], meant))
            else:
                terms.append(replace(term, beginning=None))
        return replace(asked, terms=tuple(terms)) if changed else None


def _hits(
    asked: Question, found: Sequence[Found], texts: dict[tuple[ChatRef, str], FoundText]
) -> list[SearchHit | None]:
    shown: set[ChatRef] = set()
    hits: list[SearchHit | None] = []
    for one in found:
        text = texts.get((one.ref, one.key.message_id))
        hit = None if text is None or one.ref in shown else _hit(asked, one, text)
        if hit is not None:
            shown.add(one.ref)
        hits.append(hit)
    return hits


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
