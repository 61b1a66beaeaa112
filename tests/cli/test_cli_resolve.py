"""`agentiq reply --resolve`: a person's word on replies that nobody found."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from agentiq_core.sandbox import SandboxSeller
from tests.cli.conftest import Cli, Market

ANSWER = "Здравствуйте! Пришлите, пожалуйста, фото кружки, и мы подскажем, что делать."


@pytest.fixture
def shop(market: Market) -> SandboxSeller:
    return market.shop()


def given_up(dsn: str) -> None:
    """What was queued never arrived, and was looked for in vain."""
    with psycopg.connect(dsn, options="-c search_path=agentiq") as connection:
        connection.execute("update outbox set state = 'sending', attempted_at = now()")
        connection.execute("update outbox set state = 'unknown'")
        connection.execute("update outbox set state = 'needs_operator'")


@pytest.fixture
def stuck(cli: Cli, shop: SandboxSeller, dsn: str) -> str:
    """A conversation whose reply nobody found."""
    chat = str(cli.chat(shop=shop))
    assert cli("reply", chat, "--text-stdin", stdin=ANSWER).code == 0
    given_up(dsn)
    return chat


def test_sent_again_it_arrives_once(cli: Cli, market: Market, shop: SandboxSeller, stuck: str) -> None:
    again = cli("reply", stuck, "--resolve", "send", "--wait", "--json")
    assert (again.code, again.json["state"]) == (0, "confirmed"), again
    assert market.sent_there(shop) == [ANSWER]


def test_treated_as_sent_it_leaves_the_queue_and_nothing_is_sent(
    cli: Cli, market: Market, shop: SandboxSeller, stuck: str
) -> None:
    treated = cli("reply", stuck, "--resolve", "sent", "--json")
    assert (treated.code, treated.json["state"]) == (0, "sent")
    assert market.sent_there(shop) == []
    assert not cli("chats", "show", stuck, "--json").json["needs_reply"]


def test_checked_again_it_is_looked_for_and_comes_back(
    cli: Cli, market: Market, shop: SandboxSeller, stuck: str
) -> None:
    checked = cli("reply", stuck, "--resolve", "check", "--json")
    assert (checked.code, checked.json["state"]) == (0, "unknown")
    assert cli("sync").code == 0
    again = cli("reply", stuck, "--resolve", "check")
    assert (again.code, len(again.lines)) == (1, 1)
    assert "waits for a decision" in again.err


def test_many_are_decided_at_once(cli: Cli, market: Market, dsn: str) -> None:
    chats = [str(cli.chat(shop=market.shop())) for _ in range(3)]
    for chat in chats:
        assert cli("reply", chat, "--text-stdin", stdin=ANSWER).code == 0
    given_up(dsn)
    decided = cli("reply", *chats, "--resolve", "sent", "--json")
    assert decided.code == 0
    assert [one["state"] for one in decided.json["replies"]] == ["sent"] * 3


def test_a_conversation_without_such_a_reply_is_named(cli: Cli) -> None:
    chat = str(cli.chat())
    refused = cli("reply", chat, "--resolve", "send")
    assert (refused.code, refused.lines) == (1, [f"No reply to conversation {chat} waits for a decision"])


def test_a_text_or_two_conversations_are_a_wrong_use(cli: Cli) -> None:
    assert cli("reply", "1", "--resolve", "send", "--text-stdin", stdin=ANSWER).code == 2
    assert cli("reply", "1", "2", "--text-stdin", stdin=ANSWER).code == 2
    assert cli("reply", "1", "--resolve", "maybe").code == 2


def test_what_a_newer_rule_objects_to_needs_a_second_word(
    cli: Cli, market: Market, shop: SandboxSeller, stuck: str, tmp_path: Path
) -> None:
    rule = {"name": "photo", "version": 1, "severity": "error", "reason": "Фото не просим", "words": ["фото"]}
    (tmp_path / "rules.json").write_text(json.dumps({"rules": [rule]}), encoding="utf-8")
    assert cli("guard", "rules", "set", str(tmp_path / "rules.json"), "--seller", "1").code == 0
    refused = cli("reply", stuck, "--resolve", "send", "--json")
    assert (refused.code, refused.json["violations"][0]["rule"]) == (1, "own:photo")
    again = cli("reply", stuck, "--resolve", "send", "--override", "--wait", "--json")
    assert (again.code, again.json["state"]) == (0, "confirmed"), again
    assert market.sent_there(shop) == [ANSWER]
