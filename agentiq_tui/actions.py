"""What an operator can do: one registry that bindings, footer, help, palette and remapping all read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from textual.binding import Binding, BindingType

from agentiq_tui.keys import on_both_layouts
from agentiq_tui.locale import _, mark


class Where(Enum):
    """Where the keys of an action work; the value is its heading in the help."""

    ANYWHERE = mark("Everywhere")
    OUTSIDE_TEXT = mark("Outside the reply field")
    QUEUE = mark("In the queue")
    CHAT = mark("In the conversation")
    FIELD = mark("In the reply field")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `keys` are on the Latin layout; `hint` is its word in the footer, if it belongs there."""

    id: str
    keys: tuple[str, ...]
    title: str
    where: Where = Where.ANYWHERE
    hint: str | None = None
    palette: bool = True

    def all_keys(self) -> tuple[str, ...]:
        """The keys on both layouts."""
        return tuple(twin for key in self.keys for twin in on_both_layouts(key))

    def described(self) -> str:
        """The title in the language of the screen."""
        return _(self.title)

    def shown_keys(self) -> str:
        """The keys as the help prints them."""
        return "  ".join(key_label(key) for key in self.keys)


ACTIONS: tuple[Action, ...] = (
    Action(
        "send", ("ctrl+enter", "ctrl+j", "f5"), mark("Send your text, or the suggestion"), hint=mark("send")
    ),
    Action(
        "edit", ("tab",), mark("Edit the suggestion; in the reply field: on to the queue"), hint=mark("edit")
    ),
    Action("insert", ("f4", "i"), mark("Add the suggestion to your text"), hint=mark("insert")),
    Action("next_chat", ("f2", "n"), mark("Next waiting chat, by deadline"), hint=mark("next")),
    Action("search", ("/", "ctrl+f"), mark("Search messages, buyers, goods and orders")),
    Action("undo", ("f7", "u", "ctrl+z"), mark("Take the queued reply back")),
    Action("attach", ("ctrl+o", "f"), mark("Attach a file")),
    Action("editor", ("ctrl+g",), mark("Write in the editor of this machine ($EDITOR)")),
    Action("no_reply", ("f8", "x"), mark("No reply is needed here")),
    Action("decline", (), mark("Reject the question: the marketplace hides it")),
    Action("apply_changes", ("f6", "r"), mark("Show what changed in the queue")),
    Action("help", ("f1", "?"), mark("Help"), hint=mark("help")),
    Action("palette", ("ctrl+p",), mark("All commands"), hint=mark("commands"), palette=False),
    Action("back", ("escape",), mark("One level back"), palette=False),
    Action("previous_pane", ("shift+tab",), mark("Previous pane"), palette=False),
    Action("add_shop", ("f3",), mark("Add a shop")),
    Action("quarantine", (), mark("Quarantine: what could not be read")),
    Action("who", (), mark("Who works here")),
    Action("sign_out", (), mark("Sign out")),
    Action("sign_out_everywhere", (), mark("Sign out on every machine")),
    Action("quit", ("ctrl+q", "f10"), mark("Quit"), hint=mark("quit")),
    Action("switch_theme", (), mark("Next theme: dark, light, high contrast")),
    Action("switch_language", (), mark("Language: Russian or English")),
    Action("pane_queue", ("1",), mark("Queue; once more: full screen"), Where.OUTSIDE_TEXT),
    Action("pane_chat", ("2",), mark("Conversation; once more: full screen"), Where.OUTSIDE_TEXT),
    Action("pane_suggestion", ("3",), mark("Suggestion; once more: full screen"), Where.OUTSIDE_TEXT),
    Action("previous_queue", ("[",), mark("Previous queue"), Where.OUTSIDE_TEXT),
    Action("next_queue", ("]",), mark("Next queue"), Where.OUTSIDE_TEXT),
    Action("copy", ("y",), mark("Copy the buyer's last message"), Where.OUTSIDE_TEXT),
    Action("open_files", ("o",), mark("Open the files of the message in sight"), Where.OUTSIDE_TEXT),
    Action("remove_file", ("d",), mark("Take the last attached file out"), Where.OUTSIDE_TEXT),
    Action(
        "related", ("l",), mark("To the review, question or chat about the same order"), Where.OUTSIDE_TEXT
    ),
    Action("newest", ("e",), mark("To the newest message"), Where.OUTSIDE_TEXT),
    Action("check_again", ("c",), mark("Unclear delivery: check again"), Where.OUTSIDE_TEXT),
    Action("send_again", ("a",), mark("Unclear delivery: send again"), Where.OUTSIDE_TEXT),
    Action("treat_as_sent", ("t",), mark("Unclear delivery: treat as sent"), Where.OUTSIDE_TEXT),
    Action("take_back", ("b",), mark("Failed reply: back into the reply field"), Where.OUTSIDE_TEXT),
    Action("cursor_down", ("j", "down"), mark("Down"), Where.QUEUE, palette=False),
    Action("cursor_up", ("k", "up"), mark("Up"), Where.QUEUE, palette=False),
    Action("cursor_first", ("g", "home"), mark("To the top"), Where.QUEUE, palette=False),
    Action("cursor_last", ("G", "end"), mark("To the end of what is loaded"), Where.QUEUE, palette=False),
    Action("cursor_page_down", ("pagedown",), mark("Page down"), Where.QUEUE, palette=False),
    Action("cursor_page_up", ("pageup",), mark("Page up"), Where.QUEUE, palette=False),
    Action("open", ("enter",), mark("Open the chat and write"), Where.QUEUE, palette=False),
    Action("scroll_down", ("j", "down"), mark("Down"), Where.CHAT, palette=False),
    Action("scroll_up", ("k", "up"), mark("Up"), Where.CHAT, palette=False),
    Action("scroll_home", ("g", "home"), mark("To the top"), Where.CHAT, palette=False),
    Action("scroll_end", ("G", "end"), mark("To the newest message"), Where.CHAT, palette=False),
    Action("page_down", ("pagedown",), mark("Page down"), Where.CHAT, palette=False),
    Action("page_up", ("pageup",), mark("Page up"), Where.CHAT, palette=False),
    Action("undo_typing", ("ctrl+z",), mark("Undo typing"), Where.FIELD, palette=False),
    Action("redo_typing", ("ctrl+y", "ctrl+shift+z"), mark("Redo typing"), Where.FIELD, palette=False),
    Action("next_mark", ("ctrl+n",), mark("To the next word that is underlined"), Where.FIELD, palette=False),
)
BY_ID = {action.id: action for action in ACTIONS if action.where is not Where.CHAT}
HINTS = 7
"""The footer never shows more."""

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


def bindings(*places: Where) -> list[BindingType]:
    """Textual bindings, on both layouts, of the actions that work in these places.

    Function keys win over the focused field, so that they do the same everywhere.
    """
    made: list[BindingType] = []
    for action in ACTIONS:
        if action.where not in places:
            continue
        for first in (True, False):
            keys = [
                _bound(key)
                for key in action.all_keys()
                if (_FUNCTION_KEY.fullmatch(key) is not None) is first
            ]
            if keys:
                made.append(
                    Binding(",".join(keys), action.id, action.title, id=action.id, show=False, priority=first)
                )
    return made


def _bound(key: str) -> str:
    # a comma separates keys in a binding, so the key itself goes by its name
    return "comma" if key == "," else key


def hints(*, ctrl_enter: bool) -> Iterator[tuple[str, str, str]]:
    """The footer: (action id, key, word). The key of "send" is one that this terminal can tell from Enter."""
    shown = [action for action in ACTIONS if action.hint]
    for action in shown[:HINTS]:
        key = action.keys[0]
        if action.id == "send" and not ctrl_enter:
            key = "f5"
        elif action.id == "help":
            key = "?"
        yield action.id, key_label(key), _(action.hint) if action.hint else ""
