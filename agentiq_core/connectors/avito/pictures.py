"""Pictures on their way to a buyer: uploaded first, then sent by their id (Avito API, uploadImages)."""

from __future__ import annotations

from agentiq_core.connectors.avito.limits import UPLOAD
from agentiq_core.connectors.avito.line import AvitoLine
from agentiq_core.connectors.errors import ChannelClosed, Refused, Unintelligible
from agentiq_core.connectors.sending import nothing_sent
from agentiq_core.connectors.wire import parsed
from agentiq_core.domain.files import OutgoingFile, safe_name


async def uploaded(line: AvitoLine, file: OutgoingFile) -> str:
    """The id of an uploaded picture. No buyer sees it yet: whatever became of it, nothing was delivered.

    Raises Refused for a picture that Avito does not take, and NotDelivered for every other failure.
    """
    with nothing_sent("the picture was not uploaded", ChannelClosed, Refused):
        path = await line.account_path(1, "uploadImages")
        part = (safe_name(file.name, file.content_type), file.content, file.content_type)
        answer = await line.once(UPLOAD, path, files=[("uploadfile[]", part)])
        return id_in(answer.body)


def id_in(body: bytes | None) -> str:
    """The only key of the answer, whose value has the links by size."""
    try:
        told = parsed(body or b"")
    except (ValueError, RecursionError):
        told = None
    ids = [name for name, links in told.items() if isinstance(links, dict)] if isinstance(told, dict) else []
    if not ids or ids[0] in ("error", "result"):
        raise Unintelligible("avito upload: there is no id in the answer")
    return str(ids[0])
