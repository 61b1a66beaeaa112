"""How a buyer types: carefully, hastily, in lower case, with misprints. One buyer keeps one manner."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Final

_MISSPELT: Final = (
    ("здравствуйте", ("здраствуйте", "здравствуйте", "здрасте")),
    ("пожалуйста", ("пожалуста", "пожалуйсто", "пож")),
    ("сейчас", ("щас", "сечас")),
    ("что-то", ("чтото", "что то")),
    ("какая-то", ("какаято", "какая то")),
    ("вообще", ("вобще", "ваще")),
    ("спасибо", ("спс", "спасиб")),
    ("неделю", ("неделю", "недею")),
    ("сегодня", ("седня", "сегодня")),
    ("до сих пор", ("досихпор", "до сих пор")),
    ("чтобы", ("чтоб", "что бы")),
    ("не знаю", ("незнаю",)),
    ("не могу", ("немогу",)),
    ("нравится", ("нравиться",)),
    ("подскажите", ("подскажите", "подскажете")),
    ("возврат", ("возрат", "возврат")),
)
_NEIGHBOURS: Final = {
    "а": "п",
    "о": "л",
    "е": "н",
    "и": "м",
    "т": "ь",
    "р": "о",
    "н": "г",
    "в": "а",
    "к": "е",
}
_GLAD: Final = ("😊", "👍", "❤️", "🙏", "🌸", "🔥")
_SAD: Final = ("😔", "😢", "🤷‍♀️", "😞", "😕", "🙏")
_CROSS: Final = ("😡", "🤬", "👎", "😤")


@dataclass(frozen=True, slots=True)
class Manner:
    """Habits of one buyer, each on or off. misprints: share of words spoilt, 0..1."""

    lower: bool = False
    bare: bool = False
    plain_e: bool = False
    brackets: bool = False
    emoji: bool = False
    shouts: bool = False
    bursts: bool = False
    misprints: float = 0.0

    def write(self, text: str, mood: str, rng: random.Random) -> str:
        """The text as this buyer types it. mood: glad, calm, sad or cross."""
        if self.misprints:
            text = _misprint(text, self.misprints, rng)
        if self.plain_e:
            text = text.replace("ё", "е").replace("Ё", "Е")
        if self.bare:
            text = re.sub(r"([.!?]\s+)([А-ЯЁ])(?=[а-яё])", lambda match: match[1] + match[2].lower(), text)
            text = re.sub(r"[,«»:!]|\.(?=\s|$)", "", text).replace(" — ", " ")
        if self.lower:
            text = text.lower()
        if self.shouts and mood == "cross":
            text = text.upper() if rng.random() < 0.5 else re.sub(r"[!?]", lambda mark: mark[0] * 3, text)
        if self.brackets and mood in ("glad", "calm") and rng.random() < 0.6:
            text = re.sub(r"[.!]$", "", text) + rng.choice((")", "))", " )"))
        elif self.emoji and rng.random() < 0.6:
            faces = {"glad": _GLAD, "sad": _SAD, "cross": _CROSS}.get(mood, ("🙏", "🤔", "🙂"))
            text = f"{text} {rng.choice(faces)}"
        return re.sub(r" {2,}", " ", text).strip()

    def split(self, text: str, rng: random.Random) -> list[str]:
        """The text as one message, or sentence by sentence from a buyer who writes in bursts."""
        sentences = re.split(r"(?<=[.!?…])\s+", text)
        if not self.bursts or len(sentences) < 2:
            return [text]
        pieces = [sentences[0]]
        for sentence in sentences[1:]:
            if rng.random() < 0.7:
                pieces.append(sentence)
            else:
                pieces[-1] = f"{pieces[-1]} {sentence}"
        return pieces


def draw_manner(rng: random.Random) -> Manner:
    """Somebody's habits: about two of five type carefully."""
    if rng.random() < 0.38:
        return Manner(plain_e=rng.random() < 0.4, emoji=rng.random() < 0.1)
    return Manner(
        lower=rng.random() < 0.4,
        bare=rng.random() < 0.35,
        plain_e=rng.random() < 0.8,
        brackets=rng.random() < 0.16,
        emoji=rng.random() < 0.15,
        shouts=rng.random() < 0.35,
        bursts=rng.random() < 0.3,
        misprints=rng.choice((0.0, 0.0, 0.03, 0.07)),
    )


def _misprint(text: str, share: float, rng: random.Random) -> str:
    for right, wrong in _MISSPELT:
        if rng.random() < 0.5:
            pattern = rf"\b{right}\b"
            replacement = rng.choice(wrong)
            text = re.sub(pattern, replacement, text)
            text = re.sub(rf"\b{right.capitalize()}\b", replacement.capitalize(), text)
    return " ".join(_spoil(word, rng) if rng.random() < share else word for word in text.split(" "))


def _spoil(word: str, rng: random.Random) -> str:
    if len(word) < 6 or not word.isalpha():
        return word
    place = rng.randrange(2, len(word) - 2)
    kind = rng.randrange(3)
    if kind == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == 1:
        return word[:place] + word[place + 1 :]
    return word[:place] + _NEIGHBOURS.get(word[place], word[place]) + word[place + 1 :]
