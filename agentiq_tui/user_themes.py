"""Themes of the user: `$AGENTIQ_HOME/themes/NAME.yaml`, colours over one of ours. A mistake is said in one line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

from agentiq_core.domain.text import inert_line
from agentiq_tui.locale import _
from agentiq_tui.theme import THEMES

FOLDER = "themes"
SUFFIXES = (".yaml", ".yml")
LARGEST = 64 * 1024
COLOURS = (
    "primary",
    "secondary",
    "accent",
    "warning",
    "error",
    "success",
    "foreground",
    "background",
    "surface",
    "panel",
)
OWN = ("faint", "line", "cursor-row")
"""Colours that only AgentIQ has: what is said in passing, frames, the chosen row."""
_SHORT = {theme.name.removeprefix("agentiq-"): theme for theme in THEMES}


class WrongTheme(Exception):
    """The text is the line for the user."""


def user_themes(home: Path) -> tuple[list[Theme], list[str]]:
    """The themes of this home, and a line about each file that is none."""
    themes, problems = [], []
    for path in _files(home / FOLDER):
        try:
            themes.append(_theme(path))
        except WrongTheme as mistake:
            problems.append(f"{FOLDER}/{inert_line(path.name)}: {mistake}")
    return themes, problems


def _files(folder: Path) -> Iterable[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())
    except OSError:
        return ()


def _theme(path: Path) -> Theme:
    table = _read(path)
    base = _SHORT.get(str(table.pop("base", "dark")))
    if base is None:
        raise WrongTheme(_("base is one of {names}").format(names=", ".join(_SHORT)))
    unknown = next((name for name in table if name not in (*COLOURS, *OWN)), None)
    if unknown is not None:
        raise WrongTheme(_("there is no colour {name}").format(name=inert_line(str(unknown))[:40]))
    for name, value in table.items():
        if not isinstance(value, str) or not _is_colour(value):
            raise WrongTheme(
                _("{name}: {value} is no colour").format(name=name, value=inert_line(str(value))[:40])
            )
    colours = {name: table.get(name, getattr(base, name)) for name in COLOURS}
    variables = {name: table.get(name, base.variables[name]) for name in OWN}
    dark = Color.parse(str(colours["background"])).brightness < 0.5
    return Theme(name=path.stem, dark=dark, variables=variables, **colours)


def _read(path: Path) -> dict[str, Any]:
    # who has no theme of their own does not pay for its import
    import yaml

    if any(theme.name == path.stem for theme in THEMES):
        raise WrongTheme(_("this name is taken"))
    try:
        if path.stat().st_size > LARGEST:
            raise WrongTheme(_("the file is too large"))
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongTheme(_("cannot be read: {why}").format(why=error.strerror)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = _("not YAML, line {n}").format(n=mark.line + 1) if mark is not None else _("not YAML")
        raise WrongTheme(where) from None
    if not isinstance(table, dict):
        raise WrongTheme(_("wants lines such as “accent: '#7dcfff'”"))
    return table


def _is_colour(value: str) -> bool:
    try:
        Color.parse(value)
    except ColorParseError:
        return False
    return not value.startswith(("auto", "ansi"))
