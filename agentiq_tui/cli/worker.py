"""`agentiq worker`: pull, send, suggest and escalate without a screen."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Annotated

import typer

from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, say
from agentiq_tui.cli.session import current_settings, perform
from agentiq_tui.locale import _


def worker(
    seconds: Annotated[
        float | None, typer.Option("--for", min=0, help="Stop after this many seconds.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Work in the background until SIGTERM or Ctrl+C. Any number may run, on any machines, against one database."""

    async def work() -> Exit:
        from agentiq_core.engine.desk import Desk

        async with Desk.open(current_settings(), worker=True) as desk:
            stop = _told_to_stop()
            say(_("The worker {name} is running; Ctrl+C stops it").format(name=desk.engine.worker))
            try:
                await asyncio.wait_for(stop.wait(), seconds)
            except TimeoutError:
                say(_("The time is up"))
            overview = await desk.overview()
        if as_json:
            data({"messages": sum(one.messages for one in overview.sellers), "unsent": overview.unsent})
        return Exit.DONE

    perform(work, as_json=as_json, log_level="INFO")


def _told_to_stop() -> asyncio.Event:
    """Set by Ctrl+C or SIGTERM: the worker then ends as one that has done its work."""
    stop = asyncio.Event()
    # no signal handlers on Windows: Ctrl+C is an exception there
    with suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
