"""Buyers' phones: shown to people, never in what a script may keep."""

from __future__ import annotations

import json

import pytest

from agentiq_tui.cli.private import MASK, preview_without_phones, without_phones
from tests.cli.conftest import Cli

NUMBERS = (
    "+79161234567",
    "8 9 1 6 1 2 3 4 5 6 7",
    "8 (916) 123-45-67",
    "восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь",
    "89161234567 89031112233",
)


def test_phones_are_masked_for_scripts_and_shown_to_people(cli: Cli) -> None:
    said = [f"Наберите меня: {number}, пожалуйста" for number in NUMBERS]
    chat = str(cli.chat(*said))
    shown = cli("chats", "show", chat, "--json")
    texts = [message["text"] for message in shown.json["messages"]]
    assert len(texts) == len(NUMBERS)
    assert all(MASK in text and text.endswith(", пожалуйста") for text in texts)
    listed = cli("chats", "list", "--json")
    suggested = cli("suggest", chat, "--json")
    for output in (shown.out, listed.out, suggested.out):
        digits = "".join(character for character in output if character.isdigit())
        assert "9161234567" not in digits
        assert "9031112233" not in digits
        assert "шестнадцать" not in output
    people = cli("chats", "show", chat)
    assert all(number in people.out for number in NUMBERS)
    assert NUMBERS[-1] in cli("chats", "list").out


@pytest.mark.parametrize("number", NUMBERS)
def test_every_disguise_is_masked(number: str) -> None:
    assert without_phones(f"Звоните {number}!").strip("!+ ").removeprefix("Звоните ").replace("+", "") in (
        MASK,
        f"{MASK} {MASK}",
    )


def test_numbers_of_orders_and_prices_stay() -> None:
    text = "Заказ 123456789 за 1990 рублей, артикул 55512345, кружка 350 мл, пришла 23.11.2026"
    assert without_phones(text) == text


def test_half_a_number_at_the_end_of_a_cut_preview_goes_too() -> None:
    cut = "Мой номер для связи 8 916 123"
    assert preview_without_phones(cut, longest=len(cut)) == f"Мой номер для связи {MASK}"
    assert preview_without_phones("Кружка за 1990", longest=120) == "Кружка за 1990"


def test_phones_are_nowhere_in_the_log(cli: Cli, caplog: pytest.LogCaptureFixture) -> None:
    cli.monkeypatch.setenv("AGENTIQ_LOG_LEVEL", "INFO")
    chat = str(cli.chat("Мой телефон 89161234567"))
    answer = "Здравствуйте! Номер не нужен, пришлите фото сюда."
    assert cli("reply", chat, "--text-stdin", "--wait", stdin=answer).code == 0
    assert "9161234567" not in caplog.text
    assert "9161234567" not in json.dumps([record.args for record in caplog.records], default=str)
