"""Templates and knowledge of sellers, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import NotFound, Rejected
from agentiq_core.domain.snippets import Snippet, SnippetKind, SnippetText
from agentiq_core.store.messages import storable

# reads snippets_name; a seller has hundreds at most
_LIST = text("""
select * from snippets
where (cast(:seller as bigint) is null or seller_id = :seller) and (cast(:kind as text) is null or kind = :kind)
  and (:archived or archived_at is null)
order by kind, lower(name), id
""")

_GET = text("select * from snippets where seller_id = :seller and id = :id")

# reads snippets_name: what begins so by its name comes first, then what holds the most of the words
_FIND = text("""
select * from snippets
where seller_id = :seller and archived_at is null and (cast(:kind as text) is null or kind = :kind)
  and (channel is null or cast(:channel as text) is null or channel = :channel)
  and (:typed = '' or starts_with(lower(name), lower(:typed))
    or cast(:words as text) <> '' and to_tsvector('simple', lemmas) @@ cast(:words as tsquery))
order by not starts_with(lower(name), lower(:typed)),
    case when cast(:words as text) <> '' then -ts_rank(to_tsvector('simple', lemmas), cast(:words as tsquery)) else 0 end,
    lower(name), id
limit :limit
""")

# reads snippets_name
_FOR_QUESTION = text("""
select * from snippets
where seller_id = :seller and archived_at is null and (channel is null or channel = :channel)
  and (kind = 'template' and intent = :intent
    or kind = 'knowledge' and (intent = :intent or cast(:words as text) <> '' and to_tsvector('simple', lemmas) @@ cast(:words as tsquery)))
order by case when cast(:words as text) <> '' then -ts_rank(to_tsvector('simple', lemmas), cast(:words as tsquery)) else 0 end,
    kind, id
limit :limit
""")

_ADD = text("""
insert into snippets (seller_id, kind, name, body, intent, channel, language, lemmas)
values (:seller, :kind, :name, :body, :intent, :channel, :language, :lemmas) returning id
""")

_CHANGE = text("""
update snippets set name = :name, body = :body, intent = :intent, channel = :channel, language = :language, lemmas = :lemmas
where seller_id = :seller and id = :id and kind = :kind and archived_at is null
returning id
""")

_ARCHIVE = text("""
update snippets set archived_at = now() where seller_id = :seller and id = :id and archived_at is null returning id
""")

# the name may have been given to another one meanwhile
_RESTORE = text("""
update snippets set archived_at = null where seller_id = :seller and id = :id and archived_at is not null returning id
""")


async def listed(
    session: AsyncSession, seller_id: int | None, kind: SnippetKind | None, *, archived: bool
) -> tuple[Snippet, ...]:
    """A seller's snippets, or everybody's, by name."""
    values = {"seller": seller_id, "kind": kind, "archived": archived}
    return tuple(_snippet(row) for row in (await session.execute(_LIST, values)).mappings())


async def get(session: AsyncSession, seller_id: int, snippet_id: int) -> Snippet:
    """One snippet, archived or not. Raises `NotFound`."""
    row = (await session.execute(_GET, {"seller": seller_id, "id": snippet_id})).mappings().first()
    if row is None:
        raise NotFound(f"there is no snippet {snippet_id}", snippet=snippet_id)
    return _snippet(row)


async def find(
    session: AsyncSession,
    seller_id: int,
    typed: str,
    words: str,
    *,
    kind: SnippetKind | None,
    channel: str | None,
    limit: int,
) -> tuple[Snippet, ...]:
    """Those whose name begins with what was typed, then those that hold the words (a tsquery), the nearest first."""
    values = {
        "seller": seller_id,
        "typed": typed,
        "words": words,
        "kind": kind,
        "channel": channel,
        "limit": limit,
    }
    return tuple(_snippet(row) for row in (await session.execute(_FIND, values)).mappings())


async def for_question(
    session: AsyncSession, seller_id: int, *, channel: str, intent: str, words: str, limit: int
) -> tuple[Snippet, ...]:
    """What may help to answer: knowledge with these words (a tsquery) or for this intent, templates for this intent."""
    values = {"seller": seller_id, "channel": channel, "intent": intent, "words": words, "limit": limit}
    return tuple(_snippet(row) for row in (await session.execute(_FOR_QUESTION, values)).mappings())


async def add(session: AsyncSession, seller_id: int, said: SnippetText, lemmas: str) -> int:
    """Keep a new snippet; its number. Raises `Rejected` for a name that is taken, `Forbidden`."""
    try:
        added: int = (await session.execute(_ADD, _values(seller_id, said, lemmas))).scalar_one()
    except IntegrityError as error:
        raise _taken(said, error) from None
    return added


async def change(
    session: AsyncSession, seller_id: int, snippet_id: int, said: SnippetText, lemmas: str
) -> None:
    """Say a snippet anew; its kind stays. Raises `NotFound`, `Rejected` for a name that is taken."""
    try:
        changed = (
            await session.execute(_CHANGE, _values(seller_id, said, lemmas) | {"id": snippet_id})
        ).first()
    except IntegrityError as error:
        raise _taken(said, error) from None
    if changed is None:
        raise NotFound(f"there is no snippet {snippet_id} to change", snippet=snippet_id)


async def archive(session: AsyncSession, seller_id: int, snippet_id: int) -> None:
    """Use a snippet no more; what was written with it stays. Raises `NotFound`."""
    if (await session.execute(_ARCHIVE, {"seller": seller_id, "id": snippet_id})).first() is None:
        raise NotFound(f"there is no snippet {snippet_id} in use", snippet=snippet_id)


async def restore(session: AsyncSession, snippet: Snippet) -> None:
    """Use an archived snippet again. Raises `NotFound`, `Rejected` where another one has its name by now."""
    values = {"seller": snippet.seller_id, "id": snippet.id}
    try:
        done = (await session.execute(_RESTORE, values)).scalar()
    except IntegrityError as error:
        raise _taken(snippet.said, error) from error
    if done is None:
        raise NotFound(f"there is no archived snippet {snippet.id}", snippet=snippet.id)


def query_of(lemmas: Sequence[str]) -> str:
    """Lemmas as a tsquery that any of them meets; empty for none. For the `simple` configuration."""
    return " | ".join(
        "'" + lemma.replace("\\", "").replace("'", "''") + "'"
        for lemma in dict.fromkeys(lemmas)
        if lemma.strip("\\' ")
    )


def _values(seller_id: int, said: SnippetText, lemmas: str) -> dict[str, object]:
    return {
        "seller": seller_id,
        "kind": said.kind,
        "name": storable(said.name),
        "body": storable(said.body),
        "intent": said.intent,
        "channel": said.channel,
        "language": said.language,
        "lemmas": storable(lemmas),
    }


def _taken(said: SnippetText, error: IntegrityError) -> Exception:
    if getattr(error.orig, "sqlstate", None) != "23505":
        return error
    return Rejected(f"there is a {said.kind.value} of the name {said.name} already", name=said.name)


def _snippet(row: Any) -> Snippet:
    return Snippet(
        id=row["id"],
        seller_id=row["seller_id"],
        said=SnippetText(
            name=row["name"],
            body=row["body"],
            kind=SnippetKind(row["kind"]),
            intent=row["intent"],
            channel=row["channel"],
            language=row["language"],
        ),
        updated_by=row["updated_by"],
        updated_at=row["updated_at"],
        archived_at=row["archived_at"],
    )
