"""Answers of models are read however they are wrapped, and never break the reader."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.ai.answer import Answer, parse, schema
from agentiq_core.ai.intents import Intent, Sentiment
from agentiq_core.ai.loose_json import beginning, objects
from agentiq_core.ai.model import Failure, ModelUnreadable
from tests.ai.scripted_model import answered

PLAIN = answered(
    "Здравствуйте! Пришлите, пожалуйста, фото.", claims=[{"text": "a", "source": "card", "words": "b"}]
)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"\ufeff{PLAIN}",
        f"```json\n{PLAIN}\n```",
        f"Конечно! Вот ответ:\n\n{PLAIN}\n\nНадеюсь, это поможет {{buyer}}.",
        f"<think>Покупатель пишет {{странное}}</think>{PLAIN}",
        f"{PLAIN}{PLAIN}",
        f'{{"answer": {PLAIN}}}',
        f"[{PLAIN}]",
        PLAIN[:-1] + ",}",
        PLAIN[:-1],
        PLAIN[:-2],
        PLAIN.replace('"reply": "', "'reply': '").replace('фото."', "фото.'"),
        PLAIN.replace('"reply"', "reply"),
        PLAIN.replace('", "intent"', '" , // ответ\n"intent"'),
    ],
)
def test_an_answer_is_found_whatever_stands_around_it(text: str) -> None:
    answer = parse(text)
    assert answer.reply == "Здравствуйте! Пришлите, пожалуйста, фото."
    assert (answer.intent, answer.sentiment, answer.urgency) == (Intent.DEFECT, Sentiment.NEGATIVE, "high")


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ('{"reply": "Здравствуйте! Мы проверим', "Здравствуйте! Мы проверим"),
        ('{"reply": "Здравствуйте!\\nМы\\u0020проверим\\', "Здравствуйте!\nМы проверим"),
        ('{"reply": "Кружка "Лето" в пути", "intent": "other"}', 'Кружка "Лето" в пути'),
        ('{"reply": "строка\nс переводом"}', "строка\nс переводом"),
        ('{"reply": "черновик"} нет, лучше {"reply": "чистовик"}', "чистовик"),
        ('{"note": "x"}\n{"reply": "да"}', "да"),
        ('{"reply": "**Здравствуйте!** Хорошо"}', "Здравствуйте! Хорошо"),
        ('{"reply": "смайл \\ud83d\\ude00 и половина \\ud83d"}', "смайл 😀 и половина"),
        ('{"reply": "a\\u202eb\\u0000c"}', "abc"),
    ],
)
def test_a_broken_answer_gives_what_it_holds(text: str, reply: str) -> None:
    assert parse(text).reply == reply


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "null",
        "42",
        "{}",
        "[]",
        '{"reply": ""}',
        '{"reply": null}',
        '{"reply": {"a": 1}}',
        "<html>…",
        "{" * 50,
    ],
)
def test_an_answer_without_a_reply_is_unreadable(text: str) -> None:
    with pytest.raises(ModelUnreadable) as raised:
        parse(text)
    assert raised.value.failure is Failure.UNREADABLE


@pytest.mark.parametrize(
    ("given_value", "confidence"),
    [(0.8, 0.8), (80, 0.8), ("80%", 0.8), ("0,8", 0.8), ("высокая", 0.85), (-3, 0.0), (500, 1.0), ("да", 0.5), (None, 0.5),
     (True, 0.5), ([1], 0.5)],
)  # fmt: skip
def test_a_confidence_is_understood_in_any_unit(given_value: object, confidence: float) -> None:
    assert parse(answered("Здравствуйте!", confidence=given_value)).confidence == confidence


def test_what_a_model_invents_is_plain_or_dropped() -> None:
    answer = parse(
        answered(
            "Здравствуйте!",
            intent="refund",
            sentiment="яростный",
            categories="качество; доставка, качество",
            urgency="срочно!!!",
            recommendation=["x"],
            language=None,
            claims=[
                {"text": "a", "source": "wikipedia", "words": "b"},
                "строка",
                {"text": "", "source": "card", "words": "b"},
            ],
        )
    )
    assert answer == Answer(reply="Здравствуйте!", categories=["качество", "доставка"], confidence=0.9)


JSONISH = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["reply", "claims", "answer", "x"]), inner)
    ),
    max_leaves=12,
)
BITS = st.lists(
    st.sampled_from(
        ["{", "}", "[", "]", '"', "'", ",", ":", "\\", "\\u12", "reply", "//", "/*", " ", "я", "1e9"]
    )
)


@given(
    st.one_of(
        st.text(),
        JSONISH.map(json.dumps),
        BITS.map("".join),
        BITS.map(lambda bits: PLAIN[:40] + "".join(bits)),
    )
)
def test_any_text_is_an_answer_or_a_typed_failure(text: str) -> None:
    with contextlib.suppress(ModelUnreadable):
        assert parse(text).reply.strip()
    assert isinstance(beginning(text, "reply"), str)


@given(st.integers(0, len(PLAIN)))
def test_a_cut_answer_gives_the_beginning_of_its_reply(end: int) -> None:
    reply = "Здравствуйте! Пришлите, пожалуйста, фото."
    assert reply.startswith(beginning(PLAIN[:end], "reply"))
    try:
        assert reply.startswith(parse(PLAIN[:end]).reply)
    except ModelUnreadable:
        assert end < PLAIN.index("З") + 2


@pytest.mark.parametrize(
    "unit",
    [
        "{",
        '{"a":',
        "[",
        '{"reply":"',
        "\\",
        '"',
        "'",
        "{'",
        '"}',
        "{},",
        " ",
        "/*",
        "//\n",
        "//,",
        "\n//,",
        "a:",
        '{"reply":1}',
        "<think>",
        '" ,',
    ],
)
def test_a_hundred_kilobytes_of_anything_are_read_in_a_moment(unit: str) -> None:
    for begin in ("", '{"reply": "', '{"x": [', "{"):
        text = begin + unit * (100_000 // len(unit))
        started = time.process_time()
        with contextlib.suppress(ModelUnreadable):
            parse(text)
        assert time.process_time() - started < 1.0, (begin, unit)


def test_the_schema_bounds_every_string_and_names_our_intents() -> None:
    made = schema(300)
    bounded = json.dumps(made)
    assert made["properties"]["reply"]["maxLength"] == 300  # type: ignore[index]
    assert made["properties"]["intent"]["enum"] == [one.value for one in Intent]  # type: ignore[index]
    assert bounded.count('"type": "string"') == bounded.count("maxLength") + bounded.count('"enum"')
    assert next(iter(objects(PLAIN))).keys() <= made["properties"].keys()  # type: ignore[attr-defined]
