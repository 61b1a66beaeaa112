"""A buyer's file, fetched through the seller's line: its bytes, or what moderation says of it."""

from __future__ import annotations

from agentiq_core.connectors.errors import Refused
from agentiq_core.domain.errors import NoFile, VaultLocked
from agentiq_core.domain.files import LARGEST, MEBIBYTE, FileState, ReceivedFile, safe_name, sniffed
from agentiq_core.domain.messages import Attachment
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.store import conversations, messages


async def fetch_file(engine: Engine, ref: ChatRef, message_id: str, number: int) -> ReceivedFile:
    """The `number`th file (from 1) of a message. Nothing of it is stored in the database.

    Raises `NotFound`, `NoFile`, `Forbidden` for a viewer, `VaultLocked` without the team key, and what a line to a
    marketplace raises: `RateLimited` when its budget of downloads is spent, `Refused`, `KeyRefused`.
    """
    engine.access.only_writers()
    if not engine.vault.packed():
        raise VaultLocked("this machine has no team key", reason="no team key")
    async with engine.store.transaction() as session:
        attachments = await conversations.attachments(session, ref, message_id)
        address = await messages.address(session, ref)
    if not 1 <= number <= len(attachments):
        raise NoFile("the message has no file of this number", number=number, count=len(attachments))
    attachment = attachments[number - 1]
    if attachment.download_id is None:
        raise NoFile("the marketplace does not hand this file out")
    line = await engine.lines.to(ref.seller_id)
    # a share of the limit stays for sending, as when pulling
    download = await line.pulling(address.channel).download(attachment.download_id)
    if download.refused:
        return ReceivedFile(FileState.REFUSED)
    if download.content is None:
        return ReceivedFile(FileState.IN_MODERATION, retry_after=download.retry_after)
    if len(download.content) > LARGEST:
        raise Refused("the file is too large", detail=f"larger than {LARGEST // MEBIBYTE} MB")
    kind = sniffed(download.content)
    return ReceivedFile(FileState.READY, _name(attachment, ref, number, kind), kind, download.content)


def _name(attachment: Attachment, ref: ChatRef, number: int, kind: str) -> str:
    return safe_name(attachment.name, kind, otherwise=f"chat-{ref.chat_id}-{number}")
