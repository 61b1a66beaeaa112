"""History in bulk, for measurements: tens of thousands of events in seconds, made of real conversations."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agentiq_core.sandbox.buyers import Good, Situation, draw_buyer
from agentiq_core.sandbox.buyers.replies import answer, ask, farewell
from agentiq_core.sandbox.wildberries.records import Card, Chat, Message, Sender, Source

_DIALOGUES: Final = 240
_PHONES: Final = (Source.RUSITE, Source.IOS, Source.ANDROID)


@dataclass(frozen=True, slots=True)
class _Dialogue:
    name: str
    good: Good
    size: str
    situation: str
    lines: tuple[tuple[Sender, str], ...]


def bulk_history(
    goods: Sequence[Good], rng: random.Random, *, chats: int, events: int, until: datetime, span: timedelta
) -> list[Chat]:
    """Exactly that many chats and events, times spread over span before until.

    ValueError when there are fewer events than chats, or no chats for the events.
    """
    if events < chats or (chats == 0 and events):
        raise ValueError("every chat needs at least one event")
    dialogues = [_dialogue(goods, rng) for _ in range(min(_DIALOGUES, max(1, chats)))]
    end, length = round(until.timestamp() * 1000), round(span.total_seconds() * 1000)
    made: list[Chat] = []
    for number in range(chats):
        count = events // chats + (number < events % chats)
        times = sorted(end - rng.randrange(max(1, length)) for _ in range(count))
        made.append(_chat(rng.choice(dialogues), times, rng))
    return made


def _dialogue(goods: Sequence[Good], rng: random.Random) -> _Dialogue:
    buyer = draw_buyer(rng, goods)
    lines = [(Sender.CLIENT, said.text) for said in buyer.opening()]
    for greet in (True, False):
        vague = greet and buyer.situation is Situation.VAGUE
        reply = (ask(buyer, rng) if vague else None) or answer(buyer, rng, greet=greet)
        lines.append((Sender.SELLER, reply))
        lines += [(Sender.CLIENT, said.text) for said in buyer.react(reply) if said.text]
    lines.append((Sender.SELLER, farewell(rng)))
    return _Dialogue(buyer.person.name, buyer.good, buyer.size, buyer.situation.value, tuple(lines))


def _chat(dialogue: _Dialogue, times: Sequence[int], rng: random.Random) -> Chat:
    chat_id = f"1:{_uuid(rng)}"
    source = rng.choice(_PHONES)
    card = Card(
        dialogue.good.nm_id, dialogue.good.price, "RUB", f"{rng.getrandbits(128):032x}", dialogue.size
    )
    chat = Chat(
        chat_id=chat_id, client_name=dialogue.name, card=card, situation=dialogue.situation, source=source
    )
    for number, time in enumerate(times):
        sender, text = dialogue.lines[number % len(dialogue.lines)]
        chat.messages.append(
            Message(
                chat_id=chat_id,
                event_id=_uuid(rng),
                time=time,
                sender=sender,
                source=source if sender is Sender.CLIENT else Source.SELLER_PORTAL,
                text=text,
                opens_chat=number == 0,
            )
        )
    return chat


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
