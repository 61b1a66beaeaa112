"""What suggestions cost this machine, a model's own time aside: the template, the question, the answer read and judged."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from agentiq_core.ai.answer import parse
from agentiq_core.ai.evaluation import read_cases
from agentiq_core.ai.injection import injection
from agentiq_core.ai.masking import Masks
from agentiq_core.ai.prompt import build
from agentiq_core.ai.suggest import suggest
from agentiq_core.language.reading import read
from benchmarks.figures import Figure, median, percentile

T = TypeVar("T")
SET = Path(__file__).resolve().parent.parent / "tests" / "data" / "eval" / "report.jsonl"
TEMPLATE_BAR_MS, QUESTION_BAR_MS, MASK_BAR_MS, PARSE_BAR_MS, FLAG_BAR_MS = 10.0, 5.0, 5.0, 1.0, 2.0
REPLY = (
    "Здравствуйте! Нам очень жаль. Пришлите, пожалуйста, фото кружки и упаковки, мы внимательно разберёмся."
)
LONG = (
    "Здравствуйте, меня зовут Анна, мой телефон +7 900 000-00-11, почта anna@example.org, адрес: г. Примерск, ул. Вымышленная, "
    "д. 5, кв. 14, карта 4000 0000 0000 0002. Чайник, который вы прислали, проработал два дня и перестал включаться, кнопка не "
    "защёлкивается, вода холодная. Подскажите, пожалуйста, что теперь делать и кому писать? "
)


def run(*, quick: bool) -> list[Figure]:
    """Every step on its own, each text read for the first time, in processor time: the step waits for nothing."""
    cases = read_cases(SET)[:: 4 if quick else 1]
    texts = [f"{LONG}Вопрос {number}." for number in range(len(cases))]
    answers = [f"Вот ответ:\n```json\n{_answer(number)}\n```" for number in range(len(cases))]
    suggest(cases[0].context)
    return [
        _figure("a template's suggestion, p95", TEMPLATE_BAR_MS, cases, lambda case: suggest(case.context)),
        _figure("a question to a model, p95", QUESTION_BAR_MS, cases, lambda case: build(case.context)),
        _figure("masking of a 400-character text, p95", MASK_BAR_MS, texts, lambda text: Masks().mask(text)),
        _figure("the flag for injections, p95", FLAG_BAR_MS, texts, lambda text: injection([text])),
        _figure("reading a fenced answer, p95", PARSE_BAR_MS, answers, parse),
    ]


def _figure(name: str, bar: float, of: Sequence[T], step: Callable[[T], object]) -> Figure:
    times = []
    for one in of:
        read.cache_clear()
        begin = time.thread_time()
        step(one)
        times.append((time.thread_time() - begin) * 1_000)
    beside = f"median {median(times):.2f} ms, {len(times)} of them"
    return Figure(name, percentile(times, 0.95), "ms", bar, beside=beside)


def _answer(number: int) -> str:
    return json.dumps(
        {
            "reply": f"{REPLY} №{number}",
            "intent": "defect",
            "sentiment": "negative",
            "categories": ["качество"],
            "urgency": "high",
            "recommendation": "Запросить фото",
            "confidence": 0.9,
            "language": "ru",
            "claims": [{"text": "кружки", "source": "card", "words": "Кружка"}],
        },
        ensure_ascii=False,
    )
