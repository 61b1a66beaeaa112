"""`agentiq reply` when something is in the way: what is said, what was kept, and what reached the buyer."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from agentiq_core.sandbox import SandboxSeller
from tests.cli.conftest import Cli, Market, Result

ANSWER = "Здравствуйте! Пришлите, пожалуйста, фото кружки, и мы подскажем, что делать."
PROMISE = "Здравствуйте! Гарантируем, что завтра вернём вам деньги."

UNWANTED_FILES = (
    ("trailer.mp4", 10, "not a kind of file"),
    ("scan.pdf", 5 * 1024 * 1024 + 1, "has 5.01 MB, at most 5 MB"),
    ("huge.pdf", 64 * 1024 * 1024 + 1, "at most 64 MB"),
)


@pytest.fixture
def shop(market: Market) -> SandboxSeller:
    return market.shop()


@pytest.fixture
def chat(cli: Cli, shop: SandboxSeller) -> str:
    return str(cli.chat(shop=shop))


def reply(cli: Cli, chat: str, text: str = ANSWER, *more: str) -> Result:
    return cli("reply", chat, "--text-stdin", *more, stdin=text)


def refused(result: Result, *words: str) -> None:
    assert result.code == 1, result
    assert len(result.lines) == 1, result.err
    for word in words:
        assert word in result.err, result.err


def test_waiting_prints_confirmed_and_the_buyer_has_it_once(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str
) -> None:
    sent = reply(cli, chat, ANSWER, "--wait")
    assert (sent.code, sent.lines) == (0, ["delivered"])
    assert market.sent_there(shop) == [ANSWER]


def test_without_waiting_the_reply_is_queued_and_says_what_sends_it(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str
) -> None:
    queued = reply(cli, chat, ANSWER, "--json")
    assert (queued.code, queued.json["state"]) == (0, "queued")
    assert market.sent_there(shop) == []
    assert cli("chats", "show", chat, "--json").json["replies"][0]["text"] == ANSWER
    worked = cli("worker", "--for", "2", "--json")
    assert worked.code == 0
    assert market.sent_there(shop) == [ANSWER]


def test_nothing_to_send_is_refused(cli: Cli, chat: str) -> None:
    refused(reply(cli, chat, " \n\t "), "nothing to send")
    assert reply(cli, chat, "", "--json").json["error"] == "empty_reply"


def test_a_reply_without_text_and_file_is_wrong_usage(cli: Cli, chat: str) -> None:
    result = cli("reply", chat)
    assert (result.code, "--text-stdin" in result.err) == (2, True)


def test_the_thousand_and_first_character_is_refused(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str
) -> None:
    refused(reply(cli, chat, "я" * 1001), "1001", "1000", "nothing was sent")
    assert market.sent_there(shop) == []


def test_a_broken_rule_is_listed_and_sent_only_on_the_operators_word(
    cli: Cli, dsn: str, market: Market, shop: SandboxSeller, chat: str
) -> None:
    blocked = reply(cli, chat, PROMISE)
    assert blocked.code == 1
    assert "--override" in blocked.lines[0]
    assert any("promise" in line for line in blocked.lines[1:])
    as_json = reply(cli, chat, PROMISE, "--json")
    assert (as_json.code, set(as_json.json)) == (1, {"error", "message", "violations"})
    assert {"rule", "reason"} == set(as_json.json["violations"][0])
    assert market.sent_there(shop) == []

    assert reply(cli, chat, PROMISE, "--override", "--wait").code == 0
    assert market.sent_there(shop) == [PROMISE]
    with psycopg.connect(dsn) as connection:
        recorded = connection.execute("select overridden from agentiq.outbox").fetchall()
    assert [violation["rule"] for violation in recorded[0][0]].count("promise") == 1


def test_the_same_text_again_asks_for_a_second_word(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str
) -> None:
    assert reply(cli, chat, ANSWER, "--wait").code == 0
    refused(reply(cli, chat, f"  {ANSWER}\n"), "--repeat")
    assert market.sent_there(shop) == [ANSWER]
    assert reply(cli, chat, ANSWER, "--repeat", "--wait").code == 0
    assert market.sent_there(shop) == [ANSWER, ANSWER]


def test_a_chat_that_does_not_exist_is_named(cli: Cli) -> None:
    for command in (("chats", "show", "4711"), ("suggest", "4711"), ("reply", "4711", "--text-stdin")):
        refused(cli(*command, stdin=ANSWER), "no conversation 4711")
    assert cli("chats", "show", "4711", "--json").json["error"] == "not_found"


def test_a_file_the_marketplace_will_not_take_stops_the_text_too(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str, tmp_path: Path
) -> None:
    for name, size, said in UNWANTED_FILES:
        file = tmp_path / name
        with file.open("wb") as sparse:
            sparse.truncate(size)
        refused(reply(cli, chat, ANSWER, "--file", str(file), "--wait"), name, said, "nothing was sent")
    assert market.sent_there(shop) == []
    assert cli("chats", "show", chat, "--json").json["replies"] == []


def test_a_file_that_cannot_be_read_stops_the_text_too(cli: Cli, chat: str, tmp_path: Path) -> None:
    refused(reply(cli, chat, ANSWER, "--file", str(tmp_path / "gone.png")), "gone.png", "nothing was sent")
    refused(reply(cli, chat, ANSWER, "--file", str(tmp_path)), "directory", "nothing was sent")
    assert cli("chats", "show", chat, "--json").json["replies"] == []


def test_a_text_and_its_file_are_both_reported(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    sent = reply(cli, chat, ANSWER, "--file", str(photo), "--wait", "--json")
    assert sent.code == 0, sent
    assert [one["state"] for one in sent.json["replies"]] == ["confirmed", "confirmed"]
    assert [text for text in market.sent_there(shop) if text] == [ANSWER]


def test_a_file_alone_is_a_reply(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert cli("reply", chat, "--file", str(photo), "--wait").code == 0
    assert market.sent_there(shop) == [None]


def test_a_file_does_not_leave_without_the_text_that_the_marketplace_refused(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n")
    market.goes_wrong(shop, "message", "invalid_signature", times=2)
    failed = reply(cli, chat, ANSWER, "--file", str(photo), "--wait", "--json")
    assert (failed.code, failed.json["error"]) == (1, "signature_refused")
    assert [one["reason"] for one in failed.json["replies"]] == ["signature_refused", "text_not_sent"]
    assert market.sent_there(shop) == []


def test_a_definite_refusal_ends_with_its_reason(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str
) -> None:
    market.goes_wrong(shop, "message", "invalid_signature", times=None)
    failed = reply(cli, chat, ANSWER, "--wait", "--json")
    assert (failed.code, failed.json["state"], failed.json["error"]) == (1, "failed", "signature_refused")
    assert len(failed.lines) == 1
    assert market.sent_there(shop) == []


def test_a_reply_that_cannot_leave_now_is_kept_and_says_so(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str
) -> None:
    market.do(lambda: market.sandbox.wildberries.revoke(shop))
    refused(reply(cli, chat, ANSWER, "--wait"), "key was refused", "it is kept")
    # the seller stands still now: nobody waits three minutes for it
    another = "Здравствуйте! Мы уже разбираемся и скоро вернёмся с ответом."
    refused(reply(cli, chat, another, "--wait"), "it is kept")
    assert [one["text"] for one in cli("chats", "show", chat, "--json").json["replies"]] == [ANSWER, another]


def test_a_lost_answer_is_looked_for_and_never_sent_twice(
    cli: Cli, market: Market, shop: SandboxSeller, chat: str
) -> None:
    market.goes_wrong(shop, "message", "drop_after")
    assert reply(cli, chat, ANSWER, "--wait").lines == ["delivered"]
    assert market.sent_there(shop) == [ANSWER]


def test_input_that_is_not_text_is_refused(cli: Cli, chat: str) -> None:
    result = cli("reply", chat, "--text-stdin", stdin="Здравствуйте".encode("cp1251"))
    refused(result, "not UTF-8")
