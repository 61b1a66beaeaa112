"""Replying in Avito's messenger: one request an effect, and the truth about what became of it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest

from agentiq_core.connectors.base import Download, Receipt
from agentiq_core.connectors.errors import (
    BudgetSpent,
    ChannelClosed,
    InsecureConnection,
    KeyRefused,
    NoAnswer,
    NotDelivered,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerFailed,
    Unreachable,
)
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import Undelivered
from tests.connectors.avito_answers import (
    ACCESS,
    CHAT,
    CHATS,
    ITEMS,
    OWN,
    READ,
    SECRET,
    SELF,
    SEND,
    SEND_IMAGE,
    TOKEN,
    UPLOAD,
    VOICES,
    make_chats,
    make_token,
)
from tests.connectors.avito_lines import AvitoLines
from tests.connectors.scripted_host import ScriptedHost

TEXT = "Добрый день! Чайник уже в пути."
SENT = {"id": "m77", "created": 1_795_694_400, "direction": "out", "type": "text", "content": {"text": TEXT}}
SENT_AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
PNG = OutgoingFile("снимок.png", "image/png", b"\x89PNG\r\n\x1a\n")
UPLOADED = {"12345.abc": {"32x32": "https://img.k.avito.ru/32x32/1.jpg"}}


@pytest.fixture
def line(avito: AvitoLines):
    return avito.chats()


async def test_a_text_is_posted_once_and_its_id_is_the_receipt(host: ScriptedHost, line):
    host.script(SEND, host.json(SENT))
    assert await line.send(CHAT, TEXT) == Receipt(SENT_AT, "m77")
    (request,) = host.asked(SEND)
    assert json.loads(request.body) == {"message": {"text": TEXT}, "type": "text"}
    assert request.headers["authorization"] == f"Bearer {ACCESS}"


async def test_a_picture_is_uploaded_first_and_sent_by_its_id(host: ScriptedHost, line):
    host.script(UPLOAD, host.json(UPLOADED))
    host.script(SEND_IMAGE, host.json({**SENT, "type": "image"}))
    assert await line.send(CHAT, "", (PNG,)) == Receipt(SENT_AT, "m77")
    assert host.asked(UPLOAD)[0].form == {"uploadfile[]": [PNG.content]}
    assert json.loads(host.asked(SEND_IMAGE)[0].body) == {"image_id": "12345.abc"}
    assert host.asked(SEND) == []


async def test_a_text_and_a_picture_are_two_messages_and_the_receipt_is_the_texts(host: ScriptedHost, line):
    host.script(SEND, host.json(SENT))
    host.script(UPLOAD, host.json(UPLOADED))
    host.script(SEND_IMAGE, host.json({**SENT, "id": "m78"}))
    assert await line.send(CHAT, TEXT, (PNG,)) == Receipt(SENT_AT, "m77")


@pytest.mark.parametrize("failure", ["drop", "502", "400", "no id"])
async def test_a_picture_that_was_not_uploaded_leaves_the_text_sent_and_is_named(
    host: ScriptedHost, line, failure
):
    step = {
        "drop": host.drop(),
        "502": host.json({}, 502),
        "400": host.json({"message": "image is too large"}, 400),
        "no id": host.json({}),
    }[failure]
    host.script(SEND, host.json(SENT))
    host.script(UPLOAD, step)
    receipt = await line.send(CHAT, TEXT, (PNG,))
    assert receipt.message_id == "m77"
    assert len(receipt.file_errors) == 1
    assert host.asked(SEND_IMAGE) == []


@pytest.mark.parametrize("failure", ["drop", "drop_inside", "500", "no id", "no json"])
async def test_an_upload_that_was_lost_was_not_delivered(host: ScriptedHost, line, failure):
    step = {
        "drop": host.drop(),
        "drop_inside": host.drop_inside(),
        "500": host.json({}, 500),
        "no id": host.json({"error": {"code": 1}}),
        "no json": host.raw(b"<html>"),
    }[failure]
    host.script(UPLOAD, step)
    with pytest.raises(NotDelivered):
        await line.send(CHAT, "", (PNG,))
    assert len(host.asked(UPLOAD)) == 1
    assert host.asked(SEND_IMAGE) == []


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_an_upload_that_is_refused_is_a_refused_file(host: ScriptedHost, line, status):
    host.script(UPLOAD, host.json({"error": {"message": "unsupported format"}}, status))
    with pytest.raises(Refused) as caught:
        await line.send(CHAT, "", (PNG,))
    assert (caught.value.reason, caught.value.detail) == (Undelivered.FILE_REFUSED, "unsupported format")


async def test_a_picture_whose_sending_was_lost_is_unknown(host: ScriptedHost, line):
    host.script(UPLOAD, host.json(UPLOADED))
    host.script(SEND_IMAGE, host.drop())
    with pytest.raises(OutcomeUnknown):
        await line.send(CHAT, "", (PNG,))
    assert len(host.asked(SEND_IMAGE)) == 1


@pytest.mark.parametrize(
    "failure", ["drop", "drop_inside", "hang", "500", "503 html", "303", "garbage", "error inside"]
)
async def test_whatever_is_no_definite_answer_leaves_the_outcome_unknown_and_is_never_repeated(
    host: ScriptedHost, avito: AvitoLines, failure: str
):
    step = {
        "drop": host.drop(),
        "drop_inside": host.drop_inside(),
        "hang": host.hang(),
        "500": host.json({}, 500),
        "503 html": host.raw(b"<html>", 503),
        "303": host.json({}, 303),
        "garbage": host.raw(b'{"id": "m7'),
        "error inside": host.json({"error": {"code": 500, "message": "later"}}),
    }[failure]
    host.script(SEND, step)
    with pytest.raises(OutcomeUnknown):
        await avito.chats(read=0.1).send(CHAT, TEXT)
    assert len(host.asked(SEND)) == 1
    assert avito.naps == []


@pytest.mark.parametrize(
    "answer", [{}, {"id": None, "created": None}, {"id": 77, "created": "0001-01-01T00:00:00Z"}]
)
async def test_an_acceptance_without_id_or_time_is_an_acceptance(host: ScriptedHost, line, answer):
    host.script(SEND, host.json(answer))
    told = await line.send(CHAT, TEXT)
    assert (told.accepted_at, told.message_id) == (None, "77" if answer.get("id") else None)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": {"code": 400, "message": "text is too long"}}, Undelivered.TEXT_REFUSED),
        (400, {"errors": [{"code": "x", "message": "user is blocked"}]}, Undelivered.REFUSED),
        (404, {"code": 404, "message": "chat not found"}, Undelivered.CHAT_GONE),
        (405, {"result": {"message": "no"}}, Undelivered.REFUSED),
        (413, {}, Undelivered.TEXT_REFUSED),
        (301, {}, Undelivered.REFUSED),
    ],
)
async def test_a_refusal_is_definite(host: ScriptedHost, line, status, body, reason):
    host.script(SEND, host.json(body, status))
    with pytest.raises(Refused) as caught:
        await line.send(CHAT, TEXT)
    assert caught.value.reason is reason
    assert len(host.asked(SEND)) == 1


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"error": {"code": 7, "message": "нет"}}, "нет"),
        ({"code": 7, "message": "нет"}, "нет"),
        ({"errors": [{"message": "нет"}, {"message": "и ещё"}]}, "нет; и ещё"),
        ({"result": {"status": False, "message": "нет"}}, "нет"),
        ({"message": "нет", "error": {"fields": {"text": "длинный"}}}, "нет; text: длинный"),
        ({"error": {"code": "validation"}}, "validation"),
        ([["нет"]], "нет"),
        ("нет", "нет"),
        (7, ""),
    ],
)
async def test_avitos_words_are_found_in_every_shape(host: ScriptedHost, line, body, detail):
    host.script(SEND, host.json(body, 400))
    with pytest.raises(Refused) as caught:
        await line.send(CHAT, TEXT)
    assert caught.value.detail == detail


@pytest.mark.parametrize("status", [402, 403])
async def test_a_tariff_without_the_messenger_closes_the_channel(host: ScriptedHost, line, status):
    host.script(SEND, host.json({"error": {"message": "Доступно на тарифе «Максимальный»"}}, status))
    with pytest.raises(ChannelClosed) as caught:
        await line.send(CHAT, TEXT)
    assert caught.value.detail == "Доступно на тарифе «Максимальный»"
    assert len(host.asked(SEND)) == 1


async def test_a_token_that_ran_out_costs_no_reply(host: ScriptedHost, line):
    host.script(TOKEN, host.json(make_token("tok-second-0123")))
    host.script(SEND, host.json({}, 401), host.json(SENT))
    calls: list[int] = []

    async def go_ahead() -> None:
        calls.append(len(host.asked(SEND)))

    assert (await line.send(CHAT, TEXT, go_ahead=go_ahead)).message_id == "m77"
    assert calls == [0, 1]


async def test_a_key_that_is_withdrawn_is_refused(host: ScriptedHost, line):
    host.script(TOKEN, host.json({"error": "invalid_client"}, 401))
    host.script(SEND, host.json({}, 401))
    with pytest.raises(KeyRefused):
        await line.send(CHAT, TEXT)
    assert len(host.asked(SEND)) == 1


@pytest.mark.parametrize(
    ("headers", "delay"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "1.5", "X-RateLimit-Limit": "60"}, 1.5),
        ({"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0"}, 60.0),
        ({}, None),
    ],
)
async def test_a_limit_is_told_with_its_delay_and_a_reply_is_not_repeated(
    host: ScriptedHost, avito, line, headers, delay
):
    host.script(SEND, host.json({"message": "too many requests"}, 429, headers))
    with pytest.raises(RateLimited) as caught:
        await line.send(CHAT, TEXT)
    assert caught.value.retry_after == delay
    assert (len(host.asked(SEND)), avito.naps) == (1, [])


async def test_where_nothing_is_left_of_the_minute_a_method_rests(host: ScriptedHost, line):
    host.script(
        SEND, host.json(SENT, 200, {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0"}), host.json(SENT)
    )
    await line.send(CHAT, TEXT)
    with pytest.raises(BudgetSpent) as caught:
        await line.send(CHAT, TEXT)
    assert caught.value.retry_after == 12.0
    assert len(host.asked(SEND)) == 1


async def test_the_go_ahead_is_the_last_thing_before_each_effect(host: ScriptedHost, line):
    host.script(SEND, host.json(SENT))
    host.script(UPLOAD, host.json(UPLOADED))
    host.script(SEND_IMAGE, host.json(SENT))
    asked: list[list[str]] = []

    async def go_ahead() -> None:
        asked.append([one.path for one in host.received])

    await line.send(CHAT, TEXT, (PNG,), go_ahead=go_ahead)
    assert asked == [[TOKEN], [TOKEN, SEND, UPLOAD]]


async def test_a_go_ahead_that_says_no_holds_the_reply_back(host: ScriptedHost, line):
    async def go_ahead() -> None:
        raise RuntimeError("the lease ended")

    with pytest.raises(RuntimeError):
        await line.send(CHAT, TEXT, go_ahead=go_ahead)
    assert host.asked(SEND) == []


@pytest.mark.parametrize("step", ["drop", "503", "no id"])
async def test_an_account_that_is_not_told_delivers_nothing(host: ScriptedHost, avito, step):
    host.script(SELF, *[{"drop": host.drop(), "503": host.json({}, 503), "no id": host.json({})}[step]] * 3)
    with pytest.raises(Unreachable):
        await avito.chats(account_id=None).send(CHAT, TEXT)
    assert host.asked(SEND) == []


@pytest.mark.parametrize(
    ("text", "files", "reason"),
    [
        ("я" * 1001, (), Undelivered.TEXT_REFUSED),
        (" \n", (), Undelivered.TEXT_REFUSED),
        ("half \ud83d", (), Undelivered.TEXT_REFUSED),
        ("a", (OutgoingFile("c.pdf", "application/pdf", b"%PDF-"),), Undelivered.FILE_REFUSED),
        ("a", (OutgoingFile("p.png", "image/png", bytes(24 * 1024 * 1024 + 1)),), Undelivered.FILE_REFUSED),
    ],
)
async def test_what_is_surely_wrong_is_refused_before_any_request(
    host: ScriptedHost, line, text, files, reason
):
    with pytest.raises(Refused) as caught:
        await line.send(CHAT, text, files)
    assert caught.value.reason is reason
    assert host.received == []


async def test_a_refused_port_and_an_unsigned_certificate_deliver_nothing(
    avito, untrusted_host, unused_tcp_port
):
    with pytest.raises(Unreachable):
        await avito.chats(url=f"http://127.0.0.1:{unused_tcp_port}").send(CHAT, TEXT)
    with pytest.raises(InsecureConnection):
        await avito.chats(url=untrusted_host.url).send(CHAT, TEXT)


async def test_no_error_or_log_repeats_the_reply(host: ScriptedHost, line, caplog):
    caplog.set_level(logging.DEBUG, logger="agentiq_core")
    host.script(SEND, host.json({"message": f"cannot send «{TEXT}» with {ACCESS} {SECRET}"}, 400))
    with pytest.raises(Refused) as caught:
        await line.send(CHAT, TEXT)
    shown = f"{caught.value} {caught.value.params} {caught.value.detail} {caplog.text}"
    assert not [secret for secret in (TEXT, ACCESS, SECRET) if secret in shown]


async def test_a_conversation_is_marked_read_as_a_whole(host: ScriptedHost, line):
    host.script(READ, host.json({"ok": True}))
    await line.mark_read(CHAT, "m0001")
    (request,) = host.asked(READ)
    assert request.method == "POST"
    await line.dismiss(CHAT)
    await line.decline(CHAT)
    assert len(host.received) == 2


async def test_an_employees_key_may_not_mark_read(host: ScriptedHost, line):
    host.script(READ, host.json({}, 403))
    with pytest.raises(ChannelClosed):
        await line.mark_read(CHAT, "m0001")


async def test_a_voice_message_is_fetched_by_the_link_of_the_hour(host: ScriptedHost, line):
    host.script(VOICES, host.json({"voices_urls": {"v-1": f"{host.url}/voice/1.mp4?sign=x"}}))
    host.script("/voice/1.mp4", host.raw(b"....ftypmp42", 200, {"Content-Type": "audio/mp4"}))
    assert await line.download("voice:v-1") == Download(b"....ftypmp42", "audio/mp4")
    assert host.asked(VOICES)[0].query == {"voice_ids": ["v-1"]}
    assert "authorization" not in host.asked("/voice/1.mp4")[0].headers


@pytest.mark.parametrize(
    "answer", [{}, {"voices_urls": None}, {"voices_urls": {}}, {"voices_urls": {"v-1": ""}}]
)
async def test_a_voice_message_that_is_gone_is_refused(host: ScriptedHost, line, answer):
    host.script(VOICES, host.json(answer))
    with pytest.raises(Refused):
        await line.download("voice:v-1")


@pytest.mark.parametrize("url", ["https://elsewhere.invalid/1.jpg", "http://img.k.avito.ru/1.jpg", "file:///etc/passwd", "https://avito.ru.evil.invalid/1", ""])  # fmt: skip
async def test_a_file_is_fetched_from_avitos_hosts_alone(host: ScriptedHost, line, url):
    with pytest.raises(Refused):
        await line.download(url)
    assert host.received == []


async def test_listings_are_cards_as_far_as_avito_tells(host: ScriptedHost, line):
    listed = {
        "id": 1768000444,
        "title": "Чайник",
        "price": 1250,
        "status": "active",
        "address": "Тверь",
        "category": {"name": "Посуда"},
    }
    host.script(ITEMS, host.json({"resources": [listed, {"title": "without id"}, 7], "meta": {}}))
    host.script(
        f"/core/v1/accounts/{OWN}/items/5/", host.json({"status": "old", "url": "https://avito.ru/5"})
    )
    host.script(f"/core/v1/accounts/{OWN}/items/6/", host.json({"status": "another_user"}))
    host.script(f"/core/v1/accounts/{OWN}/items/7/", host.json({"code": "404", "message": "no"}, 404))
    first, second = await line.products(["1768000444", "5", "6", "7", "abc", "5"])
    assert (first.title, first.facts) == (
        "Чайник",
        (("Цена", "1250 ₽"), ("Категория", "Посуда"), ("Адрес", "Тверь"), ("Объявление", "активно")),
    )
    assert (second.external_id, second.title) == ("5", None)
    assert second.facts == (("Объявление", "срок размещения истёк"), ("Ссылка", "https://avito.ru/5"))


@pytest.mark.parametrize("status", [402, 403, 404])
async def test_without_a_right_to_listings_there_are_no_cards(host: ScriptedHost, line, status):
    host.script(ITEMS, host.json({"code": "x", "message": "no"}, status))
    assert await line.products(["1"]) == ()
    assert await line.products([]) == ()


async def test_the_gate_is_passed_before_every_request(host: ScriptedHost, avito):
    passed: list[tuple[str, int]] = []

    async def gate(method: str) -> None:
        passed.append((method, len(host.received)))

    line = avito.chats(gate=gate)
    host.script(CHATS, host.json({}, 500), host.json(make_chats()))
    host.script(SEND, host.json(SENT))
    await line.page(None)
    await line.send(CHAT, TEXT)
    assert passed == [("access", 0), ("chats", 1), ("chats", 2), ("send", 3)]


async def test_a_host_that_never_answers_a_read_is_no_answer(host: ScriptedHost, avito):
    host.script(CHATS, *[host.hang()] * 3)
    with pytest.raises(NoAnswer):
        await avito.chats(read=0.05).page(None)


async def test_a_failing_read_is_tried_three_times(host: ScriptedHost, avito):
    host.script(CHATS, *[host.json({}, 500)] * 9)
    with pytest.raises(ServerFailed):
        await avito.chats().page(None)
    assert (len(host.asked(CHATS)), len(avito.naps)) == (3, 2)
