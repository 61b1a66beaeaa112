"""From a message's Markdown to plain text and links (Ozon API, chat/history, `data`).

What a person typed must come back as it was typed, or a reply is not known again by its echo: beyond links and escaped
signs nothing is touched, and emphasis only in what machines write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_LINK: Final = re.compile(
    r"(?P<image>!?)\[(?P<text>(?:\\.|[^\[\]\\]){0,1000})\]\(\s*<?(?P<url>https?://[^\s()<>]+)>?"
    r"(?:\s+(?:\"[^\"]{0,300}\"|'[^']{0,300}'))?\s*\)"
)
_BARE: Final = re.compile(r"https?://\S+")
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_STRONG: Final = re.compile(r"(\*\*|__)(?=\S)(.{1,1000}?)(?<=\S)\1")


@dataclass(frozen=True, slots=True)
class Link:
    """Where a Markdown link leads; `text` is what it was called."""

    url: str
    text: str
    image: bool


def links_of(markdown: str) -> list[Link]:
    """The links of a text, pictures among them, in order."""
    return [_link(found) for found in _LINK.finditer(markdown)]


def bare_link(markdown: str) -> str | None:
    """The address, where the text is one and nothing else."""
    text = markdown.strip()
    return text if _BARE.fullmatch(text) else None


def plain(markdown: str, *, without: frozenset[str] = frozenset(), emphasis: bool = False) -> str:
    """The text as a terminal shows it: a link reads "text (address)", those that lead to `without` are left out because
    they hang on the message as files. `emphasis` takes the signs of bold text away."""
    parts: list[str] = []
    end = 0
    for found in _LINK.finditer(markdown):
        parts.append(_unescaped(markdown[end : found.start()], emphasis))
        link = _link(found)
        if link.url not in without:
            shown = link.text.strip()
            parts.append(link.url if shown in ("", link.url) else f"{shown} ({link.url})")
        end = found.end()
    parts.append(_unescaped(markdown[end:], emphasis))
    return "".join(parts)


def _link(found: re.Match[str]) -> Link:
    return Link(found["url"], _ESCAPED.sub(r"\1", found["text"]), bool(found["image"]))


def _unescaped(text: str, emphasis: bool) -> str:
    if emphasis:
        text = _STRONG.sub(r"\2", text)
    return _ESCAPED.sub(r"\1", text)
