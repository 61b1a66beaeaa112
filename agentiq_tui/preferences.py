"""The settings of the screen as they stand: environment, then `config.toml`, then defaults. A wrong one is said, never fatal."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agentiq_core.domain.text import inert_line
from agentiq_core.home import CONFIG
from agentiq_tui.locale import _
from agentiq_tui.settings_schema import OPTIONS, Kind, Option, Preferences

PREFIX = "AGENTIQ_"
KEYS = "keys"
"""The table of the file that maps actions to keys."""
SHOWN = 60
"""Characters of a wrong value that are repeated."""
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True)
class Found:
    """What was read. `problems` are clear lines; `fixed` are the settings that the environment decides."""

    preferences: Preferences = field(default_factory=Preferences)
    keys: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()


def read(home: Path, environ: Mapping[str, str] | None = None) -> Found:
    """The settings of this home. A file that cannot be read leaves the defaults, and is named when the desk opens."""
    environ = os.environ if environ is None else environ
    try:
        table = tomllib.loads((home / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        table = {}
    values: dict[str, Any] = {}
    problems: list[str] = []
    fixed: set[str] = set()
    for option in OPTIONS:
        place, given = CONFIG, table.get(option.name)
        if named := environ.get(PREFIX + option.name.upper()):
            place, given = PREFIX + option.name.upper(), named
            fixed.add(option.name)
        if given is None:
            continue
        value = understood(option, given)
        if value is None:
            problems.append(
                _("{place}: {name} = {value} is not understood; the default applies").format(
                    place=place, name=option.name, value=inert_line(str(given))[:SHOWN]
                )
            )
        else:
            values[option.name] = value
    if environ.get("NO_COLOR"):
        values["colour"] = False
        fixed.add("colour")
    keys = table.get(KEYS, {})
    if not isinstance(keys, dict):
        problems.append(_("{place}: [keys] is a table: action = key").format(place=CONFIG))
        keys = {}
    return Found(replace(Preferences(), **values), keys, tuple(problems), frozenset(fixed))


def understood(option: Option, given: object) -> object | None:
    """The value in its own type; None when it is none that this setting can have."""
    if option.kind is Kind.SWITCH:
        return _switch(given)
    if option.kind is Kind.NUMBER:
        return _number(option, given)
    if option.kind is Kind.MANY:
        parts = given if isinstance(given, list) else [part.strip() for part in str(given).split(",")]
        chosen = [str(part) for part in parts if part != ""]
        return tuple(chosen) if all(part in option.choices for part in chosen) else None
    if not isinstance(given, str):
        return None
    if option.choices and given not in option.choices:
        return None
    return given if option.check is None or option.check(given) else None


def _switch(given: object) -> bool | None:
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _number(option: Option, given: object) -> float | None:
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        return None
    try:
        value = float(given)
    except ValueError:
        return None
    return value if option.least <= value <= option.most else None
