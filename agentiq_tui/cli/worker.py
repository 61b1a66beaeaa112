"""`agentiq worker`: pull, send, suggest and escalate without a screen."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Annotated

import typer

from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, say
from agentiq_tui.cli.session import only_who_may_work, open_desk, perform
from agentiq_tui.locale import _


def worker(
    seconds: Annotated[
        float | None, typer.Option("--for", min=0, help="Stop after this many seconds.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Work in the background until SIGTERM or Ctrl+C. Any number may run, on any machines, against one database."""

    async def work() -> Exit:
        from agentiq_core.engine.jobs import job_app
        from agentiq_core.engine.worker import Worker

        async with open_desk() as desk, job_app(desk.engine.store).open_async() as app:
            only_who_may_work(desk)
            stop = _told_to_stop()
            say(_("The worker {name} is running; Ctrl+C stops it").format(name=desk.engine.worker))
            # nobody is there to sign in again: a worker whose sign-in ended says so and ends
            running = asyncio.create_task(Worker(desk.engine, app, patient=False).run())
            if not await _ended(running, stop, seconds):
                say(_("The time is up"))
            overview = await desk.overview()
        if as_json:
            data({"messages": sum(one.messages for one in overview.sellers), "unsent": overview.unsent})
        return Exit.DONE

    perform(work, as_json=as_json, log_level="INFO")


async def _ended(running: asyncio.Task[None], stop: asyncio.Event, seconds: float | None) -> bool:
    """Wait for the first of: the worker's own end, the signal, the time; False for the time. Raises what ended the worker."""
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _waiting = await asyncio.wait(
            (running, stopping), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if running in done:
            running.result()
        return bool(done)
    finally:
        for task in (running, stopping):
            task.cancel()
        await asyncio.gather(running, stopping, return_exceptions=True)


def _told_to_stop() -> asyncio.Event:
    """Set by Ctrl+C or SIGTERM: the worker then ends as one that has done its work."""
    stop = asyncio.Event()
    # no signal handlers on Windows: Ctrl+C is an exception there
    with suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
