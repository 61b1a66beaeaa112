"""What each action of the registry does, as an operator sees it: one scenario an action, found by its id.

A new action needs one, in the module of its noun here (any module of this package is read):

    @does("my_action")
    async def it_does_this(here: Seat) -> None:
        await act(here, "my_action")              # presses its first key, or runs it where it has none
        await here.until(lambda: here.desk.called("what_it_calls"))

`before=` prepares the scripted desk before the app opens it; with `wait=False` the story begins at once, where no chat
will open. What a window does is told from inside it: `window` opens one. A scenario asserts the effect, not that nothing broke.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from textual.keys import _character_to_key
from textual.screen import Screen

from agentiq_tui.actions import BY_ID
from tests.tui.conftest import Seat
from tests.tui.scripted import ScriptedDesk

Window = TypeVar("Window", bound=Screen[Any])
Story = Callable[[Seat], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """A story about one action; `size` is the window's."""

    story: Story
    before: Callable[[ScriptedDesk], None] | None
    size: tuple[int, int]
    wait: bool


SCENARIOS: dict[str, Scenario] = {}


def does(
    action: str,
    *,
    before: Callable[[ScriptedDesk], None] | None = None,
    size: tuple[int, int] = (140, 40),
    wait: bool = True,
) -> Callable[[Story], Story]:
    """Say that this story is about this action."""

    def keep(story: Story) -> Story:
        assert action not in SCENARIOS, f"two scenarios for {action}"
        SCENARIOS[action] = Scenario(story, before, size, wait)
        return story

    return keep


async def act(here: Seat, action_id: str) -> None:
    """Do it the way an operator does: by its first key; from where it is looked for in the palette if it has none."""
    action = BY_ID[action_id]
    if action.keys:
        key = action.keys[0]
        await here.press(_character_to_key(key) if len(key) == 1 else key)
    else:
        await here.screen.run_action(action_id)
    await here.pilot.pause()


async def window(here: Seat, kind: type[Window], action_id: str) -> Window:
    """Open a window from the desk by an action of it."""
    await here.screen.run_action(action_id)
    return await over(here, kind)


async def over(here: Seat, kind: type[Window]) -> Window:
    """Wait until this kind of window is on top, and knows what it shows."""
    await here.until(lambda: isinstance(here.app.screen, kind))
    screen = here.app.screen
    assert isinstance(screen, kind)
    await here.until(lambda: getattr(screen, "loaded", True))
    await here.pilot.pause()
    return screen


def load() -> dict[str, Scenario]:
    """Every scenario of every module here."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return SCENARIOS
