"""How long one check of a 500-character reply takes, warm."""

from __future__ import annotations

import time

from agentiq_core.guardrails import check
from agentiq_core.language.reading import read
from benchmarks.figures import Figure, median, percentile

BAR_MS = 2.0
ROUNDS = 400
BUYER = ("Здравствуйте! Кружка пришла с трещиной, очень расстроилась.", "Что мне теперь делать?")
FACTS = ("Кружка керамическая, 350 мл", "Заказ от 12 мая")
SENTENCES = (
    "Анна, здравствуйте! Спасибо, что написали нам и рассказали о кружке.",
    "Нам очень жаль, что подарок не порадовал: мы понимаем, как это обидно.",
    "Пришлите, пожалуйста, две-три фотографии кружки и упаковки при дневном свете.",
    "По ним склад увидит, на каком этапе появилась трещина, и сможет проверить остальные коробки.",
    "Мы передадим снимки старшему смены и напишем вам, как только узнаем подробности.",
    "Если удобно, подскажите, была ли повреждена сама коробка, когда вы её получали?",
    "Хорошего вам дня, и спасибо за терпение!",
    "С уважением, Мария, магазин посуды.",
)


def replies(count: int) -> list[str]:
    """Different replies of about 500 characters, so that no cache of whole texts helps."""
    whole = " ".join(SENTENCES)
    return [f"{whole[: 490 - len(str(number))]} №{number}." for number in range(count)]


def run(*, quick: bool) -> list[Figure]:
    """Check replies that no cache has seen, warm."""
    for reply in replies(20):
        check(reply, buyer_texts=BUYER, facts=FACTS, suggestion=True)
    times = []
    for reply in replies(ROUNDS // 4 if quick else ROUNDS):
        read.cache_clear()
        for text in (*BUYER, *FACTS):
            read(text)
        begin = time.perf_counter()
        check(reply, buyer_texts=BUYER, facts=FACTS, suggestion=True)
        times.append((time.perf_counter() - begin) * 1_000)
    beside = f"median {median(times):.2f} ms"
    return [
        Figure(
            "one check of a 500-character reply, p95", percentile(times, 0.95), "ms", BAR_MS, beside=beside
        )
    ]
