"""Writes the lists of keys into docs, from the registry of actions: `python scripts/operators_keys.py`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from agentiq_tui import locale
from agentiq_tui.actions import ACTIONS, Action, Where, key_label

DOCS = Path(__file__).parents[1] / "docs"
BETWEEN = re.compile(r"(?<=<!-- keys -->\n).*(?=<!-- end of keys -->)", re.S)
Row = Callable[[Action], str]


def for_operators(page: str) -> str:
    """docs/operators.md with its list of keys as the registry has them now: in Russian, what each does."""
    return _with_tables(page, "ru", "| клавиши | что делают |\n|---|---|", _told)


def for_settings(page: str) -> str:
    """docs/keys-and-settings.md with its list of actions: the names that `[keys]` knows, with the keys they come with."""
    return _with_tables(page, "en", "| name | keys | what it does |\n|---|---|---|", _named)


PAGES = {"operators.md": for_operators, "keys-and-settings.md": for_settings}


def _with_tables(page: str, language: str, head: str, row: Row) -> str:
    before = locale.language()
    locale.use(language)
    try:
        tables = "\n".join(filter(None, (_table(where, head, row) for where in Where)))
    finally:
        locale.use(before)
    return BETWEEN.sub(lambda _: tables, page)


def _table(where: Where, head: str, row: Row) -> str:
    lines = [row(action) for action in ACTIONS if action.where is where]
    return "\n".join([f"\n**{locale._(where.value)}**\n", head, *lines, ""]) if lines else ""


def _told(action: Action) -> str:
    return f"| {_keys(action) or 'палитра'} | {action.described()} |"


def _named(action: Action) -> str:
    return f"| `{action.id}` | {_keys(action) or 'palette'} | {action.described()} |"


def _keys(action: Action) -> str:
    return " ".join(f"`{key_label(key)}`" for key in action.keys)


if __name__ == "__main__":
    for name, with_keys in PAGES.items():
        path = DOCS / name
        path.write_text(with_keys(path.read_text("utf-8")), encoding="utf-8")
