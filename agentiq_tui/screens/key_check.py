"""Keys as this terminal sends them: every press is shown with what it does in AgentIQ. `agentiq doctor keys` runs it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.driver import Driver
from textual.screen import Screen
from textual.widgets import Static

from agentiq_core.domain.text import inert_line
from agentiq_tui.actions import ACTIONS, MODIFIED_ENTER, Action, Where, key_label, send_key
from agentiq_tui.keys import KeyboardAnswered, ShieldedParser, shielded, tells_ctrl_enter, under_tmux
from agentiq_tui.locale import _
from agentiq_tui.shown import fitted
from agentiq_tui.widgets.action_text import flowed

LEAVE = "ctrl+q"
SHOWN = 200
"""Presses that are remembered."""
KEY, SENT = 14, 20
"""Cells of a press's name and of its bytes."""


@dataclass(frozen=True)
class Press:
    """One key: its name here, the bytes that came, and the ids of the actions that it runs."""

    key: str
    sequence: str
    actions: tuple[str, ...]


class KeyScreen(Screen[None], inherit_bindings=False):
    """Lists presses, newest last."""

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(id="about")
            yield Static(id="presses")

    def on_mount(self) -> None:
        self.draw()

    def draw(self) -> None:
        app = self.app
        assert isinstance(app, KeyCheck)
        self.query_one("#about", Static).update(Content("\n".join((*app.about(), ""))))
        room = max(1, self.size.height - len(app.about()) - 2)
        lines = Content("\n".join(_line(press) for press in list(app.presses)[-room:]))
        # the newest stay in sight where long ones take two lines
        shown = flowed(lines, self.size.width, hang=KEY + SENT).split()[-room:]
        self.query_one("#presses", Static).update(Content("\n").join(shown))

    def on_resize(self) -> None:
        self.draw()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        app = self.app
        assert isinstance(app, KeyCheck)
        app.pressed(event.character if event.key == "question_mark" else event.key)
        self.draw()
        if event.key == LEAVE:
            app.exit()


class KeyCheck(App[None], inherit_bindings=False):
    """Ctrl+Q leaves; what was pressed stays in `presses`."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.presses: deque[Press] = deque(maxlen=SHOWN)
        self.kitty = False
        self._came: list[str] = []

    def get_driver_class(self) -> type[Driver]:
        return shielded(super().get_driver_class())

    def get_default_screen(self) -> KeyScreen:
        return KeyScreen()

    def on_mount(self) -> None:
        ShieldedParser.watch = self._came.append

    def on_unmount(self) -> None:
        ShieldedParser.watch = None

    def on_keyboard_answered(self, event: KeyboardAnswered) -> None:
        self.kitty = True
        screen = self.screen
        assert isinstance(screen, KeyScreen)
        screen.draw()

    @property
    def ctrl_enter(self) -> bool:
        """Whether Ctrl+Enter is told apart from Enter here: promised by the terminal, or seen."""
        return self.kitty or tells_ctrl_enter() or any(press.key in MODIFIED_ENTER for press in self.presses)

    def pressed(self, key: str | None) -> None:
        """A key has come."""
        sequence, name = "".join(self._came), key or "?"
        self._came.clear()
        self.presses.append(Press(name, sequence, tuple(action.id for action in acting(name))))

    def about(self) -> list[str]:
        """What is known of this terminal."""
        return [
            _("Press the keys that you use. {key} leaves.").format(key=key_label(LEAVE)),
            _("Kitty keyboard protocol: {answer}").format(answer=_("yes") if self.kitty else _("no answer")),
            _("tmux: {answer}").format(answer=_("yes") if under_tmux() else _("no")),
            _("A reply is sent here with {key}").format(key=send_key(ctrl_enter=self.ctrl_enter)),
        ]


def acting(key: str) -> Iterator[Action]:
    """The actions that this key runs, in any place."""
    return (action for action in ACTIONS if _plain(key) in {_plain(one) for one in action.all_keys()})


def _plain(key: str) -> str:
    return "," if key == "comma" else key


def _line(press: Press) -> str:
    sent = inert_line(repr(press.sequence)[1:-1])
    found = [action for action in ACTIONS if action.id in press.actions]
    # what it does in windows is told where the desk has no use for it
    found = [action for action in found if action.works_at(Where.ANYWHERE)] or found
    does = "; ".join(
        action.described() + ("" if action.where is Where.ANYWHERE else f" ({_place(action.where)})")
        for action in found
    )
    name = inert_line(key_label(press.key))
    return f"{fitted(name, KEY - 1)} {fitted(sent, SENT - 1)} {does or '–'}"


def _place(where: Where) -> str:
    """A heading of the help, within a sentence."""
    words = _(where.value)
    return words[:1].lower() + words[1:]
