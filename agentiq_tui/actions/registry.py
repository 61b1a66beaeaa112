"""All actions, and what is made of them: bindings for Textual, keys as they are printed, the footer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from agentiq_tui.actions.action import Action, Where, twins
from agentiq_tui.actions.desk import DESK
from agentiq_tui.actions.windows import WINDOWS
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_core.engine.access import SignedIn

ACTIONS: tuple[Action, ...] = (*DESK, *WINDOWS)
BY_ID = {action.id: action for action in ACTIONS}
HINTS = 7
"""The footer never shows more."""
MODIFIED_ENTER = ("ctrl+enter", "alt+enter", "shift+enter")
"""Keys that many terminals cannot tell from Enter."""

_FUNCTION_KEY = re.compile(r"f\d+")
_LABELS = {"escape": "Esc", "pagedown": "PgDn", "pageup": "PgUp", "enter": "Enter", "tab": "Tab"}
_ARROWS = {"up": "↑", "down": "↓", "left": "←", "right": "→"}


def key_label(key: str) -> str:
    """A key as keyboards print it: "ctrl+enter" is "Ctrl+Enter"."""
    return "+".join(_part_label(part, held="+" in key) for part in key.split("+"))


def _part_label(part: str, *, held: bool) -> str:
    if part in _ARROWS:
        return _ARROWS[part]
    if len(part) == 1:
        return part.upper() if held else part
    return _LABELS.get(part, part.capitalize())


def shown_key(action_id: str, *, letter: bool = False) -> str:
    """The key to print beside a word that runs this action: the first one, or its letter if it has one; "" without a key."""
    keys = BY_ID[action_id].keys_now
    if letter:
        keys = (*(key for key in keys if len(key) == 1), *keys)
    return key_label(keys[0]) if keys else ""


def shown_keys(action: Action) -> str:
    """All its keys as the help prints them."""
    return "  ".join(key_label(key) for key in action.keys_now)


def send_key(*, ctrl_enter: bool) -> str:
    """The key that sends in this terminal, as it is printed."""
    keys = BY_ID["send"].keys_now
    sure = [key for key in keys if key not in MODIFIED_ENTER]
    sure.sort(key=lambda key: _FUNCTION_KEY.fullmatch(key) is None)
    return key_label((*(keys if ctrl_enter else sure), *keys, "")[0])


def at(place: Where) -> list[Action]:
    """The actions that work on a screen of this kind, or on a part of it; `Where.ANYWHERE` is the desk."""
    return [action for action in ACTIONS if action.works_at(place)]


def bindings(*places: Where) -> list[BindingType]:
    """Textual bindings, on both layouts, of the actions that these places have.

    Function keys win over the focused field, so that they do the same everywhere.
    """
    return [
        Binding(keys, action.run, action.title, id=name, show=False, priority=first)
        for action in ACTIONS
        if not {*places}.isdisjoint(action.places)
        for name, keys, first in binding_parts(action, action.keys)
    ]


def binding_parts(action: Action, keys: tuple[str, ...]) -> Iterator[tuple[str, str, bool]]:
    """The two bindings of an action, as (id, keys, whether it wins over the focused field).

    One without keys is bound to a key that no keyboard has, so that the user's own may take its place.
    """
    for first in (True, False):
        mine = [_bound(key) for key in twins(keys) if _wins(action, key) is first]
        name = f"{action.id}.first" if first else action.id
        yield name, ",".join(mine or [f"no-key-{name}"]), first


def _wins(action: Action, key: str) -> bool:
    return _FUNCTION_KEY.fullmatch(key) is not None or (action.wins and len(key) > 1)


def _bound(key: str) -> str:
    # a comma separates keys in a binding, so the key itself goes by its name
    return "comma" if key == "," else key


def hints(*, ctrl_enter: bool, who: SignedIn | None = None) -> Iterator[tuple[str, str, str]]:
    """The footer: (action id, key, word). The key of "send" is one that this terminal can tell from Enter."""
    shown = [action for action in ACTIONS if action.hint and action.offered_to(who)]
    for action in shown[:HINTS]:
        if action.id == "send":
            key = send_key(ctrl_enter=ctrl_enter)
        else:
            key = "?" if "?" in action.keys_now else shown_key(action.id)
        yield action.id, key, _(action.hint) if action.hint else ""
