"""Reviews: stars, most often a few words, sometimes what was good and bad apart, now and then a complaint in praise."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agentiq_core.sandbox.buyers.buyer import Buyer, draw_buyer
from agentiq_core.sandbox.buyers.catalogue import GOODS
from agentiq_core.sandbox.buyers.goods import Good
from agentiq_core.sandbox.buyers.grammar import say
from agentiq_core.sandbox.buyers.situations import Situation

_STARS: Final = {5: 56, 4: 13, 3: 10, 2: 6, 1: 15}
_PRAISE: Final = (
    "{Отличный} {nom}, <рекомендую|всем советую|беру не первый раз|спасибо>!",
    "<Всё понравилось|Всё супер|Всё отлично>, <спасибо продавцу|спасибо|буду заказывать ещё>!",
    "<Пришло быстро|Доставили быстро>, упаковано <хорошо|надёжно|на совесть>. {Nom} <как на фото|точно по описанию>.",
    "<Взял{а}|Брал{а}> <маме|в подарок|себе>, <очень {доволен}|все довольны|ни разу не пожалел{а}>.",
    "<Супер|Класс|Огонь|Топ|Отлично>!",
    "{Nom} {понравился}, качество <отличное|хорошее|на высоте>. <Буду брать ещё.|Цена радует.|>",
)
_TEXTS: Final[dict[int, tuple[str, ...]]] = {
    5: _PRAISE,
    4: (
        "В целом {доволен}, но <упаковка мятая|доставка долгая|ждал{а} дольше, чем обещали>.",
        "<Нормально|Хорошо> за свои деньги. <Есть мелкие огрехи.|Чуть не дотягивает до пятёрки.|>",
        "{Nom} {понравился}, звезду снимаю за <упаковку|долгую доставку|запах, правда, быстро выветрился>.",
    ),
    3: (
        "На троечку, <ожидал{а} лучшего|за эти деньги можно найти лучше|на фото красивее>.",
        "Пользоваться можно, но {он} {fault}.",
        "<Средне.|Ни то ни сё.> {Mark}, <возвращать лень|не критично, но неприятно>.",
    ),
    2: (
        "{Nom} {fault}. <Очень {расстроен}.|Не советую.|Жаль денег.>",
        "<Надеял{ся} на лучшее.|Больше не закажу.> {Пришёл} {nom}, а там {mark}.",
    ),
    1: (
        "{Nom} {fault}. <Деньги на ветер.|Не берите!|Верните деньги.|Ужас.>",
        "<Ужас.|Кошмар.|Полное разочарование.> Открыл{а}, а там {mark}. <Никому не советую.|Оформляю возврат.>",
        "Брак. {Mark}. <Продавец не проверяет, что отправляет.|Как такое можно продавать?|>",
    ),
}
_WRONG: Final = ("{wrong} <Не то, что заказывал{а}.|Верните деньги.|Проверяйте заказы!>",)
_INCOMPLETE: Final = ("Не положили {part_acc}. <Обидно.|Пользоваться нельзя.|Пишу, никто не отвечает.>",)
_PRAISED_COMPLAINTS: Final = (
    "<Спасибо, всё хорошо|Всё отлично, доставили быстро|Очень красиво>, <только|одно но:|но> {он} {fault}.",
    "Пять звёзд за скорость, но внутри {mark}. <Как быть?|Что делать?|Обидно.>",
    "<Супер!|Спасибо!> Только {mark}, <можно ли обменять?|но это мелочи.>",
)
_PROS: Final = (
    "цена",
    "быстрая доставка",
    "качество",
    "упаковка целая",
    "цвет как на фото",
    "<всё|всё понравилось>",
)
_CONS_OF_PRAISE: Final = ("нет", "не обнаружил{а}", "нет", "цена", "долго везли")
_CONS: Final = ("{он} {fault}", "{mark}", "качество", "{mark}, {он} {fault}")
_PROS_OF_COMPLAINT: Final = ("нет", "цена", "доставка", "нет таких")
_THANKS: Final = (
    "<Спасибо за отзыв|Благодарим за отзыв|Спасибо за тёплые слова>! <Пользуйтесь с удовольствием.|Будем рады видеть вас снова.|>",
)  # fmt: skip
_SORRY: Final = (
    "<Нам жаль, что так вышло|Очень жаль, что товар вас подвёл|Извините за эту ситуацию>. Оформите, пожалуйста, заявку на "
    "возврат в приложении, мы её рассмотрим. <Спасибо, что написали.|Передали замечание на склад.|>",
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """A review's stars and words, each part perhaps empty. photos: how many pictures."""

    stars: int
    text: str = ""
    pros: str = ""
    cons: str = ""
    photos: int = 0

    @property
    def wordless(self) -> bool:
        """Whether it is stars only."""
        return not (self.text or self.pros or self.cons)


def draw_review(
    rng: random.Random, goods: Sequence[Good] = GOODS, stars: int | None = None
) -> tuple[Buyer, Opinion]:
    """Somebody who has bought a good, and what they think of it; stars by the usual shares unless given."""
    given = stars or rng.choices(list(_STARS), weights=list(_STARS.values()))[0]
    masked = given == 5 and rng.random() < 0.1
    buyer = draw_buyer(rng, goods, _situation(given, masked, rng))
    complains = masked or given <= 3
    if not masked and rng.random() < (0.12 if complains else 0.3):
        return buyer, Opinion(given)
    mood = "glad" if not complains else "cross" if given <= 2 else "sad"

    def written(templates: Sequence[str]) -> str:
        return buyer.manner.write(say(rng.choice(templates), buyer.slots, rng), mood, rng)

    apart = rng.random()
    text = written(_templates(buyer, given, masked)) if apart < 0.92 else ""
    pros = written(_PROS_OF_COMPLAINT if complains else _PROS) if apart > 0.72 else ""
    cons = written(_CONS if complains else _CONS_OF_PRAISE) if apart > 0.72 else ""
    photos = rng.choice((0, 0, 0, 1, 2)) if complains else rng.choice((0, 0, 0, 0, 1))
    return buyer, Opinion(given, text, pros, cons, photos)


def acknowledge(buyer: Buyer, opinion: Opinion, rng: random.Random) -> str:
    """What an attentive shop answers to a review."""
    content = buyer.situation is Situation.PRAISE and opinion.stars > 3
    return f"{buyer.person.name}, здравствуйте! {say(rng.choice(_THANKS if content else _SORRY), {}, rng)}"


def _situation(stars: int, masked: bool, rng: random.Random) -> Situation:
    if masked or stars in (2, 3):
        return Situation.DEFECT
    if stars >= 4:
        return Situation.PRAISE
    return rng.choice((Situation.ANGRY, Situation.DEFECT, Situation.WRONG_ITEM, Situation.INCOMPLETE))


def _templates(buyer: Buyer, stars: int, masked: bool) -> Sequence[str]:
    if masked:
        return _PRAISED_COMPLAINTS
    by_situation = {Situation.WRONG_ITEM: _WRONG, Situation.INCOMPLETE: _INCOMPLETE}
    return by_situation.get(buyer.situation, _TEXTS[stars])
