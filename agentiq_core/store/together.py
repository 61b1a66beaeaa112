"""A text and the files behind it: rows of their own (docs/delivery.md, rule 9) that one press of the key sent."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import OutboxState, Undelivered, file_client_id
from agentiq_core.domain.views import ChatRef, TakenBack

_COPIES = range(0x80, 0x100)
"""The last bytes of what a person sent again; files are numbered below."""

_CLIENT_ID = text("select client_id from outbox where seller_id = :seller and chat_id = :chat and id = :id")

# the range is one group (domain.outbox); reads outbox_client_id
_TAKE_BACK = text("""
update outbox o set state = 'cancelled', settled_at = now()
from outbox named
where named.seller_id = :seller and named.chat_id = :chat and named.id = :id and named.state = any(:states)
  and o.seller_id = :seller and o.chat_id = :chat and o.state = any(:states)
  and o.client_id between :first and :last and (o.id = named.id or :together or named.file_name is null)
returning o.id, o.body, o.file_name, o.file_type, o.file_content
""")

_FAIL_FILES = text("""
update outbox set state = 'failed', reason = :reason, settled_at = clock_timestamp()
where seller_id = :seller and chat_id = :chat and client_id between :first and :last
  and state = 'queued' and file_name is not null
""")

_CLIENT_IDS = text(
    "select client_id from outbox where seller_id = :seller and client_id between :first and :last"
)


async def take_back(
    session: AsyncSession, ref: ChatRef, reply_id: int, states: Sequence[OutboxState], *, together: bool
) -> TakenBack | None:
    """Cancel a reply that is in one of `states`; what it held, or None when it is in another state.

    The files behind a text come back with it; `together`, whatever of the group has not left does.
    Call it with the conversation locked.
    """
    key = {"seller": ref.seller_id, "chat": ref.chat_id, "id": reply_id}
    client_id: UUID | None = await session.scalar(_CLIENT_ID, key)
    if client_id is None:
        return None
    values = key | _group(client_id) | {"states": [state.value for state in states], "together": together}
    rows = sorted((await session.execute(_TAKE_BACK, values)).mappings(), key=lambda row: row["id"])
    if not rows:
        return None
    return TakenBack(
        text="\n\n".join(row["body"] for row in rows if row["body"]),
        files=tuple(
            OutgoingFile(row["file_name"], row["file_type"] or "", row["file_content"])
            for row in rows
            if row["file_name"] is not None
        ),
    )


async def fail_files(session: AsyncSession, ref: ChatRef, client_id: UUID, reason: Undelivered) -> None:
    """The text did not leave, so the files that wait behind it do not either."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "reason": reason.value}
    await session.execute(_FAIL_FILES, values | _group(client_id))


async def client_id_of_copy(session: AsyncSession, ref: ChatRef, reply_id: int) -> UUID:
    """An unused client id beside this reply's: the files behind a text stay behind its copy."""
    key = {"seller": ref.seller_id, "chat": ref.chat_id, "id": reply_id}
    client_id: UUID = (await session.execute(_CLIENT_ID, key)).scalar_one()
    taken = set((await session.execute(_CLIENT_IDS, {"seller": ref.seller_id} | _group(client_id))).scalars())
    free = (one for number in _COPIES if (one := file_client_id(client_id, number)) not in taken)
    return next(free, None) or uuid4()


def _group(client_id: UUID) -> dict[str, UUID]:
    return {"first": file_client_id(client_id, 0), "last": file_client_id(client_id, 0xFF)}
