"""Being told to go from outside: SIGTERM (kill, a machine that shuts down) and SIGHUP (the window or the SSH line closes)."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

SHELLS_WORD = 128
"""What a shell adds to a signal's number to name the program's end."""
_PATIENCE = 15
"""Seconds for closing the desk; then the system ends the program, whatever it waits for."""


def when_told_to_stop(leave: Callable[[int], None]) -> None:
    """Call `leave` in this event loop with the exit code to end with, instead of ending there and then.

    A program that ends there and then leaves the terminal raw and the embedded server running.
    """
    loop = asyncio.get_running_loop()

    # not the loop's own handlers: the loop may be waiting for a terminal that is gone
    def told(number: int, _frame: FrameType | None) -> None:
        signal.alarm(_PATIENCE)
        if number == signal.SIGHUP and not os.isatty(2):
            _write_nowhere()
        loop.call_soon_threadsafe(leave, SHELLS_WORD + number)

    # Windows has no such signals, other threads no such right
    if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, told)


def _write_nowhere() -> None:
    """The terminal is gone: what is still drawn goes nowhere instead of failing."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
