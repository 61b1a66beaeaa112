"""Start the app. Imports as little as possible before its first frame."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from agentiq_core.home import configured_language

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from agentiq_core.config import Settings
    from agentiq_core.engine.desk import Desk


def run_app() -> int:
    """`agentiq`: the app on this user's database; its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("agentiq needs a terminal; see agentiq --help for commands\n")
        return 1
    from agentiq_tui.app import AgentIQApp

    app = AgentIQApp(open_desk, language=configured_language())
    app.run()
    return app.return_code or 0


@asynccontextmanager
async def open_desk() -> AsyncIterator[Desk]:
    """The desk, with the heavy libraries: entered after the first frame, imported beside the screen's own work."""
    async with await asyncio.to_thread(_desk) as desk:
        yield desk


def _desk() -> AbstractAsyncContextManager[Desk]:
    from agentiq_core.engine.desk import Desk

    return Desk.open(settings_of_app())


def settings_of_app() -> Settings:
    """The settings, with the log turned to a file in their home. Raises `Misconfigured`."""
    from agentiq_core.config import load
    from agentiq_tui.logs import log_to_file

    found = load()
    log_to_file(found.home, found.log_level)
    return found
