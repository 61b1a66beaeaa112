"""A small language for sentences: `<one|other>` is a choice, `{slot}` a word that agrees with someone.

Choices nest and may be empty. `{Slot}` with a capital is the slot's text capitalised.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

_TOKEN: Final = re.compile(r"[<>|]|\{[^}]*\}|[^<>|{]+")
_SENTENCE: Final = re.compile(r"(^|[.!?…]\s+)([а-яё])")


@dataclass(frozen=True, slots=True)
class _Slot:
    name: str


@dataclass(frozen=True, slots=True)
class _Choice:
    ways: tuple[tuple[_Node, ...], ...]


_Node = str | _Slot | _Choice


class TemplateBroken(ValueError):
    """A template whose brackets do not match, or that names an unknown slot."""


@cache
def _parse(template: str) -> tuple[_Node, ...]:
    tokens = _TOKEN.findall(template)
    nodes, rest = _sequence(tokens, 0, nested=False)
    if rest != len(tokens):
        raise TemplateBroken(f"unexpected {tokens[rest]!r} in {template!r}")
    return nodes


def _sequence(tokens: list[str], place: int, *, nested: bool) -> tuple[tuple[_Node, ...], int]:
    nodes: list[_Node] = []
    while place < len(tokens):
        mark = tokens[place]
        if mark == "<":
            choice, place = _choice(tokens, place + 1)
            nodes.append(choice)
            continue
        if mark == ">" or (mark == "|" and nested):
            break
        nodes.append(_Slot(mark[1:-1]) if mark.startswith("{") else mark)
        place += 1
    return tuple(nodes), place


def _choice(tokens: list[str], place: int) -> tuple[_Choice, int]:
    ways: list[tuple[_Node, ...]] = []
    while True:
        way, place = _sequence(tokens, place, nested=True)
        ways.append(way)
        if place >= len(tokens):
            raise TemplateBroken("a choice is not closed")
        place += 1
        if tokens[place - 1] == ">":
            return _Choice(tuple(ways)), place


def say(template: str, slots: Mapping[str, str], rng: random.Random) -> str:
    """One of the sentences of the template, spaces in order and sentences capitalised."""
    parts: list[str] = []
    _render(_parse(template), slots, rng, parts)
    return tidy("".join(parts))


def tidy(text: str) -> str:
    """Single spaces, none before marks, a capital at the start of each sentence."""
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r" +([,.!?…:])", r"\1", text).strip()
    return _SENTENCE.sub(lambda match: match[1] + match[2].upper(), text)


def _render(nodes: tuple[_Node, ...], slots: Mapping[str, str], rng: random.Random, parts: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, _Choice):
            _render(rng.choice(node.ways), slots, rng, parts)
        elif node.name in slots:
            parts.append(slots[node.name])
        elif node.name[:1].lower() + node.name[1:] in slots:
            word = slots[node.name[:1].lower() + node.name[1:]]
            parts.append(word[:1].upper() + word[1:])
        else:
            raise TemplateBroken(f"unknown slot {node.name!r}")
