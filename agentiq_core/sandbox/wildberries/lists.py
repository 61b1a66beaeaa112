"""Pages of lists: how they are asked for, and what faults do to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agentiq_core.sandbox.faults import FaultKind
from agentiq_core.sandbox.gateway import Call
from agentiq_core.sandbox.wildberries import posts
from agentiq_core.sandbox.wildberries.records import Chat
from agentiq_core.sandbox.wildberries.seller import SandboxSeller

_ORDERS: Final = ("dateAsc", "dateDesc")


class BadQuery(Exception):
    """A parameter cannot be read; the text is what the marketplace says."""


def posted_on(kept: Mapping[str, Chat]) -> list[Chat]:
    """What buyers have written already, the newest first."""
    return sorted((each for each in kept.values() if each.messages), key=posts.created, reverse=True)


def page_of(
    call: Call[SandboxSeller],
    found: Sequence[Chat],
    *,
    take_at_most: int,
    last_skip: int,
    together: int | None = None,
) -> list[Chat]:
    """The part of a list that the query asks for; BadQuery for a parameter that cannot be read."""
    query = call.request.query
    take = number_of(query, "take", None, at_most=take_at_most)
    skip = number_of(query, "skip", None, at_most=last_skip)
    if together is not None and take + skip > together:
        raise BadQuery("Something went wrong")
    begin = number_of(query, "dateFrom", 0, at_most=2**40, flaw="Плохой формат dateFrom")
    end = number_of(query, "dateTo", 2**40, at_most=2**40, flaw="Плохой формат dateTo")
    order = query.get("order", "dateDesc")
    if order not in _ORDERS:
        raise BadQuery("Something went wrong")
    listed = [each for each in found if begin <= posts.created(each) <= end]
    if "nmId" in query:
        listed = [each for each in listed if str(each.good.nm_id) == query["nmId"]]
    if order == "dateAsc":
        listed.reverse()
    return faulted(call, listed[skip : skip + take])


def faulted(call: Call[SandboxSeller], page: list[Chat]) -> list[Chat]:
    """The page, or none of it, or with its beginning twice."""
    if call.meets(FaultKind.EMPTY_CHATS):
        return []
    return page[:5] + page if call.meets(FaultKind.DUPLICATES) else page


def spoilt(call: Call[SandboxSeller], printed: list[dict[str, Any]]) -> list[Any]:
    """The page, or with a flaw in its middle that no lenient reader can heal."""
    if not call.meets(FaultKind.MALFORMED_EVENT) or not printed:
        return printed
    middle = len(printed) // 2
    flaw: dict[str, Any] = call.rng.choice(({"id": [1]}, {"createdDate": "вчера", "dt": "вчера"}))
    return [*printed[:middle], printed[middle] | flaw, *printed[middle + 1 :]]


def flag_of(query: Mapping[str, str]) -> bool:
    """`isAnswered`."""
    if query.get("isAnswered") not in ("true", "false"):
        raise BadQuery("Плохой формат isAnswered")
    return query["isAnswered"] == "true"


def number_of(
    query: Mapping[str, str],
    name: str,
    usual: int | None,
    *,
    at_most: int,
    at_least: int = 0,
    flaw: str = "Something went wrong",
) -> int:
    """A parameter as a number; `usual` where it is missing, BadQuery where that is None."""
    raw = query.get(name, "" if usual is None else str(usual))
    if not (raw.isascii() and raw.isdecimal()) or not at_least <= int(raw) <= at_most:
        raise BadQuery(flaw)
    return int(raw)
