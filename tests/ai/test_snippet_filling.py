"""A template says what the conversation knows, and reads well where nothing is known."""

from __future__ import annotations

import pytest

from agentiq_core.ai.snippets import Known, fill, known_of
from agentiq_core.domain.messages import Product

ALL = Known("Алёна", "Кружка", "4815")


@pytest.mark.parametrize(
    ("body", "full", "bare"),
    [
        ("{name}, здравствуйте!", "Алёна, здравствуйте!", "Здравствуйте!"),
        ("Здравствуйте, {name}! Рады вам.", "Здравствуйте, Алёна! Рады вам.", "Здравствуйте! Рады вам."),
        ("Заказ {order} в пути.", "Заказ 4815 в пути.", "Заказ в пути."),
        ("Товар «{product}» проверим.", "Товар «Кружка» проверим.", "Товар проверим."),
        ("Спасибо за заказ {order}.", "Спасибо за заказ 4815.", "Спасибо за заказ."),
        ("Добрый день. {name}, спасибо.", "Добрый день. Алёна, спасибо.", "Добрый день. Спасибо."),
        ("Цвет {colour} есть.", "Цвет {colour} есть.", "Цвет {colour} есть."),
    ],
)  # fmt: skip
def test_what_is_not_known_leaves_no_hole(body: str, full: str, bare: str) -> None:
    assert fill(body, ALL).text == full
    assert fill(body, Known()).text == bare


def test_what_is_missing_is_named_once() -> None:
    assert fill("{name} {order} {name}", Known()).missing == ("name", "order")
    assert fill("{name}", ALL).missing == ()


def test_a_value_that_looks_like_a_variable_is_a_value() -> None:
    assert fill("{product} и {name}", Known("Оля", "{name}")).text == "{name} и Оля"


def test_a_nickname_is_no_name_and_a_title_is_said_short() -> None:
    product = Product("1", "Кружка керамическая, 350 мл, синяя", order_id="")
    assert known_of("user_4815", product) == Known(None, "Кружка керамическая", None)
    assert known_of(None, None) == Known()
