"""The demo with the app: the frame comes first, marketplace and database start behind it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from agentiq_core.home import configured_language
from agentiq_tui.launch import settings_of_app
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk
    from agentiq_tui.demo.stage import Marketplace


def show(*, seed: int, chats: int) -> int:
    """Run the app on a demo; its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(_("The demo's app needs a terminal; agentiq demo --headless does not") + "\n")
        return 1
    from agentiq_tui.app import AgentIQApp

    def build() -> AbstractAsyncContextManager[tuple[Desk, Marketplace]]:
        from agentiq_tui.demo.stage import stage

        return stage(settings_of_app(), seed=seed, chats=chats)

    @asynccontextmanager
    async def desk() -> AsyncIterator[Desk]:
        # the heavy libraries are imported beside the screen's own work
        async with await asyncio.to_thread(build) as (desk, _market):
            yield desk

    app = AgentIQApp(desk, language=configured_language())
    app.run(mouse=app.preferences.mouse)
    return app.return_code or 0
