"""A buyer: a person with a manner of typing, a good and a reason to write, who remembers the talk."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from agentiq_core.sandbox.buyers import openings, reactions
from agentiq_core.sandbox.buyers.agreement import good_slots
from agentiq_core.sandbox.buyers.catalogue import GOODS
from agentiq_core.sandbox.buyers.goods import Good, Sizing
from agentiq_core.sandbox.buyers.grammar import say
from agentiq_core.sandbox.buyers.manner import Manner, draw_manner
from agentiq_core.sandbox.buyers.people import Person, draw_person
from agentiq_core.sandbox.buyers.reactions import Asked, understand
from agentiq_core.sandbox.buyers.situations import SHARES, Situation

_MOODS = {
    Situation.PRAISE: "glad",
    Situation.ANGRY: "cross",
    Situation.LATE: "sad",
    Situation.DEFECT: "sad",
    Situation.WRONG_ITEM: "sad",
    Situation.INCOMPLETE: "sad",
}
_PICTURED = (Situation.DEFECT, Situation.WRONG_ITEM, Situation.INCOMPLETE, Situation.ANGRY)


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message of a buyer: a text, which may be empty beside pictures, and how many pictures."""

    text: str
    photos: int = 0


@dataclass(slots=True, eq=False)
class Buyer:
    """Somebody who writes about a good. situation: the label tests compare with."""

    person: Person
    manner: Manner
    good: Good
    size: str
    situation: Situation
    slots: dict[str, str]
    rng: random.Random
    real_situation: Situation
    answers: int = 0
    done: bool = False
    pictured: bool = False
    said: set[str] = field(default_factory=set)

    def opening(self) -> list[Utterance]:
        """The first messages, in order: one, or several from a buyer who writes in bursts."""
        text = self._say(openings.OPENINGS[self.situation])
        polite = {Situation.VAGUE: 0.0, Situation.ANGRY: 0.2}.get(self.situation, 0.68)
        begun_from_card = self.situation is not Situation.VAGUE and self.rng.random() < 0.12
        if not begun_from_card and self.rng.random() < polite:
            mark = self.rng.choice((".", "!", "!", "!"))
            text = f"{say(self.rng.choice(openings.GREETINGS), {'bang': mark}, self.rng)} {text}"
        pieces = [self._written(piece) for piece in self.manner.split(text, self.rng)]
        photos = self._photos() if self.situation in _PICTURED else 0
        if "фото прикладываю" in text.lower():
            photos = max(1, photos)
        said = [Utterance(piece) for piece in pieces]
        said[-1] = Utterance(pieces[-1], photos)
        if begun_from_card:
            said.insert(0, Utterance(openings.CARD_GREETING.format(**self.slots)))
        return said

    def react(self, reply: str) -> list[Utterance]:
        """What the buyer answers to a seller's reply; nothing when there is nothing to add."""
        if self.done:
            return []
        self.answers += 1
        asked = understand(reply)
        if self.situation is Situation.VAGUE and self.answers == 1:
            text = self._say(openings.OPENINGS[self.real_situation])
            return [Utterance(self._written(piece)) for piece in self.manner.split(text, self.rng)]
        if asked is Asked.PHOTO and self.real_situation in _PICTURED and not self.pictured:
            self.pictured = True
            return [Utterance(self._written(self._say(reactions.PHOTO_SENT)), self.rng.randint(1, 3))]
        if asked is Asked.ORDER:
            return [Utterance(self._written(self._say(reactions.ORDER_SENT)))]
        if asked is Asked.SIZE and self.slots["stature"]:
            return [Utterance(self._written(self._say(reactions.SIZE_SENT)))]
        details = self._fresh(reactions.DETAILS.get(self.real_situation, ()))
        if asked is not Asked.NOTHING and details:
            return [Utterance(self._written(self._say(details)))]
        return self._close_or_doubt()

    def _close_or_doubt(self) -> list[Utterance]:
        chance = self.rng.random()
        doubts = self._fresh(reactions.DOUBTS.get(self.real_situation, ()))
        if doubts and self.answers <= 3 and chance < (0.75 if self.situation is Situation.ANGRY else 0.38):
            return [Utterance(self._written(self._say(doubts)))]
        self.done = True
        praised = self.real_situation is Situation.PRAISE
        if chance > (0.45 if praised else 0.85):
            return []
        confirmed = reactions.CONFIRMED.get(self.real_situation, reactions.THANKS)
        chosen = confirmed if praised or self.rng.random() < 0.35 else reactions.THANKS
        return [Utterance(self._written(self._say(chosen), glad=True))]

    def _photos(self) -> int:
        return self.rng.choice((0, 0, 0, 1, 1, 2))

    def _say(self, templates: Sequence[str]) -> str:
        template = self.rng.choice(self._fresh(templates) or list(templates))
        self.said.add(template)
        return say(template, self.slots, self.rng)

    def _fresh(self, templates: Sequence[str]) -> list[str]:
        return [template for template in templates if template not in self.said]

    def _written(self, text: str, *, glad: bool = False) -> str:
        if not text:
            return ""
        mood = "glad" if glad else _MOODS.get(self.situation, "calm")
        return self.manner.write(text, mood, self.rng)


def draw_buyer(
    rng: random.Random, goods: Sequence[Good] = GOODS, situation: Situation | None = None
) -> Buyer:
    """A new buyer; the situation by the usual shares unless given, the good one it can happen to."""
    wanted = situation or rng.choices(list(SHARES), weights=list(SHARES.values()))[0]
    real = wanted
    if wanted is Situation.VAGUE:
        real = rng.choice((Situation.WHERE_ORDER, Situation.DEFECT, Situation.RETURN, Situation.MATERIAL))
    good = rng.choice([good for good in goods if _fits(good, real)] or list(goods))
    if not _fits(good, real):
        wanted = real = Situation.DEFECT
    # who gives measurements gives their own
    worn_by = {Sizing.WOMAN: True, Sizing.FOOT: True, Sizing.MAN: False}
    person = draw_person(rng, worn_by.get(good.sizing))
    size = rng.choice(good.sizes)
    slots = person.endings() | good_slots(good, size, rng)
    slots["order"] = str(rng.randrange(1_000_000_000, 9_999_999_999))
    _add_clauses(slots, good, rng)
    return Buyer(
        person=person,
        manner=draw_manner(rng),
        good=good,
        size=size,
        situation=wanted,
        slots=slots,
        rng=random.Random(rng.getrandbits(64)),
        real_situation=real,
    )


def _fits(good: Good, situation: Situation) -> bool:
    match situation:
        case Situation.SIZE_ADVICE:
            return good.sizing is not Sizing.NONE
        case Situation.INCOMPLETE:
            return bool(good.parts)
        case Situation.USAGE:
            return bool(good.usage)
    return True


def _add_clauses(slots: dict[str, str], good: Good, rng: random.Random) -> None:
    """Clauses made of other slots: what came instead, why it does not fit, what to exchange it for."""
    sized = len(good.sizes) > 1
    kinds = ["item"] + ["colour"] * (2 if len(good.colours) > 1 else 0) + ["size"] * (2 if sized else 0)
    slots["wrong"] = say(rng.choice(openings.WRONG[rng.choice(kinds)]), slots, rng)
    full, short = rng.choice(openings.UNFIT_SIZED if sized else openings.UNFIT)
    slots["unfit"], slots["unfit_short"] = _clause(full, slots, rng), _clause(short, slots, rng)
    colourful = openings.SWAPS if len(good.colours) > 1 else openings.SWAPS[1:]
    why, short, swap = rng.choice((*openings.SWAPS_SIZED, *colourful) if sized else colourful)
    slots["swap_why"], slots["swap_short"] = _clause(why, slots, rng), _clause(short, slots, rng)
    slots["swap"] = _clause(swap, slots, rng)


def _clause(template: str, slots: dict[str, str], rng: random.Random) -> str:
    text = say(template, slots, rng)
    return text[:1].lower() + text[1:]
