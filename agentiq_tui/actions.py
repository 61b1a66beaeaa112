"""What an operator can do: one registry that bindings, footer, help, palette and remapping all read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from agentiq_tui.keys import on_both_layouts
from agentiq_tui.locale import _, mark

if TYPE_CHECKING:
    from agentiq_core.engine.access import SignedIn


class Where(Enum):
    """Where the keys of an action work; the value is its heading in the help."""

    ANYWHERE = mark("Everywhere")
    OUTSIDE_TEXT = mark("Outside the reply field")
    QUEUE = mark("In the queue")
    CHAT = mark("In the conversation")
    FIELD = mark("In the reply field")


class Needs(Enum):
    """What a role must be allowed for an action to be offered to it. The engine refuses whoever tries all the same."""

    NOTHING = "nothing"
    WRITING = "writing"
    MANAGING = "managing"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `keys` are the ones it has unless the user gave it others, on the Latin layout; `hint` is its word in the footer, if it belongs there."""

    id: str
    keys: tuple[str, ...]
    title: str
    where: Where = Where.ANYWHERE
    hint: str | None = None
    palette: bool = True
    needs: Needs = Needs.NOTHING

    @property
    def keys_now(self) -> tuple[str, ...]:
        """The keys in force: the user's, or those it comes with."""
        return _remapped.get(self.id, self.keys)

    def all_keys(self) -> tuple[str, ...]:
        """The keys in force on both layouts."""
        return tuple(twin for key in self.keys_now for twin in on_both_layouts(key))

    def described(self) -> str:
        """The title in the language of the screen."""
        return _(self.title)

    def offered_to(self, who: SignedIn | None) -> bool:
        """Whether footer, help and palette name it to whoever works here; everything while nobody is known yet."""
        if who is None or self.needs is Needs.NOTHING:
            return True
        return who.may_manage if self.needs is Needs.MANAGING else who.may_write

    def shown_keys(self) -> str:
        """The keys as the help prints them."""
        return "  ".join(key_label(key) for key in self.keys_now)


_remapped: dict[str, tuple[str, ...]] = {}


def remap(keys: Mapping[str, tuple[str, ...]]) -> None:
    """Make these the user's own keys, by action; all others keep what they came with. `keymap` reads and checks them."""
    _remapped.clear()
    _remapped.update(keys)


ACTIONS: tuple[Action, ...] = (
    Action(
        "send",
        ("ctrl+enter", "ctrl+j", "f5"),
        mark("Send your text, or the suggestion"),
        hint=mark("send"),
        needs=Needs.WRITING,
    ),
    Action(
        "edit",
        ("tab",),
        mark("Edit the suggestion; in the reply field: on to the queue"),
        hint=mark("edit"),
        needs=Needs.WRITING,
    ),
    Action(
        "insert",
        ("f4", "i"),
        mark("Add the suggestion to your text"),
        hint=mark("insert"),
        needs=Needs.WRITING,
    ),
    Action(
        "take_text",
        ("ctrl+s", "R"),
        mark("Add to your text what you typed elsewhere, or what a colleague left"),
        needs=Needs.WRITING,
    ),
    Action(
        "variants",
        ("ctrl+t", "w"),
        mark("Another variant: shorter, warmer, more formal, as you say"),
        needs=Needs.WRITING,
    ),
    Action("regenerate", ("ctrl+r",), mark("The suggestion anew"), needs=Needs.WRITING),
    Action("shorter", (), mark("The suggestion shorter"), needs=Needs.WRITING),
    Action("warmer", (), mark("The suggestion warmer"), needs=Needs.WRITING),
    Action("formal", (), mark("The suggestion more formal"), needs=Needs.WRITING),
    Action(
        "knowledge",
        ("ctrl+b", "h"),
        mark("Ask the knowledge base; templates by / in the reply field"),
        needs=Needs.WRITING,
    ),
    Action("next_chat", ("f2", "n"), mark("Next waiting chat, by deadline"), hint=mark("next")),
    Action("search", ("/", "ctrl+f"), mark("Search messages, buyers, goods and orders")),
    Action("filter", ("v",), mark("Show only some: a filter, or a saved view")),
    Action("widen", (), mark("Show everything again: no filter")),
    Action(
        "bulk",
        ("m",),
        mark("Something with the marked conversations, or all that a filter shows"),
        needs=Needs.WRITING,
    ),
    Action("snooze", ("z",), mark("Put the conversation off"), needs=Needs.WRITING),
    Action("wake", (), mark("Bring a conversation that was put off back"), needs=Needs.WRITING),
    Action(
        "undo",
        ("f7", "u", "ctrl+z"),
        mark("Take back the queued reply, or a word against the suggestion"),
        needs=Needs.WRITING,
    ),
    Action("attach", ("ctrl+o", "f"), mark("Attach a file"), needs=Needs.WRITING),
    Action("editor", ("ctrl+g",), mark("Write in the editor of this machine ($EDITOR)"), needs=Needs.WRITING),
    Action(
        "translate_reply",
        ("ctrl+l",),
        mark("Your text in the buyer's language, by the model"),
        needs=Needs.WRITING,
    ),
    Action("no_reply", ("f8", "x"), mark("No reply is needed here"), needs=Needs.WRITING),
    Action("decline", (), mark("Reject the question: the marketplace hides it"), needs=Needs.WRITING),
    Action("apply_changes", ("f6", "r"), mark("Show what changed in the queue")),
    Action("help", ("f1", "?"), mark("Help"), hint=mark("help")),
    Action("palette", ("ctrl+p",), mark("All commands"), hint=mark("commands"), palette=False),
    Action("back", ("escape",), mark("One level back"), palette=False),
    Action("previous_pane", ("shift+tab",), mark("Previous pane"), palette=False),
    Action("add_shop", ("f3",), mark("Add a shop"), needs=Needs.MANAGING),
    Action("quarantine", (), mark("Quarantine: what could not be read")),
    Action("statistics", ("S",), mark("Figures: how long buyers wait, who answers"), Where.OUTSIDE_TEXT),
    Action("sellers", ("B",), mark("Shops: how their lines do, keys, sharing out"), Where.OUTSIDE_TEXT),
    Action("automation", (), mark("Automatic replies of a shop")),
    Action(
        "stop_automation",
        ("!",),
        mark("STOP everything that leaves by itself, in all shops"),
        Where.OUTSIDE_TEXT,
        needs=Needs.WRITING,
    ),
    Action("models", (), mark("Language models of the shops")),
    Action("audit", (), mark("Who changed what: the log"), needs=Needs.MANAGING),
    Action("rules", (), mark("Rules and deadlines of a shop")),
    Action("hours", (), mark("Working hours of a shop")),
    Action("guard_rules", (), mark("Guardrail rules of a shop")),
    Action("library", (), mark("Templates and knowledge of a shop")),
    Action("setup", (), mark("First steps: database, shop, a try without risk")),
    Action("team_key", (), mark("Team key of this machine: pull and send from here"), needs=Needs.WRITING),
    Action("who", (), mark("Who works here")),
    Action("sign_out", (), mark("Sign out")),
    Action("sign_out_everywhere", (), mark("Sign out on every machine")),
    Action("quit", ("ctrl+q", "f10"), mark("Quit"), hint=mark("quit")),
    Action("settings", ("f9",), mark("Settings")),
    Action("mouse", ("f12",), mark("Give the mouse to the terminal, or take it back")),
    Action("switch_theme", (), mark("Next theme")),
    Action("switch_language", (), mark("Language: Russian or English")),
    Action("pane_queue", ("1",), mark("Queue; once more: full screen"), Where.OUTSIDE_TEXT),
    Action("pane_chat", ("2",), mark("Conversation; once more: full screen"), Where.OUTSIDE_TEXT),
    Action("pane_suggestion", ("3",), mark("Suggestion; once more: full screen"), Where.OUTSIDE_TEXT),
    Action("previous_queue", ("[",), mark("Previous queue"), Where.OUTSIDE_TEXT),
    Action("next_queue", ("]",), mark("Next queue"), Where.OUTSIDE_TEXT),
    Action("copy_suggestion", ("Y",), mark("Copy the suggestion"), Where.OUTSIDE_TEXT),
    Action("pane_wider", (">",), mark("Make this pane larger"), Where.OUTSIDE_TEXT),
    Action("pane_narrower", ("<",), mark("Make this pane smaller"), Where.OUTSIDE_TEXT),
    Action("panes_reset", ("=",), mark("Panes: back to their own sizes"), Where.OUTSIDE_TEXT),
    Action(
        "copy",
        ("y",),
        mark("Copy what is selected, or the marked message, or the buyer's last"),
        Where.OUTSIDE_TEXT,
    ),
    Action("card", ("p",), mark("Card of the good and the order: show, hide"), Where.OUTSIDE_TEXT),
    Action("open_photo", (), mark("Picture of the good, in the browser")),
    Action("to_day", ("D",), mark("To a day of the conversation"), Where.OUTSIDE_TEXT),
    Action(
        "summary",
        ("s",),
        mark("The conversation in short, by the model: show, hide"),
        Where.OUTSIDE_TEXT,
        needs=Needs.WRITING,
    ),
    Action(
        "translate",
        ("T",),
        mark("Translate the marked message, or the buyer's last"),
        Where.OUTSIDE_TEXT,
        needs=Needs.WRITING,
    ),
    Action(
        "note",
        ("N",),
        mark("Note for the team; on an own note that is marked: change it"),
        Where.OUTSIDE_TEXT,
        needs=Needs.WRITING,
    ),
    Action("mentions", ("@", '"'), mark("Notes that name you"), Where.OUTSIDE_TEXT),
    Action(
        "claim", ("C",), mark("Take the conversation for a while"), Where.OUTSIDE_TEXT, needs=Needs.WRITING
    ),
    Action(
        "assign",
        ("A",),
        mark("Give the conversation to somebody, or to nobody"),
        Where.OUTSIDE_TEXT,
        needs=Needs.WRITING,
    ),
    Action(
        "hand_over",
        ("H",),
        mark("Hand the conversation over with a word"),
        Where.OUTSIDE_TEXT,
        needs=Needs.WRITING,
    ),
    Action("tag", ("#", "№"), mark("Tags of the conversation"), Where.OUTSIDE_TEXT, needs=Needs.WRITING),
    Action(
        "reject", ("-",), mark("The suggestion is no good: say why"), Where.OUTSIDE_TEXT, needs=Needs.WRITING
    ),
    Action("details", (";",), mark("More about the suggestion: topics, time, cost"), Where.OUTSIDE_TEXT),
    Action("open_files", ("o",), mark("Open the files of the message in sight"), Where.OUTSIDE_TEXT),
    Action("pictures", ("O",), mark("Look at the pictures of a message here"), Where.OUTSIDE_TEXT),
    Action(
        "remove_file",
        ("d",),
        mark("Take the last attached file out"),
        Where.OUTSIDE_TEXT,
        needs=Needs.WRITING,
    ),
    Action(
        "related", ("l",), mark("To the review, question or chat about the same order"), Where.OUTSIDE_TEXT
    ),
    Action("newest", ("e",), mark("To the newest message"), Where.OUTSIDE_TEXT),
    Action(
        "check_again", ("c",), mark("Unclear delivery: check again"), Where.OUTSIDE_TEXT, needs=Needs.WRITING
    ),
    Action(
        "send_again", ("a",), mark("Unclear delivery: send again"), Where.OUTSIDE_TEXT, needs=Needs.WRITING
    ),
    Action(
        "treat_as_sent",
        ("t",),
        mark("Unclear delivery: treat as sent"),
        Where.OUTSIDE_TEXT,
        needs=Needs.WRITING,
    ),
    Action(
        "take_back",
        ("b",),
        mark("Failed reply: back into the reply field"),
        Where.OUTSIDE_TEXT,
        needs=Needs.WRITING,
    ),
    Action("cursor_down", ("j", "down"), mark("Down"), Where.QUEUE, palette=False),
    Action("cursor_up", ("k", "up"), mark("Up"), Where.QUEUE, palette=False),
    Action("cursor_first", ("g", "home"), mark("To the top"), Where.QUEUE, palette=False),
    Action("cursor_last", ("G", "end"), mark("To the end of what is loaded"), Where.QUEUE, palette=False),
    Action("cursor_page_down", ("pagedown",), mark("Page down"), Where.QUEUE, palette=False),
    Action("cursor_page_up", ("pageup",), mark("Page up"), Where.QUEUE, palette=False),
    Action("mark_chat", ("space",), mark("Mark, and on to the next"), Where.QUEUE, palette=False),
    Action("mark_every", ("*",), mark("Mark everything that is loaded"), Where.QUEUE, palette=False),
    Action("open", ("enter",), mark("Open the chat and write"), Where.QUEUE, palette=False),
    Action("scroll_down", ("j", "down"), mark("Down"), Where.CHAT, palette=False),
    Action("scroll_up", ("k", "up"), mark("Up"), Where.CHAT, palette=False),
    Action("scroll_home", ("g", "home"), mark("To the top"), Where.CHAT, palette=False),
    Action("scroll_end", ("G", "end"), mark("To the newest message"), Where.CHAT, palette=False),
    Action("page_down", ("pagedown",), mark("Page down"), Where.CHAT, palette=False),
    Action("page_up", ("pageup",), mark("Page up"), Where.CHAT, palette=False),
    Action("previous_message", ("K", "shift+up"), mark("Mark the message above"), Where.CHAT, palette=False),
    Action("next_message", ("J", "shift+down"), mark("Mark the message below"), Where.CHAT, palette=False),
    Action("undo_typing", ("ctrl+z",), mark("Undo typing"), Where.FIELD, palette=False),
    Action("redo_typing", ("ctrl+y", "ctrl+shift+z"), mark("Redo typing"), Where.FIELD, palette=False),
    Action("next_mark", ("ctrl+n",), mark("To the next word that is underlined"), Where.FIELD, palette=False),
)
BY_ID = {action.id: action for action in ACTIONS if action.where is not Where.CHAT}
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
    keys = next(action for action in ACTIONS if action.id == action_id).keys_now
    if letter:
        keys = (*(key for key in keys if len(key) == 1), *keys)
    return key_label(keys[0]) if keys else ""


def send_key(*, ctrl_enter: bool) -> str:
    """The key that sends in this terminal, as it is printed."""
    keys = next(action for action in ACTIONS if action.id == "send").keys_now
    sure = [key for key in keys if key not in MODIFIED_ENTER]
    sure.sort(key=lambda key: _FUNCTION_KEY.fullmatch(key) is None)
    return key_label((*(keys if ctrl_enter else sure), *keys, "")[0])


def bindings(*places: Where) -> list[BindingType]:
    """Textual bindings, on both layouts, of the actions that work in these places.

    Function keys win over the focused field, so that they do the same everywhere.
    """
    return [
        Binding(keys, action.id, action.title, id=name, show=False, priority=first)
        for action in ACTIONS
        if action.where in places
        for name, keys, first in binding_parts(action, action.keys)
    ]


def binding_parts(action: Action, keys: tuple[str, ...]) -> Iterator[tuple[str, str, bool]]:
    """The two bindings of an action, as (id, keys, whether it wins over the focused field).

    One without keys is bound to a key that no keyboard has, so that the user's own may take its place.
    """
    both = [twin for key in keys for twin in on_both_layouts(key)]
    for first in (True, False):
        mine = [_bound(key) for key in both if (_FUNCTION_KEY.fullmatch(key) is not None) is first]
        name = f"{action.id}.first" if first else action.id
        yield name, ",".join(mine or [f"no-key-{name}"]), first


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
