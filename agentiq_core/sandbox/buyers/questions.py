"""Questions on a good's page, asked before it is bought."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from agentiq_core.sandbox.buyers.buyer import Buyer, draw_buyer
from agentiq_core.sandbox.buyers.catalogue import GOODS
from agentiq_core.sandbox.buyers.goods import Good
from agentiq_core.sandbox.buyers.grammar import say
from agentiq_core.sandbox.buyers.situations import Situation

_SHARES: Final = {
    Situation.MATERIAL: 52,
    Situation.SIZE_ADVICE: 18,
    Situation.USAGE: 12,
    Situation.GIFT: 8,
    Situation.PRICE: 10,
}
_QUESTIONS: Final[dict[Situation, tuple[str, ...]]] = {
    Situation.MATERIAL: (
        "<Здравствуйте!|Добрый день!|> {Question}?",
        "<Подскажите, пожалуйста,|Скажите,|Уточните, пожалуйста,> {question}?",
        "{Question}? <И ещё: {question2}?|>",
        "<Добрый день, подскажите,|Здравствуйте, подскажите,> {question}?",
    ),
    Situation.SIZE_ADVICE: (
        "<Какой размер брать, если|Какой размер подойдёт, если> {stature}?",
        "{Nom} {маломерит}? <Обычно|Чаще всего> {ношу} {size}.",
        "{Stature}, <{size} подойдёт?|какой размер взять?>",
        "<Когда будет|Появится ли> размер {other_size}?",
    ),
    Situation.USAGE: (
        "<Подскажите,|Здравствуйте, подскажите,> {usage}?",
        "<Кто уже купил, подскажите,|Объясните, пожалуйста,> {usage}?",
    ),
    Situation.GIFT: (
        "<В чём {приедет} {nom}? Хочу подарить.|{Идёт} ли в коробке? Беру на подарок.>",
        "<Есть ли подарочная упаковка?|Как {упакован} {nom}, не стыдно подарить?>",
    ),
    Situation.PRICE: (
        "<Будет ли скидка?|Планируете снижать цену?> <Хочу взять две штуки.|>",
        "<Почему {подорожал}? Недавно {стоил}|Неделю назад {стоил}> {old_price}<.| рублей.>",
    ),
}


def draw_question(rng: random.Random, goods: Sequence[Good] = GOODS) -> tuple[Buyer, str]:
    """Somebody who asks about a good in public, and the question."""
    buyer = draw_buyer(rng, goods, rng.choices(list(_SHARES), weights=list(_SHARES.values()))[0])
    templates = _QUESTIONS.get(buyer.situation, _QUESTIONS[Situation.MATERIAL])
    text = say(rng.choice(templates), buyer.slots, rng)
    return buyer, buyer.manner.write(text, "calm", rng)
