"""Every setting of the screen, declared once: the file, its check, the settings screen and the docs' table read this."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from enum import Enum

from agentiq_core.domain.chats import Queue
from agentiq_tui.locale import mark


class Group(Enum):
    """A heading of the settings screen."""

    LOOK = mark("Look")
    WORK = mark("Work")
    NOTICES = mark("Notices, only while the window is not in front")


class Kind(Enum):
    """What a value is, and how it is changed on the screen."""

    SWITCH = "switch"
    CHOICE = "choice"
    NUMBER = "number"
    MANY = "many"
    TEXT = "text"


@dataclass(frozen=True)
class Preferences:
    """The settings of the screen, checked. Names are those of `config.toml` and, in capitals, of `AGENTIQ_…`."""

    language: str = "auto"
    theme: str = "agentiq-dark"
    colour: bool = True
    screen_reader: bool = False
    undo_seconds: float = 5.0
    mouse: bool = True
    images: str = "auto"
    bell: bool = True
    desktop_notifications: str = "auto"
    title_count: bool = True
    notify_queues: tuple[str, ...] = (Queue.WORK.value, Queue.WAITING.value)
    quiet_hours: str = ""


@dataclass(frozen=True)
class Option:
    """One setting. `said` names its values on the screen; `choices` are open for `theme`, whose files are the user's."""

    name: str
    kind: Kind
    group: Group
    title: str
    note: str = ""
    choices: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    least: float = 0.0
    most: float = 0.0
    step: float = 1.0
    check: Callable[[str], bool] | None = None
    live: bool = True

    @property
    def default(self) -> object:
        """The value where nothing is set."""
        return getattr(Preferences(), self.name)


_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]):([0-5]\d)")


def quiet_span(text: str) -> tuple[time, time] | None:
    """The start and end of quiet hours such as "22:00-08:00", which may lie past midnight; None when it is none."""
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        return None
    first, second, third, fourth = (int(part) for part in match.groups())
    return time(first, second), time(third, fourth)


OPTIONS: tuple[Option, ...] = (
    Option(
        "language",
        Kind.CHOICE,
        Group.LOOK,
        mark("Language"),
        choices=("auto", "ru", "en"),
        said=(mark("as the system"), mark("Russian"), mark("English")),
    ),
    Option(
        "theme", Kind.CHOICE, Group.LOOK, mark("Theme"), mark("your own: YAML files in the folder themes")
    ),
    Option(
        "colour", Kind.SWITCH, Group.LOOK, mark("Colours"), mark("without them signs and words tell the same")
    ),
    Option(
        "screen_reader",
        Kind.SWITCH,
        Group.LOOK,
        mark("For screen readers"),
        mark("no frames or drawn signs, words instead"),
    ),
    Option(
        "undo_seconds",
        Kind.NUMBER,
        Group.WORK,
        mark("Seconds to take a reply back"),
        mark("0: it leaves at once"),
        most=120,
        live=False,
    ),
    Option("mouse", Kind.SWITCH, Group.WORK, mark("Mouse"), mark("off: the terminal's own selection works")),
    Option(
        "images",
        Kind.CHOICE,
        Group.WORK,
        mark("Buyers' pictures in the terminal"),
        mark("on: over SSH, too; they are fetched when you look"),
        choices=("auto", "on", "off"),
        said=(mark("on, but not over SSH"), mark("on"), mark("off")),
    ),
    Option("bell", Kind.SWITCH, Group.NOTICES, mark("Bell")),
    Option(
        "desktop_notifications",
        Kind.CHOICE,
        Group.NOTICES,
        mark("Desktop notification"),
        mark("counts only, never a buyer's words"),
        choices=("auto", "osc9", "osc777", "off"),
        said=(mark("as this terminal can"), "OSC 9", "OSC 777", mark("off")),
    ),
    Option("title_count", Kind.SWITCH, Group.NOTICES, mark("Count in the window's title")),
    Option(
        "notify_queues",
        Kind.MANY,
        Group.NOTICES,
        mark("Queues that may disturb"),
        choices=(Queue.WORK.value, Queue.WAITING.value),
        said=(mark("Urgent"), mark("Waiting for a reply")),
    ),
    Option(
        "quiet_hours",
        Kind.TEXT,
        Group.NOTICES,
        mark("Quiet hours"),
        mark("22:00-08:00, or empty"),
        check=lambda text: not text.strip() or quiet_span(text) is not None,
    ),
)
BY_NAME = {option.name: option for option in OPTIONS}
