"""Misbehaviour on demand: which request goes wrong, how, and how many times."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal


class FaultKind(StrEnum):
    """What a marketplace can do to a request. `delay` of the fault means what the comment says."""

    SLOW = "slow"  # waits `delay` seconds, then processes and answers as usual (a late acceptance)
    HANG = "hang"  # processes nothing and never answers; drops the connection after `delay` if given
    HANG_AFTER = "hang_after"  # processes the request, then never answers
    DROP_BEFORE = "drop_before"  # the connection is closed before anything is processed
    DROP_AFTER = "drop_after"  # processed and stored, then the connection is closed without an answer
    SERVER_ERROR = "server_error"  # 5xx with a JSON or HTML body, nothing processed
    ACCEPT_BUT_ERROR = "accept_but_error"  # processed and stored, then 5xx
    RATE_LIMITED = "rate_limited"  # 429, or what stands for it; `delay` is the number of seconds asked for
    UNAUTHORIZED = "unauthorized"  # 401 once, as if the token were malformed
    REVOKED = "revoked"  # 401 once, as if the token were withdrawn
    FORBIDDEN = "forbidden"  # 403 (Avito: 402) once, as if the subscription had ended
    GARBAGE_JSON = "garbage_json"  # 200 whose JSON stops half way
    EMPTY_CHATS = "empty_chats"  # list of chats: 200 with an empty result
    DUPLICATES = "duplicates"  # feed: the page begins with events that were given before
    MALFORMED_EVENT = "malformed_event"  # feed: one event in the middle breaks the types
    SLOW_ECHO = "slow_echo"  # message: accepted, but in the feed only `delay` seconds later
    FILE_REFUSED = "file_refused"  # message: the text is accepted, the files are not (200 with errors)
    CLOSED = "closed"  # message: refused as if the conversation, or the time to answer it, were over
    INVALID_SIGNATURE = "invalid_signature"  # message: 400 whatever the sign


@dataclass(slots=True)
class Fault:
    """One planned misbehaviour.

    operation: name of a marketplace's operation (see `Market.roles`) or "*". market: only there, everywhere by default.
    times: how many requests it hits, None for every one. skip: how many matching requests pass first.
    delay: seconds, see FaultKind. probability: chance that a matching request is hit.
    match: request attributes that must be equal ("seller": Shop.id, "channel", "chat": the conversation of whatever
    channel); "text" matches a part of the message.
    status, body: answer of SERVER_ERROR and ACCEPT_BUT_ERROR.
    """

    operation: str
    kind: FaultKind
    times: int | None = 1
    skip: int = 0
    delay: float | None = None
    probability: float = 1.0
    match: Mapping[str, str] = field(default_factory=dict)
    status: int = 500
    body: Literal["json", "html"] = "json"
    hits: int = 0
    market: str | None = None

    def __post_init__(self) -> None:
        self.kind = FaultKind(self.kind)
        if self.times is not None and self.times < 1:
            raise ValueError("times is at least 1, or None for every request")
        if self.skip < 0 or not 0.0 <= self.probability <= 1.0:
            raise ValueError("skip is not negative and probability lies in 0..1")
        if not 500 <= self.status <= 599:
            raise ValueError("status of a server error is 500..599")

    def concerns(self, operation: str, attributes: Mapping[str, str]) -> bool:
        """Whether the request is one this fault was planned for."""
        if self.operation not in ("*", operation) or self.market not in (None, attributes.get("market")):
            return False
        for name, wanted in self.match.items():
            actual = attributes.get(name, "")
            if wanted not in actual if name == "text" else wanted != actual:
                return False
        return True

    @property
    def spent(self) -> bool:
        """Whether it has hit as often as it was asked to."""
        return self.times is not None and self.hits >= self.times

    def to_json(self) -> dict[str, Any]:
        """The fault as the control answers show it."""
        return {
            "market": self.market,
            "operation": self.operation,
            "kind": self.kind.value,
            "times": self.times,
            "skip": self.skip,
            "delay": self.delay,
            "probability": self.probability,
            "match": dict(self.match),
            "status": self.status,
            "body": self.body,
            "hits": self.hits,
        }


class Faults:
    """The faults of a running sandbox. Each request meets at most one: the first planned that fits."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._planned: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Plan a fault; the same object counts its hits afterwards."""
        self._planned.append(fault)
        return fault

    def clear(self) -> None:
        """Everything behaves again."""
        self._planned.clear()

    def active(self) -> list[Fault]:
        """Faults that may still hit, in order of planning."""
        return [fault for fault in self._planned if not fault.spent]

    def draw(self, operation: str, attributes: Mapping[str, str]) -> Fault | None:
        """The fault this request meets, counted as a hit, or None."""
        for fault in self._planned:
            if fault.spent or not fault.concerns(operation, attributes):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.probability < 1.0 and self._rng.random() >= fault.probability:
                continue
            fault.hits += 1
            return fault
        return None
