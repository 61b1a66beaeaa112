"""The user's own keys: `[keys]` of config.toml, action → key or list of keys. A wrong line is said and passed over."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentiq_core.domain.layouts import TO_LATIN
from agentiq_core.domain.text import inert_line
from agentiq_tui.actions import ACTIONS, BY_ID, binding_parts, key_label, remap, twins
from agentiq_tui.locale import _

_MODIFIERS = ("ctrl", "alt", "shift", "super", "meta", "hyper")
_NAMED = re.compile(
    r"f([1-9]|1\d|2[0-4])|enter|tab|escape|space|backspace|delete|insert|home|end|pageup|pagedown|up|down|left|right"
)
_SHORT = {"esc": "escape", "del": "delete", "pgup": "pageup", "pgdn": "pagedown", "comma": ","}


def use_keys(table: Mapping[str, object]) -> list[str]:
    """Make these the keys in force, as far as they can be; the lines about those that cannot."""
    wanted, problems = _read(table)
    while (clash := _clash(wanted)) is not None:
        name, line = clash
        del wanted[name]
        problems.append(line)
    remap(wanted)
    return problems


def plain_key(text: str) -> str | None:
    """A key as the registry writes it: "Ctrl+S" is "ctrl+s", on either layout; None when there is no such key."""
    *held, last = text.strip().split("+") if not text.strip().endswith("+") else (text.strip(),)
    modifiers = [part.strip().lower() for part in held]
    if any(part not in _MODIFIERS for part in modifiers):
        return None
    last = last.strip()
    if len(last) == 1:
        last = TO_LATIN.get(last, last)
        last = last.lower() if modifiers else last
    else:
        last = _SHORT.get(last.lower(), last.lower())
        if _NAMED.fullmatch(last) is None and last != ",":
            return None
    if not last.isprintable() or last == " ":
        return None
    return "+".join([*modifiers, last])


def _read(table: Mapping[str, object]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    wanted: dict[str, tuple[str, ...]] = {}
    problems = []
    for name, given in table.items():
        shown = inert_line(str(name))[:60]
        if name not in BY_ID:
            problems.append(_("keys: there is no action {name}").format(name=shown))
            continue
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            problems.append(_("keys: {name} wants a key or a list of keys").format(name=shown))
            continue
        keys = [(text, plain_key(text)) for text in texts if text]
        wrong = next((text for text, key in keys if key is None), None)
        if wrong is not None:
            line = _("keys: {name}: there is no key {key}")
            problems.append(line.format(name=shown, key=inert_line(wrong)[:20]))
        elif name == "send" and any(key == "enter" for _text, key in keys):
            problems.append(_("keys: send: Enter starts a new line and never sends"))
        else:
            wanted[name] = tuple(key for _text, key in keys if key is not None)
    return wanted, problems


def _clash(wanted: Mapping[str, tuple[str, ...]]) -> tuple[str, str] | None:
    """The first of the user's lines whose key, on either layout, already does something else where it would work, and
    what to say. A window's keys may be those of the desk: they never work together."""
    for name, keys in wanted.items():
        action = BY_ID[name]
        for other in ACTIONS:
            if other is action or not action.meets(other):
                continue
            theirs = {*twins(wanted.get(other.id, other.keys))}
            # some keys come with two meanings, one of them inside the field
            both = {*action.keys} & {*other.keys}
            taken = next(
                (key for key in keys if not theirs.isdisjoint(twins((key,))) and key not in both), None
            )
            if taken is not None:
                line = _("keys: {name}: {key} already does “{title}”; give {other} another key")
                return name, line.format(
                    name=name, key=key_label(taken), title=other.described(), other=other.id
                )
    return None


def textual_keymap() -> dict[str, str]:
    """The keys in force that are the user's own, for `App.set_keymap`."""
    return {
        name: keys
        for action in ACTIONS
        if action.keys_now != action.keys
        for name, keys, _first in binding_parts(action, action.keys_now)
    }
