"""What buyers write about: real kinds of goods, with the word forms a Russian sentence needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Gender(StrEnum):
    """Grammatical gender, or plural for goods that are named in the plural (ботинки, наушники)."""

    M = "m"
    F = "f"
    N = "n"
    PL = "pl"


class Category(StrEnum):
    """Shelf of the shop."""

    KITCHEN = "kitchen"
    CLOTHING = "clothing"
    ELECTRONICS = "electronics"
    HOME = "home"
    KIDS = "kids"


class Sizing(StrEnum):
    """Which measurements a buyer gives when asking for a size."""

    NONE = "none"
    WOMAN = "woman"
    MAN = "man"
    CHILD = "child"
    FOOT = "foot"


@dataclass(frozen=True, slots=True)
class Good:
    """A good as buyers speak of it.

    forms: the everyday noun in nominative, genitive, accusative. colours: masculine adjectives known to
    `colours`. price: kopecks. faults: clauses that follow "он/она/оно/они". marks: what the eye sees, as
    (nominative, accusative). parts: what a set can lack, as (nominative, genitive, accusative).
    questions and usage: indirect questions that follow "подскажите".
    """

    nm_id: int
    category: Category
    title: str
    brand: str
    forms: tuple[str, str, str]
    gender: Gender
    price: int
    colours: tuple[str, ...]
    faults: tuple[str, ...]
    marks: tuple[tuple[str, str], ...]
    questions: tuple[str, ...]
    sizes: tuple[str, ...] = ("0",)
    sizing: Sizing = Sizing.NONE
    parts: tuple[tuple[str, str, str], ...] = ()
    usage: tuple[str, ...] = ()


COLOURS: dict[str, dict[str, str]] = {
    masculine: {"m": masculine, "f": feminine, "n": neuter, "pl": plural, "acc_f": accusative}
    for masculine, feminine, neuter, plural, accusative in (
        ("белый", "белая", "белое", "белые", "белую"),
        ("чёрный", "чёрная", "чёрное", "чёрные", "чёрную"),
        ("серый", "серая", "серое", "серые", "серую"),
        ("синий", "синяя", "синее", "синие", "синюю"),
        ("голубой", "голубая", "голубое", "голубые", "голубую"),
        ("зелёный", "зелёная", "зелёное", "зелёные", "зелёную"),
        ("бежевый", "бежевая", "бежевое", "бежевые", "бежевую"),
        ("розовый", "розовая", "розовое", "розовые", "розовую"),
        ("красный", "красная", "красное", "красные", "красную"),
        ("коричневый", "коричневая", "коричневое", "коричневые", "коричневую"),
        ("молочный", "молочная", "молочное", "молочные", "молочную"),
        ("жёлтый", "жёлтая", "жёлтое", "жёлтые", "жёлтую"),
    )
}
