"""Which language a buyer writes, by letters and the commonest words: enough to choose the language of a reply."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

RUSSIAN = "ru"
NAMES: Mapping[str, str] = {
    "ru": "русский",
    "uk": "украинский",
    "be": "белорусский",
    "kk": "казахский",
    "ky": "киргизский",
    "tg": "таджикский",
    "uz": "узбекский",
    "tt": "татарский",
    "en": "английский",
    "tr": "турецкий",
    "de": "немецкий",
    "fr": "французский",
    "es": "испанский",
    "it": "итальянский",
    "pl": "польский",
    "az": "азербайджанский",
    "hy": "армянский",
    "ka": "грузинский",
    "zh": "китайский",
    "ja": "японский",
    "ko": "корейский",
    "ar": "арабский",
    "he": "иврит",
    "hi": "хинди",
    "other": "язык покупателя",
}
"""Codes (ISO 639-1) to Russian names."""
LONGEST = 5_000

_SCRIPTS = (
    ("hy", re.compile("[\u0530-\u058f]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_CYRILLIC_LETTERS = (
    ("be", frozenset("ў")),
    ("uk", frozenset("їєґ")),
    ("tg", frozenset("ҷӯӣҳ")),
    ("kk", frozenset("ұғқәһ")),
    ("tt", frozenset("җ")),
    ("ky", frozenset("ңөү")),
    ("uk", frozenset("і")),
)
_NOT_RUSSIAN = frozenset().union(*(own for _, own in _CYRILLIC_LETTERS))
_CYRILLIC_WORDS = {
    "uk": "що як це мені дуже дякую немає будь ласка коли чому прийшов можна вже",
    "be": "што як гэта калі вельмі дзякуй няма чаму можна дзе яшчэ замова",
    "kk": "бұл емес керек жоқ рахмет қашан неге сәлем бар қайда",
    "ky": "бул эмес керек жок рахмат качан эмне салам бар кайда",
    "tg": "ин нест лозим рахмат кай чаро салом ташаккур",
    "uz": "бу эмас керак йўқ раҳмат қачон нега салом",
}
_LATIN_WORDS = {
    "en": "the is are was and you your my it this that not have has can do does when where what how please hello hi thanks i "
    "for with of to in on",
    "uz": "bu emas kerak yoq yo'q rahmat qachon nega salom assalomu alaykum qayerda mening buyurtma bor va uchun qancha",
    "tr": "bu ve bir ne zaman değil merhaba teşekkürler nerede için var yok siparişim lütfen mi çok ben",
    "de": "der die das und ist nicht ich sie wann wo bitte danke hallo mein meine ein eine zu mit kann für",
    "fr": "le la les et est pas je vous quand où bonjour merci mon ma une un des pour avec avez que",
    "es": "el la los y es no yo usted cuando donde hola gracias mi un una por para con que está pedido",
    "it": "il lo la e non io lei quando dove ciao grazie mio un una per con che ordine è",
    "pl": "nie jest to się kiedy gdzie dzień dobry dziękuję mój na z czy proszę zamówienie i",
    "az": "bu və deyil nə zaman salam təşəkkür harada üçün var yox sifarişim mənim",
}
_RUSSIAN_IN_LATIN = (
    "ne gde kogda zakaz zdravstvuyte zdravstvuite privet spasibo pochemu moi moy moya kak eto mne vy dengi vernite "
    "prishel prishla tovar dobryy dobriy den pozhaluysta pojaluista mozhno uzhe net chto est"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LATIN = re.compile(r"[a-zà-ÿğışəłżźćńśąęöüç'’]+")
_COMMON = {code: frozenset(words.split()) for code, words in _LATIN_WORDS.items()}
_COMMON_CYRILLIC = {code: frozenset(words.split()) for code, words in _CYRILLIC_WORDS.items()}
_COMMON_RUSSIAN = frozenset(_RUSSIAN_IN_LATIN.split())
_LEAST = 2


def language_of(texts: Sequence[str]) -> str:
    """The language of these texts taken together; Russian when they say too little, and when it is spelt in Latin."""
    words = _WORD.findall("\n".join(texts)[:LONGEST].lower())
    letters = "".join(words)
    if not letters:
        return RUSSIAN
    cyrillic = sum("а" <= char <= "я" or char == "ё" or char in _NOT_RUSSIAN for char in letters)
    for code, script in _SCRIPTS:
        if len(script.findall(letters)) * 2 > len(letters):
            return code
    if cyrillic * 2 >= len(letters):
        return _cyrillic(words)
    return _latin([word for word in words if _LATIN.fullmatch(word)], among_cyrillic=cyrillic > 1)


def _cyrillic(words: Sequence[str]) -> str:
    foreign = [word for word in words if not _NOT_RUSSIAN.isdisjoint(word)]
    told = _commonest(words, _COMMON_CYRILLIC, least=1)
    if len(foreign) < _LEAST and not (foreign and len(words) < 4):
        return told if foreign and told else RUSSIAN
    letters = set("".join(foreign))
    return next((code for code, own in _CYRILLIC_LETTERS if letters & own), RUSSIAN)


def _latin(words: Sequence[str], *, among_cyrillic: bool) -> str:
    told = _commonest(words, _COMMON)
    rival = sum(word in _COMMON[told] for word in words) if told else 0
    if sum(word in _COMMON_RUSSIAN for word in words) > rival:
        return RUSSIAN
    if told:
        return told
    # a name, a brand or a size says nothing of a language
    return "other" if len(words) > 3 and not among_cyrillic else RUSSIAN


def _commonest(words: Sequence[str], common: Mapping[str, frozenset[str]], least: int = _LEAST) -> str | None:
    counted = {code: sum(word in own for word in words) for code, own in common.items()}
    best = max(counted, key=lambda code: counted[code])
    return best if counted[best] >= max(1, min(least, len(words))) else None
