"""A filter finds what it names, all of it and in the queue's order, page by page and counted, whichever index it walks."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import psycopg
import pytest

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.filters import QueueFilter, Whose
from agentiq_core.domain.views import ChatRef
from agentiq_core.store import queues
from agentiq_core.store.database import Store

# the numbers are prime to each other, so that every mix is there
CHATS = """
insert into sellers (name, marketplace, account_id) select '', (array['wildberries', 'ozon'])[n], n::text from generate_series(1, 2) n;
insert into memberships (seller_id, operator_id) select s.id, o.id from sellers s, operators o;
insert into chats (seller_id, external_id, channel, needs_reply, queue, due_at, snoozed_until, last_at, stars, tags, unread, assignee)
select 1 + n % 2, 'chat ' || n, case when n % 7 < 3 then 'review' else 'chat' end, n % 3 < 2,
    case when n % 11 = 0 then null else (array['work', 'waiting'])[1 + n % 3] end, now() + make_interval(mins => n * 37 % 101),
    case when n % 11 = 0 and n % 3 < 2 then now() + make_interval(mins => n) end,
    case when n % 13 > 0 then now() - make_interval(mins => n * 53 % 97) end, nullif(n % 6, 0),
    (array['{}', '{брак}', '{брак,срочно}']::text[])[1 + n * 31 % 3]::text[], n % 5 / 3, case when n % 4 = 0 then (select min(id) from operators) end
from generate_series(1, 300) n;
"""
FACTS = """
select seller_id, id, queue, due_at, last_at, snoozed_until, stars, tags, unread, assignee, channel from chats
"""
NARROWED = [
    (
        queue,
        QueueFilter(tag=tag, stars=stars, unread=unread, assignee=whose, channel=channel, snoozed=snoozed),
    )
    for queue, tag, stars, unread, whose, channel, snoozed in product(
        Queue,
        (None, "брак", "срочно"),
        (None, (1, 3), (5, 5)),
        (None, True, False),
        (None, Whose.ME, Whose.NOBODY),
        (None, "review"),
        (None, True, False),
    )
]


def expected(chats: list[dict[str, Any]], queue: Queue, wanted: QueueFilter) -> list[ChatRef]:
    """What the words of the filter say, in the order in which the queue shows it."""
    column = "snoozed_until" if wanted.snoozed else "last_at" if queue is Queue.ALL else "due_at"
    let_through = [
        chat
        for chat in chats
        if chat[column] is not None
        and (wanted.snoozed or queue is Queue.ALL or chat["queue"] == queue.value)
        and (wanted.snoozed is not False or chat["snoozed_until"] is None)
        and (wanted.tag is None or wanted.tag in chat["tags"])
        and (wanted.stars is None or wanted.stars[0] <= (chat["stars"] or 0) <= wanted.stars[1])
        and (wanted.unread is None or (chat["unread"] > 0) is wanted.unread)
        and (wanted.assignee is None or (chat["assignee"] is not None) is (wanted.assignee is Whose.ME))
        and (wanted.channel is None or chat["channel"] == wanted.channel)
    ]
    let_through.sort(key=lambda chat: (chat[column], chat["id"]), reverse=column == "last_at")
    return [ChatRef(chat["seller_id"], chat["id"]) for chat in let_through]


@pytest.mark.parametrize("part", range(4))
async def test_a_filter_finds_what_it_names(store: Store, dsn: str, part: int) -> None:
    with psycopg.connect(
        dsn, options="-c search_path=agentiq", row_factory=psycopg.rows.dict_row
    ) as connection:
        connection.execute(CHATS)
        chats = connection.execute(FACTS).fetchall()
    found_something = 0
    async with store.transaction() as session:
        for queue, wanted in Random(part).sample(NARROWED, 60):
            whole = expected(chats, queue, wanted)
            found, after = [], None
            while True:
                page = await queues.page(session, queue, after, 9, wanted)
                found += [row.ref for row in page.rows]
                after = page.after
                if after is None:
                    break
            assert found == whole, (queue, wanted)
            assert (await queues.refs(session, queue, None, 300, wanted))[0] == whole, (queue, wanted)
            assert (await queues.count(session, queue, wanted, 400)).number == len(whole), (queue, wanted)
            found_something += bool(whole)
    assert found_something > 20
