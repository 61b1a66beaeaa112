"""Every screen of the app has its pictures: both languages, both windows."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from textual.command import CommandPalette
from textual.screen import Screen

import agentiq_tui.screens
from tests.tui.sizes import LANGUAGES, SIZES

PICTURES = Path(__file__).with_name("__snapshots__")
TITLE = re.compile(r"-title[^>]*>(\w+)<")


def screens(of: type = Screen) -> Iterator[str]:
    """The screens that are opened: those of ours that no other is made from, and the palette."""
    for kind in of.__subclasses__():
        if kind.__module__.startswith("agentiq_tui") and not kind.__subclasses__():
            yield kind.__name__
        yield from screens(kind)


def test_every_screen_is_drawn_in_both_languages_and_both_windows() -> None:
    for module in pkgutil.iter_modules(agentiq_tui.screens.__path__, "agentiq_tui.screens."):
        importlib.import_module(module.name)
    drawn = set()
    for picture in PICTURES.glob("*/*.svg"):
        window, language = re.split(r"[\[\]-]", picture.stem)[-3:-1]
        if (title := TITLE.search(picture.read_text())) is not None:
            drawn.add((title[1], window, language))
    wanted = set(product({*screens(), CommandPalette.__name__}, [str(size.id) for size in SIZES], LANGUAGES))
    assert {name for name, *_ in wanted - drawn} == set()
