"""Which links are files, and where Ozon keeps them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from agentiq_core.connectors.fetching import PICTURES, attached, is_of, split
from agentiq_core.domain.messages import Attachment

HOSTS: Final = ("ozon.ru", "ozone.ru")
CHAT_FILE: Final = re.compile(r"/chat/files?/")
"""In the path of a file that the API itself keeps."""
_OTHERS: Final = frozenset(
    {".pdf", ".mp4", ".mov", ".doc", ".docx", ".xls", ".xlsx", ".txt", ".zip", ".rtf", ".csv"}
)


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
    parts = split(url)
    if parts is None:
        return False
    if CHAT_FILE.search(parts.path):
        return True
    return is_of(parts, HOSTS) and PurePosixPath(parts.path).suffix.lower() in PICTURES | _OTHERS


def attachment_of(url: str, *, image: bool) -> Attachment:
    """A file behind a link; one that cannot be asked for is still shown, for the text leaves it out."""
    file = attached(url, image=image or None)
    return file if file.url is not None else replace(file, download_id=url, url=url)
