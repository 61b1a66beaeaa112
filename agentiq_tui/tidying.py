"""Full garbage collections of the app, kept out of the way of keys: one of them looks through everything for 50 ms."""

from __future__ import annotations

import gc
from collections.abc import Callable

SMALL, MIDDLE, NEVER = 1_000, 10, 1_000_000
"""Python's thresholds: the small collections go on by themselves, of 5 ms at most, the full one does not."""
FIRST, EVERY, AT_LAST = 10.0, 60.0, 600.0
"""Seconds until the first full collection, between two, and until one that waits for no pause."""
PAUSE = 3.0
"""Seconds without a key that count as one."""


class Tidying:
    """Told of every key and every second; times are of one monotonic clock, in seconds."""

    def __init__(self, now: float, collect: Callable[[], object] = gc.collect) -> None:
        self._collect = collect
        self._pressed = self._begun = now
        self._wait = FIRST

    def begin(self) -> None:
        """From now on no full collection comes by itself. The libraries that were loaded are not looked at again at all."""
        gc.freeze()
        gc.set_threshold(SMALL, MIDDLE, NEVER)

    def pressed(self, now: float) -> None:
        """A key."""
        self._pressed = now

    def tick(self, now: float) -> None:
        """Collect if it is time."""
        passed = now - self._begun
        if passed < self._wait or (passed < AT_LAST and now - self._pressed < PAUSE):
            return
        self._collect()
        if self._wait == FIRST:
            # what the worker has loaded and compiled since, and the desk's own widgets, stay for good too
            gc.freeze()
        self._begun, self._wait = now, EVERY
