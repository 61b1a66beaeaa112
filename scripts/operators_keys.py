"""Writes the list of keys into docs/operators.md, from the registry of actions: `python scripts/operators_keys.py`."""

from __future__ import annotations

import re
from pathlib import Path

from agentiq_tui import locale
from agentiq_tui.actions import ACTIONS, Where, key_label

PAGE = Path(__file__).parents[1] / "docs" / "operators.md"
BETWEEN = re.compile(r"(?<=<!-- keys -->\n).*(?=<!-- end of keys -->)", re.S)


def tables() -> str:
    """Every action in Russian under the place where its keys work, as Markdown."""
    before = locale.language()
    locale.use("ru")
    try:
        return "\n".join(_table(where) for where in Where)
    finally:
        locale.use(before)


def _table(where: Where) -> str:
    rows = [
        (" ".join(f"`{key_label(key)}`" for key in action.keys) or "палитра", action.described())
        for action in ACTIONS
        if action.where is where
    ]
    lines = [f"| {keys} | {title} |" for keys, title in rows]
    return "\n".join(
        [f"\n**{locale._(where.value)}**\n", "| клавиши | что делают |", "|---|---|", *lines, ""]
    )


def with_keys(page: str) -> str:
    """The page with its list of keys as the registry has them now."""
    table = tables()
    return BETWEEN.sub(lambda _: table, page)


if __name__ == "__main__":
    PAGE.write_text(with_keys(PAGE.read_text("utf-8")), encoding="utf-8")
