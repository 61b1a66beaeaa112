"""What a person is asked on a terminal: secrets are typed without echo, and Ctrl+C ends a question at once."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet

from tests.cli.cli_team import BOSS, BOSS_PASSWORD, Team
from tests.cli.conftest import Cli, Market
from tests.e2e.terminal import Terminal

ANNA, PASSWORD, PASSPHRASE = "anna@example.org", "osenyu zhuravli letyat", "sunduk i tri zamka"
Ask = Callable[..., Terminal]


@pytest.fixture
def asked(bare: Cli) -> Ask:
    """Starts a command in a terminal of its own."""

    def start(*arguments: str, **more: str) -> Terminal:
        bare.arguments += arguments
        return Terminal(bare.command(*arguments), {**os.environ, **more}, columns=160)

    return start


def answer(terminal: Terminal, *exchange: tuple[str, str]) -> None:
    """Wait for each question, then type its answer."""
    for question, typed in exchange:
        terminal.wait_for(question)
        terminal.send(f"{typed}\r")


def test_an_invitation_a_password_and_a_passphrase_are_asked_for(asked: Ask, team: Team) -> None:
    home = {"AGENTIQ_HOME": str(team.home.parent / "anna")}
    invitation = team.invited(ANNA, "operator")
    with asked("login", **home) as terminal:
        answer(
            terminal,
            ("Invitation:", invitation),
            ("New password:", PASSWORD),
            ("Once more:", PASSWORD),
            ("encrypted with a passphrase(?s:.*)New passphrase:", PASSPHRASE),
            ("Once more:(?s:.*)Once more:", PASSPHRASE),
            ("Signed in as anna@example.org(?s:.*)no team key(?s:.*)Team key \\(Enter: without it\\):", ""),
        )
        terminal.wait_for("can be kept later: agentiq team-key set")
        assert terminal.wait_exit() == 0
        for secret in (invitation[:20], PASSWORD, PASSPHRASE):
            assert secret not in terminal.raw
    with asked("whoami", **home) as terminal:
        answer(terminal, ("Passphrase of this machine's secrets:", PASSPHRASE))
        assert terminal.wait_exit() == 0
        assert "anna@example.org" in terminal.text
    with asked("whoami", **home) as terminal:
        answer(terminal, ("Passphrase", "not this one"))
        terminal.wait_for("does not open this machine's secrets")
        assert terminal.wait_exit() == 1
    with asked("chats", "list", **home) as terminal:
        terminal.wait_for("Passphrase")
        terminal.send("\x03")
        assert terminal.wait_exit(5.0) == 130
        assert terminal.attributes() == terminal.before


def test_the_team_key_is_asked_for_tried_and_kept(asked: Ask, team: Team) -> None:
    _, seller = team.connected("Дом и чай")
    anna = team.machine("anna")
    invitation = team.invited(ANNA, "operator", "--seller", str(seller))
    key = team.boss.kept("team-key") or ""
    question = "Team key \\(Enter: without it\\):"
    with asked("login", **anna.environment) as terminal:
        answer(
            terminal,
            ("Invitation:", invitation),
            ("New password:", PASSWORD),
            ("Once more:", PASSWORD),
            (question, Fernet.generate_key().decode()),
        )
        terminal.wait_for("does not open what your team has stored")
        assert terminal.wait_exit() == 0, "the sign-in is kept all the same"
    with asked("login", **anna.environment) as terminal:
        answer(terminal, ("E-mail:", ANNA), ("Password:", PASSWORD), (question, key))
        terminal.wait_for("The team key is kept here")
        assert terminal.wait_exit() == 0
        assert key not in terminal.raw
    assert anna("sync").code == 0
    with asked("login", **anna.environment) as terminal:
        answer(terminal, ("E-mail:", ANNA), ("Password:", PASSWORD))
        assert terminal.wait_exit() == 0
        assert "Team key" not in terminal.text


def test_signing_in_by_hand(asked: Ask, team: Team) -> None:
    with asked("login", **team.boss.environment) as terminal:
        answer(terminal, ("E-mail:", BOSS), ("Password:", BOSS_PASSWORD), ("Signed in as", ""))
        assert terminal.wait_exit() == 0
    with asked("password", **team.boss.environment) as terminal:
        answer(terminal, ("Old password:", BOSS_PASSWORD), ("New password:", PASSWORD), ("Once more:", "x"))
        terminal.wait_for("the two are not the same")
        assert terminal.wait_exit() == 1
    with asked("login", **team.boss.environment) as terminal:
        terminal.wait_for("E-mail:")
        terminal.send("\x03")
        assert terminal.wait_exit(5.0) == 130


def test_connecting_and_removing_a_seller_by_hand(asked: Ask, cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.asks(shop)
    with asked("seller", "add", "wildberries", "--base-url", market.url) as terminal:
        answer(terminal, ("Name of the seller:", "Kettle & Tea"), ("Key:", shop.token))
        answer(terminal, ("can: read chats(?s:.*)Fetch its conversations now", "y"))
        terminal.wait_for("1 new message")
        assert terminal.wait_exit() == 0
        assert shop.token[:20] not in terminal.raw
    seller = str(cli("seller", "list", "--json").json[0]["seller_id"])
    with asked("seller", "remove", seller) as terminal:
        answer(terminal, ("Type the seller's name", "Kettle"))
        terminal.wait_for("this is not its name")
        assert terminal.wait_exit() == 1
    with asked("seller", "remove", seller) as terminal:
        answer(terminal, ("Type the seller's name", "Kettle & Tea"), ("Removed: Kettle & Tea", ""))
        assert terminal.wait_exit() == 0
    assert cli("seller", "list", "--json").json == []
