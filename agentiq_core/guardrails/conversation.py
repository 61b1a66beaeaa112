"""Rules that weigh a reply against what the buyer wrote: complaint ignored, return nobody asked for, language."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentiq_core.language.concepts import word_set
from agentiq_core.language.phrases import Match, PhraseBook
from agentiq_core.language.reading import Reading

_DEFECT = PhraseBook(
    [
        "@брак !если",
        "@поломка",
        "@повреждение",
        "не работать|включаться|включиться|заряжаться|крутиться|подойти|соответствовать|хватать",
        "перестать работать|включаться|заряжаться|греть",
        "грязный|пятно|вонять|вонь|ржавый|ржавчина|плесень|просроченный|битый|б/у|мятый",
        "не тот|такой",
        "нецелый",
        "другой|чужой прийти|прислать|положить|цвет|размер",
        "@жалоба",
        "отсутствовать|недоставать|недокомплект",
        "не доложить|положить",
        "бить[PRTS]",
        "линять|полинять|садиться|сесть[past] стирка",
    ]
)
_THANKS = PhraseBook(
    [
        "@спасибо",
        "рад|=рады|счастливый",
        "приятный покупка|=покупок|пользование",
        "хороший|отличный день",
        "ждать снова",
    ]
)
_ADDRESSES = PhraseBook(
    [
        "извинить|извинение|простить|прощение|жаль|сожалеть|сожаление|расстроить|неприятно|огорчить|огорчать|неудобство|"
        "неприятный|сочувствовать|обидно|досадно|печально|горько|горький|прискорбно|грустно|огорчение|стыдно",
        "разобраться|разбираться|проверить|проверять|выяснить|уточнить|прислать|решить|"
        "решать|проблема|недостаток|передать|исправить|учесть|подсказать|сообщить|"
        "проконтролировать|контроль|меры|решение|возврат|вернуть|замена|заменить|заявка|рассмотреть",
        "рассказать|описать[impr+excl,INFN]",
        "фото|фотография|помощь !@спасибо",
        "внимание обратить|обращать|взять|принять|уделить",
        "помочь !выбор !другой !покупатель",
        "@брак",
        "@поломка",
        "@повреждение",
    ]
)
_PLEASANT = word_set(
    "благодарить спасибо радовать порадовать радоваться ждать видеть увидеть носить пользоваться выбрать выбирать купить "
    "приобрести приобретать оценить ценить оставить оставлять написать поделиться прийти приходить заходить заглядывать "
    "быть стать нравиться понравиться стараться постараться работать развиваться желать пожелать надеяться вдохновлять "
    "мотивировать здравствуйте здравствовать служить прослужить вернуться возвращаться доверять доверить найти находить "
    "обращаться обратиться оставаться остаться рад помогать становиться расти беречь гулять улыбаться обнимать сиять делиться подойти подписаться подписываться цвести наслаждаться греть "
    "согревать отдыхать сделать рассказать вдохновить украшать украсить светить делать заказывать следить окрылять дорожить помочь доставлять доставить приносить принести"
)
_ABOUT_ANYTHING = word_set("товар заказ покупка отзыв магазин день раз качество бренд продавец вещь деньги")
_WISHES = word_set("пусть пускай желать пожелать избранное удовольствие здоровье радость")
_ASKED_FOR_RETURN = PhraseBook(
    [
        "@возврат",
        "@замена",
        "@деньги",
        "забрать|забирать обратно|назад",
        "отказаться",
        "компенсация|компенсировать",
    ]
)
_OTHER_CYRILLIC = re.compile("[іїєґўәғқңөұүһјІЇЄҐЎӘҒҚҢӨҰҮҺЈ]")
_FOREIGN_RUN = re.compile(r"\b[a-z']+(?:[\s,]+[a-z']+){4,}", re.IGNORECASE)
_MOSTLY, _HARDLY = 0.5, 0.2
_SHORTEST_FOREIGN = 15
_FUNCTION_WORDS = word_set("the and you your is are for with to of we in our please thank hello will")


def ignores_complaint(reply: Reading, buyer: Sequence[Reading]) -> bool:
    """The buyer named a defect and the reply is nothing but thanks."""
    named: set[str] = set()
    complains = False
    for one in buyer:
        for match in _DEFECT.matches(one, reported=True):
            complains = True
            named |= _nouns_beside(one, match)
    if not complains:
        return False
    if _THANKS.first(reply, denied=True, reported=True) is None:
        return False
    wishes = {
        clause.sentence
        for clause in reply.clauses
        if any(token.lemmas & _WISHES for token in reply.tokens[clause.start : clause.end])
    }
    thanked = {
        reply.clauses[reply.clause_of[match.indexes[0]]].sentence
        for match in _THANKS.matches(reply, denied=True, reported=True)
    }
    if any(
        token.lemmas & named and reply.clauses[reply.clause_of[index]].sentence not in wishes | thanked
        for index, token in enumerate(reply.tokens)
    ):
        return False
    says_more = any(
        token.part in ("VERB", "PRTS")
        and not token.lemmas & _PLEASANT
        and reply.clauses[reply.clause_of[index]].sentence not in wishes
        for index, token in enumerate(reply.tokens)
    )
    return not says_more and _ADDRESSES.first(reply, denied=True, reported=True) is None


def _nouns_beside(buyer: Reading, match: Match) -> set[str]:
    """What a complaint is about: the nouns of its clause."""
    clause = buyer.clauses[buyer.clause_of[match.indexes[0]]]
    return {
        lemma
        for token in buyer.tokens[clause.start : clause.end]
        if token.part == "NOUN"
        for lemma in token.lemmas - _ABOUT_ANYTHING
    }


def asked_for_return(buyer: Sequence[Reading]) -> bool:
    """The buyer spoke of a return, an exchange or his money, whether he wants it or only asks."""
    return any(_ASKED_FOR_RETURN.first(one, reported=True, denied=True) for one in buyer)


def foreign_part(reply: Reading, buyer: Sequence[Reading]) -> tuple[int, int] | None:
    """Where a reply is not Russian; None when it is, or when the buyer writes another language himself."""
    cyrillic, letters = map(sum, zip(*(_letters(one) for one in buyer), strict=True)) if buyer else (0, 0)
    if letters and cyrillic < _MOSTLY * letters:
        return None
    cyrillic, letters = _letters(reply)
    foreign = any(reply.keys.get("=" + word) for word in _FUNCTION_WORDS)
    # names of brands and models may outweigh the Russian words around them
    if letters and cyrillic < (_MOSTLY if foreign else _HARDLY) * letters:
        return 0, len(reply.text)
    theirs = sum(bool(_OTHER_CYRILLIC.search(token.text)) for one in buyer for token in one.tokens)
    other = [] if theirs > 1 else [match.start() for match in _OTHER_CYRILLIC.finditer(reply.text)]
    words = (
        [token for token in reply.tokens if any(token.start <= at < token.end for at in other)]
        if other
        else []
    )
    if len(words) >= 2:
        return words[0].start, words[-1].end
    if letters - cyrillic < _SHORTEST_FOREIGN:
        return None
    for run in _FOREIGN_RUN.finditer(reply.text):
        if frozenset(run[0].lower().split()) & _FUNCTION_WORDS:
            return run.span()
    return None


def _letters(reading: Reading) -> tuple[int, int]:
    """Cyrillic letters and all letters of a text, by words."""
    cyrillic = letters = 0
    for token in reading.tokens:
        if not token.plain[0].isdigit():
            letters += len(token.plain)
            cyrillic += len(token.plain) if "а" <= token.plain[0] <= "я" else 0
    return cyrillic, letters
