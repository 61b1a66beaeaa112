"""Words that agree with the good: «пришёл», «пришла», «пришло», «пришли»."""

from __future__ import annotations

import random
from typing import Final

from agentiq_core.sandbox.buyers.goods import COLOURS, Gender, Good, Sizing

_FORMS: Final[dict[str, tuple[str, str, str, str]]] = {
    "он": ("он", "она", "оно", "они"),
    "пришёл": ("пришёл", "пришла", "пришло", "пришли"),
    "приехал": ("приехал", "приехала", "приехало", "приехали"),
    "приедет": ("приедет", "приедет", "приедет", "приедут"),
    "был": ("был", "была", "было", "были"),
    "стоил": ("стоил", "стоила", "стоило", "стоили"),
    "подорожал": ("подорожал", "подорожала", "подорожало", "подорожали"),
    "нужен": ("нужен", "нужна", "нужно", "нужны"),
    "подошёл": ("подошёл", "подошла", "подошло", "подошли"),
    "понравился": ("понравился", "понравилась", "понравилось", "понравились"),
    "отличный": ("отличный", "отличная", "отличное", "отличные"),
    "сидит": ("сидит", "сидит", "сидит", "сидят"),
    "идёт": ("идёт", "идёт", "идёт", "идут"),
    "упакован": ("упакован", "упакована", "упаковано", "упакованы"),
    "подойдёт": ("подойдёт", "подойдёт", "подойдёт", "подойдут"),
    "маломерит": ("маломерит", "маломерит", "маломерит", "маломерят"),
    "лежит": ("лежит", "лежит", "лежит", "лежат"),
    "велик": ("велик", "велика", "велико", "велики"),
    "мал": ("мал", "мала", "мало", "малы"),
}
# accusative differs from the nominative in the feminine only: goods are inanimate
_ACCUSATIVE: Final[dict[str, tuple[str, str, str, str]]] = {
    "такой_же": ("такой же", "такую же", "такое же", "такие же"),
}
_ORDER: Final = (Gender.M, Gender.F, Gender.N, Gender.PL)
_FEET: Final = ("23", "23,5", "24,5", "25", "25,5")
_AGES: Final = ("два года", "три года", "четыре года", "пять лет", "шесть лет")


def good_slots(good: Good, size: str, rng: random.Random) -> dict[str, str]:
    """Every slot that depends on the good, with the buyer's draw of colour, size, flaw and question."""
    column = _ORDER.index(good.gender)
    slots = {name: forms[column] for name, forms in (_FORMS | _ACCUSATIVE).items()}
    nominative, genitive, accusative = good.forms
    slots |= {"nom": nominative, "gen": genitive, "acc": accusative, "title": good.title, "brand": good.brand}
    slots |= {"nm": str(good.nm_id), "size": size}
    colour = rng.choice(good.colours)
    other = rng.choice([name for name in COLOURS if name != colour])
    key = good.gender.value
    slots |= {
        "colour": COLOURS[colour][key],
        "colour_acc": COLOURS[colour]["acc_f" if good.gender is Gender.F else key],
        "other": COLOURS[other][key],
    }
    place = good.sizes.index(size)
    near = good.sizes[max(0, place - 1) : place] + good.sizes[place + 1 : place + 2]
    slots["other_size"] = rng.choice(near or (size,))
    slots["fault"] = rng.choice(good.faults)
    slots["mark"], slots["mark_acc"] = rng.choice(good.marks)
    part = rng.choice(good.parts) if good.parts else ("", "", "")
    slots["part"], slots["part_gen"], slots["part_acc"] = part
    slots["question"] = rng.choice(good.questions)
    others = [question for question in good.questions if question != slots["question"]]
    slots["question2"] = rng.choice(others or good.questions)
    slots["usage"] = rng.choice(good.usage or good.questions)
    price = good.price // 100
    slots["price"], slots["old_price"] = (
        str(price),
        str(round(price * rng.uniform(0.7, 0.9), -1)).removesuffix(".0"),
    )
    slots["stature"] = stature(good, size, rng)
    slots["ношу"] = "берём" if good.sizing is Sizing.CHILD else "ношу"
    return slots


def stature(good: Good, size: str, rng: random.Random) -> str:
    """Measurements of somebody whom this size fits; for goods without sizes an empty text."""
    place = good.sizes.index(size)
    share = place / max(1, len(good.sizes) - 1)
    match good.sizing:
        case Sizing.NONE:
            return ""
        case Sizing.FOOT:
            return f"длина стопы {_FEET[place % len(_FEET)]} см"
        case Sizing.CHILD:
            height = int(size) + rng.randint(-3, 2)
            return f"рост {height}, {_AGES[max(0, min(4, (height - 88) // 7))]}"
    lightest, heights = (51, range(157, 177)) if good.sizing is Sizing.WOMAN else (66, range(170, 192))
    return f"рост {rng.choice(heights)}, вес {lightest + round(share * 34) + rng.randint(-2, 2)}"
