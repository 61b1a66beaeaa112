"""Token buckets, as marketplaces count requests: a burst, refilled one request per interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """burst requests at once, then one more every interval seconds."""

    burst: int
    interval: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the bucket says about one request. Seconds are whole, rounded up.

    retry: until one request is free. reset: until the burst is full again.
    """

    allowed: bool
    remaining: int
    limit: int
    retry: int
    reset: int


class TokenBuckets:
    """One bucket per key, created full. Time comes from the clock given, in unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._levels: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable, limit: Limit) -> Verdict:
        """Spend one request of the key if there is one; a refused request costs nothing."""
        now = self._clock()
        level, seen = self._levels.get(key, (float(limit.burst), now))
        # Refilling in small steps must not lose a request to rounding.
        level = min(float(limit.burst), level + max(0.0, now - seen) / limit.interval + 1e-9)
        allowed = level >= 1.0
        if allowed:
            level -= 1.0
        self._levels[key] = (level, now)
        return Verdict(
            allowed=allowed,
            remaining=int(level + 1e-6),
            limit=limit.burst,
            retry=0 if level >= 1.0 else max(1, math.ceil((1.0 - level) * limit.interval - 1e-6)),
            reset=max(0, math.ceil((limit.burst - level) * limit.interval - 1e-6)),
        )
