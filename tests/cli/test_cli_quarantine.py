"""`agentiq quarantine`: looked into without a secret shown, read again, set aside."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import psycopg
import pytest

from agentiq_core.guardrails.redaction import MASK
from agentiq_core.sandbox import FaultKind
from tests.cli.cli_team import Team
from tests.cli.conftest import Cli, Market
from tests.connectors.wildberries_answers import make_event

ITEM = {
    "id", "seller_id", "seller", "marketplace", "channel", "created_at", "reason", "chat_external_id",
    "message_external_id", "settled_at", "dismissed",
}  # fmt: skip
SIGN = "1:1e265a58:54828159:bc3a4c04079f5956"


def kept(dsn: str, seller: int, *events: dict[str, Any]) -> list[str]:
    """Items that an older version could not read; their numbers."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return [
            str(
                connection.execute(
                    "insert into agentiq.quarantine (seller_id, digest, chat_external_id, message_external_id, raw, reason)"
                    " values (%s, %s, %s, %s, %s, 'message.text: string_type') returning id",
                    [seller, hashlib.sha256(raw.encode()).digest(), "chat", "message", raw],
                ).fetchone()[0]  # type: ignore[index]
            )
            for raw in map(json.dumps, events)
        ]


def test_from_the_doctors_word_to_a_message_in_its_conversation(cli: Cli, dsn: str) -> None:
    seller = cli.connected(cli.market.shop())
    [number] = kept(dsn, seller, make_event())
    said = "1 item could not be read and is kept: agentiq quarantine list"
    assert said in cli("doctor").out
    [listed] = cli("quarantine", "list", "--json").json
    assert (set(listed), listed["id"], listed["reason"]) == (ITEM, int(number), "message.text: string_type")
    assert [row.split()[0] for row in cli("quarantine", "list").out.splitlines()] == ["id", number]
    done = cli("quarantine", "replay", number, "--json")
    assert done.json == {"tried": 1, "replayed": 1, "new": 1, "confirmed": 0, "unreadable": 0}
    assert [row["preview"] for row in cli("chats", "list", "--json").json] == ["Здравствуйте, вопрос 0"]
    assert cli("quarantine", "list", "--json").json == []
    assert "could not be read" not in cli("doctor").out
    again = cli("quarantine", "replay", number)
    assert (again.code, again.out, again.lines) == (0, "", ["Nothing was left to read"])
    assert "read after all" in cli("quarantine", "show", number).out
    assert cli("quarantine", "list").lines == ["Nothing is in quarantine"]


def test_everything_is_replayed_and_what_stays_is_counted(cli: Cli, market: Market, dsn: str) -> None:
    shop = market.shop()
    market.asks(shop)
    market.goes_wrong(shop, "events", FaultKind.MALFORMED_EVENT)
    seller = cli.connected(shop)
    kept(dsn, seller, make_event(1), make_event(2))
    done = cli("quarantine", "replay", "--all")
    assert (done.code, done.lines) == (0, ["2 items read: 2 new messages; still unreadable: 1"])
    assert cli("quarantine", "replay", "--all", "--seller", str(seller), "--json").json["unreadable"] == 1
    assert len(cli("quarantine", "list", "--seller", str(seller), "--json").json) == 1


def test_no_phone_no_secret_and_nothing_that_a_terminal_obeys_is_printed(cli: Cli, dsn: str) -> None:
    seller = cli.connected(cli.market.shop())
    text = "Наберите +7 (916) 123-45-67 \x1b]0;привет\x07 \u202e"
    [number] = kept(dsn, seller, make_event(replySign=SIGN, message={"text": text}))
    shown = cli("quarantine", "show", number)
    as_json = cli("quarantine", "show", number, "--json")
    assert set(as_json.json) == ITEM | {"raw"}
    cli.secrets.append(SIGN)
    for printed in (shown.out, as_json.out, as_json.json["raw"]):
        assert MASK in printed
        assert "123-45-67" not in printed
        assert not any(character in printed for character in "\x1b\x07\u202e")
    assert "\\u001b]0;привет" in shown.out


def test_what_is_set_aside_is_kept_and_not_counted(cli: Cli, dsn: str) -> None:
    seller = cli.connected(cli.market.shop())
    numbers = kept(dsn, seller, make_event(1), make_event(2))
    assert cli("quarantine", "dismiss", *numbers).lines == ["2 items set aside"]
    assert cli("quarantine", "dismiss", *numbers, "--json").json == {"dismissed": 0}
    assert "could not be read" not in cli("doctor").out
    shown = cli("quarantine", "show", numbers[0], "--json").json
    assert (shown["dismissed"], shown["reason"]) == (True, "message.text: string_type")
    assert "dismissed" in cli("quarantine", "show", numbers[0]).out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("replay",), 2, "--all"),
        (("replay", "1", "--all"), 2, "--all"),
        (("replay", "1", "--seller", "1"), 2, "--seller goes with --all"),
        (("replay", "77"), 1, "no item 77"),
        (("dismiss", "77"), 1, "no item 77"),
        (("show", "77"), 1, "no item 77"),
        (("list", "--seller", "77"), 1, "no seller 77"),
        (("replay", "--all", "--seller", "77"), 1, "no seller 77"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    cli: Cli, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = cli("quarantine", *arguments)
    assert (done.code, done.out) == (code, "")
    assert words in done.err


def test_a_viewer_looks_and_replays_nothing(team: Team) -> None:
    shop, seller = team.connected("Дом и чай")
    team.cli.market.goes_wrong(shop, "events", FaultKind.MALFORMED_EVENT)
    team.cli.market.asks(shop)
    assert team.boss("sync").code == 0
    [item] = team.boss("quarantine", "list", "--json").json
    number = str(item["id"])
    oleg = team.joined("oleg@example.org", "viewer", "зимой трещит мороз в лесу", "--seller", str(seller))
    assert [item["id"] for item in oleg("quarantine", "list", "--json").json] == [int(number)]
    assert oleg("quarantine", "show", number).code == 0
    for command in (("replay", number), ("replay", "--all"), ("dismiss", number)):
        refused = oleg("quarantine", *command)
        assert (refused.code, "role does not allow" in refused.err) == (1, True)
    assert len(oleg("quarantine", "list", "--json").json) == 1
