"""The words rules look for, under a slip of the finger or in Latin letters: "вернемм денги", "vernem dengi"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from agentiq_core.language.concepts import word_set

LOOKED_FOR = word_set(
    "вернуть возвращать возврат возместить возмещение компенсировать компенсация гарантировать обещать пообещать деньги "
    "заменить замена обменять обмен бесплатно одобрить ускорить отменить продлить оформить нейросеть искусственный "
    "поддержка техподдержка обратиться виноватый неправильно бракованный контрафакт подделка поддельный нарушить"
)
"""Lemmas of which every form is known under one wrong letter."""
SHORTEST = 5
_LATIN = (
    "shch:щ sch:щ zh:ж kh:х ts:ц ch:ч sh:ш yu:ю ya:я yo:е ye:е ju:ю ja:я jo:е a:а b:б v:в g:г d:д e:е z:з i:и j:й k:к "
    "l:л m:м n:н o:о p:п r:р s:с t:т u:у f:ф h:х c:ц y:ы w:в x:х q:к"
)
_TO_CYRILLIC = [(latin, letter) for latin, _, letter in (pair.partition(":") for pair in _LATIN.split())]


class Misspelt:
    """Finds the word that was meant among the forms it was built from."""

    def __init__(self, forms: Iterable[str]) -> None:
        self._forms = frozenset(form for form in forms if len(form) >= SHORTEST)
        self._near: dict[str, str] = {}
        for form in sorted(self._forms):
            for near in _without_one(form):
                self._near.setdefault(near, form)

    @classmethod
    def of(cls, lexeme: Callable[[str], Iterable[str]]) -> Misspelt:
        """Built from every form of the words looked for."""
        return cls(form.replace("ё", "е") for word in sorted(LOOKED_FOR) for form in lexeme(word))

    def __contains__(self, plain: str) -> bool:
        return plain in self._forms

    def meant(self, plain: str) -> str | None:
        """The form that a spelling no dictionary knows stands for; None when it is close to none."""
        if len(plain) < SHORTEST:
            return None
        spelling = _in_cyrillic(plain) if plain.isascii() else plain
        if spelling in self._forms:
            return spelling
        if spelling in self._near:
            return self._near[spelling]
        for shorter in _without_one(spelling):
            if shorter in self._forms:
                return shorter
            if shorter in self._near and len(spelling) > SHORTEST + 1:
                return self._near[shorter]
        return None


def _in_cyrillic(plain: str) -> str:
    for latin, letter in _TO_CYRILLIC:
        plain = plain.replace(latin, letter)
    return plain


def _without_one(word: str) -> Iterator[str]:
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
