"""JSON as models write it: fenced, with prose around it, cut off, with single quotes, trailing commas or comments.

Linear in the length of the text, and it never fails: what is no value is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

LONGEST = 200_000
"""Characters that are looked at."""
DEEPEST = 24
"""Levels of nesting that are followed; what is deeper is no answer."""
_MOST_OBJECTS = 20
_SPACE = re.compile(r"(?:\s|//[^\n]*(?=\n)|/\*.{0,2000}?\*/)+", re.DOTALL)
_SPACE_OF_LAST_LINE = re.compile(r"(?:\s|/\*.{0,2000}?\*/)+", re.DOTALL)
_BARE = re.compile(r"[^\s,:{}\[\]\"']+")
_QUOTES = {'"': '"', "'": "'", "“": "”", "«": "»"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "/": "/"}
_WORDS = {"true": True, "false": False, "null": None, "none": None, "undefined": None}
_NUMBER = re.compile(r"-?\d{1,18}(?:[.]\d{1,18})?(?:e[+-]?\d{1,2})?", re.IGNORECASE)


class _TooDeep(Exception):
    """Nested deeper than any answer is."""


def objects(text: str) -> Iterator[dict[str, object]]:
    """Every object of the text that lies in no other, in order; a cut-off one as far as it goes."""
    text = text[:LONGEST]
    whole = _strictly(text)
    if whole is not None:
        yield whole
        return
    reader = _Reader(text)
    at = text.find("{")
    for _ in range(_MOST_OBJECTS):
        if at < 0:
            return
        reader.at = at
        try:
            value = reader.value(0)
        except _TooDeep:
            return
        if isinstance(value, dict):
            yield value
        at = text.find("{", max(reader.at, at + 1))


def _strictly(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


class _Reader:
    """A place in a text. Each method leaves it behind what it read and takes the end of the text for a closing bracket."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._last_line = text.rfind("\n") + 1

    def value(self, depth: int) -> object:
        if depth > DEEPEST:
            raise _TooDeep
        self._space()
        first = self.text[self.at : self.at + 1]
        if first == "{":
            return self._object(depth)
        if first == "[":
            return self._list(depth)
        if first in _QUOTES and first:
            return self._string(_QUOTES[first])
        return self._bare()

    def _object(self, depth: int) -> dict[str, object]:
        self.at += 1
        made: dict[str, object] = {}
        while True:
            before = self.at
            self._space()
            first = self.text[self.at : self.at + 1]
            if not first or first == "}":
                self.at += 1
                return made
            if first == ",":
                self.at += 1
                continue
            name = self._string(_QUOTES[first]) if first in _QUOTES else self._bare()
            self._space()
            if self.text[self.at : self.at + 1] == ":":
                self.at += 1
                value = self.value(depth + 1)
                # an object told twice inside one pair of brackets: the first word holds
                made.setdefault(str(name), value)
            elif self.at == before:
                # a bracket that closes something else
                self.at += 1

    def _list(self, depth: int) -> list[object]:
        self.at += 1
        made: list[object] = []
        while True:
            before = self.at
            self._space()
            first = self.text[self.at : self.at + 1]
            if not first or first == "]":
                self.at += 1
                return made
            if first == "}":
                # the list was never closed, its object is
                return made
            if first == ",":
                self.at += 1
                continue
            made.append(self.value(depth + 1))
            if self.at == before:
                self.at += 1

    def _string(self, closing: str) -> str:
        text, at = self.text, self.at + 1
        parts: list[str] = []
        while at < len(text):
            end = at
            while end < len(text) and text[end] != closing and text[end] != "\\":
                end += 1
            parts.append(text[at:end])
            if end >= len(text):
                at = end
                break
            if text[end] == "\\":
                said, at = self._escape(end)
                parts.append(said)
                continue
            if _closes(text, end):
                at = end + 1
                break
            # a quotation mark that the model forgot to escape
            parts.append(closing)
            at = end + 1
        self.at = at
        return "".join(parts)

    def _escape(self, at: int) -> tuple[str, int]:
        letter = self.text[at + 1 : at + 2]
        if letter != "u":
            return _ESCAPES.get(letter, letter), at + 2
        digits = self.text[at + 2 : at + 6]
        try:
            code = int(digits, 16) if len(digits) == 4 else -1
        except ValueError:
            code = -1
        if code < 0:
            return "", at + 2
        low = self.text[at + 6 : at + 12]
        if 0xD800 <= code < 0xDC00 and re.fullmatch(r"\\u[dD][c-fC-F][0-9a-fA-F]{2}", low):
            return chr(0x10000 + ((code - 0xD800) << 10) + (int(low[2:], 16) - 0xDC00)), at + 12
        return "" if 0xD800 <= code < 0xE000 else chr(code), at + 6

    def _bare(self) -> object:
        found = _BARE.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        word = found[0]
        if word.lower() in _WORDS:
            return _WORDS[word.lower()]
        number = _NUMBER.fullmatch(word)
        return word if number is None else float(number[0])

    def _space(self) -> None:
        # nothing ends a comment there, and looking for its end at each would take the square of the length
        space = _SPACE if self.at < self._last_line else _SPACE_OF_LAST_LINE
        found = space.match(self.text, self.at)
        if found is not None:
            self.at = found.end()


_BEHIND = re.compile(
    r"\s{0,200}(?:[:}\]]|\Z|,\s{0,200}(?://|[\"'“«{\[}\]\d-]|\Z|[a-z_]{1,30}\s{0,9}[:,\]}]))", re.IGNORECASE
)


def _closes(text: str, at: int) -> bool:
    """Whether a quotation mark ends its string: something of JSON's own follows, or nothing."""
    return _BEHIND.match(text, at + 1) is not None


def beginning(text: str, name: str) -> str:
    """As much of a string by that name as an answer holds that is still being written."""
    found = re.search(rf"[\"']{re.escape(name)}[\"']\s{{0,20}}:\s{{0,20}}\"", text[:LONGEST])
    if found is None:
        return ""
    reader = _Reader(text[:LONGEST])
    reader.at = found.end() - 1
    value = reader.value(0)
    return value if isinstance(value, str) else ""
