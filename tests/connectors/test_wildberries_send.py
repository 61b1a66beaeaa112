"""Sending a reply: one POST with a fresh sign, and the truth about what became of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agentiq_core.connectors.base import Receipt
from agentiq_core.connectors.errors import (
    InsecureConnection,
    KeyRefused,
    NoAnswer,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerFailed,
    Unreachable,
)
from agentiq_core.connectors.wildberries.client import WildberriesConnector
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import Undelivered
from tests.connectors.scripted_host import ScriptedHost
from tests.connectors.wildberries_answers import (
    CHAT,
    CHATS,
    MESSAGE,
    SIGN,
    make_chats,
    make_key,
    make_problem,
)
from tests.connectors.wildberries_lines import Lines

ACCEPTED = {"result": {"addTime": 1712848270018, "chatID": CHAT}, "errors": []}
BAD_SIGN = make_problem("Invalid signature")
PNG = OutgoingFile("снимок.png", "image/png", b"\x89PNG\r\n\x1a\n")


async def test_a_reply_is_posted_once_with_the_sign_of_its_chat(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    other = {"chatID": "1:other", "replySign": "1:other:sign"}
    host.script(CHATS, host.json(make_chats(other, {"chatID": CHAT, "replySign": SIGN})))
    host.script(MESSAGE, host.json(ACCEPTED))
    receipt = await line.send(CHAT, "Добрый день!\nУже везём.")
    assert receipt == Receipt(accepted_at=datetime(2024, 4, 11, 15, 11, 10, 18000, tzinfo=UTC))
    (request,) = host.asked(MESSAGE)
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert request.form == {"replySign": [SIGN.encode()], "message": ["Добрый день!\nУже везём.".encode()]}


async def test_files_go_beside_the_text_and_those_refused_are_named(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(CHATS, host.json(make_chats()))
    host.script(MESSAGE, host.json({**ACCEPTED, "errors": ["A24FA09844E: virus", {"code": 7}]}))
    receipt = await line.send(CHAT, "Вот чек", (PNG, PNG))
    assert receipt.file_errors == ("A24FA09844E: virus", "{'code': 7}")
    assert host.asked(MESSAGE)[0].form["file"] == [PNG.content, PNG.content]
    assert 'filename="снимок.png"'.encode() in host.asked(MESSAGE)[0].body


async def test_a_file_may_go_without_a_text(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(CHATS, host.json(make_chats()))
    host.script(MESSAGE, host.json(ACCEPTED))
    await line.send(CHAT, "", (PNG,))
    assert set(host.asked(MESSAGE)[0].form) == {"replySign", "file"}


@pytest.mark.parametrize("result", [{}, {"addTime": None}, {"addTime": "soon"}])
async def test_an_acceptance_without_a_time_is_an_acceptance(
    host: ScriptedHost, line: WildberriesConnector, result: object
) -> None:
    host.script(CHATS, host.json(make_chats()))
    host.script(MESSAGE, host.json({"result": result, "errors": None}))
    assert await line.send(CHAT, "да") == Receipt()


@pytest.mark.parametrize(
    ("text", "files", "reason"),
    [
        ("я" * 1001, (), Undelivered.TEXT_REFUSED),
        ("", (), Undelivered.TEXT_REFUSED),
        (" \n", (), Undelivered.TEXT_REFUSED),
        ("half \ud83d", (), Undelivered.TEXT_REFUSED),
        ("a", (OutgoingFile("v.mp4", "video/mp4", b"x"),), Undelivered.FILE_REFUSED),
        ("a", (OutgoingFile("p.png", "image/png", bytes(5 * 1024 * 1024 + 1)),), Undelivered.FILE_REFUSED),
        ("a", (OutgoingFile("p.png", "image/png", bytes(5 * 1024 * 1024)),) * 7, Undelivered.FILE_REFUSED),
        ("a", (OutgoingFile("\udc80.png", "image/png", b"x"),), Undelivered.FILE_REFUSED),
    ],
)
async def test_what_is_surely_wrong_is_refused_before_any_request(
    host: ScriptedHost,
    line: WildberriesConnector,
    text: str,
    files: tuple[OutgoingFile, ...],
    reason: Undelivered,
) -> None:
    with pytest.raises(Refused) as caught:
        await line.send(CHAT, text, files)
    assert caught.value.reason is reason
    assert host.received == []


async def test_a_thousand_characters_are_sent(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(CHATS, host.json(make_chats()))
    host.script(MESSAGE, host.json(ACCEPTED))
    await line.send(CHAT, "я" * 1000)
    assert len(host.asked(MESSAGE)) == 1


async def test_the_sign_is_taken_anew_for_every_reply(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(CHATS, host.json(make_chats(sign="1:a:first")), host.json(make_chats(sign="1:a:second")))
    host.script(MESSAGE, host.json(ACCEPTED), host.json(ACCEPTED))
    await line.send(CHAT, "раз")
    await line.send(CHAT, "два")
    assert [request.form["replySign"] for request in host.asked(MESSAGE)] == [[b"1:a:first"], [b"1:a:second"]]


async def test_a_refused_sign_is_renewed_once(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(CHATS, host.json(make_chats(sign="1:a:old")), host.json(make_chats(sign="1:a:new")))
    host.script(MESSAGE, host.json(BAD_SIGN, 400), host.json(ACCEPTED))
    await line.send(CHAT, "да")
    assert [request.form["replySign"] for request in host.asked(MESSAGE)] == [[b"1:a:old"], [b"1:a:new"]]


async def test_a_sign_refused_twice_returns_the_reply(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(CHATS, *[host.json(make_chats())] * 5)
    host.script(MESSAGE, *[host.json(BAD_SIGN, 400)] * 5)
    with pytest.raises(Refused) as caught:
        await line.send(CHAT, "да")
    assert caught.value.reason is Undelivered.SIGNATURE_REFUSED
    assert len(host.asked(MESSAGE)) == 2


async def test_a_renewal_that_fails_leaves_the_reply_undelivered(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(CHATS, host.json(make_chats()), *[host.drop()] * 3)
    host.script(MESSAGE, host.json(BAD_SIGN, 400))
    with pytest.raises(Unreachable):
        await line.send(CHAT, "да")


@pytest.mark.parametrize(
    ("status", "detail", "reason"),
    [
        (400, "A24FA09844E: attachment too big. Max size: 5MiB", Undelivered.FILE_REFUSED),
        (400, '4A9F2544E29: "signature.mp4" has unsupported mime type', Undelivered.FILE_REFUSED),
        (400, 'Invalid value for "message"', Undelivered.TEXT_REFUSED),
        (400, "the chat is closed", Undelivered.REFUSED),
        (413, "", Undelivered.FILE_REFUSED),
        (404, "path not found", Undelivered.REFUSED),
        (422, "Invalid signature", Undelivered.REFUSED),
        (308, "", Undelivered.REFUSED),
    ],
)
async def test_a_definite_no_keeps_the_marketplaces_words(
    host: ScriptedHost, line: WildberriesConnector, status: int, detail: str, reason: Undelivered
) -> None:
    host.script(CHATS, host.json(make_chats()))
    host.script(MESSAGE, host.json(make_problem(detail, title=""), status))
    with pytest.raises(Refused) as caught:
        await line.send(CHAT, "да")
    assert (caught.value.reason, caught.value.detail) == (reason, detail)
    assert len(host.asked(MESSAGE)) == 1


@pytest.mark.parametrize(
    ("status", "claims", "detail", "reason"),
    [
        (401, {}, "token problem; token is malformed", Undelivered.KEY_REFUSED),
        (403, {}, "access denied", Undelivered.KEY_REFUSED),
        (403, {}, "token is read-only", Undelivered.READ_ONLY_KEY),
        (401, {"s": 1 << 9 | 1 << 30}, "token scope not allowed", Undelivered.READ_ONLY_KEY),
        (402, {}, "insufficient funds", Undelivered.PAYMENT_REQUIRED),
    ],
)
async def test_a_refused_key_says_why(
    host: ScriptedHost, lines: Lines, status: int, claims: dict[str, int], detail: str, reason: Undelivered
) -> None:
    host.script(CHATS, host.json(make_chats()))
    host.script(MESSAGE, host.json(make_problem(detail), status))
    with pytest.raises(KeyRefused) as caught:
        await lines.open(host.url, key=make_key(**claims)).send(CHAT, "да")
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


@pytest.mark.parametrize("delay", [1, 30])
async def test_a_limited_post_is_never_repeated_here(
    host: ScriptedHost, line: WildberriesConnector, lines: Lines, delay: int
) -> None:
    host.script(CHATS, host.json(make_chats()))
    host.script(MESSAGE, host.json({}, 429, {"X-Ratelimit-Retry": str(delay)}))
    with pytest.raises(RateLimited) as caught:
        await line.send(CHAT, "да")
    assert caught.value.retry_after == delay
    assert (len(host.asked(MESSAGE)), lines.naps) == (1, [])


@pytest.mark.parametrize("failure", ["drop", "drop_inside", "hang", "drip"])
async def test_a_lost_answer_is_unknown_and_never_repeated(
    host: ScriptedHost, lines: Lines, failure: str
) -> None:
    steps = {"drop": host.drop(), "drop_inside": host.drop_inside(), "hang": host.hang(), "drip": host.drip()}
    host.script(CHATS, host.json(make_chats()))
    host.script(MESSAGE, steps[failure])
    with pytest.raises(NoAnswer):
        await lines.open(host.url, read=0.1, total=0.5).send(CHAT, "да")
    assert len(host.asked(MESSAGE)) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (502, b"<html>"),
        (503, b""),
        (303, b""),
        (200, b""),
        (200, b"<html>"),
        (200, b'{"result": {"addTime": 17128'),
        (200, b"{}"),
        (200, b'{"result": null, "errors": ["internal"]}'),
        (204, b""),
    ],
)
async def test_a_server_failure_or_an_unreadable_yes_is_unknown(
    host: ScriptedHost, line: WildberriesConnector, status: int, body: bytes
) -> None:
    host.script(CHATS, host.json(make_chats()))
    host.script(MESSAGE, host.raw(body, status))
    with pytest.raises(ServerFailed) as caught:
        await line.send(CHAT, "да")
    assert caught.value.status == status
    assert isinstance(caught.value, OutcomeUnknown)
    assert len(host.asked(MESSAGE)) == 1


async def test_a_chat_that_left_the_list_is_gone(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(CHATS, host.json(make_chats({"chatID": "1:other", "replySign": "1:other:sign"})))
    with pytest.raises(Refused) as caught:
        await line.send(CHAT, "да")
    assert caught.value.reason is Undelivered.CHAT_GONE
    assert host.asked(MESSAGE) == []


@pytest.mark.parametrize(
    "listed",
    [
        {"result": [], "errors": None},
        {"result": None, "errors": None},
        {"result": [{"chatID": "1:other", "replySign": "s"}], "errors": ["partial"]},
        {"result": [{"chatID": "1:other", "replySign": "s"}, {"broken": 1}]},
        {"result": [{"chatID": CHAT, "replySign": ""}]},
        {"result": [{"chatID": CHAT}]},
        {"unexpected": 1},
        [],
    ],
)
async def test_a_list_that_proves_nothing_leaves_the_reply_undelivered(
    host: ScriptedHost, line: WildberriesConnector, listed: object
) -> None:
    host.script(CHATS, host.json(listed))
    with pytest.raises(Unreachable):
        await line.send(CHAT, "да")
    assert host.asked(MESSAGE) == []


@pytest.mark.parametrize("failure", ["drop", "drop_inside", "hang", "500", "404", "301", "garbage"])
async def test_a_list_that_fails_is_never_an_unknown_outcome(
    host: ScriptedHost, lines: Lines, failure: str
) -> None:
    step = {
        "drop": host.drop(),
        "drop_inside": host.drop_inside(),
        "hang": host.hang(),
        "500": host.json({}, 500),
        "404": host.json({}, 404),
        "301": host.json({}, 301),
        "garbage": host.raw(b"<html>"),
    }[failure]
    host.script(CHATS, *[step] * 3)
    with pytest.raises(Unreachable):
        await lines.open(host.url, read=0.05).send(CHAT, "да")
    assert host.asked(MESSAGE) == []


async def test_a_list_that_refuses_the_key_or_is_limited_says_so(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(CHATS, host.json({}, 401), host.json({}, 429, {"X-Ratelimit-Retry": "3600"}))
    with pytest.raises(KeyRefused):
        await line.send(CHAT, "да")
    with pytest.raises(RateLimited) as caught:
        await line.send(CHAT, "да")
    assert caught.value.retry_after == 3600


async def test_no_connection_is_surely_not_delivered(
    untrusted_host: ScriptedHost, lines: Lines, unused_tcp_port: int
) -> None:
    with pytest.raises(Unreachable):
        await lines.open(f"http://127.0.0.1:{unused_tcp_port}").send(CHAT, "да")
    with pytest.raises(InsecureConnection):
        await lines.open(untrusted_host.url).send(CHAT, "да")


async def test_a_host_that_goes_away_before_the_post_is_surely_not_delivered(
    host: ScriptedHost, lines: Lines
) -> None:
    async def gate(method: str) -> None:
        if method == "message":
            await host.close()

    host.script(CHATS, host.json(make_chats(), headers={"Connection": "close"}))
    with pytest.raises(Unreachable):
        await lines.open(host.url, gate=gate).send(CHAT, "да")


async def test_the_gate_hears_of_the_list_and_of_the_message(host: ScriptedHost, lines: Lines) -> None:
    passed: list[str] = []

    async def gate(method: str) -> None:
        passed.append(method)

    host.script(CHATS, host.json(make_chats()), host.json(make_chats()))
    host.script(MESSAGE, host.json(BAD_SIGN, 400), host.json(ACCEPTED))
    await lines.open(host.url, gate=gate).send(CHAT, "да")
    assert passed == ["chats", "message", "chats", "message"]


async def test_neither_logs_nor_errors_hold_the_key_the_sign_or_the_text(
    host: ScriptedHost, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    key, text = make_key(), "секретный текст покупателю"
    line = lines.open(host.url, key=key)
    told = []
    for status in (400, 401, 403, 404, 429, 500):
        host.script(CHATS, host.json(make_chats()))
        echo = make_problem(f"bad {key} and {SIGN}", requestId="req-4711")
        host.script(MESSAGE, host.json(echo, status))
        host.script(CHATS, host.json(make_chats()))
        host.script(MESSAGE, host.json(echo, status))
        with pytest.raises((Refused, KeyRefused, RateLimited, ServerFailed)) as caught:
            await line.send(CHAT, text)
        told.append(f"{caught.value!r} {caught.value.params}")
        host.forget()
    everything = caplog.text + "".join(told) + repr(line)
    assert "req-4711" in caplog.text
    for secret in (key, SIGN, text):
        assert secret not in everything
