"""Who writes: names and the word endings that follow from them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

_WOMEN: Final = (
    "Анна", "Мария", "Елена", "Ольга", "Наталья", "Татьяна", "Ирина", "Светлана", "Екатерина", "Юлия",
    "Алёна", "Дарья", "Анастасия", "Виктория", "Ксения", "Людмила", "Галина", "Марина", "Вера", "Надежда",
    "Полина", "Алина", "Валентина", "Кристина", "Оксана", "Лариса", "София", "Диана", "Гульнара", "Айгуль",
    "Лидия", "Инна", "Евгения", "Жанна", "Маргарита", "Эльмира", "Зоя", "Любовь", "Варвара", "Лиана",
)  # fmt: skip
_MEN: Final = (
    "Александр", "Дмитрий", "Сергей", "Андрей", "Алексей", "Максим", "Иван", "Михаил", "Артём", "Николай",
    "Павел", "Роман", "Владимир", "Евгений", "Олег", "Денис", "Игорь", "Кирилл", "Антон", "Виктор",
    "Тимур", "Руслан", "Пётр", "Фёдор", "Юрий", "Илья", "Константин", "Станислав", "Рамиль", "Глеб",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A buyer's name and whether verbs take the feminine ending."""

    name: str
    woman: bool

    def endings(self) -> dict[str, str]:
        """Slots of a template that agree with the speaker: {а} of «заказал{а}», {ся} of «ошибал{ся}»."""
        return {
            "а": "а" if self.woman else "",
            "ся": "ась" if self.woman else "ся",
            "ошибся": "ошиблась" if self.woman else "ошибся",
            "сам": "сама" if self.woman else "сам",
            "доволен": "довольна" if self.woman else "доволен",
            "расстроен": "расстроена" if self.woman else "расстроен",
            "нашёл": "нашла" if self.woman else "нашёл",
            "мужу": "мужу" if self.woman else "жене",
        }


def draw_person(rng: random.Random, woman: bool | None = None) -> Person:
    """Somebody; two of three who write to shops are women."""
    if woman is None:
        woman = rng.random() < 0.66
    return Person(name=rng.choice(_WOMEN if woman else _MEN), woman=woman)
