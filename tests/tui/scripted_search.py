"""Search in memory, with the rules of the real one: the words of `agentiq_core.language.search`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from agentiq_core.domain.search import SearchHit, SearchKey, SearchPage
from agentiq_core.domain.views import ChatRef, MessageKey
from agentiq_core.language.search import excerpt, highlights, index_words, question


class ScriptedSearch:
    """Finds in the chats of a script, newest first; `meant` and `behind` are what a page then says."""

    def __init__(
        self,
        chats: Callable[[], Sequence[Any]],
        called: Callable[..., None],
        holding: Callable[[str], Awaitable[None]],
    ) -> None:
        self._chats = chats
        self._holding = holding
        self._called = called
        self.behind = False
        self.meant: str | None = None

    async def find(
        self,
        words: str,
        *,
        sellers: Sequence[int] | None = None,
        after: SearchKey | None = None,
        limit: int = 50,
        seen: frozenset[ChatRef] = frozenset(),
    ) -> SearchPage:
        self._called("search", words)
        await self._holding(f"search {words}")
        asked = question(words)
        hits = []
        for chat in self._chats():
            for message in reversed(chat.messages):
                indexed = index_words(message.text)
                if asked and all(
                    term.words & indexed
                    or (term.beginning and any(word.startswith(term.beginning) for word in indexed))
                    for term in asked.terms
                ):
                    shown, spans = excerpt(message.text, highlights(message.text, asked))
                    hits.append(
                        SearchHit(
                            ref=chat.ref,
                            marketplace=chat.marketplace,
                            seller_name=chat.seller,
                            channel=chat.facts.get("channel", "chat"),
                            stars=chat.facts.get("stars"),
                            buyer_name=chat.buyer,
                            product=chat.product.title,
                            needs_reply=chat.needs_reply,
                            last_at=chat.messages[-1].sent_at,
                            message=MessageKey(message.sent_at, message.external_id),
                            author=message.author,
                            sent_at=message.sent_at,
                            excerpt=shown,
                            spans=spans,
                        )
                    )
                    break
        hits.sort(key=lambda hit: hit.sent_at, reverse=True)
        fresh = [hit for hit in hits if hit.ref not in seen]
        page, rest = fresh[:limit], fresh[limit:]
        key = SearchKey(page[-1].sent_at, page[-1].ref.chat_id, "") if rest else None
        return SearchPage(tuple(page), key, self.meant if page else None, self.behind)
