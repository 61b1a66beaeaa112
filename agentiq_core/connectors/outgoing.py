"""What is surely wrong with a reply before a marketplace sees it: its channel's own rules say."""

from __future__ import annotations

from agentiq_core.connectors.base import Capabilities
from agentiq_core.connectors.errors import Refused
from agentiq_core.domain.files import MEBIBYTE, OutgoingFile
from agentiq_core.domain.outbox import Undelivered


def check(text: str, files: tuple[OutgoingFile, ...], channel: Capabilities) -> None:
    """Raise Refused for a reply that the channel cannot accept: nothing in it, too short or too long, a wrong or too
    large file."""
    if not text.strip() and not files:
        raise _text_refused("there is nothing in it")
    if text and len(text.strip()) < channel.text_least:
        raise _text_refused(f"{len(text.strip())} characters, at least {channel.text_least}")
    if len(text) > channel.text_limit:
        raise _text_refused(f"{len(text)} characters, at most {channel.text_limit}")
    if not _encodable(text):
        raise _text_refused("it holds half a character")
    rules = channel.files
    for file in files:
        if file.content_type not in rules.content_types:
            kinds = ", ".join(sorted(kind.partition("/")[2].upper() for kind in rules.content_types))
            raise _file_refused(f"only {kinds} is accepted" if kinds else "no files are accepted here")
        if not file.content:
            raise _file_refused("a file is empty")
        if len(file.content) > rules.max_bytes:
            raise _file_refused(f"a file is larger than {rules.max_bytes // MEBIBYTE} MB")
        if not _encodable(file.name):
            raise _file_refused("a file's name holds half a character")
    if sum(len(file.content) for file in files) > rules.max_total_bytes:
        raise _file_refused(f"the files are larger than {rules.max_total_bytes // MEBIBYTE} MB together")


def _encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _text_refused(detail: str) -> Refused:
    return Refused(f"the text cannot be sent: {detail}", reason=Undelivered.TEXT_REFUSED, detail=detail)


def _file_refused(detail: str) -> Refused:
    return Refused(f"the files cannot be sent: {detail}", reason=Undelivered.FILE_REFUSED, detail=detail)
