"""Replies to Yandex Market over real HTTP: once, and every failure by its right name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from agentiq_core.connectors.base import Connector, Receipt
from agentiq_core.connectors.errors import (
    ChannelClosed,
    KeyRefused,
    NoAnswer,
    RateLimited,
    Refused,
    ServerFailed,
    SeveralAccounts,
    Unreachable,
)
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import Undelivered
from tests.connectors.scripted_host import ScriptedHost
from tests.connectors.yandex_answers import (
    ANSWER,
    BUSINESS,
    CAMPAIGNS,
    CHAT,
    COMMENT,
    FILE,
    KEY,
    MESSAGE,
    QUESTION,
    REVIEW,
    SKIP,
    error,
    make_campaigns,
    make_comment,
    ok,
)
from tests.connectors.yandex_lines import YandexLines

PDF = OutgoingFile("чек.pdf", "application/pdf", b"%PDF-1.7")
PNG = OutgoingFile("фото.png", "image/png", b"\x89PNG\r\n\x1a\n")
SECRET = "Код двери 4815 для курьера"


@dataclass(frozen=True)
class Channel:
    """How a channel is answered."""

    open: Callable[..., Connector]
    path: str
    chat: str
    accepted: dict[str, object]
    body: dict[str, object]


CHANNELS = {
    "chat": Channel(YandexLines.chats, MESSAGE, CHAT, {"status": "OK"}, {"message": "Добрый день!"}),
    "review": Channel(
        YandexLines.reviews,
        COMMENT,
        REVIEW,
        {"status": "OK", "result": make_comment(501, status="UNMODERATED")},
        {"feedbackId": int(REVIEW), "comment": {"text": "Добрый день!"}},
    ),
    "question": Channel(
        YandexLines.questions,
        ANSWER,
        QUESTION,
        ok(entity={"id": 601, "type": "ANSWER"}),
        {
            "operationType": "CREATE",
            "parentEntityId": {"id": int(QUESTION), "type": "QUESTION"},
            "text": "Добрый день!",
        },
    ),
}


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> Channel:
    """Each channel in turn."""
    return CHANNELS[request.param]


async def test_a_reply_is_one_request(host: ScriptedHost, yandex: YandexLines, channel: Channel) -> None:
    host.script(channel.path, host.json(channel.accepted))
    await channel.open(yandex).send(channel.chat, "Добрый день!")
    (asked,) = host.received
    assert json.loads(asked.body) == channel.body
    assert asked.headers["api-key"] == KEY
    assert "authorization" not in asked.headers


@pytest.mark.parametrize(
    ("name", "receipt"),
    [
        ("chat", Receipt()),
        ("review", Receipt(message_id="comment:501")),
        ("question", Receipt(message_id="answer:601")),
    ],
)
async def test_what_the_receipt_tells(
    host: ScriptedHost, yandex: YandexLines, name: str, receipt: Receipt
) -> None:
    channel = CHANNELS[name]
    host.script(channel.path, host.json(channel.accepted))
    assert await channel.open(yandex).send(channel.chat, "Добрый день!") == receipt


async def test_the_chat_goes_into_the_query(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(MESSAGE, host.json({"status": "OK"}))
    await yandex.chats().send(CHAT, "Добрый день!")
    assert host.received[0].query == {"chatId": [CHAT]}


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (lambda host: host.drop(), NoAnswer),
        (lambda host: host.drop_inside(), NoAnswer),
        (lambda host: host.hang(), NoAnswer),
        (lambda host: host.json(error("INTERNAL"), 500), ServerFailed),
        (lambda host: host.json(error("UNAVAILABLE"), 503), ServerFailed),
        (lambda host: host.raw(b"<html>"), ServerFailed),
        (lambda host: host.json([]), ServerFailed),
        (lambda host: host.json({}), ServerFailed),
        (lambda host: host.json(error("SOMETHING")), ServerFailed),
        (lambda host: host.raw(b"", 303, {"Location": "/"}), ServerFailed),
    ],
)
async def test_what_may_have_arrived_is_unknown_and_never_repeated(
    host: ScriptedHost,
    yandex: YandexLines,
    channel: Channel,
    step: Callable[[ScriptedHost], object],
    kind: type[MarketplaceError],
) -> None:
    host.script(channel.path, step(host))  # type: ignore[arg-type]
    with pytest.raises(kind):
        await channel.open(yandex, read=0.3).send(channel.chat, "Добрый день!")
    assert len(host.received) == 1
    assert yandex.naps == []


async def test_no_connection_is_not_delivered(yandex: YandexLines, channel: Channel) -> None:
    yandex.url = "http://127.0.0.1:9"
    with pytest.raises(Unreachable):
        await channel.open(yandex).send(channel.chat, "Добрый день!")


@pytest.mark.parametrize(
    ("status", "words", "kind", "reason"),
    [
        (400, "Value / length of field (text) must be between 1 and 4096", Refused, Undelivered.TEXT_REFUSED),
        (400, "Something unforeseen", Refused, Undelivered.REFUSED),
        (404, "Not found", Refused, Undelivered.CHAT_GONE),
        (403, "Access denied", Refused, Undelivered.REFUSED),
        (403, "OAuth token is invalid", KeyRefused, Undelivered.KEY_REFUSED),
        (403, "User account is disabled", KeyRefused, Undelivered.KEY_REFUSED),
        (403, "Token does not have any of the scopes to access the API method", KeyRefused, Undelivered.READ_ONLY_KEY),
        (403, "Restrict access for business '1' because it is not active", ChannelClosed, Undelivered.NO_SUBSCRIPTION),
        (401, "Api-Key token is revoked", KeyRefused, Undelivered.KEY_REFUSED),
        (402, "", KeyRefused, Undelivered.PAYMENT_REQUIRED),
        (405, "Request method 'POST' not supported", Refused, Undelivered.REFUSED),
    ],
)  # fmt: skip
async def test_a_refusal(
    host: ScriptedHost,
    yandex: YandexLines,
    channel: Channel,
    status: int,
    words: str,
    kind: type[MarketplaceError],
    reason: Undelivered,
) -> None:
    host.script(channel.path, host.json(error("NO", words), status))
    with pytest.raises(kind) as refused:
        await channel.open(yandex).send(channel.chat, "Добрый день!")
    assert refused.value.reason is reason  # type: ignore[attr-defined]
    assert refused.value.detail == words or not words  # type: ignore[attr-defined]
    assert len(host.received) == 1


async def test_two_requests_under_way_are_a_short_delay(
    host: ScriptedHost, yandex: YandexLines, channel: Channel
) -> None:
    until = format_datetime(datetime(2099, 1, 1, tzinfo=UTC), usegmt=True)
    headers = {"X-RateLimit-Resource-Until": until, "X-RateLimit-Resource-Remaining": "0"}
    words = "Hit rate limit of 2 parallel requests"
    host.script(channel.path, host.json(error("LIMIT_EXCEEDED", words), 420, headers))
    with pytest.raises(RateLimited) as limited:
        await channel.open(yandex).send(channel.chat, "Добрый день!")
    assert limited.value.retry_after == 1.0
    assert len(host.received) == 1


async def test_a_spent_hour_is_the_delay_that_the_market_tells(
    host: ScriptedHost, yandex: YandexLines, channel: Channel
) -> None:
    until = format_datetime(datetime.fromtimestamp(datetime.now(UTC).timestamp() + 900, UTC), usegmt=True)
    headers = {"X-RateLimit-Resource-Until": until, "X-RateLimit-Resource-Remaining": "0"}
    words = "Hit rate limit of 1000 requests per 1 hour for resource"
    host.script(channel.path, host.json(error("LIMIT_EXCEEDED", words), 420, headers))
    with pytest.raises(RateLimited) as limited:
        await channel.open(yandex).send(channel.chat, "Добрый день!")
    assert limited.value.retry_after is not None
    assert 880 < limited.value.retry_after <= 900


async def test_an_account_that_is_being_moved_is_waited_for(
    host: ScriptedHost, yandex: YandexLines, channel: Channel
) -> None:
    host.script(channel.path, host.json(error("LOCKED", "Business is in migration"), 423))
    with pytest.raises(RateLimited) as limited:
        await channel.open(yandex).send(channel.chat, "Добрый день!")
    assert limited.value.retry_after == 600.0


async def test_go_ahead_is_the_last_thing_before_the_request(
    host: ScriptedHost, yandex: YandexLines, channel: Channel
) -> None:
    order: list[str] = []

    async def gate(method: str) -> None:
        order.append(f"gate {method}")

    async def go_ahead() -> None:
        order.append(f"go, {len(host.received)} asked")
        raise Unreachable("held back")

    line = channel.open(yandex, gate=gate)
    with pytest.raises(Unreachable):
        await line.send(channel.chat, "Добрый день!", go_ahead=go_ahead)
    assert order == [f"gate {channel.path.partition(f'{BUSINESS}/')[2]}", "go, 0 asked"]
    assert host.received == []


async def test_a_reply_that_cannot_be_taken_is_not_sent(
    host: ScriptedHost, yandex: YandexLines, channel: Channel
) -> None:
    line = channel.open(yandex)
    for text in ("", "  ", "я" * 5001, "\ud83d"):
        with pytest.raises(Refused) as refused:
            await line.send(channel.chat, text)
        assert refused.value.reason is Undelivered.TEXT_REFUSED
    with pytest.raises(Refused) as gone:
        await line.send("not a number", "Добрый день!")
    assert gone.value.reason is Undelivered.CHAT_GONE
    assert host.received == []


async def test_only_chats_take_files(host: ScriptedHost, yandex: YandexLines) -> None:
    for line, chat in ((yandex.reviews(), REVIEW), (yandex.questions(), QUESTION)):
        with pytest.raises(Refused) as refused:
            await line.send(chat, "Вот чек", (PDF,))
        assert refused.value.reason is Undelivered.FILE_REFUSED
    assert host.received == []


async def test_text_and_files_are_one_request_each(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(MESSAGE, host.json({"status": "OK"}))
    host.script(FILE, *[host.json({"status": "OK"})] * 2)
    going: list[int] = []

    async def go_ahead() -> None:
        going.append(len(host.received))

    receipt = await yandex.chats().send(CHAT, "Вот чек", (PDF, PNG), go_ahead=go_ahead)
    assert receipt == Receipt()
    assert [asked.path for asked in host.received] == [MESSAGE, FILE, FILE]
    assert [asked.form["file"] for asked in host.asked(FILE)] == [[PDF.content], [PNG.content]]
    assert host.asked(FILE)[0].query == {"chatId": [CHAT]}
    assert going == [0, 1, 2]


async def test_a_file_alone_that_is_refused_is_an_error(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(FILE, host.json(error("BAD_REQUEST", "File is too large"), 400))
    with pytest.raises(Refused) as refused:
        await yandex.chats().send(CHAT, "", (PDF,))
    assert refused.value.reason is Undelivered.FILE_REFUSED


async def test_a_file_that_is_refused_behind_its_text_is_named_in_the_receipt(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script(MESSAGE, host.json({"status": "OK"}))
    host.script(FILE, host.json(error("BAD_REQUEST", "File is too large"), 400))
    receipt = await yandex.chats().send(CHAT, "Вот чек", (PDF,))
    assert receipt.file_errors == ("File is too large",)


async def test_a_file_whose_answer_is_lost_behind_its_text_is_unknown(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script(MESSAGE, host.json({"status": "OK"}))
    host.script(FILE, host.drop())
    with pytest.raises(NoAnswer):
        await yandex.chats().send(CHAT, "Вот чек", (PDF,))


async def test_files_of_other_kinds_and_sizes_stay_here(host: ScriptedHost, yandex: YandexLines) -> None:
    for file in (
        OutgoingFile("a.exe", "application/octet-stream", b"MZ"),
        OutgoingFile("a.png", "image/png", b"0" * (5 * 1024 * 1024 + 1)),
    ):
        with pytest.raises(Refused) as refused:
            await yandex.chats().send(CHAT, "", (file,))
        assert refused.value.reason is Undelivered.FILE_REFUSED
    assert host.received == []


async def test_a_comment_that_moderation_refuses_at_once_is_refused(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script(COMMENT, host.json({"status": "OK", "result": make_comment(status="BANNED")}))
    with pytest.raises(Refused) as refused:
        await yandex.reviews().send(REVIEW, "Звоните 8 800")
    assert refused.value.reason is Undelivered.TEXT_REFUSED


async def test_an_acceptance_without_an_id_is_one(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(COMMENT, host.json({"status": "OK", "result": "fine"}))
    host.script(ANSWER, host.json({"status": "OK"}))
    assert await yandex.reviews().send(REVIEW, "Спасибо") == Receipt()
    assert await yandex.questions().send(QUESTION, "Подойдёт") == Receipt()


async def test_no_error_repeats_the_token_or_the_reply(
    host: ScriptedHost, yandex: YandexLines, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    host.script(channel.path, host.json(error("BAD", f"bad text: {SECRET}, key {KEY}"), 400))
    with pytest.raises(Refused) as refused:
        await channel.open(yandex).send(channel.chat, SECRET)
    said = f"{refused.value!r} {refused.value} {refused.value.detail} {refused.value.params} {caplog.text}"
    assert SECRET not in said
    assert KEY not in said


async def test_the_account_is_found_before_a_reply_and_kept(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(CAMPAIGNS, host.json(make_campaigns()))
    host.script(MESSAGE, *[host.json({"status": "OK"})] * 2)
    line = yandex.chats(business=None)
    await line.send(CHAT, "Раз")
    await line.send(CHAT, "Два")
    assert [asked.path for asked in host.received] == [CAMPAIGNS, MESSAGE, MESSAGE]


async def test_an_account_that_cannot_be_found_is_no_reply_lost(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script(CAMPAIGNS, *[host.json(error("INTERNAL"), 500)] * 3)
    with pytest.raises(Unreachable):
        await yandex.chats(business=None).send(CHAT, "Раз")
    host.script(CAMPAIGNS, host.json(make_campaigns((1, "Первый"), (2, "Второй"))))
    with pytest.raises(SeveralAccounts):
        await yandex.chats(business=None).send(CHAT, "Раз")


async def test_a_token_has_two_requests_under_way_whatever_its_lines(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    for path in (MESSAGE, COMMENT, ANSWER):
        host.script(path, host.hang())
    lines = ((yandex.chats(), CHAT), (yandex.reviews(), REVIEW), (yandex.questions(), QUESTION))
    other = yandex.chats(key=KEY.replace("Z", "Y"))
    tasks = [asyncio.create_task(line.send(chat, "Раз")) for line, chat in lines]
    await asyncio.sleep(0.2)
    assert len(host.received) == 2
    host.script(MESSAGE, host.json({"status": "OK"}))
    await other.send(CHAT, "Два")
    tasks[0].cancel()
    await asyncio.sleep(0.2)
    assert len(host.received) == 4
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_review_is_dismissed_by_skipping_it(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(SKIP, host.json({"status": "OK"}), host.json(error("NOT_FOUND"), 404))
    line = yandex.reviews()
    await line.dismiss(REVIEW)
    assert json.loads(host.received[0].body) == {"feedbackIds": [int(REVIEW)]}
    with pytest.raises(Refused):
        await line.dismiss(REVIEW)


async def test_what_a_channel_lacks_asks_nothing(host: ScriptedHost, yandex: YandexLines) -> None:
    for line in (yandex.chats(), yandex.reviews(), yandex.questions()):
        await line.mark_read(CHAT, "1")
        await line.decline(CHAT)
        assert line.since(datetime.now(UTC)) is None
        assert await line.chats() == ()
    await yandex.chats().dismiss(CHAT)
    await yandex.questions().dismiss(QUESTION)
    assert host.received == []
