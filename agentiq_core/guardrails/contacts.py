"""Ways out of the marketplace: links, e-mail, messengers, other marketplaces, phones; disguised ones too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agentiq_core.guardrails.phones import phones
from agentiq_core.language.concepts import word_set
from agentiq_core.language.phrases import PhraseBook
from agentiq_core.language.reading import Reading

_DOT = r"(?:\s*(?:\.|\[\.\]|\(\.\)|[\[(]?\s*(?:точка|тчк|dot)\s*[\])]?)\s*)"
_TOP = r"(?:ru|com|net|org|su|me|io|cc|ly|gl|store|shop|online|site|club|pro|рф|ру|ком|орг|app|link|info|biz|by|kz)"
_SPELLED_DOT = r"\s*[\[(]?\s*(?:точка|тчк|dot|\[\.\]|\(\.\))\s*[\])]?\s*"
_NAME = r"[a-zа-я0-9][a-zа-я0-9_-]*"

_MAIL = "Адрес почты («{}»): контакты вне маркетплейса запрещены"
_LINK = "Ссылка («{}»): вести покупателя с маркетплейса запрещено"
PATTERNS: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        _MAIL,
        re.compile(r"@|соба(?:ка|чка)|\bat\b"),
        re.compile(
            rf"[\w.+-]+\s*@\s*[\w-]+{_DOT}[a-zа-я]{{2,}}"
            rf"|{_NAME}\s*[\[(]?\s*(?:собака|собачка|@|\bat\b)\s*[\])]?\s*{_NAME}{_DOT}{_TOP}\b"
        ),
    ),
    (
        _MAIL,
        re.compile(r"mail|джимейл|гмейл|майл|мейл|мэйл|@"),
        re.compile(
            r"\be-?mail\b|@\s*(?:mail|yandex|ya|gmail|bk|list|inbox|rambler)\b|\bg\s*mail\b|\bджимейл\w*|\bгмейл\w*|\b[ие]?-?м[аеэ]йл\w*"
        ),
    ),
    (
        _LINK,
        re.compile(r"/\s*/|www|хттп|hxxp"),
        re.compile(r"(?:https?|hxxps?|ftp)\s*:\s*/\s*/\s*\S+|\bwww\s*\.\s*\S+|\bхттп\w*"),
    ),
    (
        _LINK,
        re.compile(rf"\.{_TOP}\b"),
        re.compile(rf"\b{_NAME}(?:\.{_NAME})*\.{_TOP}\b(?:/\S*)?"),
    ),
    (
        _LINK,
        re.compile(r"точка|тчк|dot|\[\.\]|\(\.\)"),
        re.compile(rf"\b{_NAME}(?:{_SPELLED_DOT}){_TOP}\b|\b(?:t|т|тэ|ти)\s*точка\s*(?:me|ме|ми)\b"),
    ),
    (
        _LINK,
        re.compile(r"[a-zт0-9-]\s?\.\s?[a-zмр]"),
        re.compile(
            rf"\b[a-z0-9][a-z0-9-]+\s+\.\s*{_TOP}\b|\b[a-z0-9-]{{2,}}\.\s+(?:ru|com|net|org|рф)\b"
            r"|\b(?:t|т)\s*\.\s*(?:me|ме)\b|\b(?:w\s?a|v\s?k|o\s?k)\s*\.\s*(?:m\s?e|c\s?c|c\s?o\s?m|r\s?u)\b"
        ),
    ),
    (
        _LINK,
        re.compile(r"[·•/](?:ru|com|net|рф)\b"),
        re.compile(r"\b[a-z0-9][a-z0-9-]{3,}[·•/](?:ru|com|net|рф)\b"),
    ),
    (
        "Упоминание другого магазина («{}»)",
        re.compile(r"\bм\.\s?видео"),
        re.compile(r"\bм\.\s?видео\b"),
    ),
    (
        "Упоминание другого маркетплейса («{}»)",
        re.compile(r"\bя\.\s?маркет"),
        re.compile(r"\bя\.\s?маркет\w*"),
    ),
    (
        "Упоминание мессенджера («{}»)",
        re.compile(r"\bт[\s.]+г\b"),
        re.compile(r"(?:\bв|\bнаш\w*)\s+т[\s.]+г\b"),
    ),
    (_LINK, re.compile(r",(?:ru|com|net|рф)\b"), re.compile(r"\b[a-z0-9][a-z0-9-]{2,},(?:ru|com|net|рф)\b")),
    (
        "Имя в мессенджере («{}»): контакты вне маркетплейса запрещены",
        re.compile("@"),
        re.compile(r"(?<![\w@.])@\s?[a-z][\w.]{2,}"),
    ),
)
"""Reason, a cheap sign that the costly expression is worth running, and the expression; on the plain spelling."""

_MESSENGERS = (
    "телеграм|телеграмм|телеграмма|телега|тг|telegram|вотсап|ватсап|вацап|вотсапп|ватсапп|уотсап|whatsapp|вотсапе|"
    "вайбер|вибер|viber|инстаграм|инстаграмм|instagram|инста|вконтакте|вк|vk|скайп|skype|дискорд|discord|"
    "фейсбук|facebook|мессенджер|imo|ватс|вотс|телеграме|тгшка|тележка|tg|telega|телеграм-канал|тгк|тг-канал|тгканал|втг|вотсапчик|ватсапчик|вайберчик|"
    "телеграмчик|инсте|инсту|инст|инстаграме|whatsap|watsap|ватцап|вотцап|воцап|вацапп"
)
_REACH_OUT = (
    "написать|писать|связаться|позвонить|звонить|найти|искать|номер|канал|группа|подписаться|перейти|подписываться|"
    "добавиться|добавить|скинуть|аккаунт|страница|сообщество|чат|контакт|обратиться|обращаться|обсудить|ждать|"
    "прислать|ответить|консультация|ник|профиль|вступать|вступить|заказать|купить|отправить"
)
_NETWORKS = "ютуб|ютуба|ютубе|ютьюб|youtube|рутуб|rutube|тикток|тиктоке|тик-ток|tiktok|=одноклассниках|=одноклассники|дзен|ютуб-канал"
_NOT_A_PHONE = "!pro !про !iphone !айфон !чехол !модель !plus !ultra"
_OFF_SITE = "!маркетплейс !площадка !wildberries !вайлдберриз !озон !честный"
_WRITE_TO = PhraseBook(
    [
        f"{_NETWORKS} подписаться|подписываться|=нашем|=наш|=нас|канал|группа|страница|страничка|искать|заходить|зайти|обзор",
        f"=макс|=максе|=max =в {_REACH_OUT} {_NOT_A_PHONE}",
        f"=макс|=max мессенджер {_NOT_A_PHONE}",
        f"=сайт|=сайте зайти|заходить|перейти|переходить|=нам|=нас|=свой|=своем {_OFF_SITE}",
        f"гугл|google|яндекс|загуглить|погуглить набрать|ввести|вбить|найти|поискать|искать !маркет {_OFF_SITE}",
        "ссылка профиль|описание|шапка|био !отзыв",
        "qr|qr-код|кьюар|куар|куар-код отсканировать|сканировать|навести|считать !!маркировка !!честный !!знак",
        "маркетплейс|площадка =обход|обойти",
        "офлайн-магазин|офлайн|розничный наш|=нашем|приходить|приезжать",
        "подписаться|подписываться блог|влог|аккаунт|рассылка|=соцсети|=соцсетях",
        "=соцсети|=соцсетях|=соцсеть искать|найти|розыгрыш|=нас",
        "=ок группа|страница|страничка|альбом =в",
        "перезвонить|созвониться[1per,impr+excl]",
        "связаться[1per] телефон",
        "шоурум приезжать|приехать|прийти|приходить|заходить|зайти|посмотреть|ждать|=нам",
        f"приезжать|приехать|подъехать|заезжать|заехать[impr+excl] =нам|склад|офис|магазин|самовывоз {_OFF_SITE}",
        "оставить|оставлять|написать|писать|прислать|скинуть|сообщить|дать|продиктовать|отправить|указать[impr+excl] "
        "номер|номерок телефон",
        "оставить|оставлять|написать|писать|прислать|скинуть|сообщить|дать|продиктовать|отправить|указать[impr+excl] "
        "ваш|свой =телефон|=телефончик !=с",
        f"{_MESSENGERS} {_REACH_OUT}",
        "whats|вотс|ватс|what app|апп|ап",
        "=личка|=личку|=директ|=лс написать|писать|ответить|прислать|скинуть !чат",
        "личный сообщение написать|писать|соцсеть|страница",
        "соцсеть|соцсети|социальный наш|сеть !!нет",
        "=сайт|=сайте|=сайта =нашем|=наш|=нашего|=нашему|=официальном|официальный|магазин|интернет-магазин|собственный",
        "интернет-магазин|шоурум наш|=нашем|=наш",
        "напрямую|=мимо|=минуя|обойти маркетплейс|площадка|wildberries|вайлдберриз|купить|заказать|оформить|оплатить",
        "перевод|оплата карта|=сбер|сбербанк|=сбп|=тинькофф !вернуть !возвратить",
        "перевести|переводить|оплатить[impr+excl,INFN,2per] карта|=сбер|сбербанк|=сбп|=тинькофф !вернуть !возвратить !=вам",
    ]
)
_MESSENGER_NAMES = word_set(_MESSENGERS.replace("|", " ")) - {
    "телега",
    "тележка",
    "телеграмма",
    "мессенджер",
    "ватс",
    "вотс",
}

MARKETPLACES: Mapping[str, str] = {
    "wildberries": "wildberries вайлдберриз вайлдберис вайлдберрис валдберис вб wb",
    "ozon": "озон ozon озоне",
    "yandex-market": "яндекс-маркет яндексмаркет yandexmarket",
    "avito": "авито avito",
    "": "алиэкспресс aliexpress али-экспресс мегамаркет сбермегамаркет megamarket ламода lamoda амазон amazon lamoda "
    "казаньэкспресс kazanexpress юла",
}
"""A marketplace to the names buyers and sellers call it by; under no name those AgentIQ does not serve."""
_YANDEX_MARKET = PhraseBook(
    [
        "яндекс|yandex маркет|market|маркете",
        "=ям|=ямаркет маркет",
        "=ям посмотреть|смотреть|глянуть|купить|заказать|найти|искать|дешевый|дешево|магазин =на",
        "ямаркет|я-маркет",
    ]
)
_OTHERS = PhraseBook(
    ["=али|=алике|=ali|=алик =на", "=леруа|=икее|=икеа|=спортмастере|=ситилинке|=днс|=эльдорадо|=летуаль =в"]
)


def contacts(reading: Reading, known: frozenset[str], marketplace: str) -> Iterator[tuple[int, int, str]]:
    """Where a reply leads off the marketplace, and the reason. `known` are lemmas the buyer or the card used first."""
    for reason, sign, pattern in PATTERNS:
        if not sign.search(reading.normal.text):
            continue
        for match in pattern.finditer(reading.normal.text):
            start, end = reading.normal.span(match.start(), match.end())
            yield start, end, reason.format(reading.text[start:end].strip())
    for start, end in phones(reading):
        yield start, end, f"Телефон («{reading.text[start:end]}»): контакты вне маркетплейса запрещены"
    invited = _WRITE_TO.first(reading)
    if invited is not None:
        start, end = invited.span(reading)
        yield start, end, f"Приглашение за пределы маркетплейса («{reading.text[start:end]}»)"
    for token in reading.tokens:
        if token.lemmas & _MESSENGER_NAMES and not token.lemmas & known:
            yield token.start, token.end, f"Упоминание мессенджера или соцсети («{token.text}»)"
    for start, end in _other_marketplaces(reading, marketplace):
        yield start, end, f"Упоминание другого маркетплейса («{reading.text[start:end]}»)"


def _other_marketplaces(reading: Reading, own: str) -> Iterator[tuple[int, int]]:
    others = frozenset().union(*(words.split() for name, words in MARKETPLACES.items() if name != own))
    for token in reading.tokens:
        if token.lemmas & others or token.plain in others:
            yield token.start, token.end
    if own != "yandex-market":
        for match in _YANDEX_MARKET.matches(reading, reported=True, denied=True):
            yield match.span(reading)
    for match in _OTHERS.matches(reading):
        yield match.span(reading)
