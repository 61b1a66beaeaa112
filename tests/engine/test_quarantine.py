"""What an older version could not read is read again: once, into its conversation, or it stays with its reason."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.chats import Queue
from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.messages import IncomingMessage, Unreadable
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, ReplayReport
from agentiq_core.engine.context import utc_now
from agentiq_core.engine.pull import pull
from agentiq_core.engine.quarantine import dismiss, look_into, replay, replay_all, waiting
from agentiq_core.sandbox import FaultKind
from agentiq_core.store import quarantine, queues
from tests.connectors.wildberries_answers import make_event
from tests.scene import ANSWER, Scene, another_worker

OLD = "message.text: string_type"
QUESTION = "Здравствуйте! Кружка пришла с трещиной"
ONE_MESSAGE = ReplayReport(tried=1, replayed=1, new=1)


async def kept(scene: Scene, *events: object, reason: str = OLD) -> list[int]:
    """Items that an older version could not read; their numbers."""
    items = [Unreadable(one if isinstance(one, str) else json.dumps(one), reason) for one in events]
    async with scene.engine.store.transaction() as session:
        await quarantine.keep(session, scene.seller_id, items)
    rows = await scene.sql("select id from quarantine order by id desc limit :n", n=len(items))
    return sorted(row[0] for row in rows)


async def counted(scene: Scene) -> int:
    return sum(seller.quarantined for seller in (await scene.overview()).sellers)


def event_of(scene: Scene, ref: ChatRef, number: int = 1, **fields: Any) -> dict[str, Any]:
    """A buyer's event of this conversation, told a moment ago."""
    at = int((utc_now() + timedelta(seconds=number)).timestamp() * 1000)
    return (
        make_event(number, chatID=scene._external[ref], addTimestamp=at, message={"text": QUESTION}) | fields
    )


async def queue_of(scene: Scene, queue: Queue) -> list[str]:
    async with scene.engine.store.transaction() as session:
        return [row.preview for row in (await queues.page(session, queue, None, 50)).rows]


async def test_a_message_lands_in_its_conversation_and_the_conversation_waits(scene: Scene) -> None:
    ref = await scene.chat("Спасибо!")
    await scene.reply(ref)
    assert await scene.deliver(ref) is OutboxState.SENT
    await scene.pulled()
    assert not (await scene.conversation(ref)).needs_reply
    ids = await kept(scene, event_of(scene, ref))
    assert await counted(scene) == 1
    assert await replay(scene.engine, ids) == ONE_MESSAGE
    after = await scene.conversation(ref)
    assert (after.messages[-1].text, after.needs_reply, after.due_at is not None) == (QUESTION, True, True)
    assert await counted(scene) == 0


async def test_a_conversation_that_nobody_knew_is_opened(scene: Scene) -> None:
    await scene.pulled()
    assert await replay(scene.engine, await kept(scene, make_event())) == ONE_MESSAGE
    assert await queue_of(scene, Queue.ALL) == ["Здравствуйте, вопрос 0"]


async def test_a_second_replay_changes_nothing(scene: Scene) -> None:
    ref = await scene.chat()
    ids = await kept(scene, event_of(scene, ref))
    await replay(scene.engine, ids)
    before = await scene.conversation(ref), await scene.sql("select * from quarantine")
    assert await replay(scene.engine, ids) == ReplayReport()
    assert [report async for report in replay_all(scene.engine)] == [ReplayReport()]
    assert (await scene.conversation(ref), await scene.sql("select * from quarantine")) == before


async def test_what_the_feed_has_told_meanwhile_is_not_doubled(scene: Scene) -> None:
    ref = await scene.chat(QUESTION)
    [known] = (await scene.conversation(ref)).messages
    ids = await kept(scene, event_of(scene, ref, eventID=known.external_id))
    assert await replay(scene.engine, ids) == ReplayReport(tried=1, replayed=1)
    assert await scene.shown(ref) == [QUESTION]


async def test_an_item_that_the_feed_repeats_is_not_kept_anew(scene: Scene) -> None:
    ref = await scene.chat()
    event = event_of(scene, ref)
    await replay(scene.engine, await kept(scene, event))
    async with scene.engine.store.transaction() as session:
        await quarantine.keep(session, scene.seller_id, [Unreadable(json.dumps(event), OLD)])
    assert await counted(scene) == 0


async def test_an_echo_confirms_the_reply_that_waited_for_it(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.unknown(ref, kind=FaultKind.DROP_BEFORE)
    echo = event_of(
        scene, ref, 2, sender="seller", source="seller-public-api", message={"text": ANSWER}, clientName=None
    )
    ids = await kept(scene, echo)
    assert await replay(scene.engine, ids) == ReplayReport(tried=1, replayed=1, new=1, confirmed=1)
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED


async def test_what_still_cannot_be_read_stays_with_the_reason_of_today(scene: Scene) -> None:
    await scene.pulled()
    ids = await kept(scene, "no JSON {", make_event(eventType="rebate"))
    assert await replay(scene.engine, ids) == ReplayReport(tried=2, unreadable=2)
    reasons = [item.reason for item in (await waiting(scene.engine)).items]
    assert reasons == ["unknown eventType rebate", "not JSON: ValueError"] or reasons == [
        "unknown eventType rebate",
        "not JSON: JSONDecodeError",
    ]
    assert await counted(scene) == 2


async def test_what_the_database_does_not_take_stays_and_holds_nothing_up(scene: Scene) -> None:
    await scene.pulled()
    await scene.sql("create index on messages (body)")
    # no index takes a key of so many different characters
    endless = "".join(chr(0x4E00 + number * 7) for number in range(1000))
    ids = await kept(scene, make_event(1, message={"text": endless}), make_event(2))
    report = await replay(scene.engine, ids)
    assert report == ReplayReport(tried=2, replayed=1, new=1, unreadable=1)
    [stays] = (await waiting(scene.engine)).items
    assert (stays.id, stays.reason.split(":")[0]) == (ids[0], "cannot be stored")


async def test_the_messages_and_the_word_that_they_were_read_are_one_transaction(scene: Scene) -> None:
    ref = await scene.chat(QUESTION)
    ids = await kept(scene, event_of(scene, ref))
    await scene.sql(
        "create function refuse() returns trigger language plpgsql as"
        " $$ begin if new.replayed_at is not null then raise exception 'no'; end if; return new; end $$"
    )
    await scene.sql(
        "create trigger refuse before update on quarantine for each row execute function refuse()"
    )
    assert (await replay(scene.engine, ids)).unreadable == 1
    assert len(await scene.shown(ref)) == 1
    await scene.sql("drop trigger refuse on quarantine")
    assert await replay(scene.engine, ids) == ONE_MESSAGE
    assert len(await scene.shown(ref)) == 2


async def test_two_workers_at_once_store_each_message_once(scene: Scene) -> None:
    ref = await scene.chat()
    await kept(scene, *[event_of(scene, ref, number) for number in range(1, 21)])

    async def everything(engine: Any) -> ReplayReport:
        return [report async for report in replay_all(engine)][-1]

    scene.buyer_says(ref, "Ещё вопрос")
    first, second, pulled = await asyncio.gather(
        everything(scene.engine),
        everything(another_worker(scene.engine)),
        pull(scene.engine, scene.seller_id),
    )
    assert (first + second).new == (first + second).replayed == 20
    assert pulled is not None
    assert pulled.trouble is None
    assert len((await scene.conversation(ref)).messages) == 22
    assert await counted(scene) == 0


async def test_in_the_middle_of_the_first_walk_an_old_question_does_not_wait(scene: Scene) -> None:
    """Its answer may not have been read yet."""
    await replay(scene.engine, await kept(scene, make_event()))
    assert await queue_of(scene, Queue.WAITING) + await queue_of(scene, Queue.WORK) == []
    await scene.pulled()
    assert await queue_of(scene, Queue.WAITING) + await queue_of(scene, Queue.WORK) == [
        "Здравствуйте, вопрос 0"
    ]


async def test_everything_is_replayed_page_by_page_and_says_how_far_it_is(scene: Scene) -> None:
    await scene.pulled()
    events = [make_event(number) if number % 3 else {"чужое": number} for number in range(120)]
    await kept(scene, *events)
    reports = [report async for report in replay_all(scene.engine)]
    assert [report.tried for report in reports] == [50, 100, 120]
    assert reports[-1] == ReplayReport(tried=120, replayed=80, new=80, unreadable=40)
    assert await counted(scene) == 40


async def test_the_list_is_newest_first_and_paged(scene: Scene) -> None:
    ids = await kept(scene, *[make_event(number) for number in range(5)])
    first = await waiting(scene.engine, limit=2)
    second = await waiting(scene.engine, scene.seller_id, first.before, limit=3)
    assert [item.id for item in (*first.items, *second.items)] == ids[::-1]
    assert second.before is None
    shown = first.items[0]
    assert (shown.seller_name, shown.marketplace, shown.channel, shown.reason) == (
        scene.shop.name,
        "wildberries",
        "chat",
        OLD,
    )
    assert shown.raw is None


async def test_phones_and_secrets_of_what_was_kept_are_masked(scene: Scene) -> None:
    event = make_event(
        message={"text": "Наберите 8 916 123-45-67"}, replySign="1:2:3", nested={"token": "abc"}
    )
    [number] = await kept(scene, event)
    raw = (await look_into(scene.engine, number)).raw
    assert raw is not None
    assert json.loads(raw)["message"]["text"] == "Наберите •••"
    assert not any(secret in raw for secret in ("1:2:3", "abc", "45-67"))


async def test_what_a_person_dismissed_is_kept_and_not_counted(scene: Scene) -> None:
    await scene.pulled()
    ids = await kept(scene, make_event())
    assert (await dismiss(scene.engine, ids), await dismiss(scene.engine, ids)) == (1, 0)
    assert (await counted(scene), (await waiting(scene.engine)).items) == (0, ())
    item = await look_into(scene.engine, ids[0])
    assert (item.dismissed, item.reason, item.settled_at is not None) == (True, OLD, True)
    assert [report async for report in replay_all(scene.engine)] == [ReplayReport()]
    assert await replay(scene.engine, ids) == ONE_MESSAGE, "who names it, reads it"
    item = await look_into(scene.engine, ids[0])
    assert (item.dismissed, item.reason) == (False, OLD)


async def test_an_item_or_a_seller_that_is_not_there_is_said(scene: Scene) -> None:
    with pytest.raises(NotFound):
        await replay(scene.engine, [77])
    with pytest.raises(NotFound):
        await dismiss(scene.engine, [77])
    with pytest.raises(NotFound):
        await look_into(scene.engine, 77)
    with pytest.raises(NotFound):
        await waiting(scene.engine, 77)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (*make_event(), "isNewChat", "text", "attachments")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """An event with some fields dropped, replaced or added; sometimes cut, sometimes no event at all."""
    event: Any = make_event(draw(st.integers(0, 3)))
    for field in draw(st.lists(st.sampled_from(FIELDS), max_size=3)):
        event[field] = draw(JSON)
    for field in draw(st.lists(st.sampled_from(FIELDS), max_size=1)):
        event.pop(field, None)
    if draw(st.integers(0, 9)) == 0:
        event = draw(JSON)
    raw = json.dumps(event)
    return raw[: draw(st.integers(0, len(raw)))] if draw(st.integers(0, 9)) == 0 else raw


@given(raw=mutated())
def test_reading_any_item_again_raises_nothing(raw: str) -> None:
    outcome = MARKETPLACES["wildberries"].reread(Unreadable(raw, OLD))
    if isinstance(outcome, Unreadable):
        assert (outcome.raw, outcome.channel) == (raw, "chat")
        assert outcome.reason
    else:
        assert all(isinstance(message, IncomingMessage) for message in outcome)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raws=st.lists(mutated(), min_size=1, max_size=4, unique=True))
async def test_any_item_becomes_a_message_or_stays(scene: Scene, raws: list[str]) -> None:
    await scene.sql("delete from quarantine")
    await scene.sql("delete from chats")
    ids = await kept(scene, *raws)
    report = await replay(scene.engine, ids)
    rows = await scene.sql("select replayed_at is not null, reason from quarantine")
    assert (report.tried, report.replayed) == (len(rows), sum(settled for settled, _ in rows))
    assert report.replayed + report.unreadable == len(ids)
    [[messages]] = await scene.sql("select count(*) from messages")
    assert report.new == messages <= report.replayed
    assert bool(messages) is bool(report.replayed)
    assert not any("cannot be" in reason for _, reason in rows)
    assert (await replay(scene.engine, ids)).new == 0
