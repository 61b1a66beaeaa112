"""Reading Avito's messenger: a list, then the history of whatever changed, from any place and in any order."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from agentiq_core.connectors.errors import ChannelClosed, Unintelligible
from agentiq_core.domain.messages import Author, IncomingChat, Origin, Product
from tests.connectors.avito_answers import (
    CHAT,
    CHATS,
    MESSAGES,
    OWN,
    make_chat,
    make_chats,
    make_message,
)
from tests.connectors.avito_lines import AvitoLines, Desk
from tests.connectors.avito_messenger import Messenger
from tests.connectors.scripted_host import ScriptedHost


@pytest.fixture
def messenger(host: ScriptedHost) -> Messenger:
    return Messenger(host)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def line(avito: AvitoLines, desk: Desk):
    return avito.chats(memory=desk)


async def test_the_list_is_asked_for_with_chats_of_profiles_too(host, messenger, line):
    messenger.says("Здравствуйте!")
    await line.page(None)
    assert host.asked(CHATS)[0].query == {"chat_types": ["u2i,u2u"], "limit": ["100"], "offset": ["0"]}


async def test_a_conversation_comes_with_its_buyer_and_listing(messenger, line, desk):
    messenger.says("Здравствуйте!")
    await desk.poll(line)
    assert desk.chats == {
        CHAT: IncomingChat(
            CHAT,
            buyer_name="Алёна",
            product=Product("1768000444", "Чайник со свистком", price=125_000, currency="RUB"),
        )
    }


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("wrapped", [True, False])
async def test_everything_is_read_whatever_the_order_and_the_shape(
    messenger, line, desk, newest_first, wrapped
):
    messenger.newest_first, messenger.wrapped = newest_first, wrapped
    said = [messenger.says(f"вопрос {number}")["content"]["text"] for number in range(230)]
    assert await desk.poll(line)
    assert desk.texts(CHAT) == said
    messenger.says("ещё один")
    await desk.poll(line)
    assert desk.texts(CHAT) == [*said, "ещё один"]


async def test_nothing_new_costs_a_look_at_both_lists_and_no_history(messenger, line, desk):
    messenger.says("Здравствуйте!")
    await desk.poll(line)
    messenger.host.received.clear()
    await desk.poll(line)
    assert messenger.asked() == ["list", "list"]
    assert [one.query.get("unread_only") for one in messenger.host.received] == [["true"], None]


async def test_news_costs_one_page_of_one_history(messenger, line, desk):
    for number in range(150):
        messenger.says(f"вопрос {number}")
        messenger.says(f"другой {number}", "other")
    await desk.poll(line)
    messenger.host.received.clear()
    messenger.says("ещё")
    await desk.poll(line)
    assert sorted(messenger.asked()) == ["list", "list", CHAT]
    assert desk.texts(CHAT)[-1] == "ещё"


async def test_a_conversation_that_was_opened_on_a_telephone_is_read_all_the_same(messenger, line, desk):
    messenger.says("Здравствуйте!")
    await desk.poll(line)
    messenger.says("Ау!")
    messenger.unread.clear()
    await desk.poll(line)
    assert desk.texts(CHAT) == ["Здравствуйте!", "Ау!"]


async def test_a_reply_in_the_cabinet_is_read_with_the_next_poll(messenger, line, desk):
    messenger.says("Здравствуйте!")
    await desk.poll(line)
    messenger.says("Добрый день!", direction="out")
    await desk.poll(line)
    assert desk.texts(CHAT) == ["Здравствуйте!", "Добрый день!"]
    answer = max((item.message for item in desk.messages.values()), key=lambda one: one.order)
    assert (answer.author, answer.origin) == (Author.SELLER, Origin.UNTOLD)


async def test_a_quarter_of_an_hour_later_the_whole_list_is_read(messenger, line, desk, avito):
    messenger.says("Здравствуйте!")
    await desk.poll(line)
    avito.now += timedelta(minutes=16)
    messenger.host.received.clear()
    await desk.poll(line)
    assert [one.query.get("unread_only") for one in messenger.host.received] == [None, None]
    assert [one.query["offset"] for one in messenger.host.received] == [["0"], ["1"]]


@pytest.mark.parametrize("cut", range(1, 10))
async def test_a_walk_goes_on_from_any_cursor_in_another_process(messenger, avito, desk, cut):
    for number in range(600):
        messenger.says(f"слово {number}", f"chat-{number % 3}")
    assert not await desk.poll(avito.chats(memory=desk), cut)
    messenger.says("посреди", "chat-1")
    while not await desk.poll(avito.chats(memory=desk), 1):
        pass
    await desk.poll(avito.chats(memory=desk))
    assert sum(len(desk.texts(f"chat-{number}")) for number in range(3)) == 601


async def test_a_page_that_is_repeated_changes_nothing(messenger, line, desk):
    messenger.says("Здравствуйте!")
    messenger.says("Ау!")
    first = await line.page(None)
    assert await line.page(None) == first
    second = await line.page(first.cursor)
    assert await line.page(first.cursor) == second


async def test_what_is_written_while_a_walk_is_under_way_is_read(messenger, line, desk):
    for number in range(240):
        messenger.says("Здравствуйте!", f"chat-{number:03d}")
    steps = iter(range(10_000))

    def somebody_writes(path: str, query: object) -> None:
        number = next(steps)
        if number < 300:
            messenger.says(f"посреди {number}", f"chat-{number * 37 % 240:03d}")

    messenger.before = somebody_writes
    await desk.poll(line)
    messenger.before = lambda path, query: None
    await desk.poll(line)
    told = {(chat, one["id"]) for chat, said in messenger.chats.items() for one in said}
    assert set(desk.messages) == told


async def test_a_list_is_read_up_to_its_furthest_offset(messenger, line, desk):
    for number in range(1150):
        messenger.chats[f"c{number:04d}"] = [make_message(number)]
    desk.told = {
        f"c{number:04d}": json.dumps([f"{make_message(number)['created']} - m{number:04d}", None])
        for number in range(1150)
    }
    await desk.poll(line)
    offsets = [int(one.query["offset"][0]) for one in messenger.host.received if one.path == CHATS]
    assert offsets[-1] == 1000
    assert len(desk.chats) == 1100


async def test_a_message_that_histories_do_not_show_yet_is_told_by_the_list_and_read_again(
    messenger, line, desk, avito
):
    messenger.says("Здравствуйте!")
    await desk.poll(line)
    messenger.clock = int(avito.now.timestamp())
    between, last = messenger.says("посередине"), messenger.says("последнее")
    messenger.hidden = {between["id"], last["id"]}
    await desk.poll(line)
    assert desk.texts(CHAT) == ["Здравствуйте!", "последнее"]
    messenger.hidden = set()
    await desk.poll(line)
    assert desk.texts(CHAT) == ["Здравствуйте!", "посередине", "последнее"]


async def test_a_message_that_histories_never_show_is_not_asked_for_forever(messenger, line, desk, avito):
    messenger.says("Здравствуйте!")
    messenger.hidden = {messenger.says("служебное", type="system")["id"]}
    avito.now += timedelta(minutes=11)
    await desk.poll(line)
    messenger.host.received.clear()
    await desk.poll(line)
    assert messenger.asked() == ["list", "list"]


async def test_a_message_that_was_deleted_since_is_read_again(messenger, line, desk):
    message = messenger.says("лишнее")
    await desk.poll(line)
    message |= {"type": "deleted", "content": {}}
    await desk.poll(line)
    assert desk.texts(CHAT) == ["Сообщение удалено"]


async def test_whoever_waits_for_an_echo_has_the_history_read_first(messenger, line, desk):
    messenger.says("Здравствуйте!")
    await desk.poll(line)
    desk.waits = [CHAT]
    messenger.says("Добрый день!", direction="out")
    messenger.host.received.clear()
    await line.page(desk.cursor)
    assert messenger.asked() == [CHAT]


async def test_a_receipt_of_the_buyer_is_seen_where_somebody_looks(messenger, line, desk):
    messenger.says("Здравствуйте!")
    answer = messenger.says("Добрый день!", direction="out")
    await desk.poll(line)
    answer["read"] = messenger.clock + 5
    desk.waits = [CHAT]
    await desk.poll(line)
    assert desk.messages[CHAT, answer["id"]].message.read


async def test_a_list_without_last_messages_is_read_by_its_times(host, line, desk):
    plain = make_chat(last={}, updated=1_790_000_000)
    del plain["last_message"]
    host.script(
        CHATS, *[host.json(make_chats(plain)), host.json(make_chats())] * 2, host.json(make_chats(plain))
    )
    host.script(MESSAGES, *[host.json([make_message(1)])] * 2)
    await desk.poll(line)
    await desk.poll(line)
    assert desk.texts(CHAT) == ["Здравствуйте, вопрос 1"]
    assert len(host.asked(MESSAGES)) == 1


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_conversation_that_may_not_be_read_costs_no_other(host, line, desk, status):
    host.script(CHATS, host.json(make_chats(make_chat("gone"), make_chat())), host.json(make_chats()))
    host.script(MESSAGES.replace(CHAT, "gone"), host.json({"message": "no such chat"}, status))
    host.script(MESSAGES, host.json([make_message(1)]))
    assert await desk.poll(line)
    assert "Здравствуйте, вопрос 1" in desk.texts(CHAT)
    assert "gone" not in desk.told


async def test_a_tariff_without_the_messenger_closes_the_channel(host, line):
    host.script(CHATS, host.json({"error": {"code": 402, "message": "Требуется тариф"}}, 402))
    with pytest.raises(ChannelClosed) as caught:
        await line.page(None)
    assert caught.value.detail == "Требуется тариф"
    assert len(host.asked(CHATS)) == 1


async def test_one_spoilt_message_leaves_the_others(host, line, desk):
    spoilt = make_message(2, content={"text": ["тайное"]})
    host.script(CHATS, host.json(make_chats(make_chat(last=make_message(3)))), host.json(make_chats()))
    host.script(MESSAGES, host.json([make_message(3), spoilt, make_message(1)]))
    await desk.poll(line)
    assert desk.texts(CHAT) == ["Здравствуйте, вопрос 1", "Здравствуйте, вопрос 3"]
    (bad,) = desk.unreadable
    assert (bad.reason, bad.chat_external_id, bad.message_external_id) == (
        "content.text: string_type",
        CHAT,
        "m0002",
    )
    assert "тайное" in bad.raw


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"chats": 7}', b"<html>"])
async def test_a_list_that_is_none_is_unintelligible(host, line, body):
    host.script(CHATS, host.raw(body))
    with pytest.raises(Unintelligible):
        await line.page(None)


@pytest.mark.parametrize("cursor", ["", "x", "{}", "[]", '{"left":[]}', "9" * 5000, '{"whole_at":"x"}'])
async def test_an_unusable_cursor_begins_a_walk(messenger, line, desk, cursor):
    messenger.says("Здравствуйте!")
    desk.cursor = cursor
    await desk.poll(line)
    assert desk.texts(CHAT) == ["Здравствуйте!"]


async def test_a_feed_of_conversations_has_no_place_in_time(avito):
    line = avito.chats()
    assert line.since(avito.now) is None
    assert line.rewind("cursor", timedelta(minutes=1)) == "cursor"


async def test_chats_are_the_first_page_of_the_list(messenger, line):
    messenger.says("Здравствуйте!")
    messenger.says("Здравствуйте!", "other")
    assert {chat.external_id for chat in await line.chats()} == {CHAT, "other"}


async def test_the_feed_knows_how_far_avitos_clock_is_ahead(host, line):
    host.script(CHATS, host.json(make_chats(), 200, {"Date": "Thu, 26 Nov 2026 12:05:00 GMT"}))
    assert (await line.page(None)).ahead == pytest.approx(300.5)


async def test_an_id_cannot_leave_its_place_in_the_path(host, avito):
    host.script(f"/messenger/v1/accounts/{OWN}/chats/..%2Fx%3Fy/read", host.json({"ok": True}))
    await avito.chats().mark_read("../x?y", "m1")
    assert len(host.received) == 2
