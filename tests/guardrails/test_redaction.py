"""What is shown of a raw item: the item, without phones, secrets and anything a terminal would obey."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.guardrails.redaction import LONGEST, MASK, redacted
from tests.connectors.wildberries_answers import CHAT, make_event


def test_an_item_stays_what_it_is() -> None:
    event = make_event(
        message={
            "text": "Заказ 123456789 за 1990 ₽, артикул 55512345",
            "attachments": {"goodCard": {"nmID": 12345678}},
        }
    )
    shown = redacted(json.dumps(event))
    assert json.loads(shown) == event
    assert CHAT in shown
    assert shown.startswith('{\n  "chatID"')


@pytest.mark.parametrize(
    "value",
    [
        "Наберите +7 (916) 123-45-67",
        "восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь",
        "tel:89161234567;x",
        "a79161234567b",
        89161234567,
        9161234567,
        ["+79161234567", {"79161234567": 1}],
    ],
)
def test_a_phone_is_masked_wherever_it_stands(value: object) -> None:
    shown = redacted(json.dumps(make_event(message={"text": value}), ensure_ascii=False))
    assert MASK in shown
    digits = "".join(filter(str.isdigit, shown))
    assert "916123" not in digits
    assert "шестнадцать" not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("replySign", "1:1e265a58:54828159:bc3a4c04079f"),
        ("accessToken", "abc"),
        ("Authorization", ["abc"]),
        ("api_key", 17),
        ("url", "https://files.example/a?X-Amz-Signature=bc3a4c04079f&size=1"),
        ("text", "eyJhbGciOiJFUzI1NiJ9.eyJzIjo1MTJ9.c2lnbmF0dXJl"),
    ],
)
def test_a_secret_is_masked_at_any_depth_and_in_what_is_no_json(name: str, value: object) -> None:
    raw = json.dumps({"a": [{name: value}]})
    for shown in (redacted(raw), redacted(raw[:-1])):
        assert MASK in shown
        assert not any(secret in shown for secret in ("bc3a4c04079f", "abc", "17", "eyJz"))


def test_what_a_terminal_would_obey_is_written_as_its_number() -> None:
    shown = redacted(json.dumps({"text": "\x1b]52;c;aGk=\x07 \u202eтекст\u2066 \x9b[red]\ud800"}))
    assert json.loads(shown)["text"] == "\x1b]52;c;aGk=\x07 \u202eтекст\u2066 \x9b[red]\ud800"
    assert not any(character in shown for character in "\x1b\x07\u202e\u2066\x9b\ud800")
    assert "\\u202e" in shown


@pytest.mark.parametrize("raw", ["[" * 50_000, "x" * 50_000, '{"text": "' + "ж" * 50_000, "9" * 30_000, ""])
def test_a_hostile_item_is_cut(raw: str) -> None:
    assert len(redacted(raw)) <= LONGEST + 1


@given(
    raw=st.text(max_size=200)
    | st.recursive(st.none() | st.text() | st.integers() | st.floats(), st.lists).map(json.dumps)
)
def test_any_item_can_be_shown(raw: str) -> None:
    assert "\x1b" not in redacted(raw)
