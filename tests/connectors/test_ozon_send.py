"""Writing to Ozon: one request for one thing, and the truth about what became of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable

import pytest

from agentiq_core.connectors.base import Receipt
from agentiq_core.connectors.errors import (
    ChannelClosed,
    InsecureConnection,
    KeyRefused,
    NoAnswer,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerFailed,
    Unreachable,
)
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import Undelivered
from tests.connectors.kept import Kept
from tests.connectors.ozon_answers import (
    ANSWER,
    CHAT,
    CHAT_READ,
    COMMENT,
    FILE,
    KEY,
    MESSAGE,
    NO_SUBSCRIPTION,
    QUESTION,
    QUESTION_STATUS,
    REVIEW_STATUS,
    make_problem,
    make_question,
)
from tests.connectors.ozon_lines import AnyChannel, OzonLines
from tests.connectors.scripted_host import ScriptedHost

PNG = OutgoingFile("снимок.png", "image/png", b"\x89PNG\r\n\x1a\n")
SUCCESS = {"result": "success"}
SKU = "731204865"
ASKED = str(make_question()["id"])

Opened = Callable[..., AnyChannel]


def channels(ozon: OzonLines) -> dict[str, tuple[Opened, dict[str, object]]]:
    """How each channel is opened, so that nothing but the sending request is made."""
    marked = {ASKED: f"0 new {SKU} sign"}
    return {
        MESSAGE: (ozon.chats, {}),
        COMMENT: (ozon.reviews, {}),
        ANSWER: (ozon.questions, {"memory": Kept(marked=marked)}),
    }


def opened(ozon: OzonLines, method: str, **named: object) -> AnyChannel:
    open_line, usual = channels(ozon)[method]
    return open_line(**usual, **named)


EVERY = pytest.mark.parametrize("method", [MESSAGE, COMMENT, ANSWER])


def sent(host: ScriptedHost, method: str) -> list[dict[str, object]]:
    return [json.loads(request.body) for request in host.asked(method)]


async def test_a_message_is_posted_once_and_tells_no_id(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(MESSAGE, host.json(SUCCESS))
    assert await ozon.chats().send(CHAT, "Добрый день!\nУже везём.") == Receipt()
    assert sent(host, MESSAGE) == [{"chat_id": CHAT, "text": "Добрый день!\nУже везём."}]


async def test_a_comment_names_itself_and_settles_its_review(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(COMMENT, host.json({"comment_id": "c-1"}))
    assert await ozon.reviews().send("r-1", "Спасибо!") == Receipt(message_id="c-1")
    assert sent(host, COMMENT) == [{"review_id": "r-1", "text": "Спасибо!", "mark_review_as_processed": True}]


async def test_an_answer_takes_the_good_from_memory(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(ANSWER, host.json({"answer_id": "a-1"}))
    assert await opened(ozon, ANSWER).send(ASKED, "Белый.") == Receipt(message_id="a-1")
    assert sent(host, ANSWER) == [{"question_id": ASKED, "sku": int(SKU), "text": "Белый."}]


async def test_an_answer_without_memory_asks_for_the_good(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(QUESTION, host.json(make_question()))
    host.script(ANSWER, host.json({"answer_id": "a-1"}))
    await ozon.questions().send(ASKED, "Белый.")
    assert [request.path for request in host.received] == [QUESTION, ANSWER]
    assert sent(host, ANSWER)[0]["sku"] == int(SKU)


@pytest.mark.parametrize("step", ["drop", "502", "noise"])
async def test_an_answer_whose_good_cannot_be_looked_up_did_not_leave(
    host: ScriptedHost, ozon: OzonLines, step: str
) -> None:
    steps = {"drop": host.drop(), "502": host.json({}, 502), "noise": host.raw(b"<html>")}
    host.script(QUESTION, *[steps[step]] * 3)
    with pytest.raises(Unreachable):
        await ozon.questions().send(ASKED, "Белый.")
    assert host.asked(ANSWER) == []


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        (make_problem("question not found", 5), 404, Undelivered.CHAT_GONE),
        (make_question(sku=None), 200, Undelivered.REFUSED),
        (make_question(sku="белый"), 200, Undelivered.REFUSED),
    ],
)
async def test_a_question_without_a_good_is_not_answered(
    host: ScriptedHost, ozon: OzonLines, answer: object, status: int, reason: Undelivered
) -> None:
    host.script(QUESTION, host.json(answer, status))
    with pytest.raises(Refused) as caught:
        await ozon.questions().send(ASKED, "Белый.")
    assert caught.value.reason is reason
    assert host.asked(ANSWER) == []


async def test_a_file_travels_as_base64_under_a_name_with_its_ending(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(FILE, host.json({"result": "Success"}))
    assert (
        await ozon.chats().send(CHAT, "", (OutgoingFile("../снимок", "image/png", PNG.content),)) == Receipt()
    )
    assert sent(host, FILE) == [
        {
            "chat_id": CHAT,
            "name": "снимок.png",
            "base64_content": base64.b64encode(PNG.content).decode(),
        }
    ]


async def test_a_refused_file_behind_a_text_is_named_and_the_text_stays_sent(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(MESSAGE, host.json(SUCCESS))
    host.script(FILE, host.json(make_problem("unsupported file format"), 400), host.json(SUCCESS))
    receipt = await ozon.chats().send(CHAT, "Вот", (PNG, PNG))
    assert receipt.file_errors == ("unsupported file format",)
    assert (len(host.asked(MESSAGE)), len(host.asked(FILE))) == (1, 2)


async def test_a_refused_file_alone_is_refused(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(FILE, host.json(make_problem("unsupported file format"), 400))
    with pytest.raises(Refused) as caught:
        await ozon.chats().send(CHAT, "", (PNG,))
    assert caught.value.reason is Undelivered.FILE_REFUSED


async def test_a_file_of_unknown_fate_behind_a_text_is_unknown(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(MESSAGE, host.json(SUCCESS))
    host.script(FILE, host.drop())
    with pytest.raises(OutcomeUnknown):
        await ozon.chats().send(CHAT, "Вот", (PNG,))


@pytest.mark.parametrize(
    ("method", "text", "files", "reason"),
    [
        (MESSAGE, "я" * 1001, (), Undelivered.TEXT_REFUSED),
        (MESSAGE, " \n", (), Undelivered.TEXT_REFUSED),
        (MESSAGE, "half \ud83d", (), Undelivered.TEXT_REFUSED),
        (MESSAGE, "a", (OutgoingFile("v.mp4", "video/mp4", b"x"),), Undelivered.FILE_REFUSED),
        (MESSAGE, "a", (OutgoingFile("p.png", "image/png", b""),), Undelivered.FILE_REFUSED),
        (MESSAGE, "", (OutgoingFile("p.png", "image/png", bytes((5 << 20) + 1)),), Undelivered.FILE_REFUSED),
        (MESSAGE, "", (OutgoingFile("p.png", "image/png", bytes(5 << 20)),) * 7, Undelivered.FILE_REFUSED),
        (MESSAGE, "", (OutgoingFile("\udc80.png", "image/png", b"x"),), Undelivered.FILE_REFUSED),
        (COMMENT, "a", (PNG,), Undelivered.FILE_REFUSED),
        (COMMENT, "я" * 1001, (), Undelivered.TEXT_REFUSED),
        (ANSWER, "я", (), Undelivered.TEXT_REFUSED),
        (ANSWER, "я" * 3001, (), Undelivered.TEXT_REFUSED),
    ],
)
async def test_what_is_surely_wrong_is_refused_before_any_request(
    host: ScriptedHost,
    ozon: OzonLines,
    method: str,
    text: str,
    files: tuple[OutgoingFile, ...],
    reason: Undelivered,
) -> None:
    with pytest.raises(Refused) as caught:
        await opened(ozon, method).send(ASKED, text, files)
    assert caught.value.reason is reason
    assert host.received == []


@EVERY
@pytest.mark.parametrize("failure", ["drop", "drop_inside", "hang", "drip"])
async def test_a_lost_answer_is_unknown_and_never_repeated(
    host: ScriptedHost, ozon: OzonLines, method: str, failure: str
) -> None:
    steps = {"drop": host.drop(), "drop_inside": host.drop_inside(), "hang": host.hang(), "drip": host.drip()}
    host.script(method, steps[failure])
    with pytest.raises(NoAnswer):
        await opened(ozon, method, read=0.1, total=0.5).send(ASKED, "Добрый день")
    assert len(host.asked(method)) == 1


@EVERY
@pytest.mark.parametrize(
    ("status", "answered"),
    [
        (500, b'{"code": 13, "message": "internal"}'),
        (502, b"<html>"),
        (503, b""),
        (303, b""),
        (200, b""),
        (200, b"<html>"),
        (200, b'{"result": "suc'),
        (200, b"[]"),
        (204, b""),
    ],
)
async def test_a_server_failure_or_an_unreadable_yes_is_unknown(
    host: ScriptedHost, ozon: OzonLines, method: str, status: int, answered: bytes
) -> None:
    host.script(method, host.raw(answered, status))
    with pytest.raises(ServerFailed) as caught:
        await opened(ozon, method).send(ASKED, "Добрый день")
    assert caught.value.status == status
    assert len(host.asked(method)) == 1


@pytest.mark.parametrize("answered", [{}, {"result": ""}, {"result": "queued"}, {"result": None}])
async def test_a_yes_that_does_not_say_success_is_unknown(
    host: ScriptedHost, ozon: OzonLines, answered: object
) -> None:
    host.script(MESSAGE, host.json(answered))
    with pytest.raises(OutcomeUnknown):
        await ozon.chats().send(CHAT, "да")


@EVERY
@pytest.mark.parametrize(
    ("status", "message", "headers", "delay"),
    [
        (429, "You have reached request rate limit per second", {"Retry-After": "7"}, 7.0),
        (429, "", {}, None),
        (400, "You have reached request rate limit per second", {}, None),
        (429, "Circle is open", {}, 180.0),
        (503, "Circle is open", {"Retry-After": "60"}, 60.0),
        (403, "circuit breaker is open", {}, 180.0),
    ],
)
async def test_a_limited_reply_waits_and_is_never_repeated_here(
    host: ScriptedHost,
    ozon: OzonLines,
    method: str,
    status: int,
    message: str,
    headers: dict[str, str],
    delay: float | None,
) -> None:
    host.script(method, host.json(make_problem(message, 8), status, headers))
    with pytest.raises(RateLimited) as caught:
        await opened(ozon, method).send(ASKED, "Добрый день")
    assert caught.value.retry_after == delay
    assert (len(host.asked(method)), ozon.naps) == (1, [])


@EVERY
@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "Client-Id and Api-Key headers are required"),
        (401, ""),
        (403, "Invalid Api-Key, please contact support"),
        (400, "Invalid Api-Key, please contact support"),
        (403, "Api-key is deactivated, use another one or generate a new one"),
        (403, "Api-Key is restricted to specific IP addresses"),
        (403, "Offer not signed"),
    ],
)
async def test_a_key_that_does_not_work_stops_the_seller(
    host: ScriptedHost, ozon: OzonLines, method: str, status: int, message: str
) -> None:
    host.script(method, host.json(make_problem(message, 16), status))
    with pytest.raises(KeyRefused) as caught:
        await opened(ozon, method).send(ASKED, "Добрый день")
    assert caught.value.detail == message


@EVERY
@pytest.mark.parametrize(
    "answered", [NO_SUBSCRIPTION, make_problem("Api-Key is missing a required role for a method", 7)]
)
async def test_no_subscription_closes_the_channel_and_not_the_seller(
    host: ScriptedHost, ozon: OzonLines, method: str, answered: object
) -> None:
    host.script(method, host.json(answered, 403))
    with pytest.raises(ChannelClosed) as caught:
        await opened(ozon, method).send(ASKED, "Добрый день")
    assert caught.value.reason is Undelivered.NO_SUBSCRIPTION
    assert caught.value.detail


@pytest.mark.parametrize(
    ("method", "status", "message", "reason"),
    [
        (MESSAGE, 400, "text must be between 1 and 1000 symbols", Undelivered.TEXT_REFUSED),
        (MESSAGE, 403, "you can answer within 48 hours", Undelivered.WINDOW_CLOSED),
        (MESSAGE, 400, "time limit exceeded", Undelivered.WINDOW_CLOSED),
        (MESSAGE, 404, "chat not found", Undelivered.CHAT_GONE),
        (MESSAGE, 403, "chat is closed", Undelivered.CHAT_GONE),
        (MESSAGE, 403, "access denied", Undelivered.REFUSED),
        (MESSAGE, 409, "conflict", Undelivered.REFUSED),
        (MESSAGE, 308, "", Undelivered.REFUSED),
        (COMMENT, 404, "review not found", Undelivered.CHAT_GONE),
        (COMMENT, 400, "text: invalid", Undelivered.TEXT_REFUSED),
        (ANSWER, 400, "something else", Undelivered.REFUSED),
    ],
)
async def test_a_definite_no_keeps_ozons_words(
    host: ScriptedHost, ozon: OzonLines, method: str, status: int, message: str, reason: Undelivered
) -> None:
    host.script(method, host.json(make_problem(message), status))
    with pytest.raises(Refused) as caught:
        await opened(ozon, method).send(ASKED, "Добрый день")
    assert (caught.value.reason, caught.value.detail) == (reason, message)


@EVERY
async def test_the_go_ahead_is_the_last_thing_before_the_request(
    host: ScriptedHost, ozon: OzonLines, method: str
) -> None:
    order: list[str] = []

    async def gate(method: str) -> None:
        order.append("gate")

    async def go_ahead() -> None:
        assert host.asked(method) == []
        order.append("go")

    host.script(method, host.json(SUCCESS))
    await opened(ozon, method, gate=gate).send(ASKED, "Добрый день", go_ahead=go_ahead)
    assert order == ["gate", "go"]


@EVERY
async def test_a_go_ahead_that_says_no_holds_the_request_back(
    host: ScriptedHost, ozon: OzonLines, method: str
) -> None:
    async def go_ahead() -> None:
        raise RuntimeError("the lease ended")

    with pytest.raises(RuntimeError):
        await opened(ozon, method).send(ASKED, "Добрый день", go_ahead=go_ahead)
    assert host.received == []


@EVERY
async def test_a_refused_port_is_unreachable(ozon: OzonLines, method: str, unused_tcp_port: int) -> None:
    with pytest.raises(Unreachable):
        await opened(ozon, method, url=f"http://127.0.0.1:{unused_tcp_port}").send(ASKED, "Добрый день")


async def test_a_certificate_nobody_signed_is_insecure(untrusted_host: ScriptedHost, ozon: OzonLines) -> None:
    with pytest.raises(InsecureConnection):
        await ozon.chats(url=untrusted_host.url).send(CHAT, "да")
    assert untrusted_host.received == []


@EVERY
async def test_no_error_repeats_the_key_or_the_text(
    host: ScriptedHost, ozon: OzonLines, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    text = "Позвоните мне домой"
    host.script(method, host.json(make_problem(f"key {KEY} may not say {text}"), 400))
    with caplog.at_level("DEBUG"), pytest.raises(MarketplaceError) as caught:
        await opened(ozon, method).send(ASKED, text)
    said = f"{caught.value!r} {caught.value} {caught.value.params} {getattr(caught.value, 'detail', '')}"
    mine = "".join(record.getMessage() for record in caplog.records if record.name.startswith("agentiq"))
    for hidden in (KEY, text):
        assert hidden not in said
        assert hidden not in mine


Act = Callable[[OzonLines], Awaitable[None]]


@pytest.mark.parametrize(
    ("path", "act", "expected"),
    [
        (CHAT_READ, lambda ozon: ozon.chats().mark_read(CHAT, "5"), {"chat_id": CHAT, "from_message_id": 5}),
        (
            REVIEW_STATUS,
            lambda ozon: ozon.reviews().mark_read("r", "r"),
            {"review_ids": ["r"], "status": "VIEWED"},
        ),
        (
            REVIEW_STATUS,
            lambda ozon: ozon.reviews().dismiss("r"),
            {"review_ids": ["r"], "status": "PROCESSED"},
        ),
        (
            QUESTION_STATUS,
            lambda ozon: ozon.questions().mark_read("q", "q"),
            {"question_ids": ["q"], "status": "VIEWED"},
        ),
        (
            QUESTION_STATUS,
            lambda ozon: ozon.questions().dismiss("q"),
            {"question_ids": ["q"], "status": "PROCESSED"},
        ),
    ],
)
async def test_a_status_is_told_once_whatever_comes_back(
    host: ScriptedHost, ozon: OzonLines, path: str, act: Act, expected: object
) -> None:
    host.script(path, host.raw(b""), host.drop(), host.json(NO_SUBSCRIPTION, 403))
    await act(ozon)
    with pytest.raises(NoAnswer):
        await act(ozon)
    with pytest.raises(ChannelClosed):
        await act(ozon)
    assert sent(host, path) == [expected] * 3
