"""Who gets the next conversation: pure, so that every worker decides alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentiq_core.domain.team import AssignmentMode


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is at the desk and may be given conversations of the seller. `load` counts those that wait for them."""

    operator_id: int
    load: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """A conversation and whose it is now."""

    chat_id: int
    operator_id: int


def share_out(
    mode: AssignmentMode, chats: Sequence[int], candidates: Iterable[Candidate], last: int | None
) -> list[Given]:
    """Give each conversation to one of the candidates, the same for the same input; none when it is done by hand or nobody is here.

    `last` had the turn before; turns go round by number, and whoever came or left since changes nobody else's order.
    """
    loads = {one.operator_id: one.load for one in candidates}
    if mode is AssignmentMode.MANUAL or not loads:
        return []
    given = []
    for chat in chats:
        chosen = (
            next_in_turn(loads, last) if mode is AssignmentMode.ROUND_ROBIN else least_loaded(loads, last)
        )
        loads[chosen] += 1
        last = chosen
        given.append(Given(chat, chosen))
    return given


def next_in_turn(operators: Iterable[int], last: int | None) -> int:
    """Whoever comes behind `last` in the round. There must be somebody."""
    return min(operators, key=lambda one: (last is not None and one <= last, one))


def least_loaded(loads: dict[int, int], last: int | None) -> int:
    """Whoever has least to do; of equals the next in turn, so that the first number does not get everything."""
    least = min(loads.values())
    return next_in_turn((one for one, load in loads.items() if load == least), last)
