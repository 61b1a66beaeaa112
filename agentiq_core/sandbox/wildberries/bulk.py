"""History in bulk, for measurements: tens of thousands of events in seconds, made of real conversations."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agentiq_core.domain.messages import Author, Channel
from agentiq_core.sandbox.buyers import Good, Situation, draw_buyer
from agentiq_core.sandbox.buyers.replies import answer, ask, farewell
from agentiq_core.sandbox.wildberries.records import Card, Chat, Message, Source

_DIALOGUES: Final = 240
_PHONES: Final = (Source.RUSITE, Source.IOS, Source.ANDROID)


@dataclass(frozen=True, slots=True)
class _Dialogue:
    name: str
    good: Good
    size: str
    situation: str
    lines: tuple[tuple[Author, str], ...]


def bulk_history(
    goods: Sequence[Good], rng: random.Random, *, chats: int, events: int, until: datetime, span: timedelta
) -> list[tuple[Chat, list[Message]]]:
    """Exactly that many chats and events, times spread over span before until.

    ValueError when there are fewer events than chats, or no chats for the events.
    """
    if events < chats or (chats == 0 and events):
        raise ValueError("every chat needs at least one event")
    dialogues = [_dialogue(goods, rng) for _ in range(min(_DIALOGUES, max(1, chats)))]
    end, length = round(until.timestamp() * 1000), round(span.total_seconds() * 1000)
    made: list[tuple[Chat, list[Message]]] = []
    for number in range(chats):
        count = events // chats + (number < events % chats)
        times = sorted(end - rng.randrange(max(1, length)) for _ in range(count))
        made.append(_chat(rng.choice(dialogues), times, rng))
    return made


def _dialogue(goods: Sequence[Good], rng: random.Random) -> _Dialogue:
    buyer = draw_buyer(rng, goods)
    lines = [(Author.BUYER, said.text) for said in buyer.opening()]
    for greet in (True, False):
        vague = greet and buyer.situation is Situation.VAGUE
        reply = (ask(buyer, rng) if vague else None) or answer(buyer, rng, greet=greet)
        lines.append((Author.SELLER, reply))
        lines += [(Author.BUYER, said.text) for said in buyer.react(reply) if said.text]
    lines.append((Author.SELLER, farewell(rng)))
    return _Dialogue(buyer.person.name, buyer.good, buyer.size, buyer.situation.value, tuple(lines))


def _chat(dialogue: _Dialogue, times: Sequence[int], rng: random.Random) -> tuple[Chat, list[Message]]:
    chat_id = f"1:{_uuid(rng)}"
    source = rng.choice(_PHONES)
    card = Card(
        dialogue.good.nm_id, dialogue.good.price, "RUB", f"{rng.getrandbits(128):032x}", dialogue.size
    )
    chat = Chat(
        id=chat_id,
        channel=Channel.CHAT,
        good=dialogue.good,
        size=dialogue.size,
        order_id=card.rid,
        buyer_name=dialogue.name,
        created=times[0],
        situation=dialogue.situation,
        card=card,
        source=source,
    )
    messages: list[Message] = []
    for number, time in enumerate(times):
        author, text = dialogue.lines[number % len(dialogue.lines)]
        messages.append(
            Message(
                id=_uuid(rng),
                conversation_id=chat_id,
                time=time,
                author=author,
                source=source if author is Author.BUYER else Source.SELLER_PORTAL,
                text=text,
                opens_chat=number == 0,
            )
        )
    return chat, messages


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
