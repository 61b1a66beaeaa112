"""Two plain rules on text that every room shares: what counts as the same text, and what may reach a screen."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
# C0 and C1 controls but for the line feed, bidi marks and overrides, invisible format characters, halves of characters
_HOSTILE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2028\u2029\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_KEEP = {"\r\n": "\n", "\r": "\n", "\t": " ", "\u2028": "\n", "\u2029": "\n"}
_KEPT = re.compile("\r\n|[\r\t\u2028\u2029]")
MARKS_IN_A_ROW = 4
"""Combining marks after one letter that a screen still shows; more is zalgo."""
_ZALGO = re.compile(
    rf"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{{{MARKS_IN_A_ROW}}})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def folded(text: str) -> str:
    """NFC with white space folded: two texts are the same to delivery when their folded forms are equal."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def inert(text: str) -> str:
    """A buyer's text with nothing a terminal would obey: NFC, line feeds kept, controls shown as one sign.

    Escape sequences lose their introducer and stay as readable characters; zero-width and direction marks go.
    """
    text = _KEPT.sub(lambda match: _KEEP[match[0]], text)
    # what is invisible goes first: it must not hide a run of marks, nor keep a letter and its mark apart
    text = unicodedata.normalize("NFC", _HOSTILE.sub(_shown, text))
    return _ZALGO.sub(r"\1", text)


def inert_line(text: str) -> str:
    """The same on one line, for lists and titles."""
    return _SPACE.sub(" ", inert(text)).strip()


def escaped(text: str) -> str:
    """Text that is looked into rather than read: what `inert` drops or replaces is written as its number instead."""
    return _HOSTILE.sub(_numbered, text)


def _numbered(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _shown(match: re.Match[str]) -> str:
    return "" if unicodedata.category(match[0]) == "Cf" else "\N{REPLACEMENT CHARACTER}"
