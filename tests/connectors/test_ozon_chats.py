"""Reading Ozon's chats page by page over real HTTP: the list, first readings, what is new, what goes wrong."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from agentiq_core.connectors.errors import ChannelClosed, KeyRefused, RateLimited, Refused, Unintelligible
from agentiq_core.domain.messages import Author, Origin, Product
from tests.connectors.kept import Kept, poll
from tests.connectors.ozon_answers import (
    CHAT,
    CHAT_LIST,
    CHAT_READ,
    CLIENT_ID,
    FIRST,
    HISTORY,
    KEY,
    NO_SUBSCRIPTION,
    NOW,
    POSTING,
    make_chat,
    make_chats,
    make_history,
    make_message,
    make_problem,
    stamp,
)
from tests.connectors.ozon_lines import OzonLines
from tests.connectors.scripted_host import Received, ScriptedHost


def body(request: Received) -> dict[str, object]:
    parsed = json.loads(request.body)
    assert isinstance(parsed, dict)
    return parsed


async def test_both_parts_of_the_key_travel_and_nothing_else(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(CHAT_LIST, host.json(make_chats()))
    await ozon.chats(key=f" {KEY}\n", client_id=f"{CLIENT_ID} ").page(None)
    (request,) = host.received
    assert (request.method, request.query) == ("POST", {})
    assert (request.headers["client-id"], request.headers["api-key"]) == (CLIENT_ID, KEY)
    assert request.headers["user-agent"].startswith("agentiq/")


async def test_the_first_poll_lists_everything_and_reads_each_history_from_its_newest_end(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat(FIRST + 1))))
    host.script(HISTORY, host.json(make_history(make_message(1), make_message(0))))
    kept = Kept()
    await poll(ozon.chats(memory=kept), kept)
    assert body(host.asked(CHAT_LIST)[0]) == {
        "limit": 100,
        "filter": {"chat_status": "All", "unread_only": False},
    }
    assert body(host.asked(HISTORY)[0]) == {"chat_id": CHAT, "direction": "Backward", "limit": 1000}
    assert kept.texts(CHAT) == ["Вопрос 0", "Вопрос 1"]
    assert kept.marked[CHAT].split()[0] == str(FIRST + 1)
    assert kept.chats[CHAT].closed is False


async def test_the_next_poll_asks_only_for_what_is_unread(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(CHAT_LIST, host.json(make_chats()), host.json(make_chats()), host.json(make_chats()))
    line = ozon.chats()
    first = await line.page(None)
    second = await line.page(first.cursor)
    ozon.now += timedelta(minutes=15)
    await line.page(second.cursor)
    assert [body(request)["filter"] for request in host.asked(CHAT_LIST)] == [
        {"chat_status": "All", "unread_only": unread} for unread in (False, True, False)
    ]


async def test_the_list_goes_on_by_its_cursor_in_another_process(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(
        CHAT_LIST,
        host.json(make_chats(make_chat(FIRST, "a"), cursor="page-2", has_next="true")),
        host.json(make_chats(make_chat(FIRST, "b"))),
    )
    host.script(HISTORY, *[host.json(make_history(make_message()))] * 2)
    kept = Kept()
    cursor: str | None = None
    for _ in range(4):
        page = await ozon.chats(memory=kept).page(cursor)
        kept.keep(page)
        cursor = page.cursor
    assert page.complete
    assert body(host.asked(CHAT_LIST)[1])["cursor"] == "page-2"
    assert set(kept.marked) == {"a", "b"}


async def test_a_long_history_is_read_backward_page_by_page_and_marked_at_its_end(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat(FIRST + 4))))
    host.script(
        HISTORY,
        host.json(make_history(make_message(4), make_message(3), make_message(2), has_next=True)),
        host.json(make_history(make_message(2), make_message(1), make_message(0), has_next=False)),
    )
    line = ozon.chats(memory=Kept(), history_limit=3)
    pages = [await line.page(None)]
    for _ in range(2):
        pages.append(await line.page(pages[-1].cursor))
    assert [body(request).get("from_message_id") for request in host.asked(HISTORY)] == [None, FIRST + 2]
    assert [[mark.mark.split()[0] for mark in page.marks] for page in pages] == [[], [], [str(FIRST + 4)]]
    assert [page.complete for page in pages] == [False, False, True]


async def test_what_is_new_is_read_forward_from_a_little_before_the_mark(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    kept = Kept(marked={CHAT: f"{FIRST + 2} {FIRST}"})
    host.script(CHAT_LIST, host.json(make_chats(make_chat(str(FIRST + 3)))))
    edited = make_message(1, "Вопрос 1, исправлено")
    host.script(HISTORY, host.json(make_history(make_message(0), edited, make_message(2), make_message(3))))
    await poll(ozon.chats(memory=kept), kept)
    assert body(host.asked(HISTORY)[0]) == {
        "chat_id": CHAT,
        "direction": "Forward",
        "limit": 1000,
        "from_message_id": FIRST,
    }
    assert "Вопрос 1, исправлено" in kept.texts(CHAT)
    assert kept.marked[CHAT] == f"{FIRST + 3} {FIRST}"


async def test_the_place_to_read_from_stays_twenty_messages_behind(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat(FIRST + 49))))
    host.script(HISTORY, host.json(make_history(*(make_message(number) for number in range(49, -1, -1)))))
    kept = Kept()
    await poll(ozon.chats(memory=kept), kept)
    assert kept.marked[CHAT] == f"{FIRST + 49} {FIRST + 30}"


async def test_a_history_that_begins_behind_the_given_message_is_read_as_well(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    kept = Kept(marked={CHAT: f"{FIRST} {FIRST}"})
    host.script(CHAT_LIST, host.json(make_chats(make_chat(FIRST + 2))))
    host.script(
        HISTORY,
        host.json(make_history(make_message(1), has_next=True)),
        host.json(make_history(make_message(2))),
    )
    await poll(ozon.chats(memory=kept, history_limit=2), kept)
    assert [body(request)["from_message_id"] for request in host.asked(HISTORY)] == [FIRST, FIRST + 1]
    assert kept.marked[CHAT] == f"{FIRST + 2} {FIRST + 1}"


async def test_a_conversation_that_did_not_change_is_not_asked_for(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    kept = Kept(marked={CHAT: f"{FIRST} {FIRST}"})
    host.script(CHAT_LIST, host.json(make_chats(make_chat(str(FIRST)))))
    page = await ozon.chats(memory=kept).page(None)
    assert page.complete
    assert host.asked(HISTORY) == []


async def test_a_list_ahead_of_its_history_is_asked_again_until_the_message_is_there(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    kept = Kept()
    host.script(CHAT_LIST, *[host.json(make_chats(make_chat(FIRST + 1)))] * 3)
    host.script(
        HISTORY,
        host.json(make_history(make_message(0))),
        host.json(make_history(make_message(0), make_message(1))),
    )
    line = ozon.chats(memory=kept)
    cursor = await poll(line, kept)
    assert kept.marked[CHAT].split()[0] == str(FIRST)
    cursor = await poll(line, kept, cursor)
    assert kept.texts(CHAT) == ["Вопрос 0", "Вопрос 1"]
    await poll(line, kept, cursor)
    assert len(host.asked(HISTORY)) == 2


async def test_an_open_screen_is_read_without_waiting_for_the_list(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    kept = Kept(marked={CHAT: f"{FIRST} {FIRST}"}, wanted=[CHAT])
    ours = make_message(0, "Везём", user={"id": "7", "type": "Seller"}, is_read=True)
    host.script(HISTORY, host.json(make_history(ours)))
    host.script(CHAT_LIST, host.json(make_chats(make_chat(FIRST))))
    await poll(ozon.chats(memory=kept), kept)
    assert [request.path for request in host.received] == [HISTORY, CHAT_LIST]
    assert kept.messages[CHAT, str(FIRST)].read


@pytest.mark.parametrize(
    "kind", ["SELLER_SUPPORT", "Seller_Notification", "UNSPECIFIED", "SELLER_API_UPDATES"]
)
async def test_support_and_notifications_are_passed_over(
    host: ScriptedHost, ozon: OzonLines, kind: str
) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat(chat_type=kind))))
    page = await ozon.chats().page(None)
    assert (page.chats, page.unreadable, page.complete) == ((), (), True)


@pytest.mark.parametrize("kind", ["Buyer_Seller", "BUYER_SELLER_SELECT", "buyer_seller", None])
async def test_every_spelling_of_a_buyers_chat_is_read(
    host: ScriptedHost, ozon: OzonLines, kind: str | None
) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat(chat_type=kind, chat_status="Closed"))))
    page = await ozon.chats().page(None)
    assert [chat.external_id for chat in page.chats] == [CHAT]
    assert page.chats[0].closed is True


async def test_a_spoilt_line_of_the_list_costs_no_other(host: ScriptedHost, ozon: OzonLines) -> None:
    spoilt = make_chat(chat_id=None)
    host.script(CHAT_LIST, host.json(make_chats(spoilt, "noise", make_chat(FIRST, "sound"))))
    page = await ozon.chats().page(None)
    assert [chat.external_id for chat in page.chats] == ["sound"]
    assert len(page.unreadable) == 2


async def test_a_spoilt_message_costs_no_other_and_does_not_hold_the_mark_up(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat(FIRST + 2))))
    spoilt = make_message(2, created_at="0001-01-01T00:00:00Z")
    host.script(HISTORY, host.json(make_history(spoilt, make_message(1), make_message(0))))
    kept = Kept()
    await poll(ozon.chats(memory=kept), kept)
    assert kept.texts(CHAT) == ["Вопрос 0", "Вопрос 1"]
    (unread,) = kept.unreadable
    assert (unread.chat_external_id, unread.message_external_id) == (CHAT, str(FIRST + 2))
    assert unread.reason == "no usable created_at"
    assert kept.marked[CHAT].split()[0] == str(FIRST + 2)


@pytest.mark.parametrize("status", [403, 404])
async def test_a_dead_conversation_holds_no_other_up(
    host: ScriptedHost, ozon: OzonLines, status: int
) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat(FIRST, "dead"), make_chat(FIRST, "alive"))))
    host.script(
        HISTORY,
        host.json(make_problem("chat is not available"), status),
        host.json(make_history(make_message())),
    )
    kept = Kept()
    await poll(ozon.chats(memory=kept), kept)
    assert kept.texts("alive") == ["Вопрос 0"]
    assert set(kept.marked) == {"alive"}
    assert kept.chats["dead"].closed is (status == 404)


async def test_a_mark_that_history_does_not_know_any_more_makes_it_read_backward_to_what_is_known(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    kept = Kept(marked={CHAT: f"{FIRST + 1} {FIRST}"})
    host.script(CHAT_LIST, host.json(make_chats(make_chat(FIRST + 2))))
    host.script(
        HISTORY,
        host.json(make_problem("from_message_id is unknown"), 400),
        host.json(make_history(make_message(2), make_message(1), has_next=True)),
    )
    await poll(ozon.chats(memory=kept), kept)
    assert kept.texts(CHAT) == ["Вопрос 1", "Вопрос 2"]
    assert kept.marked[CHAT].split()[0] == str(FIRST + 2)


async def test_a_history_that_refuses_everything_is_told(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat())))
    host.script(HISTORY, host.json(make_problem("chat_id: invalid"), 400))
    line = ozon.chats()
    page = await line.page(None)
    with pytest.raises(Refused):
        await line.page(page.cursor)


@pytest.mark.parametrize("cursor", ["", "soon", "0", "[]", "{}", '{"left":[]}', '{"whole_at":1}', "deep"])
async def test_any_cursor_leads_on(host: ScriptedHost, ozon: OzonLines, cursor: str) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat())))
    page = await ozon.chats().page("[" * 5000 if cursor == "deep" else cursor)
    assert [chat.external_id for chat in page.chats] == [CHAT]


async def test_a_place_of_another_version_begins_the_history_anew(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    cursor = json.dumps(
        {
            "whole": True,
            "whole_at": NOW.timestamp(),
            "listing": False,
            "position": None,
            "left": [[CHAT, "another mark", str(FIRST), "page two", None]],
            "asked": [],
        }
    )
    host.script(HISTORY, host.json(make_history(make_message())))
    page = await ozon.chats().page(cursor)
    assert body(host.asked(HISTORY)[0]) == {"chat_id": CHAT, "direction": "Backward", "limit": 1000}
    assert page.complete


@pytest.mark.parametrize("answered", [b"", b"<html>", b"[]", b'{"chats": "none"}', b'"soon"'])
async def test_a_list_of_no_documented_shape_is_unintelligible(
    host: ScriptedHost, ozon: OzonLines, answered: bytes
) -> None:
    host.script(CHAT_LIST, host.raw(answered))
    with pytest.raises(Unintelligible):
        await ozon.chats().page(None)


@pytest.mark.parametrize("answered", [{}, {"chats": None}, {"chats": [], "has_next": "false"}])
async def test_a_seller_without_chats_has_none(host: ScriptedHost, ozon: OzonLines, answered: object) -> None:
    host.script(CHAT_LIST, host.json(answered))
    page = await ozon.chats().page(None)
    assert (page.messages, page.complete) == ((), True)


async def test_a_list_that_promises_more_and_tells_no_place_ends(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(CHAT_LIST, host.json(make_chats(has_next=True, cursor="")))
    assert (await ozon.chats().page(None)).complete


async def test_the_subscription_closes_the_channel_and_a_key_the_seller(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(CHAT_LIST, host.json(NO_SUBSCRIPTION, 403))
    with pytest.raises(ChannelClosed) as closed:
        await ozon.chats().page(None)
    assert "existing subscription" in closed.value.detail
    host.script(CHAT_LIST, host.json(make_problem("Api-key is deactivated", 7), 403))
    with pytest.raises(KeyRefused):
        await ozon.chats().page(None)


async def test_an_open_circuit_is_waited_for_by_whoever_plans(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(CHAT_LIST, host.json(make_problem("Circle is open", 14), 503))
    with pytest.raises(RateLimited) as caught:
        await ozon.chats().page(None)
    assert caught.value.retry_after == 180
    assert (len(host.received), ozon.naps) == (1, [])


async def test_every_request_takes_a_place_in_the_one_bucket(host: ScriptedHost, ozon: OzonLines) -> None:
    taken: list[str] = []

    async def gate(method: str) -> None:
        taken.append(method)

    host.script(CHAT_LIST, host.json(make_chats(make_chat())))
    host.script(HISTORY, host.json(make_history(make_message())))
    kept = Kept()
    await poll(ozon.chats(gate=gate, memory=kept), kept)
    assert taken == ["requests", "requests"]


async def test_reading_a_chat_is_told_up_to_a_message(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(CHAT_READ, host.json({"unread_count": 0}))
    line = ozon.chats()
    await line.mark_read(CHAT, str(FIRST))
    await line.mark_read(CHAT, "no message of Ozon's")
    assert [body(request) for request in host.received] == [{"chat_id": CHAT, "from_message_id": FIRST}]


async def test_the_order_of_a_conversation_opens_it_for_72_hours_after_delivery(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    about = {"order_number": "0451180063-0027", "sku": "315500274"}
    host.script(CHAT_LIST, host.json(make_chats(make_chat())))
    host.script(HISTORY, host.json(make_history(make_message(context=about))))
    delivered = {"status": "delivered", "fact_delivery_date": stamp(60)}
    host.script(POSTING, host.json({"result": delivered}))
    kept = Kept()
    await poll(ozon.chats(memory=kept), kept)
    assert body(host.asked(POSTING)[0]) == {
        "posting_number": "0451180063-0027-1",
        "with": {"analytics_data": True},
    }
    assert kept.chats[CHAT].open_until == NOW - timedelta(hours=1) + timedelta(hours=72)
    assert kept.marked[CHAT].split()[0] == str(FIRST)


@pytest.mark.parametrize(
    ("answer", "status", "hours"),
    [
        ({"result": {"status": "delivering"}}, 200, 72),
        ({"result": {"status": "delivering", "analytics_data": None}}, 200, 72),
        (
            {"result": {"status": "awaiting_deliver", "analytics_data": {"delivery_date_end": stamp(-600)}}},
            200,
            82,
        ),
        ({"result": {"status": "delivering", "analytics_data": {"delivery_date_end": stamp(600)}}}, 200, 72),
        ({"result": {"status": "cancelled"}}, 200, None),
        ({"result": {"status": "delivered"}}, 200, None),
        ({"message": "posting not found"}, 404, None),
        ({"message": "Api-Key is missing a required role for a method"}, 403, None),
        ({"result": None}, 200, None),
    ],
)
async def test_an_order_that_tells_nothing_costs_nothing(
    host: ScriptedHost, ozon: OzonLines, answer: object, status: int, hours: int | None
) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat())))
    host.script(HISTORY, host.json(make_history(make_message(context={"order_number": "1-2-3"}))))
    host.script(POSTING, host.json(answer, status))
    kept = Kept()
    await poll(ozon.chats(memory=kept), kept)
    until = NOW + timedelta(hours=hours) if hours is not None else None
    assert kept.chats[CHAT].open_until == until
    assert CHAT in kept.marked


async def test_an_old_conversations_order_is_not_asked_for(host: ScriptedHost, ozon: OzonLines) -> None:
    old = make_message(created_at=stamp(60 * 24 * 15), context={"order_number": "1-2", "sku": 5})
    host.script(CHAT_LIST, host.json(make_chats(make_chat())))
    host.script(HISTORY, host.json(make_history(old)))
    kept = Kept()
    page = await ozon.chats(memory=kept).page(None)
    page = await ozon.chats(memory=kept).page(page.cursor)
    assert page.complete
    assert page.messages[0].product == Product("5", order_id="1-2")
    assert page.messages[0].message.author is Author.BUYER
    assert page.messages[0].message.origin is Origin.BUYER


async def test_the_list_alone_tells_the_conversations(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(CHAT_LIST, host.json(make_chats(make_chat())))
    assert [chat.external_id for chat in await ozon.chats().chats()] == [CHAT]


async def test_a_list_has_no_place_in_time(ozon: OzonLines) -> None:
    line = ozon.chats()
    assert line.since(NOW) is None
    assert line.rewind("x", timedelta(minutes=1)) == "x"
    await line.dismiss(CHAT)
    await line.decline(CHAT)
