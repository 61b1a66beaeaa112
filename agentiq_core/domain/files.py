"""Files beside messages: what they are by their bytes, what they may be called here, what a marketplace takes."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from agentiq_core.domain.errors import FileNotTaken, FileTooLarge
from agentiq_core.domain.text import inert_line

MEBIBYTE: Final = 1024 * 1024
LARGEST: Final = 30 * MEBIBYTE
"""Bytes of a buyer's file that are ever fetched and written to a disk."""
AT_ONCE: Final = 10
"""Files that go with one reply."""
NAME_BYTES: Final = 180
"""Most file systems take 255 bytes; a number and a suffix may still follow."""
UNKNOWN: Final = "application/octet-stream"

_PDF_WITHIN = 1024
_SIGNATURES: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
)
_SUFFIXES: Final = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "video/mp4": (".mp4", ".m4v", ".mov"),
    "application/pdf": (".pdf",),
}
VIEWABLE: Final = frozenset(_SUFFIXES)
"""Kinds that a viewer opens; everything else may be a program and is only saved."""

_SEPARATORS = re.compile(r"[/\\]")
_UNWANTED = re.compile(r'[<>:"|?*`$%\x00-\x1f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class FileRules:
    """What may be attached to a reply. Sizes in bytes."""

    content_types: frozenset[str] = frozenset()
    max_bytes: int = 0
    max_total_bytes: int = 0


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to send; `content` is its bytes."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


class FileState(StrEnum):
    """What the marketplace says of a buyer's file."""

    READY = "ready"
    IN_MODERATION = "in_moderation"
    """Try again later."""
    REFUSED = "refused"
    """Moderation refused it for good."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A buyer's file as far as it can be had. `content_type` is told by its bytes, `name` fits any folder."""

    state: FileState
    name: str = ""
    content_type: str = UNKNOWN
    content: bytes = field(default=b"", repr=False)
    retry_after: float | None = None
    """Seconds until moderation may be over."""

    @property
    def viewable(self) -> bool:
        """Whether a viewer may be asked to open it."""
        return self.content_type in VIEWABLE


def sniffed(content: bytes) -> str:
    """The content type that the bytes show, whatever a name or a marketplace says; `UNKNOWN` for any other."""
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return "image/heic" if content[8:12] in (b"heic", b"heix", b"mif1", b"msf1") else "video/mp4"
    # a PDF may have a few bytes before its header
    return "application/pdf" if b"%PDF-" in content[:_PDF_WITHIN] else UNKNOWN


def safe_name(name: str | None, content_type: str, *, otherwise: str = "file") -> str:
    """A name for a file of another person: one path component that no system reads as anything else.

    What the bytes show decides the suffix, so that a picture called "receipt.exe" is not run. `otherwise` stands in
    for a name of which nothing is left.
    """
    kept = _plain(name or "") or _plain(otherwise) or "file"
    suffixes = _SUFFIXES.get(content_type, ())
    suffix = "" if not suffixes or kept.lower().endswith(suffixes) else suffixes[0]
    stem, dot, ending = kept.rpartition(".")
    if not dot or not stem or len(ending.encode()) > 12:
        stem, ending = kept, ""
    tail = f".{ending}{suffix}" if ending else suffix
    fitted = stem.encode()[: NAME_BYTES - len(tail.encode())].decode(errors="ignore").rstrip(" .")
    return f"{fitted or 'file'}{tail}"


def _plain(name: str) -> str:
    name = _SEPARATORS.split(inert_line(name))[-1]
    # "C" is every control, format, private and unassigned character
    name = "".join(char for char in _UNWANTED.sub("_", name) if unicodedata.category(char)[0] != "C")
    # a dot in front hides a file, a dash is read as an option, both ends are trimmed by some systems
    name = name.strip(" .").lstrip("-~ .")
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def check_file(file: OutgoingFile, rules: FileRules) -> None:
    """Raises `FileTooLarge` or `FileNotTaken` for a file that the marketplace would refuse."""
    if rules.content_types and len(file.content) > rules.max_bytes:
        raise too_large(file.name, len(file.content), rules.max_bytes)
    if file.content_type not in rules.content_types:
        kinds = ", ".join(sorted(kind.partition("/")[2].upper() for kind in rules.content_types)) or "—"
        name = inert_line(file.name)
        raise FileNotTaken(f"{name} is a {file.content_type}, only {kinds} is taken", name=name, kinds=kinds)


def too_large(name: str, size: int, limit: int) -> FileTooLarge:
    """The error for a file of `size` bytes where `limit` are taken."""
    # rounded up: a byte too much must not read as the limit itself
    shown, most = f"{math.ceil(size / MEBIBYTE * 100) / 100:g}", f"{limit / MEBIBYTE:g}"
    name = inert_line(name)
    return FileTooLarge(
        f"{name} has {shown} MB, at most {most} MB can be sent", name=name, size=shown, limit=most
    )
