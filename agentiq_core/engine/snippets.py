"""Templates and knowledge of sellers, as a front end asks for them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from agentiq_core.ai.intents import Intent
from agentiq_core.ai.snippets import fill, known_of
from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.snippets import (
    LONGEST_BODY,
    LONGEST_NAME,
    Filled,
    Snippet,
    SnippetKind,
    SnippetText,
)
from agentiq_core.domain.text import inert, inert_line
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.language.lemmas import lemmas
from agentiq_core.store import snippets as stored
from agentiq_core.store import suggestions

FOUND = 20
_LONGEST_QUERY = 200


class Snippets:
    """What a seller's people wrote down. Errors are those of `domain.errors`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def list(
        self, seller_id: int | None = None, kind: SnippetKind | None = None, *, archived: bool = False
    ) -> tuple[Snippet, ...]:
        """A seller's snippets by name, everybody's without a seller; with those that are used no more on request."""
        async with self._engine.store.transaction() as session:
            return await stored.listed(session, seller_id, kind, archived=archived)

    async def get(self, seller_id: int, snippet_id: int) -> Snippet:
        """One snippet. Raises `NotFound`."""
        async with self._engine.store.transaction() as session:
            return await stored.get(session, seller_id, snippet_id)

    async def find(
        self,
        seller_id: int,
        typed: str,
        *,
        kind: SnippetKind | None = SnippetKind.TEMPLATE,
        channel: str | None = None,
        limit: int = FOUND,
    ) -> tuple[Snippet, ...]:
        """Those whose name begins with what was typed, then those that hold its words in any form; all for nothing typed."""
        typed = inert_line(typed[:_LONGEST_QUERY]).strip()
        words = await asyncio.to_thread(query, typed)
        async with self._engine.store.transaction() as session:
            return await stored.find(
                session, seller_id, typed, words, kind=kind, channel=channel, limit=limit
            )

    async def fill(self, ref: ChatRef, snippet: Snippet) -> Filled:
        """A template with what this conversation knows in it. Raises `NotFound`."""
        async with self._engine.store.transaction() as session:
            known = await suggestions.named(session, ref)
        return fill(snippet.said.body, known_of(*known))

    async def add(self, seller_id: int, said: SnippetText) -> int:
        """Keep a new snippet; its number. Raises `Rejected`, `Forbidden` (knowledge is an admin's to write), `NotFound`."""
        said = self._checked(said)
        words = await asyncio.to_thread(words_of, said)
        async with self._engine.store.transaction() as session:
            return await stored.add(session, seller_id, said, words)

    async def change(self, seller_id: int, snippet_id: int, said: SnippetText) -> None:
        """Say a snippet anew; its kind stays. Raises as `add`."""
        before = await self.get(seller_id, snippet_id)
        said = self._checked(replace(said, kind=before.said.kind))
        words = await asyncio.to_thread(words_of, said)
        async with self._engine.store.transaction() as session:
            await stored.change(session, seller_id, snippet_id, said, words)

    async def archive(self, seller_id: int, snippet_id: int) -> None:
        """Use a snippet no more. Raises `NotFound`, `Forbidden`."""
        before = await self.get(seller_id, snippet_id)
        self._only_who_may(before.said.kind)
        async with self._engine.store.transaction() as session:
            await stored.archive(session, seller_id, snippet_id)

    async def restore(self, seller_id: int, snippet_id: int) -> None:
        """Use a snippet again that was put away. Raises `NotFound`, `Forbidden`, `Rejected` for a name that is taken by now."""
        before = await self.get(seller_id, snippet_id)
        self._only_who_may(before.said.kind)
        async with self._engine.store.transaction() as session:
            await stored.restore(session, before)

    def _checked(self, said: SnippetText) -> SnippetText:
        self._only_who_may(said.kind)
        name, body = inert_line(said.name).strip(), inert(said.body).strip()
        if not 0 < len(name) <= LONGEST_NAME:
            raise Rejected("a name has 1 to 80 characters")
        if not 0 < len(body) <= LONGEST_BODY:
            raise Rejected("a text has 1 to 5000 characters")
        if said.intent is not None and said.intent not in set(Intent):
            raise Rejected(f"no intent is called {inert_line(said.intent)}", known=", ".join(Intent))
        if said.channel is not None and said.channel not in set(Channel):
            raise Rejected(f"no channel is called {inert_line(said.channel)}", known=", ".join(Channel))
        return replace(said, name=name, body=body)

    def _only_who_may(self, kind: SnippetKind) -> None:
        self._engine.access.only_writers()
        if kind is SnippetKind.KNOWLEDGE:
            self._engine.access.only_admins()


def words_of(said: SnippetText) -> str:
    """The lemmas that a snippet is found by."""
    return " ".join(
        dict.fromkeys(
            lemma for token in lemmas(f"{said.name}\n{said.body}") for lemma in sorted(token.lemmas)
        )
    )


def query(text: str) -> str:
    """The words of a text as a tsquery for lemmas, any of them; the commonest of little words left out."""
    tokens = [token for token in lemmas(text) if token.part not in _LITTLE]
    return stored.query_of([lemma for token in tokens for lemma in sorted(token.lemmas)])


_LITTLE = frozenset({"PREP", "CONJ", "PRCL", "INTJ", "NPRO"})
