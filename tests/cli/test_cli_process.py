"""What only a process shows: streams, signals, codes; and the worker and the demo as scripts start them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from agentiq_core import __version__
from tests.cli.cli_team import Team
from tests.cli.conftest import Cli, Market

DEADLINE = 5.0


def eventually(condition: Callable[[], bool], within: float = 20.0) -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def first_line_of(process: subprocess.Popen[bytes]) -> bytes:
    """Blocks until the process narrates."""
    assert process.stderr is not None
    return process.stderr.readline()


def test_the_version_and_the_help_are_data(bare: Cli) -> None:
    version = bare.process("--version")
    assert (version.code, version.out.strip(), version.err) == (0, __version__, "")
    assert "seller" in bare("--help").out
    nouns = [
        *map(
            str.split,
            ("demo", "init", "login", "logout", "whoami", "password", "sync", "worker", "reply", "suggest"),
        ),
        *map(
            str.split, ("guard", "doctor", "team-key show", "team-key set", "team-key rotate", "operator add")
        ),
        *map(str.split, ("operator list", "operator role", "operator disable", "operator invite")),
        *map(
            str.split,
            ("operator service-token", "seller add", "seller pause", "seller resume", "seller remove"),
        ),
    ]
    for noun in nouns:
        helped = bare(*noun, "--help")
        assert (helped.code, helped.err) == (0, ""), noun
        assert "--json" in helped.out, noun


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("sync", "--frob"),
        ("chats", "show", "abc"),
        ("reply",),
        ("login", "--password", "x"),
        ("login", "--invitation", "x"),
        ("init", "--email", "a@b.c"),
        ("init", "--password-stdin"),
        ("password",),
        ("team-key", "set"),
        ("team-key", "set", "--key", "x"),
        ("operator", "add", "a@b.c"),
        ("operator", "service-token", "a@b.c"),
    ],
)
def test_wrong_usage_is_code_2(arguments: tuple[str, ...], bare: Cli) -> None:
    result = bare(*arguments)
    assert (result.code, result.out) == (2, "")
    assert "Error:" in result.err


def test_the_app_without_a_terminal_says_what_to_do(bare: Cli) -> None:
    result = bare.process()
    assert (result.code, result.out, len(result.lines)) == (1, "", 1)
    demo = bare("demo")
    assert (demo.code, "--headless" in demo.err) == (1, True)


def test_a_reader_that_leaves_early_is_no_error(bare: Cli) -> None:
    reply = '{"reply": "Здравствуйте! Пришлите, пожалуйста, фото кружки."}\n'
    with subprocess.Popen(
        bare.command("guard", "--jsonl"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate((reply * 200).encode(), timeout=30)
    assert err == b""
    assert process.returncode == 141


def test_lines_for_people_survive_a_reader_that_leaves(cli: Cli) -> None:
    cli.chat()
    with subprocess.Popen(
        cli.command("chats", "list"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=30)
    assert (err, process.returncode) == (b"", 141)


def test_a_terminal_of_another_alphabet_shows_what_it_can(cli: Cli) -> None:
    cli.chat()
    result = cli.process("chats", "list", "--json", PYTHONIOENCODING="ascii")
    assert result.code == 0
    assert result.out.isascii()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_ends_at_once_when_it_is_told_to(number: signal.Signals, cli: Cli) -> None:
    worker = cli.start("worker", "--json")
    assert b"is running" in first_line_of(worker)
    worker.send_signal(number)
    result = cli.ended(worker, DEADLINE)
    assert result.code == 0
    assert set(result.json) == {"messages", "unsent"}


def test_a_worker_pulls_and_stops_when_its_time_is_up(cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.asks(shop)
    assert cli.add(shop).code == 0
    result = cli("worker", "--for", "3", "--json")
    assert (result.code, result.json) == (0, {"messages": 1, "unsent": 0})
    assert "is running" in result.err
    assert cli("suggest", str(cli("chats", "list", "--json").json[0]["id"]), "--json").json


def test_a_worker_whose_sign_in_ended_says_so_and_ends(team: Team) -> None:
    _, seller = team.connected("Дом и чай")
    anna = team.joined("anna@example.org", "operator", "осенью улетают журавли", "--seller", str(seller))
    key = team.boss.kept("team-key") or ""
    assert anna("team-key", "set", "--key-stdin", stdin=key).code == 0
    worker = team.cli.start("worker", **anna.environment)
    assert worker.stderr is not None
    assert b"is running" in worker.stderr.readline()
    assert team.boss("operator", "disable", "anna@example.org").code == 0
    ended = team.cli.ended(worker, within=30)
    assert (ended.code, ended.out, len(ended.lines)) == (1, "", 1), ended.err
    assert "sign-in has ended" in ended.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_sync_that_is_interrupted_keeps_what_it_read(
    number: signal.Signals, code: int, cli: Cli, market: Market
) -> None:
    shop = market.shop()
    market.asks(shop)
    assert cli.add(shop).code == 0
    hanging = market.goes_wrong(shop, "events", "hang", times=None)
    sync = cli.start("sync")
    eventually(lambda: hanging.hits > 0)
    sync.send_signal(number)
    result = cli.ended(sync, DEADLINE)
    assert (result.code, result.out) == (code, "")
    assert result.lines == ["Stopped; what was read is kept"]


@pytest.mark.slow
def test_the_headless_demo_confirms_every_reply_once(bare: Cli) -> None:
    played = bare.process("demo", "--headless", "--seconds", "12", "--json")
    assert played.code == 0, played
    assert set(played.json) == {"pulled", "suggested", "sent", "confirmed", "accepted", "duplicates"}
    assert 0 < played.json["sent"] == played.json["confirmed"] == played.json["accepted"]
    assert played.json["duplicates"] == 0
