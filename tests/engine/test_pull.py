"""Pulling: every message once, whatever the marketplace does, and no seller is held up by another."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agentiq_core.connectors.base import Credentials
from agentiq_core.domain.chats import ChatStatus, Queue
from agentiq_core.domain.errors import Rejected, StoreUnavailable
from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_core.domain.views import SellerState
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.pull import pull
from agentiq_core.engine.sweep import sweep
from agentiq_core.identity.vault import Vault, new_key
from agentiq_core.sandbox import Account, FaultKind
from agentiq_core.store import queues, sellers
from agentiq_core.store.sellers import NewSeller
from tests.scene import ANSWER, IMPATIENT, Scene, another_worker, connect, soon


async def bodies(scene: Scene) -> list[str]:
    return [row[0] for row in await scene.sql("select body from messages order by sent_at, external_id")]


async def seconds_until_due(scene: Scene, seller_id: int) -> float:
    query = "select extract(epoch from due_at - now()) from sync_state where seller_id = :seller"
    return float((await scene.sql(query, seller=seller_id))[0][0])


async def test_a_buyers_message_lands_in_the_queue(scene: Scene) -> None:
    await scene.chat("Здравствуйте! Где мой заказ?")
    async with scene.engine.store.transaction() as session:
        page = await queues.page(session, Queue.ALL, None, 10)
    [row] = page.rows
    assert (row.status, row.preview, row.unread) == (ChatStatus.WAITING, "Здравствуйте! Где мой заказ?", 1)
    assert row.needs_reply
    assert row.due_at is not None


async def test_a_machine_with_another_team_key_leaves_the_seller_to_others(scene: Scene) -> None:
    ref = await scene.chat()
    scene.buyer_says(ref, "Ещё вопрос")
    other_key = Lines(
        scene.engine.store, Vault(new_key()), marketplaces=scene.engine.lines.marketplaces, budgets=False
    )
    stranger = replace(another_worker(scene.engine), lines=other_key)
    assert (await scene.pull(stranger)).trouble == "vault_locked"
    assert (await scene.overview()).sellers[0].trouble is None
    assert await seconds_until_due(scene, scene.seller_id) <= scene.engine.settings.poll_seconds
    assert (await scene.pulled()).new == 1


async def test_a_second_pull_repeats_nothing(scene: Scene) -> None:
    texts = [f"Сообщение {number}" for number in range(120)]
    await scene.chat(*texts)
    assert (await scene.pulled()).new == 0
    assert await bodies(scene) == texts


async def test_an_empty_marketplace_is_no_trouble(scene: Scene) -> None:
    scene.goes_wrong("chats", FaultKind.EMPTY_CHATS)
    assert (await scene.pulled()).new == 0
    assert (await scene.overview()).sellers[0].trouble is None


async def test_an_empty_list_of_chats_forgets_nothing(scene: Scene) -> None:
    ref = await scene.chat("Здравствуйте!")
    before = await scene.conversation(ref)
    scene.goes_wrong("chats", FaultKind.EMPTY_CHATS, times=None)
    scene.buyer_says(ref, "Ещё вопрос")
    await scene.pulled()
    after = await scene.conversation(ref)
    assert (after.buyer_name, after.product) == (before.buyer_name, before.product)
    assert len(after.messages) == 2


async def test_events_that_come_again_are_stored_once(scene: Scene) -> None:
    external_id = scene.shop.open_chat()
    for number in range(130):
        scene.shop.buyer_says(external_id, f"Сообщение {number}")
    scene.goes_wrong("events", FaultKind.DUPLICATES, times=3)
    await scene.pulled()
    assert await bodies(scene) == [f"Сообщение {number}" for number in range(130)]


async def test_a_database_error_between_messages_and_cursor_leaves_neither(scene: Scene) -> None:
    scene.shop.buyer_says(scene.shop.open_chat(), "Здравствуйте!")
    await scene.sql(
        "create function refuse() returns trigger language plpgsql as "
        "$$ begin raise exception 'the disk is full' using errcode = 'disk_full'; end $$"
    )
    await scene.sql(
        "create trigger refuse before update of cursor on sync_state for each row"
        " when (new.cursor is distinct from old.cursor) execute function refuse()"
    )
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        await pull(scene.engine, scene.seller_id)
    assert await scene.sql("select count(*) from messages") == [(0,)]
    assert await scene.sql("select cursor from sync_state") == [(None,)]
    await scene.sql("drop trigger refuse on sync_state")
    await scene.leases_end()
    assert (await scene.pulled()).new == 1


async def test_only_one_worker_reads_a_feed_until_its_lease_ends(scene: Scene) -> None:
    scene.shop.buyer_says(scene.shop.open_chat(), "Здравствуйте!")
    hanging = scene.goes_wrong("events", FaultKind.HANG, times=1)
    silent = another_worker(scene.engine)
    reading = asyncio.create_task(pull(silent, scene.seller_id))
    await soon(lambda: hanging.hits == 1)
    assert await pull(scene.engine, scene.seller_id) is None
    await scene.leases_end()
    assert (await scene.pulled()).new == 1
    assert await reading is None, "what the silent worker brings is undone"
    assert await scene.sql("select count(*) from messages") == [(1,)]
    assert (await scene.overview()).sellers[0].trouble is None


async def test_a_429_with_a_delay_postpones_and_is_no_failure(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.reply(ref)
    scene.goes_wrong("events", FaultKind.RATE_LIMITED, delay=45)
    report = await scene.pull()
    assert (report.trouble, report.retry_after) == ("rate_limited", 45.0)
    assert 40 < await seconds_until_due(scene, scene.seller_id) <= 45
    [seller] = (await scene.overview()).sellers
    assert (seller.trouble, seller.state) == (None, SellerState.ACTIVE)
    assert await scene.deliver(ref) is OutboxState.SENT, "replies do not wait for it"


async def test_errors_back_off_one_seller_by_1_2_4_to_30_minutes_and_never_another(scene: Scene) -> None:
    healthy = scene.sandbox.wildberries.add_seller("Северный лён")
    healthy_id = await connect(scene.engine, scene.sandbox, healthy)
    outage = scene.goes_wrong("*", FaultKind.SERVER_ERROR, times=None, match={"seller": scene.shop.id})
    for minutes in (1, 2, 4, 8, 16, 30, 30):
        report = await scene.pull()
        assert report.trouble == "server_failed"
        assert outage.hits > 0
        assert await seconds_until_due(scene, scene.seller_id) == pytest.approx(minutes * 60, abs=5)
        assert await scene.due() == [healthy_id]
    healthy.buyer_says(healthy.open_chat(), "Здравствуйте!")
    found = await pull(scene.engine, healthy_id)
    assert found is not None
    assert (found.trouble, found.new) == (None, 1)
    overview = await scene.overview()
    assert [seller.trouble for seller in overview.sellers] == ["server_failed", None]
    scene.sandbox.faults.clear()
    assert (await scene.pulled()).recovered
    assert (await scene.overview()).sellers[0].trouble is None


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        (FaultKind.HANG, "no_answer"),
        (FaultKind.DROP_AFTER, "no_answer"),
        (FaultKind.GARBAGE_JSON, "unintelligible"),
        (FaultKind.SERVER_ERROR, "server_failed"),
    ],
)
async def test_whatever_the_feed_answers_has_a_name(scene: Scene, kind: FaultKind, trouble: str) -> None:
    scene.shop.buyer_says(scene.shop.open_chat(), "Здравствуйте!")
    scene.goes_wrong("events", kind, times=None)
    assert (await scene.pull()).trouble == trouble
    [seller] = (await scene.overview()).sellers
    assert (seller.trouble, seller.syncing) == (trouble, False)
    scene.sandbox.faults.clear()
    assert (await scene.pulled()).new == 1


async def test_what_was_read_before_an_error_is_kept(scene: Scene) -> None:
    external_id = scene.shop.open_chat()
    for number in range(150):
        scene.shop.buyer_says(external_id, f"Сообщение {number}")
    scene.goes_wrong("events", FaultKind.GARBAGE_JSON, skip=2)
    report = await scene.pull()
    assert (report.trouble, report.new) == ("unintelligible", 100)
    assert (await scene.pulled()).new == 50


async def test_an_unusable_address_is_said_and_backs_off(scene: Scene) -> None:
    await scene.sql("update sellers set base_url = 'gopher://example.org'")
    await scene.sql("update seller_credentials set replaced_at = now()")
    report = await scene.pull()
    assert report.trouble == "misconfigured"
    assert await seconds_until_due(scene, scene.seller_id) > 50
    assert "http" in (await scene.overview()).sellers[0].trouble_detail


async def test_a_refused_key_stops_the_seller_who_starts_again_with_another(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.sandbox.wildberries.revoke(scene.shop)
    assert (await scene.pull()).trouble == "key_refused"
    [seller] = (await scene.overview()).sellers
    assert (seller.state, seller.trouble) == (SellerState.STOPPED, "key_refused")
    assert "withdrawn" in seller.trouble_detail
    await scene.sql("update sync_state set due_at = now()")
    assert await scene.due() == [], "nobody asks with a key that does not work"

    token = scene.sandbox.wildberries.issue_token(scene.shop)
    async with scene.engine.store.transaction() as session:
        await sellers.replace_key(session, scene.seller_id, key_of(scene, token))
    [seller] = (await scene.overview()).sellers
    assert seller.state is SellerState.ACTIVE
    assert await scene.due() == [scene.seller_id]
    scene.buyer_says(ref, "Вы тут?")
    report = await scene.pulled()
    assert (report.new, report.recovered) == (1, True)
    assert (await scene.overview()).sellers[0].trouble is None
    assert await scene.state(ref, reply_id) is OutboxState.QUEUED


async def test_a_key_of_another_account_does_not_replace_ours(scene: Scene) -> None:
    other = scene.sandbox.wildberries.add_seller("Чужой магазин")
    with pytest.raises(Rejected, match="another account"):
        async with scene.engine.store.transaction() as session:
            await sellers.replace_key(session, scene.seller_id, key_of(scene, other.token))


def key_of(scene: Scene, token: str) -> NewSeller:
    """A token as the store takes it."""
    marketplace = scene.engine.lines.marketplace("wildberries")
    report = marketplace.inspect_key(Credentials(token), datetime.now(UTC))
    assert report.account_id is not None
    return NewSeller(
        name="",
        marketplace="wildberries",
        account_id=report.account_id,
        ciphertext=scene.engine.vault.seal(token),
        base_url=f"{scene.sandbox.url}/wildberries",
    )


async def test_the_longest_overdue_seller_comes_first(scene: Scene) -> None:
    others = []
    for name in ("Второй", "Третий"):
        others.append(await connect(scene.engine, scene.sandbox, scene.sandbox.wildberries.add_seller(name)))
    for seller_id, minutes in zip([scene.seller_id, *others], (2, 9, 5), strict=True):
        await scene.sql(
            "update sync_state set due_at = now() - make_interval(mins => :minutes) where seller_id = :seller",
            minutes=minutes,
            seller=seller_id,
        )
    assert await scene.due() == [others[0], others[1], scene.seller_id]


async def test_a_message_told_late_takes_its_place_in_the_conversation(scene: Scene) -> None:
    scene.shop.behaviour.quirks = False
    now = datetime.now(UTC)
    external_id = scene.shop.open_chat()
    scene.shop.buyer_says(external_id, "Первое", at=now - timedelta(seconds=30))
    scene.shop.buyer_says(external_id, "Третье", at=now - timedelta(seconds=10))
    await scene.pulled()
    ref = await scene.ref(external_id)
    scene.shop.buyer_says(external_id, "Второе", at=now - timedelta(seconds=20))
    await scene.pulled()
    conversation = await scene.conversation(ref)
    assert [message.text for message in conversation.messages] == ["Первое", "Второе", "Третье"]
    assert conversation.waiting_since == conversation.messages[0].sent_at


async def test_a_late_answer_moves_the_chat_out_of_the_queue(scene: Scene) -> None:
    now = datetime.now(UTC)
    external_id = scene.shop.open_chat()
    scene.shop.buyer_says(external_id, "Вопрос", at=now - timedelta(seconds=30))
    scene.shop.marketplace_says(external_id, "Оцените покупку", at=now - timedelta(seconds=5))
    await scene.pulled()
    ref = await scene.ref(external_id)
    assert (await scene.conversation(ref)).needs_reply
    scene.shop.types_in_cabinet(external_id, "Ответ", at=now - timedelta(seconds=20))
    await scene.pulled()
    conversation = await scene.conversation(ref)
    assert (conversation.status, conversation.needs_reply) == (ChatStatus.RESPONDED, False)


async def test_nul_in_a_buyers_text_survives_as_a_sign(scene: Scene) -> None:
    ref = await scene.chat("Где\x00 заказ?")
    assert (await scene.shown(ref)) == ["Где\N{REPLACEMENT CHARACTER} заказ?"]


async def test_a_key_with_one_request_an_hour_is_said_to_be_slow_and_is_asked_once_an_hour(
    scene: Scene,
) -> None:
    shop = scene.sandbox.wildberries.add_seller("Медленный", account=Account.BASE)
    slow_id = await connect(scene.engine, scene.sandbox, shop)
    before = scene.requests("events")
    shop.buyer_says(shop.open_chat(), "Здравствуйте!")
    report = await pull(scene.engine, slow_id)
    assert report is not None
    assert report.new == 1
    assert [seller.slow for seller in (await scene.overview()).sellers] == [False, True]
    await scene.sql("update sync_state set due_at = now() where seller_id <> :slow", slow=slow_id)
    assert slow_id not in await scene.due()
    assert await seconds_until_due(scene, slow_id) == pytest.approx(3600, abs=10)
    assert scene.requests("events") - before <= 2


async def test_the_hours_only_page_of_a_slow_key_counts_as_a_sync(scene: Scene) -> None:
    shop = scene.sandbox.wildberries.add_seller("Медленный", account=Account.BASE)
    lines = Lines(scene.engine.store, scene.engine.vault, marketplaces=IMPATIENT)
    engine = replace(scene.engine, lines=lines)
    slow_id = await connect(engine, scene.sandbox, shop)
    shop.buyer_says(shop.open_chat(), "Здравствуйте! Где мой заказ?")
    report = await pull(engine, slow_id)
    assert report is not None
    assert (report.new, report.trouble) == (1, "rate_limited"), "whether there is more is asked in an hour"
    seller = next(one for one in (await scene.overview()).sellers if one.slow)
    assert seller.last_sync_at is not None
    assert seller.trouble is None
    assert await seconds_until_due(scene, slow_id) == pytest.approx(3600, abs=10)
    async with scene.engine.store.transaction() as session:
        page = await queues.page(session, Queue.ALL, None, 10)
    assert [(row.seller_name, row.needs_reply) for row in page.rows] == [("Медленный", True)]
    await lines.aclose()


async def test_where_an_echo_cannot_be_read_in_time_an_unknown_reply_goes_to_a_person_at_once(
    scene: Scene,
) -> None:
    """Rule 10."""
    ref = await scene.chat()
    reply_id = await scene.unknown(ref, kind=FaultKind.DROP_AFTER)
    await scene.sql("update seller_credentials set slow = true")
    await sweep(scene.engine)
    assert await scene.state(ref, reply_id) is OutboxState.NEEDS_OPERATOR
    assert (await scene.view(ref, reply_id)).reason in (Undelivered.NO_ANSWER, Undelivered.SLOW_MODE)
    assert scene.sent_there(ref) == [ANSWER]


async def test_an_unreadable_item_is_kept_once_however_often_it_is_read(scene: Scene) -> None:
    scene.shop.buyer_says(scene.shop.open_chat(), "Здравствуйте!")
    scene.goes_wrong("events", FaultKind.MALFORMED_EVENT)
    await scene.pulled()
    rows = await scene.sql("select raw, reason, channel from quarantine")
    assert len(rows) == 1
    assert json.loads(rows[0][0])
    assert "Здравствуйте" not in rows[0][1], "a reason repeats nothing a buyer wrote"
