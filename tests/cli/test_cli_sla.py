"""A seller's calendar and rules from a script: what would change, what did, and who may."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.cli_team import Team
from tests.cli.conftest import Cli

HOURS = "mon-fri 09:00-13:00,14:00-18:00; sat 10:00-16:00"
AT = ("--at", "2026-03-06T17:45+03:00")
"""A Friday, a quarter of an hour before closing, with a long weekend behind it."""


@pytest.fixture
def seller(cli: Cli) -> tuple[str, str]:
    """The arguments that name a connected seller with one open conversation."""
    cli.chat("Подскажите, какой размер взять на рост 170?")
    return "--seller", str(cli("seller", "list", "--json").json[0]["seller_id"])


def due(cli: Cli, text: str, *more: str) -> Any:
    return cli("sla", "preview", "--text", text, *AT, *more, "--json").json["due_at"]


def open_due(cli: Cli) -> Any:
    return cli("chats", "list", "--json").json[0]["due_at"]


def test_a_calendar_is_set_shown_counted_by_and_cleared(cli: Cli, seller: tuple[str, str]) -> None:
    assert cli("sla", "calendar", "show", *seller, "--json").json["calendar"] is None
    assert "day and night" in cli("sla", "calendar", "show", *seller).err
    before, plain = open_due(cli), due(cli, "верните деньги", *seller)
    how = ("--hours", HOURS, "--holidays", "ru", "--zone", "Europe/Moscow")
    own = ("--open", "2026-12-31 10:00-14:00", "--open", "2026-03-09", "--closed", "2026-12-30")
    done = cli("sla", "calendar", "set", *seller, *how, *own, "--json").json
    assert done["recounted"] == 1
    shown = cli("sla", "calendar", "show", *seller, "--json").json["calendar"]
    assert shown == done["calendar"] == {
        "hours": HOURS,
        "zone": "Europe/Moscow",
        "holidays": "RU",
        "open": ["2026-03-09", "2026-12-31 10:00-14:00"],
        "closed": ["2026-12-30"],
    }  # fmt: skip
    people = cli("sla", "calendar", "show", *seller).out
    assert f"hours: {HOURS}" in people
    assert "2026-12-30: closed" in people
    assert "2026-03-09: open as usual" in people
    assert open_due(cli) != before
    assert due(cli, "верните деньги", *seller) == "2026-03-07T07:15:00Z"
    assert cli("sla", "calendar", "clear", *seller, "--json").json["recounted"] == 1
    assert (open_due(cli), due(cli, "верните деньги", *seller)) == (before, plain)


def test_without_a_zone_the_calendar_has_the_sellers(cli: Cli, seller: tuple[str, str]) -> None:
    done = cli("sla", "calendar", "set", *seller, "--hours", "24/7", "--json").json
    assert (done["calendar"]["zone"], done["calendar"]["hours"]) == ("Europe/Moscow", "24/7")


def test_a_dry_run_says_what_would_move_and_moves_nothing(cli: Cli, seller: tuple[str, str]) -> None:
    before = open_due(cli)
    how = ("--hours", "mon 09:00-10:00", "--dry-run")
    said = cli("sla", "calendar", "set", *seller, *how, "--json").json
    assert (said["dry_run"], said["open"], said["moved"]) == (True, 1, 1)
    assert said["nearest"][0]["before"] == before
    assert said["nearest"][0]["after"] > before
    people = cli("sla", "calendar", "set", *seller, *how)
    assert people.lines == ["1 of 1 open conversation would get another deadline; nothing was changed"]
    assert len(people.out.splitlines()) == 2
    assert open_due(cli) == before
    assert cli("sla", "calendar", "clear", *seller, "--dry-run", "--json").json["moved"] == 0
    removed = cli("sla", "rules", "remove", "10", *seller, "--dry-run", "--json").json
    assert (removed["moved"], len(cli("sla", "rules", "list", *seller, "--json").json)) == (0, 10)


def test_rules_are_listed_added_moved_and_removed(cli: Cli, seller: tuple[str, str]) -> None:
    new = (
        "--name",
        "размер",
        "--phrase",
        "размер",
        "--phrase",
        "рост",
        "--minutes",
        "45",
        "--priority",
        "high",
    )
    where = ("--channel", "chat", "--position", "5")
    added = cli("sla", "rules", "add", *seller, *new, *where, "--json").json
    assert added["recounted"] == 1
    assert added["rules"][0] == {
        "position": 5, "name": "размер", "priority": "high", "minutes": 45, "phrases": ["размер", "рост"],
        "pattern": None, "channels": ["chat"], "most_stars": None,
    }  # fmt: skip
    assert cli("sla", "preview", "--text", "какой размер", *seller, "--json").json["rule"] == "размер"
    assert cli("sla", "rules", "move", "5", "15", *seller).code == 0
    listed = cli("sla", "rules", "list", *seller, "--json").json
    assert [rule["position"] for rule in listed][:3] == [10, 15, 20]
    assert "размер" in cli("sla", "rules", "list", *seller).out
    removed = cli("sla", "rules", "remove", "15", *seller, "--json").json
    assert [rule["position"] for rule in removed["rules"]][:2] == [10, 20]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("calendar", "set", "--hours", "mornings"), "mornings"),
        (("calendar", "set", "--hours", "mon 09:00-10:00; mon 11:00-12:00"), "mon"),
        (("calendar", "set", "--hours", "24/7", "--zone", "Mars/Phobos"), "Mars/Phobos"),
        (("calendar", "set", "--hours", "24/7", "--holidays", "XX"), "XX"),
        (("calendar", "set", "--hours", "24/7", "--closed", "tomorrow"), "tomorrow"),
        (("calendar", "set", "--hours", ""), "no working hours"),
        (("rules", "remove", "1000"), "everything"),
        (("rules", "remove", "11"), "11"),
        (("rules", "move", "10", "20"), "брак"),
        (("rules", "add", "--name", "x", "--minutes", "5", "--position", "10"), "возврат"),
        (
            ("rules", "add", "--name", "x", "--minutes", "5", "--position", "1", "--pattern", "(a+)+"),
            "repeat",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    arguments: tuple[str, ...], why: str, cli: Cli, seller: tuple[str, str]
) -> None:
    before = cli("sla", "rules", "list", *seller, "--json").json
    result = cli("sla", *arguments, *seller)
    assert (result.code, len(result.lines)) == (1, 1)
    assert why in result.err
    assert cli("sla", *arguments, *seller, "--json").json["error"]
    assert cli("sla", "rules", "list", *seller, "--json").json == before
    assert cli("sla", "calendar", "show", *seller, "--json").json["calendar"] is None


def test_a_seller_that_is_not_there_is_said(cli: Cli) -> None:
    for command in (("calendar", "show"), ("calendar", "clear"), ("rules", "list")):
        assert "no seller 99" in cli("sla", *command, "--seller", "99").err


def test_whoever_manages_no_sellers_looks_and_changes_nothing(team: Team) -> None:
    _, number = team.connected("Дом и чай")
    seller = ("--seller", str(number))
    assert team.boss("sla", "calendar", "set", *seller, "--hours", "24/7").code == 0
    anna = team.joined("anna@example.org", "operator", "ландыши цветут весной", *seller)
    assert anna("sla", "calendar", "show", *seller, "--json").json["calendar"]["hours"] == "24/7"
    assert anna("sla", "calendar", "set", *seller, "--hours", HOURS, "--dry-run").code == 0
    for command in (
        ("calendar", "set", "--hours", HOURS),
        ("calendar", "clear"),
        ("rules", "remove", "10"),
        ("rules", "move", "10", "15"),
        ("rules", "add", "--name", "x", "--minutes", "5", "--position", "1"),
    ):
        refused = anna("sla", *command, *seller, "--json")
        assert (refused.code, refused.json["error"]) == (1, "forbidden")
    assert team.boss("sla", "calendar", "show", *seller, "--json").json["calendar"]["hours"] == "24/7"
    assert team.boss("sla", "rules", "list", *seller, "--json").json[0]["position"] == 10


def test_a_conversation_is_put_off_and_brought_back(cli: Cli) -> None:
    chat = str(cli.chat())
    before = cli("chats", "show", chat, "--json").json
    away = cli("chats", "snooze", chat, "--hours", "5", "--json")
    assert away.code == 0, away
    assert away.json["due_at"] > before["due_at"]
    assert cli("chats", "list", "--queue", "work", "--json").json == []
    assert cli("chats", "show", chat, "--json").json["snoozed_until"] == away.json["snoozed_until"]
    assert "answer by" in cli("chats", "snooze", chat, "--off").err
    assert cli("chats", "show", chat, "--json").json["snoozed_until"] is None
    assert cli("chats", "snooze", chat).code == 2
    assert "at most" in cli("chats", "snooze", chat, "--hours", "5000").err
