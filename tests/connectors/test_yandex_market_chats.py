"""The chats of Yandex Market over real HTTP: what is read, in which order, and from where it goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agentiq_core.connectors.errors import ChannelClosed, Unintelligible
from agentiq_core.domain.messages import Attachment, AttachmentKind, Author, Origin
from tests.connectors.kept import KeptFirst as Kept
from tests.connectors.kept import poll
from tests.connectors.scripted_host import Received, ScriptedHost
from tests.connectors.yandex_answers import (
    CHAT,
    CHATS,
    FIRST,
    HISTORY,
    NOW,
    error,
    make_chat,
    make_history,
    make_message,
    paged,
    stamp,
)
from tests.connectors.yandex_lines import YandexLines


def body_of(request: Received) -> dict[str, Any]:
    """What was asked."""
    asked = json.loads(request.body)
    assert isinstance(asked, dict)
    return asked


async def test_the_first_walk_reads_every_chat_with_its_whole_history(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script(
        CHATS,
        host.json(paged("chats", make_chat("1"), more="next")),
        host.json(paged("chats", make_chat("2"))),
    )
    host.script(
        HISTORY,
        host.json(make_history(make_message(1, ago=10), make_message(0, ago=20))),
        host.json(make_history(make_message(5))),
    )
    kept = Kept()
    await poll(yandex.chats(memory=kept), kept)
    assert kept.texts("1") == ["Здравствуйте, вопрос 0", "Здравствуйте, вопрос 1"]
    assert kept.texts("2") == ["Здравствуйте, вопрос 5"]
    assert [body_of(asked) for asked in host.asked(CHATS)] == [{}, {}]
    assert [asked.query.get("pageToken") for asked in host.asked(CHATS)] == [None, ["next"]]
    assert [asked.query["chatId"] for asked in host.asked(HISTORY)] == [["1"], ["2"]]
    assert [body_of(asked) for asked in host.asked(HISTORY)] == [{}, {}]


async def test_a_chat_is_described_by_its_context(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(
        CHATS,
        host.json(
            paged(
                "chats", make_chat(orderId=1), make_chat("9", status="FINISHED", context={"type": "DIRECT"})
            )
        ),
    )
    page = await yandex.chats().page(None)
    ordered, direct = page.chats
    assert (ordered.buyer_name, ordered.closed) == ("Лада", False)
    assert ordered.product is not None
    assert (ordered.product.external_id, ordered.product.order_id) == ("", "40777001")
    assert (direct.buyer_name, direct.product, direct.closed) == (None, None, True)


async def test_a_walk_between_asks_only_for_chats_that_wait_for_the_shop(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    kept = Kept()
    line = yandex.chats(memory=kept)
    host.script(CHATS, host.json(paged("chats")), host.json(paged("chats")), host.json(paged("chats")))
    cursor = await poll(line, kept)
    yandex.now += timedelta(minutes=1)
    cursor = await poll(line, kept, cursor)
    yandex.now += timedelta(minutes=16)
    await poll(line, kept, cursor)
    asked = [body_of(request).get("statuses") for request in host.asked(CHATS)]
    assert asked == [None, ["NEW", "WAITING_FOR_PARTNER"], None]


async def test_what_was_read_is_not_asked_for_again(host: ScriptedHost, yandex: YandexLines) -> None:
    kept = Kept()
    line = yandex.chats(memory=kept)
    host.script(CHATS, *[host.json(paged("chats", make_chat()))] * 2)
    host.script(HISTORY, host.json(make_history(make_message())))
    await poll(line, kept, await poll(line, kept))
    assert len(host.asked(HISTORY)) == 1


async def test_news_are_read_from_the_last_known_message_which_comes_along_once(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    kept = Kept()
    line = yandex.chats(memory=kept)
    host.script(CHATS, host.json(paged("chats", make_chat())), host.json(paged("chats", make_chat(ago=5))))
    host.script(
        HISTORY,
        host.json(make_history(make_message(0))),
        host.json(make_history(make_message(1, ago=5), make_message(0))),
    )
    cursor = await poll(line, kept)
    await poll(line, kept, cursor)
    assert body_of(host.asked(HISTORY)[1]) == {"messageIdFrom": FIRST}
    assert kept.texts(CHAT) == ["Здравствуйте, вопрос 0", "Здравствуйте, вопрос 1"]


async def test_a_history_of_many_pages_is_marked_at_its_end_whatever_their_order(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script(CHATS, host.json(paged("chats", make_chat())))
    host.script(
        HISTORY,
        host.json(make_history(make_message(2, ago=10), more="older")),
        host.json(make_history(make_message(0, ago=30), make_message(1, ago=20))),
    )
    kept = Kept()
    line = yandex.chats(memory=kept, history_limit=2)
    cursor = (await line.page(None)).cursor
    first = await line.page(cursor)
    assert (first.marks, first.complete) == ((), False)
    last = await yandex.chats(memory=kept).page(first.cursor)
    assert last.complete
    (mark,) = last.marks
    assert mark.mark.endswith(f"|{FIRST + 2}")
    assert host.asked(HISTORY)[1].query["pageToken"] == ["older"]


async def test_a_page_may_be_asked_for_again(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(CHATS, host.json(paged("chats", make_chat())))
    host.script(HISTORY, *[host.json(make_history(make_message()))] * 2)
    cursor = (await yandex.chats().page(None)).cursor
    assert await yandex.chats().page(cursor) == await yandex.chats().page(cursor)


async def test_a_list_that_runs_ahead_of_the_history_is_believed_only_after_a_while(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    kept = Kept()
    line = yandex.chats(memory=kept)
    ahead = paged("chats", make_chat(updatedAt=stamp(0)))
    host.script(CHATS, *[host.json(ahead)] * 4)
    late = make_message(1, ago=0)
    host.script(
        HISTORY,
        host.json(make_history(make_message(0))),
        host.json(make_history(make_message(0))),
        host.json(make_history(make_message(0), late)),
    )
    yandex.now = NOW + timedelta(seconds=5)
    cursor = await poll(line, kept)
    cursor = await poll(line, kept, cursor)
    assert len(kept.messages) == 1
    cursor = await poll(line, kept, cursor)
    assert len(kept.messages) == 2
    await poll(line, kept, cursor)
    assert len(host.asked(HISTORY)) == 3


async def test_two_messages_of_one_second_are_both_read(host: ScriptedHost, yandex: YandexLines) -> None:
    kept = Kept()
    line = yandex.chats(memory=kept)
    host.script(CHATS, *[host.json(paged("chats", make_chat(ago=0)))] * 2)
    host.script(
        HISTORY,
        host.json(make_history(make_message(0, ago=0))),
        host.json(make_history(make_message(0, ago=0), make_message(1, ago=0))),
    )
    await poll(line, kept, await poll(line, kept))
    assert len(kept.messages) == 2


async def test_a_list_that_never_matches_its_history_is_not_asked_for_ever(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    kept = Kept()
    line = yandex.chats(memory=kept)
    host.script(CHATS, *[host.json(paged("chats", make_chat(ago=4)))] * 2)
    host.script(HISTORY, host.json(make_history(make_message(ago=30))))
    await poll(line, kept, await poll(line, kept))
    assert len(host.asked(HISTORY)) == 1


async def test_an_awaited_chat_is_read_before_the_list(host: ScriptedHost, yandex: YandexLines) -> None:
    kept = Kept(wanted=[CHAT], marked={CHAT: f"{NOW.isoformat()}|{FIRST}"})
    host.script(CHATS, host.json(paged("chats")))
    ours = make_message(1, ago=1, sender="PARTNER", message="Уже везём")
    host.script(HISTORY, host.json(make_history(make_message(0), ours)))
    await poll(yandex.chats(memory=kept), kept)
    assert [request.path for request in host.received] == [HISTORY, CHATS]
    assert body_of(host.received[0]) == {"messageIdFrom": FIRST}
    assert kept.texts(CHAT) == ["Уже везём"]


async def test_a_message_that_is_gone_makes_the_history_be_read_anew(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    kept = Kept(marked={CHAT: f"{stamp(50)}|{FIRST}"})
    host.script(CHATS, host.json(paged("chats", make_chat())))
    host.script(
        HISTORY,
        host.json(error("NOT_FOUND", "Message not found"), 404),
        host.json(make_history(make_message(3))),
    )
    await poll(yandex.chats(memory=kept), kept)
    assert kept.texts(CHAT) == ["Здравствуйте, вопрос 3"]
    assert body_of(host.asked(HISTORY)[1]) == {}


@pytest.mark.parametrize(("status", "closed"), [(404, True), (400, None), (403, None)])
async def test_a_chat_that_cannot_be_read_holds_no_other_up(
    host: ScriptedHost, yandex: YandexLines, status: int, closed: bool | None
) -> None:
    kept = Kept()
    host.script(CHATS, host.json(paged("chats", make_chat("1"), make_chat("2"))))
    host.script(
        HISTORY, host.json(error("NO", "Access denied"), status), host.json(make_history(make_message()))
    )
    await poll(yandex.chats(memory=kept), kept)
    assert kept.texts("2") == ["Здравствуйте, вопрос 0"]
    assert "1" not in kept.marked
    assert kept.chats["1"].closed is (closed or False)


@pytest.mark.parametrize(
    ("sender", "author", "origin"),
    [
        ("PARTNER", Author.SELLER, Origin.UNTOLD),
        ("CUSTOMER", Author.BUYER, Origin.BUYER),
        ("\u0421USTOMER", Author.BUYER, Origin.BUYER),
        ("BUYER", Author.BUYER, Origin.BUYER),
        ("user", Author.BUYER, Origin.BUYER),
        ("MARKET", Author.MARKETPLACE, Origin.AUTOMATIC),
        ("SUPPORT", Author.MARKETPLACE, Origin.AUTOMATIC),
        ("ARBITER_OF_TOMORROW", Author.MARKETPLACE, Origin.AUTOMATIC),
        (None, Author.MARKETPLACE, Origin.AUTOMATIC),
    ],
)
async def test_who_wrote(
    host: ScriptedHost, yandex: YandexLines, sender: str | None, author: Author, origin: Origin
) -> None:
    host.script(CHATS, host.json(paged("chats", make_chat())))
    host.script(HISTORY, host.json(make_history(make_message(sender=sender))))
    line = yandex.chats()
    page = await line.page((await line.page(None)).cursor)
    message = page.messages[0].message
    assert (message.author, message.origin) == (author, origin)


async def test_a_message_as_it_is_understood(host: ScriptedHost, yandex: YandexLines) -> None:
    files = [
        {"name": "чек.pdf", "url": "https://files.messenger.yandex.net/1", "size": 2048},
        {"name": "фото.JPG", "url": "https://files.messenger.yandex.net/2", "size": "1"},
        "nonsense",
    ]
    told = {
        "messageId": "1780212617058078",
        "createdAt": "2026-11-20T14:59:58.123456789+03:00",
        "sender": "CUSTOMER",
        "payload": files,
        "tomorrow": 1,
    }
    host.script(CHATS, host.json(paged("chats", make_chat(type="ARBITRAGE"))))
    host.script(HISTORY, host.json(make_history(told)))
    line = yandex.chats()
    page = await line.page((await line.page(None)).cursor)
    message = page.messages[0].message
    assert (message.external_id, message.text) == ("1780212617058078", "")
    assert message.sent_at == datetime(2026, 11, 20, 11, 59, 58, 123456, tzinfo=UTC)
    pdf, photo, broken = message.attachments
    assert pdf == Attachment(AttachmentKind.FILE, files[0]["url"], "чек.pdf", None, 2048, files[0]["url"])  # type: ignore[index]
    assert (photo.kind, photo.name, photo.size) == (AttachmentKind.IMAGE, "фото.JPG", 1)
    assert broken == Attachment(AttachmentKind.FILE)


async def test_one_unreadable_message_costs_no_other(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(CHATS, host.json(paged("chats", make_chat(), {"chatId": None}, "line")))
    broken = [
        make_message(1, createdAt="0001-01-01T00:00:00Z"),
        make_message(2, message={"text": "секрет"}),
        {"sender": "CUSTOMER"},
        17,
    ]
    host.script(HISTORY, host.json(make_history(make_message(0), *broken)))
    kept = Kept()
    await poll(yandex.chats(memory=kept), kept)
    assert kept.texts(CHAT) == ["Здравствуйте, вопрос 0"]
    assert len(kept.unreadable) == 6
    assert all("секрет" not in item.reason for item in kept.unreadable)
    assert {item.chat_external_id for item in kept.unreadable[2:]} == {CHAT}


async def test_a_spoilt_page_of_the_list_is_no_empty_one(host: ScriptedHost, yandex: YandexLines) -> None:
    for answer in ({"status": "OK"}, {"status": "OK", "result": {"chats": None}}, []):
        host.script(CHATS, host.json(answer))
        with pytest.raises(Unintelligible):
            await yandex.chats().page(None)


async def test_a_list_without_the_scope_closes_the_channel(host: ScriptedHost, yandex: YandexLines) -> None:
    words = "Token does not have any of the scopes to access the API method: communication"
    host.script(CHATS, host.json(error("FORBIDDEN", words), 403))
    with pytest.raises(ChannelClosed) as refused:
        await yandex.chats().page(None)
    assert refused.value.detail == words


@pytest.mark.parametrize("cursor", ["", "null", "[]", '{"left": 1}', "7", '{"whole_at": "soon"}'])
async def test_a_cursor_of_another_make_begins_anew(
    host: ScriptedHost, yandex: YandexLines, cursor: str
) -> None:
    host.script(CHATS, host.json(paged("chats")))
    assert (await yandex.chats().page(cursor)).complete
