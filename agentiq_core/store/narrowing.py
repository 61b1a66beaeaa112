"""What a queue and a filter ask of the table of conversations: conditions and an order that an index serves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.filters import QueueFilter, Whose

_TAGGED = "chats c join chat_tags t on t.seller_id = s.id and t.tag = :tag and t.chat_id = c.id"
_TAGGED_ONLY = """
    (select t.seller_id, t.chat_id as id, t.last_at, t.channel, t.stars, t.assignee from chat_tags t where t.tag = :tag) c"""
_NOBODYS, _MINE, _SOMEBODYS = (
    "c.assignee is null",
    "c.assignee = (select operator_id())",
    "c.assignee = :assignee",
)
_TELLS = {"c.last_at is not null", "c.channel = :channel", "c.stars = s.stars", _NOBODYS, _MINE, _SOMEBODYS}
"""What the indexes of tags tell by themselves."""
# walked as it is written, newest first, until there are enough: the planner would rather join
_TAGGED_BY_LAST = """
    (select t.chat_id, t.last_at from chat_tags t where t.seller_id = s.id and t.tag = :tag{stars}{behind}
        order by t.last_at desc, t.chat_id desc offset 0) t
    cross join lateral (select * from chats c where c.seller_id = s.id and c.id = t.chat_id limit 1) c"""
# where there are several values an index is walked once for each: `s` has a row a seller and value
_SELLERS = "(select s.id, s.marketplace, s.name{more} from sellers s{across}{where}) s"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a page is asked for. Statements are made once a shape; what somebody looks for is always a parameter."""

    sellers: str
    chats: str
    """What is read of each seller, `c` is the conversation; one with `{behind}` is told there where a page begins."""
    where: str
    column: str
    """What the page is ordered by, then by id."""
    walked: tuple[str, str]
    """The same two as the index has them."""
    descending: bool
    values: dict[str, Any]

    def statement(self, frame: str, behind: bool) -> TextClause:
        """A frame of `store.queues` filled with this shape; `behind` a place (`after_at`, `after_id`), or from the start."""
        return _statement(
            frame, self.sellers, self.chats, self.where, self.column, self.walked, self.descending, behind
        )


def shape_of(queue: Queue, narrowed: QueueFilter) -> Shape:
    """The shape of a queue under a filter.

    The work and the waiting queue read chats_by_deadline, or chats_assigned_waiting, chats_unassigned, chats_stars_waiting;
    everything reads chats_by_last, or chats_assigned, chats_unread, chats_by_stars, chat_tags_by_last, chat_tags_by_stars; what was put off reads
    chats_snoozed in the order in which it comes back.
    """
    where: list[str] = []
    values: dict[str, Any] = {}
    column, descending = ("last_at", True) if queue is Queue.ALL else ("due_at", False)
    if narrowed.snoozed:
        column, descending = "snoozed_until", False
        where.append("c.snoozed_until is not null")
    elif queue is Queue.ALL:
        where.append("c.last_at is not null")
    else:
        where.append("c.queue = :queue")
        values["queue"] = queue.value
    if narrowed.snoozed is False:
        where.append("c.snoozed_until is null")
    stars = _stars(narrowed, column, where, values)
    _assignee(narrowed, where, values)
    if narrowed.channel is not None:
        where.append("c.channel = :channel")
        values["channel"] = narrowed.channel
    if narrowed.status is not None:
        where.append("c.status = :status")
        values["status"] = narrowed.status.value
    if narrowed.priority is not None:
        where.append("c.priority = :priority")
        values["priority"] = int(narrowed.priority)
    if narrowed.tag is not None:
        values["tag"] = narrowed.tag
    if narrowed.unread is not None:
        where.append("c.unread > 0" if narrowed.unread else "c.unread = 0")
    chats, walked = "chats c", (f"c.{column}", "c.id")
    if narrowed.tag is not None:
        chats = _TAGGED
        if _TELLS.issuperset(where):
            chats = _TAGGED_ONLY
        elif column == "last_at":
            chats = _TAGGED_BY_LAST.replace("{stars}", " and t.stars = s.stars" if stars else "")
            walked = "t.last_at", "t.chat_id"
    return Shape(
        sellers=_sellers(narrowed, values, stars=stars),
        chats=chats,
        where=" and ".join(where),
        column=column,
        walked=walked,
        descending=descending,
        values=values,
    )


def _stars(narrowed: QueueFilter, column: str, where: list[str], values: dict[str, Any]) -> bool:
    if narrowed.stars is None:
        return False
    values["stars_from"], values["stars_to"] = narrowed.stars
    # an assignee's, tagged and unread ones and those put off are fewer than those with such stars
    fewer = narrowed.tag is not None or narrowed.unread is True or narrowed.snoozed
    tagged = narrowed.tag is not None and column == "last_at"
    if tagged or (narrowed.assignee in (None, Whose.NOBODY) and not fewer):
        where.append("c.stars = s.stars")
        return True
    # the sum keeps the planner from the index of stars
    where.append("c.stars + 0 between cast(:stars_from as smallint) and cast(:stars_to as smallint)")
    return False


def _assignee(narrowed: QueueFilter, where: list[str], values: dict[str, Any]) -> None:
    match narrowed.assignee:
        case None:
            pass
        case Whose.NOBODY:
            where.append(_NOBODYS)
        case Whose.ME:
            where.append(_MINE)
        case number:
            where.append(_SOMEBODYS)
            values["assignee"] = number


def _sellers(narrowed: QueueFilter, values: dict[str, Any], *, stars: bool) -> str:
    where = []
    if narrowed.seller is not None:
        where.append("s.id = :seller")
        values["seller"] = narrowed.seller
    if narrowed.marketplace is not None:
        where.append("s.marketplace = :marketplace")
        values["marketplace"] = narrowed.marketplace
    return _SELLERS.format(
        more=", v.stars::smallint as stars" if stars else "",
        across=" cross join generate_series(cast(:stars_from as integer), cast(:stars_to as integer)) v(stars)"
        if stars
        else "",
        where=f" where {' and '.join(where)}" if where else "",
    )


@cache
def _statement(
    frame: str,
    sellers: str,
    chats: str,
    where: str,
    column: str,
    walked: tuple[str, str],
    descending: bool,
    behind: bool,
) -> TextClause:
    direction = "desc" if descending else "asc"
    place = (
        f" and ({', '.join(walked)}) {'<' if descending else '>'} (:after_at, :after_id)" if behind else ""
    )
    if "{behind}" in chats:
        chats = chats.format(behind=place)
    else:
        where += place
    return text(
        frame.format(
            sellers=sellers,
            chats=chats,
            where=where,
            walk=", ".join(f"{one} {direction}" for one in walked),
            order=f"c.{column} {direction}, c.id {direction}",
            column=column,
            direction=direction,
        )
    )
