"""Which links are files, and where files may be fetched from: Ozon's own hosts over https, or the address in use."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from agentiq_core.domain.messages import Attachment, AttachmentKind

_HOSTS: Final = ("ozon.ru", "ozone.ru")
_PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".bmp"})
_OTHERS: Final = frozenset(
    {".pdf", ".mp4", ".mov", ".doc", ".docx", ".xls", ".xlsx", ".txt", ".zip", ".rtf", ".csv"}
)
_CHAT_FILE: Final = re.compile(r"/chat/files?/")


@dataclass(frozen=True, slots=True)
class Moderated:
    """A picture whose moderation was not over: its message tells later where it is."""

    chat: str
    message: str
    number: int

    @property
    def download_id(self) -> str:
        """As `download` takes it."""
        return json.dumps([self.chat, self.message, self.number], ensure_ascii=False, separators=(",", ":"))


def moderated(download_id: str) -> Moderated | None:
    """The picture that a `download_id` of `Moderated` stands for; None for an address."""
    try:
        match json.loads(download_id):
            case [str(chat), str(message), int(number)]:
                return Moderated(chat, message, number)
    except (ValueError, RecursionError):
        pass
    return None


def is_file(url: str) -> bool:
    """Whether a link leads to a file of a chat rather than to a page: by the path of Ozon's files, or by its ending on
    a host of Ozon's. The host matters: a link anywhere else stays a link."""
    parts = _split(url)
    if parts is None:
        return False
    if _CHAT_FILE.search(parts.path):
        return True
    return _is_ozons(parts) and _suffix(parts) in _PICTURES | _OTHERS


def wants_the_key(url: str, base_url: str) -> bool:
    """Whether a file is one that the API itself keeps: only there does the key go along, for anybody may write a link."""
    parts = _split(url)
    return parts is not None and _is_at(url, base_url) and _CHAT_FILE.search(parts.path) is not None


def may_be_fetched(url: str, base_url: str) -> bool:
    """Whether a file may be asked for there: over https from Ozon, or from the very address the API is asked at."""
    parts, base = _split(url), _split(base_url)
    if parts is None or base is None or parts.username is not None or parts.password is not None:
        return False
    return _is_at(url, base_url) or (parts.scheme == "https" and _port(parts) == 443 and _is_ozons(parts))


def attachment_of(url: str, *, image: bool) -> Attachment:
    """A file behind a link."""
    parts = _split(url)
    picture = image or (parts is not None and _suffix(parts) in _PICTURES)
    name = unquote(PurePosixPath(parts.path).name) if parts is not None else ""
    return Attachment(
        kind=AttachmentKind.IMAGE if picture else AttachmentKind.FILE,
        download_id=url,
        name=name or None,
        url=url,
    )


def _is_at(url: str, base_url: str) -> bool:
    parts, base = _split(url), _split(base_url)
    if parts is None or base is None:
        return False
    return (parts.scheme, parts.hostname, _port(parts)) == (base.scheme, base.hostname, _port(base))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _is_ozons(parts: SplitResult) -> bool:
    host = (parts.hostname or "").lower()
    return any(host == own or host.endswith(f".{own}") for own in _HOSTS)


def _suffix(parts: SplitResult) -> str:
    return PurePosixPath(parts.path).suffix.lower()
