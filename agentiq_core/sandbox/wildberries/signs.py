"""replySign: what a sender shows to prove that it has read the chat (WB API, chats and message)."""

from __future__ import annotations

import hashlib
import zlib

from agentiq_core.sandbox.wildberries.records import Behaviour, Chat, SignPolicy

MAX_LENGTH = 255


def current_sign(chat: Chat, secret: str, behaviour: Behaviour, now: float) -> str:
    """The only sign that is good for the chat at this moment (unix seconds).

    Three shapes are in use: `1:uuid:number:hex`, `1:uuid::hex` and `1:uuid:hex`; each chat has one.
    """
    if chat.sign_set is not None:
        return chat.sign_set
    generation = chat.sign_generation
    if behaviour.signs is SignPolicy.EXPIRING:
        generation += int(now // behaviour.sign_lifetime)
    tail = hashlib.shake_256(f"{secret}:{chat.chat_id}:{generation}".encode()).hexdigest(80)
    number = zlib.crc32(chat.chat_id.encode())
    middle = (f"{number % 90_000_000 + 10_000_000}:", ":", "")[number % 3]
    return f"{chat.chat_id}:{middle}{tail}"


def chat_id_of(sign: str) -> str:
    """The chat a sign claims to be for: its first two parts."""
    return ":".join(sign.split(":", 2)[:2])
