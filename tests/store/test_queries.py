"""The hot queries read the index that their comment names, and no table from end to end, in a database of some size.

Counted by Postgres itself while the public functions run; nothing is timed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.connectors.registry import capabilities
from agentiq_core.domain.chats import Queue
from agentiq_core.domain.filters import QueueFilter, Whose
from agentiq_core.domain.messages import Channel, Mark, ProductCard
from agentiq_core.domain.views import ChatRef, FeedRef, MessageKey, QueueKey
from agentiq_core.store import (
    assignment,
    automation,
    calendars,
    conversations,
    echoes,
    errands,
    escalation,
    guard_rules,
    memory,
    messages,
    outbox,
    passes,
    products,
    queues,
    standings,
    statistics,
    suggestions,
    sync,
)
from agentiq_core.store.database import Store
from agentiq_core.store.owner import local_session
from tests.signed import signed_store

FILL = """
set session_replication_role = replica;
insert into sellers (name, marketplace, account_id) select 'Магазин ' || n, 'wildberries', n::text from generate_series(1, 2000) n;
insert into sync_state (seller_id, due_at)
    select id, now() + case when id % 200 = 0 then interval '-1 minute' else interval '1 hour' end from sellers;
insert into chats (seller_id, external_id, status, needs_reply, queue, due_at, waiting_since, episode, asked, suggested_for,
    last_at, last_id, last_author, preview, order_id, product_id, stale, closes_at, closes_hard)
    select 1 + n % 5, 'chat ' || n, case when n % 20 = 0 then 'waiting' else 'responded' end, n % 20 = 0,
        case when n % 100 = 0 then 'work' when n % 20 = 0 then 'waiting' end,
        case when n % 20 = 0 then now() + make_interval(mins => n % 3000) end, now(), 'm1', 'm2',
        case when n % 200 = 0 then 'm1' else 'm2' end, now() - make_interval(mins => n), 'm2', 'buyer', 'Где заказ?',
        'order ' || n / 10, 'good ' || n % 500, n % 400 = 3, now() - make_interval(mins => n - 30), n % 20 = 0
    from generate_series(1, 20000) n;
update chats set assignee = 1 where id % 10 = 1 or id % 400 = 0;
update chats set claimed_until = now() - interval '1 minute' where id % 1000 = 1;
update chats set tags = '{брак}' where id % 50 = 2;
update chats set tags = '{брак,редкое}' where id in (52, 1052);
update chats set tags = '{обычное}' where id % 4 = 1;
update chats set stars = 1 + id % 5 where id % 3 = 0;
insert into chat_tags (seller_id, chat_id, tag, last_at, channel, stars, assignee)
    select seller_id, id, t, last_at, channel, stars, assignee from chats, unnest(tags) t;
update chats set unread = 1 where id % 40 = 3;
update chats set snoozed_until = now() + interval '1 hour', queue = null where needs_reply and id % 100 = 20;
insert into counters (seller_id, operator_id, work, mine) select s, o, 1, o from generate_series(1, 2000) s, generate_series(0, 3) o;
insert into presence (seller_id, operator_id, seen_until) values (3, 1, now() + interval '1 day');
insert into errands (seller_id, chat_id, kind) select seller_id, id, 'read' from chats where id % 4 = 0;
insert into watches (seller_id, chat_id, until) select seller_id, id, now() - interval '1 day' from chats where id % 10 = 0;
insert into products (seller_id, external_id, title) select s, 'good ' || n, 'Кружка' from generate_series(1, 5) s, generate_series(1, 490) n;
insert into messages (seller_id, chat_id, external_id, author, origin, sent_at, body)
    select c.seller_id, c.id, 'm' || n, 'buyer', 'buyer', c.last_at - make_interval(mins => 3 - n), 'Где заказ?'
    from chats c, generate_series(1, 2) n;
insert into messages (seller_id, chat_id, external_id, author, origin, sent_at, body)
    select seller_id, id, 'old' || n, 'buyer', 'buyer', last_at - make_interval(hours => n), 'Где заказ?'
    from chats, generate_series(1, 4000) n where external_id = 'chat 7';
insert into outbox (seller_id, chat_id, client_id, body, state, not_before, attempted_at, settled_at)
    select c.seller_id, c.id, gen_random_uuid(), 'Ответ',
        case when c.id % 400 = 0 then 'queued' when c.id % 401 = 0 then 'failed' when c.id % 402 = 0 then 'sent' else 'confirmed' end,
        now() - interval '1 day', now() - interval '1 day', now() - interval '1 day'
    from chats c where c.id % 2 = 0;
insert into suggestions (seller_id, chat_id, asked, body, intent, sentiment, confidence, source, guardrails, created_at)
    select seller_id, id, case when id % 40 = 0 then 'm2' else 'm1' end, 'Ответ', 'thanks', 'neutral', 1, 'template', '3',
        now() - make_interval(mins => id::int) from chats where id % 2 = 0;
insert into suggestion_outcomes (seller_id, suggestion_id, outbox_id, chat_id, outcome, intent, model, at)
    select seller_id, id, id, chat_id, 'accepted', intent, source, created_at from suggestions;
insert into sla_breaches (seller_id, chat_id, episode, due_at, noted_at) select seller_id, id, 'm1', last_at, last_at from chats;
insert into service_days (seller_id, day, operator_id, first_waits) select s, current_date - n % 1000, n / 1000, '{60, 600}'
    from generate_series(1, 5) s, generate_series(0, 3999) n;
insert into ended_waits (seller_id, chat_id, episode, since) select seller_id, id, 'm1', last_at from chats where id % 20 = 0;
insert into delivered_replies (seller_id, outbox_id) select seller_id, id from outbox where id % 10 = 0;
insert into model_settings (seller_id, profile) select s, 'deepseek' from generate_series(1, 5) s;
update suggestions set state = 'wanted' where id % 100 = 0;
insert into automations (seller_id, intent, mode) select 3, 'thanks', 'shadow';
insert into automation_log (seller_id, chat_id, asked, suggestion_id, intent, mode, body, at)
    select seller_id, id, 'm1', id, 'thanks', 'shadow', 'Ответ', last_at from chats where id % 2 = 0;
set session_replication_role = origin;
"""

Work = Callable[[AsyncSession], Awaitable[Any]]


@pytest.fixture(scope="module")
def big(server: Any) -> Iterator[str]:
    """The address of a database with 20,000 conversations."""
    dsn = server.create()
    with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        connection.execute(FILL)
        connection.execute("vacuum analyze")
    yield dsn
    server.drop(dsn)


@pytest.fixture
async def store(big: str) -> AsyncIterator[Store]:
    token = local_session(big, embedded=True, client="test")
    assert token is not None
    store = signed_store(big, token, pool_size=1)
    yield store
    await store.aclose()


async def counted(store: Store) -> tuple[dict[str, int], dict[str, int]]:
    """Scans of each index, and of each table from end to end."""
    async with store.transaction() as session:
        indexes = await session.execute(text("select indexrelname, idx_scan from pg_stat_user_indexes"))
        tables = await session.execute(
            text(
                "select relname, seq_scan from pg_stat_user_tables where relname in ('chats', 'messages', 'outbox', 'chat_tags', 'errands', 'counters')"
            )
        )
        return {row[0]: row[1] for row in indexes}, {row[0]: row[1] for row in tables}


async def read_by(store: Store, work: Work) -> tuple[set[str], set[str]]:
    """The indexes that `work` reads, and the big tables that it reads whole."""
    indexes, tables = await counted(store)
    async with store.transaction() as session:
        await work(session)
        await session.execute(text("select pg_stat_force_next_flush()"))
    indexes_after, tables_after = await counted(store)
    return (
        {name for name, scans in indexes_after.items() if scans > indexes[name]},
        {name for name, scans in tables_after.items() if scans > tables[name]},
    )


SOON = datetime.now(UTC) + timedelta(hours=10)
TODAY = SOON.date()
LONG_CHAT = ChatRef(3, 7)

HOT: dict[str, tuple[Work, set[str]]] = {
    "the work queue": (
        lambda s: queues.page(s, Queue.WORK, None, 50),
        {"chats_by_deadline", "outbox_by_chat"},
    ),
    "the waiting queue": (lambda s: queues.page(s, Queue.WAITING, None, 50), {"chats_by_deadline"}),
    "a later page of the waiting queue": (
        lambda s: queues.page(s, Queue.WAITING, QueueKey(SOON, 1), 50),
        {"chats_by_deadline"},
    ),
    "all messages": (lambda s: queues.page(s, Queue.ALL, None, 50), {"chats_by_last"}),
    "a later page of all messages": (
        lambda s: queues.page(s, Queue.ALL, QueueKey(SOON - timedelta(days=3), 1), 50),
        {"chats_by_last"},
    ),
    "the waiting queue of one person": (
        lambda s: queues.page(s, Queue.WAITING, None, 50, QueueFilter(assignee=Whose.ME)),
        {"chats_assigned_waiting"},
    ),
    "what waits and is nobody's": (
        lambda s: queues.page(s, Queue.WORK, None, 50, QueueFilter(assignee=Whose.NOBODY)),
        {"chats_unassigned"},
    ),
    "everything of one person": (
        lambda s: queues.page(s, Queue.ALL, None, 50, QueueFilter(assignee=Whose.ME)),
        {"chats_assigned"},
    ),
    "a later page of one person": (
        lambda s: queues.page(
            s, Queue.ALL, QueueKey(SOON - timedelta(days=3), 1), 50, QueueFilter(assignee=Whose.ME)
        ),
        {"chats_assigned"},
    ),
    "what was not read": (
        lambda s: queues.page(s, Queue.ALL, None, 50, QueueFilter(unread=True)),
        {"chats_unread"},
    ),
    "few stars": (
        lambda s: queues.page(s, Queue.ALL, None, 50, QueueFilter(stars=(1, 3))),
        {"chats_by_stars"},
    ),
    "few stars that wait": (
        lambda s: queues.page(s, Queue.WAITING, None, 50, QueueFilter(stars=(1, 3))),
        {"chats_stars_waiting"},
    ),
    "a tag": (lambda s: queues.page(s, Queue.ALL, None, 50, QueueFilter(tag="брак")), {"chat_tags_by_last"}),
    "a tag with few stars": (
        lambda s: queues.page(s, Queue.ALL, None, 50, QueueFilter(tag="обычное", stars=(1, 3))),
        {"chat_tags_by_stars"},
    ),
    "a tag that is somebody's": (
        lambda s: queues.page(s, Queue.ALL, None, 50, QueueFilter(tag="обычное", assignee=2)),
        {"chat_tags_by_last"},
    ),
    "a later page of a tag with few stars, of what was not read": (
        lambda s: queues.page(
            s, Queue.ALL, QueueKey(SOON, 1), 50, QueueFilter(tag="обычное", stars=(1, 3), unread=True)
        ),
        {"chat_tags_by_stars"},
    ),
    "a later page of a rare tag": (
        lambda s: queues.page(s, Queue.ALL, QueueKey(SOON, 1), 50, QueueFilter(tag="редкое")),
        {"chat_tags_by_last"},
    ),
    "a rare tag among what waits": (
        lambda s: queues.page(s, Queue.WAITING, None, 50, QueueFilter(tag="редкое")),
        {"chat_tags_by_last"},
    ),
    "who waits behind one": (
        lambda s: queues.next_waiting(s, ChatRef(1, 100), QueueFilter()),
        {"chats_pkey", "chats_by_deadline"},
    ),
    "what was put off": (
        lambda s: queues.page(s, Queue.WORK, None, 50, QueueFilter(snoozed=True)),
        {"chats_snoozed"},
    ),
    "the number of what a filter finds": (
        lambda s: queues.count(s, Queue.ALL, QueueFilter(tag="брак", stars=(1, 2)), 99),
        {"chat_tags_by_stars"},
    ),
    "the names of what a filter finds": (
        lambda s: queues.refs(s, Queue.ALL, None, 2000, QueueFilter(assignee=Whose.ME)),
        {"chats_assigned"},
    ),
    "claims that ran out": (assignment.expire_claims, {"chats_claimed"}),
    "conversations to be shared out": (
        lambda s: assignment.take_unassigned(s, 3, 200),
        {"chats_unassigned"},
    ),
    "how much waits for whom": (lambda s: assignment.candidates(s, 3), {"chats_assigned_waiting"}),
    "lines of conversations by name": (
        lambda s: queues.rows(s, [LONG_CHAT, ChatRef(3, 12)]),
        {"chats_pkey", "outbox_by_chat"},
    ),
    "the counters": (queues.overview, {"counters_pkey", "sync_state_pkey"}),
    "a conversation": (
        lambda s: conversations.read(s, LONG_CHAT, before=None, limit=50, capabilities=capabilities),
        {"messages_in_order", "outbox_by_chat"},
    ),
    "an older run of a conversation": (
        lambda s: conversations.read(
            s,
            LONG_CHAT,
            before=MessageKey(SOON - timedelta(days=40), "m"),
            limit=50,
            capabilities=capabilities,
        ),
        {"messages_in_order"},
    ),
    "what a conversation's messages say": (
        lambda s: standings.read_chats(s, 3, [LONG_CHAT.chat_id]),
        {"messages_in_order"},
    ),
    # the policy names the operator's own sellers, so their keys are read and nobody else's
    "sellers to pull": (lambda s: sync.claim_due(s, "worker", 60.0, limit=48), {"sync_state_pkey"}),
    "replies to send": (outbox.due, {"outbox_open"}),
    "a claim of a reply": (
        lambda s: outbox.claim(s, ChatRef(1, 800), "worker", 30.0),
        {"outbox_unsettled", "chats_pkey"},
    ),
    "conversations awaiting an echo": (
        lambda s: echoes.chats_awaiting_echo(s, FeedRef(3)),
        {"outbox_unsettled"},
    ),
    "conversations without a suggestion": (suggestions.lacking, {"chats_unsuggested"}),
    "a seller's conversations without a suggestion": (
        lambda s: suggestions.lacking(s, 1),
        {"chats_unsuggested"},
    ),
    "how far conversations were read": (
        lambda s: memory.marks(s, FeedRef(3), ["chat 7", "chat 12"]),
        {"chats_external"},
    ),
    "conversations somebody waits for": (
        lambda s: memory.awaited(s, FeedRef(3)),
        {"outbox_unsettled", "watches_pkey"},
    ),
    "conversations that want a reply": (lambda s: memory.unanswered(s, FeedRef(3)), {"chats_by_deadline"}),
    "conversations on a screen": (lambda s: memory.watch(s, LONG_CHAT, 60), {"watches_pkey", "chats_pkey"}),
    "conversations to be derived": (lambda s: messages.stale_chats(s, FeedRef(3)), {"chats_stale"}),
    "conversations that were read on": (
        lambda s: messages.mark_chats(s, FeedRef(3), [Mark("chat 7", "m2")]),
        {"chats_external"},
    ),
    "what belongs to a conversation": (
        lambda s: conversations.related(s, LONG_CHAT),
        {"chats_by_order", "chats_by_product"},
    ),
    "goods without a card": (lambda s: products.lacking(s, 3, Channel.CHAT, 20), {"chats_by_last"}),
    "goods that have a card now": (
        lambda s: products.store(s, 3, ["good 495"], [ProductCard("good 495", title="Чайник")]),
        {"chats_by_product"},
    ),
    "what a marketplace is to be told": (lambda s: errands.due(s, FeedRef(3)), {"errands_pkey"}),
    "conversations that end": (
        lambda s: escalation.close_expired(s, SOON - timedelta(days=1)),
        {"chats_closing"},
    ),
    "deadlines that are near": (
        lambda s: escalation.raise_to_urgent(s, SOON - timedelta(days=30)),
        {"chats_by_deadline"},
    ),
    "conversations that were put off": (lambda s: escalation.wake(s, SOON), {"chats_snoozed"}),
    "conversations that the marketplace closes": (
        lambda s: escalation.close_expired(s, SOON - timedelta(days=30)),
        {"chats_closing"},
    ),
    "a seller's open conversations": (
        lambda s: calendars.open_chats(s, 3, limit=50),
        {"chats_by_deadline"},
    ),
    "waits that nobody has counted": (
        lambda s: statistics.take_waits(s, 20),
        {"ended_waits_pkey", "messages_in_order", "chats_pkey"},
    ),
    "replies that nobody has counted": (
        lambda s: statistics.take_replies(s, 20),
        {"delivered_replies_pkey", "outbox_pkey", "suggestion_outcomes_pkey"},
    ),
    "a month of a seller's service": (
        lambda s: statistics.days(s, 3, TODAY - timedelta(days=30), TODAY),
        {"service_days_pkey"},
    ),
    "deadlines that passed in a day": (
        lambda s: statistics.breaches(s, 3, TODAY, TODAY),
        {"sla_breaches_by_time"},
    ),
    "what suggestions came to in a day": (
        lambda s: statistics.outcomes(s, None, TODAY, TODAY),
        {"suggestion_outcomes_by_time"},
    ),
    "what waits by its age": (lambda s: statistics.backlog(s, None, SOON), {"chats_by_deadline"}),
    "what waits longer than a marketplace allows": (
        lambda s: statistics.unanswered(
            s, None, TODAY, TODAY, SOON, {("wildberries", "chat"): timedelta(hours=24)}
        ),
        {"chats_by_deadline"},
    ),
    "questions that nobody has decided": (
        lambda s: automation.undecided(s, None, 50),
        {"suggestions_newest"},
    ),
    "whether a reply may leave by itself": (
        lambda s: automation.situation(s, ChatRef(1, 40)),
        {"suggestions_once", "outbox_by_chat", "messages_in_order"},
    ),
    "what was decided last": (
        lambda s: automation.records(s, 3, None, 50),
        {"automation_log_newest", "messages_in_order"},
    ),
    "what may not leave any more": (
        lambda s: automation.withdraw_unwanted(s, LONG_CHAT, "3"),
        {"outbox_automatic"},
    ),
    "what a model is to write": (
        lambda s: passes.claim(s, "worker", 60.0, [1, 2, 3]),
        {"suggestions_wanted"},
    ),
    "how much a model is to write": (lambda s: passes.waiting(s, 3), {"suggestions_wanted"}),
    "the suggestion that is wanted": (
        lambda s: passes.want(s, ChatRef(1, 40), "shorter"),
        {"suggestions_once"},
    ),
    "the suggestion of what is opened": (
        lambda s: passes.want_seen(s, ChatRef(1, 40)),
        {"suggestions_once"},
    ),
    "a seller's last replies": (
        lambda s: guard_rules.last_replies(s, 3, 50),
        {"chats_by_last", "messages_in_order"},
    ),
}


@pytest.mark.parametrize("what", HOT)
async def test_a_hot_query_reads_its_index_and_no_table_whole(store: Store, what: str) -> None:
    work, expected = HOT[what]
    indexes, whole = await read_by(store, work)
    assert expected <= indexes, sorted(indexes)
    assert whole == set()


async def test_a_page_costs_the_same_however_long_the_conversation(store: Store) -> None:
    async with store.transaction() as session:
        found = await conversations.read(session, LONG_CHAT, before=None, limit=50, capabilities=capabilities)
    assert len(found.messages) == 50
    assert found.older is not None
