"""Start the app. Imports as little as possible before its first frame."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from agentiq_core.home import configured_language
from agentiq_tui.locale import _, use

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from agentiq_core.config import Settings
    from agentiq_core.engine.desk import Desk
    from agentiq_tui.doorkeeper import Doorkeeper

DEMO_CHATS = 60
"""Conversations of the demo, as of `agentiq demo`."""
FRAMES_A_SECOND = "120"
"""Textual draws at most so often; its own 60 let a key wait for 17 ms."""
SWITCH_SECONDS = 0.001
"""So long a thread of the worker inside may compute while the screen wants to go on; Python's own 5 ms count several times a key."""


def run_app() -> int:
    """`agentiq`: the app on this user's database; its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        use(configured_language())
        sys.stderr.write(_("agentiq needs a terminal; see agentiq --help for commands") + "\n")
        return 1
    _be_quick()
    # nothing that is imported goes away again: looking for it costs a twentieth of the first frame
    gc.disable()
    from agentiq_tui.app import AgentIQApp
    from agentiq_tui.doorkeeper import Doorkeeper

    gc.freeze()
    gc.enable()
    while True:
        doorkeeper = Doorkeeper()
        app = AgentIQApp(
            partial(open_desk, doorkeeper), language=configured_language(), doorkeeper=doorkeeper
        )
        app.run(mouse=app.preferences.mouse)
        if not app.demo_wanted:
            return app.return_code or 0
        # who left for the demo comes back here from it
        from agentiq_tui.demo import screen

        screen.show(seed=1, chats=DEMO_CHATS)


def _be_quick() -> None:
    """A key that came just after a frame waits for the next one, and behind a thread that computes: both for less than usual."""
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_A_SECOND)
    sys.setswitchinterval(SWITCH_SECONDS)


@asynccontextmanager
async def open_desk(doorkeeper: Doorkeeper) -> AsyncIterator[Desk]:
    """The desk, with the heavy libraries: entered after the first frame, imported beside the screen's own work."""
    found, new = await asyncio.to_thread(_found)
    if new:
        await doorkeeper.welcome(found)
    async with await asyncio.to_thread(_desk, found, doorkeeper) as desk:
        await doorkeeper.team_key(desk)
        yield desk


def _found() -> tuple[Settings, bool]:
    """The settings, and whether nothing is set up on this machine."""
    found = settings_of_app()
    from agentiq_core.engine.team import untouched

    return found, untouched(found)


def _desk(found: Settings, doorkeeper: Doorkeeper) -> AbstractAsyncContextManager[Desk]:
    from agentiq_core.engine.desk import Desk

    return Desk.open(found, sign_in=doorkeeper.sign_in, ask_passphrase=doorkeeper.passphrase)


def settings_of_app() -> Settings:
    """The settings, with the log turned to a file in their home. Raises `Misconfigured`."""
    from agentiq_core.config import load
    from agentiq_tui.logs import log_to_file

    found = load()
    log_to_file(found.home, found.log_level)
    return found
