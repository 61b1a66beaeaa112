"""A first sync of a long history: the newest conversations first, years behind them, nobody starved by it."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.messages import Author, IncomingMessage, Message, Origin
from agentiq_core.engine.ingest import ingest
from agentiq_core.engine.pull import RECENT, PullReport, pull
from agentiq_core.engine.pulls import TURN
from agentiq_core.sandbox import FaultKind
from agentiq_core.store import queues
from agentiq_core.store.feed import changes
from tests.scene import ANSWER, Scene, another_worker, connect

YEARS = timedelta(days=700)


def years_of(scene: Scene, events: int = 2000, chats: int = 60) -> int:
    """A shop with a history; how many events it has."""
    scene.shop.fill(chats=chats, events=events, until=datetime.now(UTC), span=YEARS)
    return len(scene.shop.feed)


async def stored(scene: Scene) -> int:
    return int((await scene.sql("select count(*) from messages"))[0][0])


async def turns(scene: Scene, pages: int) -> list[PullReport]:
    """Pull turn by turn, as a worker does, until everything is read."""
    reports = []
    while not reports or reports[-1].unfinished:
        report = await pull(scene.engine, scene.seller_id, turn=pages)
        assert report is not None
        assert report.trouble is None, report
        reports.append(report)
        assert len(reports) < 200
    return reports


async def standings(scene: Scene) -> dict[str, tuple[object, ...]]:
    rows = await scene.sql(
        "select external_id, status, needs_reply, queue, priority, due_at, unread, last_at, preview from chats"
    )
    return {row[0]: tuple(row[1:]) for row in rows}


async def test_todays_conversations_can_be_answered_before_the_years_before_them_are_read(
    scene: Scene,
) -> None:
    events = years_of(scene)
    ref_id = scene.shop.open_chat()
    scene.shop.buyer_says(ref_id, "Здравствуйте! Где мой заказ?")
    report = await pull(scene.engine, scene.seller_id, turn=4)
    assert report is not None
    assert report.unfinished
    assert await stored(scene) < events / 2
    async with scene.engine.store.transaction() as session:
        page = await queues.page(session, Queue.ALL, None, 10)
    assert page.rows[0].preview == "Здравствуйте! Где мой заказ?"
    assert page.rows[0].needs_reply
    ref = await scene.ref(ref_id)
    await scene.reply(ref)
    assert await scene.deliver(ref) == "sent"


async def test_turn_by_turn_everything_is_read_once_and_stands_as_after_one_walk(scene: Scene) -> None:
    events = years_of(scene)
    reports = await turns(scene, 6)
    assert len(reports) > events / 50 / 6
    assert sum(report.new for report in reports) == events
    assert await stored(scene) == events
    assert reports[-1].read_from is None
    turned = await standings(scene)

    await scene.sql("delete from messages")
    await scene.sql("delete from chats")
    await scene.sql(
        "update sync_state set cursor = null, complete_at = null, read_from = null, begins_at = null"
    )
    whole = await pull(scene.engine, scene.seller_id)
    assert whole is not None
    assert (whole.new, whole.unfinished) == (events, False)
    assert await standings(scene) == turned
    waiting = {chat.chat_id for chat in scene.shop.waiting()}
    assert {name for name, standing in turned.items() if standing[1]} == waiting


async def test_a_short_history_is_read_in_one_walk_without_a_second_look(scene: Scene) -> None:
    scene.shop.fill(chats=5, events=120, until=datetime.now(UTC), span=RECENT / 2)
    before = scene.requests("events")
    report = await scene.pulled()
    assert (report.new, report.read_from) == (120, None)
    assert scene.requests("events") - before <= 120 / 50 + 2


async def test_a_walk_that_was_cut_off_goes_on_where_it_was_by_another_worker(scene: Scene) -> None:
    events = years_of(scene)
    await pull(scene.engine, scene.seller_id, turn=8)
    before, asked = await stored(scene), scene.requests("events")
    assert 0 < before < events
    await scene.leases_end()
    report = await scene.pulled(another_worker(scene.engine))
    assert report.new == events - before
    assert await stored(scene) == events
    assert scene.requests("events") - asked < (events - before) / 50 + 20, "it did not begin anew"


async def test_progress_says_from_when_on_everything_is_there(scene: Scene) -> None:
    years_of(scene)
    reports = await turns(scene, 5)
    begun = [report.read_from for report in reports if report.read_from is not None]
    assert begun == sorted(begun, reverse=True)
    assert len(set(begun)) > 3
    oldest = min(message.time for chat in scene.shop.chats.values() for message in chat.messages)
    assert reports[0].begins_at == datetime.fromtimestamp(oldest / 1000, UTC)
    seller = (await scene.overview()).sellers[0]
    assert (seller.read_from, seller.last_sync_at is not None) == (None, True)


async def test_a_history_that_fails_holds_up_neither_news_nor_replies(scene: Scene) -> None:
    years_of(scene)
    await pull(scene.engine, scene.seller_id, turn=8)
    ref_id = scene.shop.open_chat()
    scene.shop.buyer_says(ref_id, "Здравствуйте! Где мой заказ?")
    # the poll and the end of the feed behind it are asked for first
    scene.goes_wrong("events", FaultKind.GARBAGE_JSON, skip=2)
    report = await scene.pull()
    assert (report.trouble, report.new) == ("unintelligible", 1)
    seller = (await scene.overview()).sellers[0]
    assert seller.trouble is None
    ref = await scene.ref(ref_id)
    await scene.reply(ref)
    assert await scene.deliver(ref) == "sent"
    in_seconds = await scene.sql("select extract(epoch from due_at - now())::int from sync_state")
    assert in_seconds[0][0] <= 60


async def test_between_two_turns_the_longest_overdue_seller_comes_first(scene: Scene) -> None:
    years_of(scene)
    await pull(scene.engine, scene.seller_id, turn=TURN)
    await scene.sql("update sync_state set due_at = due_at + interval '1 millisecond'")
    other = await connect(scene.engine, scene.sandbox, scene.sandbox.wildberries.add_seller("Второй"))
    await scene.sql(
        "update sync_state set due_at = now() - interval '1 minute' where seller_id = :other", other=other
    )
    assert (await scene.due())[0] == other


def said(chat: str, number: int, author: Author, origin: Origin, at: datetime, body: str) -> IncomingMessage:
    return IncomingMessage(chat, Message(f"old {number}", author, origin, at, body))


async def test_what_is_older_than_an_answer_is_told_to_the_screen_and_derives_nothing_anew(
    scene: Scene,
) -> None:
    answered, waiting = await scene.chat(), await scene.chat()
    scene.types_in_cabinet(answered, "Здравствуйте! Заказ уже едет.")
    await scene.pulled()
    names = dict(await scene.sql("select id, external_id from chats"))
    then = datetime.now(UTC) - timedelta(days=30)
    async with aclosing(changes(scene.engine.store.dsn, scene.engine.access)) as feed:
        assert (await anext(feed)).ref is None
        async with scene.engine.store.transaction() as session:
            old = [
                said(names[ref.chat_id], number, Author.BUYER, Origin.BUYER, then, "Вопрос")
                for number, ref in enumerate((answered, waiting))
            ]
            found = await ingest(session, scene.seller_id, old, later=True, now=datetime.now(UTC))
        assert found.new == 2
        told = {(await anext(feed)).ref for _ in range(2)}
    assert told == {answered, waiting}
    assert dict(await scene.sql("select id, stale from chats")) == {
        answered.chat_id: False,
        waiting.chat_id: True,
    }
    assert (await scene.shown(answered))[0] == "Вопрос"


async def test_what_may_be_the_echo_of_a_reply_is_looked_at_though_an_answer_is_known(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.unknown(ref)
    scene.types_in_cabinet(ref, "Здравствуйте! Заказ уже едет.")
    await scene.pulled()
    [(name, attempted)] = await scene.sql("select c.external_id, o.attempted_at from chats c, outbox o")
    async with scene.engine.store.transaction() as session:
        echo = said(name, 1, Author.SELLER, Origin.API, attempted, ANSWER)
        await ingest(session, scene.seller_id, [echo], later=True, now=datetime.now(UTC))
    assert await scene.sql("select stale from chats") == [(True,)]


@pytest.mark.parametrize(("quiet", "seconds"), [("1 hour", 30), ("2 days", 60), ("30 days", 120)])
async def test_a_quiet_seller_is_asked_less_often(scene: Scene, quiet: str, seconds: int) -> None:
    await scene.pulled()
    async with scene.engine.store.transaction() as session:
        await session.execute(text(f"update sync_state set newest_at = now() - interval '{quiet}'"))
    await scene.pulled()
    due = await scene.sql("select extract(epoch from due_at - now())::int from sync_state")
    assert due[0][0] == pytest.approx(seconds, abs=5)
    scene.shop.buyer_says(scene.shop.open_chat(), "Здравствуйте!")
    await scene.pulled()
    due = await scene.sql("select extract(epoch from due_at - now())::int from sync_state")
    assert due[0][0] == pytest.approx(30, abs=5)
