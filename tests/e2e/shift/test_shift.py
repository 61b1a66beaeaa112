"""A whole shift of a team: every buyer gets each reply once, whatever happens to the operator's machine and network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.cli_team import PASSPHRASE, Team
from tests.cli.conftest import Market
from tests.e2e.shift.people import Buyers, Operator, environment, worker
from tests.e2e.shift.wire import Wire
from tests.e2e.terminal import ENTER, F5

ANNA, BORIS = "anna@example.org", "boris@example.org"
ANNA_PASSWORD, BORIS_PASSWORD = "чайник на плите 7", "и самовар на веранде"
OWN = "Уже смотрим, что случилось, и ответим сегодня."
ADDED = "Если что-то останется неясным, пишите сюда."
TEMPLATE = "Проверим партию на складе и ответим вам сегодня до вечера."
HALF = "Начали разбираться, и вот что"
TAB, ESCAPE = "\t", "\x1b"
F7 = "\x1b[18~"


class Shift:
    """What one day is about: the team, the buyers, and which replies they should have in the end."""

    def __init__(self, team: Team, market: Market) -> None:
        self.buyers = Buyers(market, seed=3)
        self.waiting = self.buyers.write(10)
        key = ("--base-url", market.url, "--token-stdin", "--sync", "--json")
        added = team.boss(
            "seller", "add", "wildberries", "--name", "Дом и чай", *key, stdin=self.buyers.shop.token
        )
        assert added.code == 0, added
        seller = str(added.json["seller_id"])
        said = ("--seller", seller, "--name", "партия", "--text", TEMPLATE)
        assert team.boss("templates", "add", *said).code == 0
        self.anna = team.joined(ANNA, "operator", ANNA_PASSWORD, "--seller", seller)
        self.boris = team.joined(BORIS, "operator", BORIS_PASSWORD, "--seller", seller)
        self.expected: dict[str, list[str]] = {}

    def sent(self, name: str, text: str) -> None:
        """This was sent to a buyer, by somebody's key."""
        self.expected.setdefault(name, []).append(text)

    def all_arrived(self, operator: Operator) -> None:
        """Every buyer has what was sent, and nothing twice."""

        def so() -> bool:
            return all(len(self.buyers.got(name)) >= len(texts) for name, texts in self.expected.items())

        operator.until(so, 60)
        for name in self.buyers.chats:
            replies = [re.sub(r"\s+", " ", text) for text in self.buyers.got(name)]
            texts = self.expected.get(name, [])
            assert len(replies) == len(texts), (name, replies)
            assert all(text in reply for text, reply in zip(texts, replies, strict=True)), (replies, texts)
        assert self.buyers.duplicates == 0


def signs_in(one: Operator) -> None:
    """With a wrong password first, as people do."""
    one.wait_for("Это рабочее место команды: войдите")
    one.send(ANNA)
    one.wait_for(ANNA)
    one.send(TAB)
    one.settle()
    for password, answer in (
        ("не тот пароль", "Почта и пароль не подходят"),
        (ANNA_PASSWORD, "Ключ команды"),
    ):
        one.send(password)
        one.wait_for("•" * len(password))
        one.send(ENTER)
        one.wait_for(answer)
    # others send: this machine needs no key
    one.send(ESCAPE)
    one.wait_for("● на связи")


def answers_ten(shift: Shift, one: Operator) -> None:
    """Suggestions as they are, one's own words, an edited suggestion, a template by "/", and one taken back in time."""
    for number in range(10):
        name = one.next() if number else one.has_open()
        assert name in shift.waiting
        assert name not in shift.expected
        match number:
            case 1 | 5:
                one.writes(OWN)
                shift.sent(name, OWN)
            case 2 | 6:
                one.send(TAB)
                one.until(lambda: one.field.endswith("."))
                one.writes(f" {ADDED}")
                shift.sent(name, ADDED)
            case 3:
                one.writes("/")
                one.wait_for("партия")
                one.send(ENTER)
                one.until(lambda: one.field == TEMPLATE)
                shift.sent(name, TEMPLATE)
            case 4:
                one.writes(OWN)
                one.sends()
                one.send(F7)
                one.until(lambda: one.field == OWN)
                one.writes(f" {ADDED}")
                shift.sent(name, f"{OWN} {ADDED}")
            case _:
                shift.sent(name, f"{name}, здравствуйте!")
        one.sends()


def is_interrupted(shift: Shift, one: Operator, boris: Operator) -> None:
    """A colleague types in the same conversation, is seen, and answers first: nobody answers twice."""
    (name,) = shift.buyers.write(1)
    one.goes_to(name)
    boris.goes_to(name)
    boris.wait_for(r"● anna\S* смотрит")
    boris.writes("Сейчас отв")
    one.wait_for(r"● boris\S* печатает")
    one.writes(OWN)
    boris.writes("ечу подробно, минуту.")
    boris.sends()
    one.send(F5)
    one.wait_for("Переписка ушла вперёд")
    one.send(ESCAPE)
    one.until(lambda: "Переписка ушла вперёд" not in one.text)
    assert one.field == OWN
    shift.sent(name, "Сейчас отвечу подробно, минуту.")
    shift.all_arrived(one)


def loses_the_network(shift: Shift, one: Operator, wire: Wire) -> None:
    """What was queued leaves without this machine, what is typed stays, and goes once when the network is back."""
    queued, typed = shift.buyers.write(2)
    one.goes_to(queued)
    one.sends()
    shift.sent(queued, f"{queued}, здравствуйте!")
    one.goes_to(typed)
    one.wait_for("не отправлено: 1")
    wire.cut()
    one.wait_for("✗ Нет связи с базой с .* ответов в очереди: 1")
    one.writes(HALF)
    one.wait_for("черновики пока только здесь: 1")
    one.send(F5)
    shift.all_arrived(one)
    assert one.field == HALF
    wire.mend()
    one.wait_for("● на связи", 60)
    one.saved()
    one.writes(" видно.")
    shift.sent(typed, f"{HALF} видно.")
    one.sends()
    shift.all_arrived(one)


@pytest.mark.slow
def test_a_whole_shift(team: Team, market: Market, tmp_path: Path) -> None:
    shift = Shift(team, market)
    server = shift.anna.kept("server")
    assert server is not None
    how = {"AGENTIQ_VAULT_PASSPHRASE": PASSPHRASE, "AGENTIQ_UNDO_SECONDS": "6"}
    with Wire(server) as wire, worker(environment(team.boss.home, **how)):
        # who is at a desk does not send: a crash there never falls into the middle of a request
        how["AGENTIQ_WORKER"] = "false"
        annas = environment(tmp_path / "annas desk", AGENTIQ_DATABASE_URL=wire.dsn, **how)
        with Operator(annas) as one:
            signs_in(one)
            answers_ten(shift, one)
            shift.all_arrived(one)
            with Operator(environment(shift.boris.home, **how)) as boris:
                is_interrupted(shift, one, boris)
                boris.leave()
            loses_the_network(shift, one, wire)

            queued, half = shift.buyers.write(2)
            one.goes_to(queued)
            one.sends()
            shift.sent(queued, f"{queued}, здравствуйте!")
            one.goes_to(half)
            one.writes(HALF)
            one.saved()
            one.crash()
        with Operator(annas) as one:
            one.goes_to(half)
            one.until(lambda: one.field == HALF)
            one.writes(" видно.")
            shift.sent(half, f"{HALF} видно.")
            one.sends()
            shift.all_arrived(one)
            one.leave()
