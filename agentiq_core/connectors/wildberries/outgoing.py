"""What is surely wrong with a reply before Wildberries sees it (WB API, message)."""

from __future__ import annotations

from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.wildberries.limits import CHAT, TEXT_LIMIT
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import Undelivered


def check(text: str, files: tuple[OutgoingFile, ...]) -> None:
    """Raise Refused for a reply that cannot be accepted: nothing in it, too long, a wrong or too large file."""
    if not text.strip() and not files:
        raise _text_refused("there is nothing in it")
    if len(text) > TEXT_LIMIT:
        raise _text_refused(f"{len(text)} characters, at most {TEXT_LIMIT}")
    if not _encodable(text):
        raise _text_refused("it holds half a character")
    rules = CHAT.files
    for file in files:
        if file.content_type not in rules.content_types:
            raise _file_refused("only JPEG, PNG and PDF files are accepted")
        if len(file.content) > rules.max_bytes:
            raise _file_refused("a file is larger than 5 MB")
        if not _encodable(file.name):
            raise _file_refused("a file's name holds half a character")
    if sum(len(file.content) for file in files) > rules.max_total_bytes:
        raise _file_refused("the files are larger than 30 MB together")


def _encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _text_refused(detail: str) -> Refused:
    return Refused(f"the text cannot be sent: {detail}", reason=Undelivered.TEXT_REFUSED, detail=detail)


def _file_refused(detail: str) -> Refused:
    return Refused(f"the files cannot be sent: {detail}", reason=Undelivered.FILE_REFUSED, detail=detail)
