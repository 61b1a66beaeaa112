"""Files behind links: fetched from a marketplace's own hosts alone, with its key only where its key belongs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import httpx

from agentiq_core.connectors.base import Download
from agentiq_core.connectors.calling import Caller
from agentiq_core.connectors.errors import RateLimited, Refused, ServerFailed
from agentiq_core.connectors.http import Answer, Sleep, Timeouts, delay_of
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.files import LARGEST, MEBIBYTE
from agentiq_core.domain.messages import Attachment, AttachmentKind

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".bmp"})
_MOVED: Final = (301, 302, 303, 307, 308)
_LONGEST_LINK: Final = 2_000
_METHOD: Final = "download"


class Fetcher:
    """Fetches files by their links over https from `hosts` and their subdomains, and from the very address in use.

    `headers` hold the key. Anybody may write a link, so that it goes to `keyed` hosts alone and, at the address in use, to
    paths that hold `own_files`: those of the files that the API itself keeps. Where `api` is given, it asks for the latter
    in its own way: within its budget, and what it is refused may speak of the key.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        hosts: Collection[str],
        keyed: Collection[str] = (),
        own_files: re.Pattern[str] | None = None,
        api: Caller | None = None,
        timeouts: Timeouts | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._base = split(base_url)
        self._headers = headers
        self._hosts = hosts
        self._keyed = keyed
        self._own_files = own_files
        self._api = api
        self._timeouts = timeouts
        self._sleep = sleep
        self._callers: dict[tuple[str, bool], Caller] = {}

    async def fetch(self, url: str) -> Download:
        """The file. One redirect is followed by the same rules. Raises Refused for a link that leads elsewhere, or that
        the host does not open: it says nothing about the key."""
        for _ in range(2):
            parts = split(url)
            if parts is None or not self._may_ask(parts):
                raise Refused(
                    "download: the file is not at the marketplace's", detail="not a host of the marketplace's"
                )
            answer = await self._caller(parts).read(_METHOD, "GET", url, accept=_MOVED, limit=LARGEST)
            if answer.status not in _MOVED:
                return content_of(answer)
            url = _joined(url, answer.headers.get("location", ""))
        raise Refused("download: too many redirects", detail="too many redirects")

    def may_ask(self, url: str) -> bool:
        """Whether a file may be asked for there."""
        parts = split(url)
        return parts is not None and self._may_ask(parts)

    def gives_key(self, url: str) -> bool:
        """Whether the key goes along."""
        parts = split(url)
        return parts is not None and self._may_ask(parts) and self._gives_key(parts)

    async def aclose(self) -> None:
        """Close connections."""
        await asyncio.gather(*(caller.aclose() for caller in self._callers.values()))

    def _may_ask(self, parts: SplitResult) -> bool:
        if parts.username is not None or parts.password is not None:
            return False
        return self._is_base(parts) or (
            parts.scheme == "https" and _port(parts) == 443 and is_of(parts, self._hosts)
        )

    def _gives_key(self, parts: SplitResult) -> bool:
        return self._is_own_file(parts) or is_of(parts, self._keyed)

    def _is_own_file(self, parts: SplitResult) -> bool:
        named = self._own_files is not None and self._own_files.search(parts.path) is not None
        return named and self._is_base(parts)

    def _is_base(self, parts: SplitResult) -> bool:
        return self._base is not None and _origin(parts) == _origin(self._base)

    def _caller(self, parts: SplitResult) -> Caller:
        if self._api is not None and self._is_own_file(parts):
            return self._api
        keyed = self._gives_key(parts)
        origin = f"{parts.scheme}://{parts.netloc}"
        if (origin, keyed) not in self._callers:
            self._callers[origin, keyed] = Caller(
                origin,
                self._headers if keyed else {},
                failure=_no_file,
                timeouts=self._timeouts,
                sleep=self._sleep,
            )
        return self._callers[origin, keyed]


def attached(
    url: str | None, *, name: str | None = None, size: int | None = None, image: bool | None = None
) -> Attachment:
    """A file behind a link; a picture by its name where `image` does not say. A link that is none can only be shown."""
    parts = split(url or "")
    shown = name or (unquote(PurePosixPath(parts.path).name) if parts is not None else "")
    picture = PurePosixPath(shown).suffix.lower() in PICTURES if image is None else image
    link = url if parts is not None else None
    return Attachment(
        kind=AttachmentKind.IMAGE if picture else AttachmentKind.FILE,
        download_id=link,
        name=shown or None,
        size=size,
        url=link,
    )


def split(url: str) -> SplitResult | None:
    """The parts of a link that can be asked for; None for anything else."""
    if not url or len(url) > _LONGEST_LINK:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
        asked = httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        return None
    # what is checked must be what is asked
    agreed = parts.hostname is not None and parts.hostname == asked.host
    return parts if agreed and parts.scheme in ("http", "https") else None


def content_of(answer: Answer) -> Download:
    """The file that an answer holds. Raises Refused for one above the limit that it was read with."""
    if answer.body is None:
        detail = f"larger than {LARGEST // MEBIBYTE} MB"
        raise Refused(f"download: the file is {detail}", detail=detail)
    content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Download(content=answer.body, content_type=content_type or None)


def is_of(parts: SplitResult, hosts: Collection[str]) -> bool:
    """Whether a link leads to one of these hosts or below it."""
    host = (parts.hostname or "").lower()
    return any(host == own or host.endswith(f".{own}") for own in hosts)


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, _port(parts)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _no_file(method: str, answer: Answer, secrets: tuple[str, ...]) -> MarketplaceError:
    said = f"{method}: status {answer.status}"
    if answer.status in (420, 429):
        return RateLimited(said, retry_after=delay_of(answer.headers, "Retry-After"))
    if answer.status >= 500:
        return ServerFailed(said, status=answer.status)
    detail = "the link opens with another key" if answer.status in (401, 403) else "the file is gone"
    return Refused(said, detail=detail, status=answer.status)
