"""Templates and knowledge without a database, for tests of the screen: answers as `engine.snippets.Snippets` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from agentiq_core.ai.snippets import Known, fill
from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.snippets import Filled, Snippet, SnippetKind, SnippetText
from agentiq_core.domain.views import ChatRef

_WRITTEN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class ScriptedSnippets:
    """`kept` is what there is, `known` what a conversation knows of itself."""

    def __init__(self, called: Callable[..., None] = lambda *_facts: None) -> None:
        self._called = called
        self.kept: list[Snippet] = []
        self.known = Known("Алёна", "Кружка керамическая 350 мл", "4815162342")

    def has(self, name: str, body: str, seller_id: int = 1, **said: object) -> Snippet:
        """Put a snippet there."""
        text = replace(SnippetText(name, body), **said)  # type: ignore[arg-type]
        self.kept.append(Snippet(len(self.kept) + 1, seller_id, text, 1, _WRITTEN))
        return self.kept[-1]

    async def list(
        self, seller_id: int | None = None, kind: SnippetKind | None = None, *, archived: bool = False
    ) -> tuple[Snippet, ...]:
        return tuple(
            one
            for one in sorted(self.kept, key=lambda one: (one.said.kind, one.said.name.lower()))
            if seller_id in (None, one.seller_id)
            and kind in (None, one.said.kind)
            and (archived or one.archived_at is None)
        )

    async def get(self, seller_id: int, snippet_id: int) -> Snippet:
        for one in self.kept:
            if (one.seller_id, one.id) == (seller_id, snippet_id):
                return one
        raise NotFound(f"there is no snippet {snippet_id}", snippet=snippet_id)

    async def find(
        self,
        seller_id: int,
        typed: str,
        *,
        kind: SnippetKind | None = SnippetKind.TEMPLATE,
        channel: str | None = None,
        limit: int = 20,
    ) -> tuple[Snippet, ...]:
        self._called("snippets.find", seller_id, typed)
        typed = typed.strip().lower()
        fitting = [
            one
            for one in await self.list(seller_id, kind)
            if channel is None or one.said.channel in (None, channel)
        ]
        begin = [one for one in fitting if one.said.name.lower().startswith(typed)]
        hold = [one for one in fitting if one not in begin and typed in one.said.body.lower()]
        return tuple((begin + hold)[:limit])

    async def fill(self, ref: ChatRef, snippet: Snippet) -> Filled:
        return fill(snippet.said.body, self.known)

    async def add(self, seller_id: int, said: SnippetText) -> int:
        self._called("snippets.add", seller_id, said)
        text = {"kind": said.kind, "intent": said.intent, "channel": said.channel, "language": said.language}
        return self.has(said.name, said.body, seller_id, **text).id

    async def change(self, seller_id: int, snippet_id: int, said: SnippetText) -> None:
        before = await self.get(seller_id, snippet_id)
        self.kept[self.kept.index(before)] = replace(before, said=said)

    async def archive(self, seller_id: int, snippet_id: int) -> None:
        before = await self.get(seller_id, snippet_id)
        self.kept[self.kept.index(before)] = replace(before, archived_at=_WRITTEN)

    async def restore(self, seller_id: int, snippet_id: int) -> None:
        self._called("snippets.restore", seller_id, snippet_id)
        before = await self.get(seller_id, snippet_id)
        self.kept[self.kept.index(before)] = replace(before, archived_at=None)
