"""What comes back from `/chat/completions`: a stream of events, or one JSON, from servers that mean well or do not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from agentiq_core.ai.model import (
    Failure,
    ModelFailed,
    ModelRefused,
    ModelUnreadable,
    OnText,
)
from agentiq_core.ai.refusals import failure_of

LARGEST = 4 * 1024 * 1024
"""Bytes of one answer that are read: a server that sends more does not stop."""
_ROOM = 12
"""Characters of text a token may stand for; more of them, and the server ignores `max_tokens`."""
_FIRST = 64
"""Bytes by which a stream is known that is not announced as one."""
_MOST_TOKENS = 10_000_000
_FILTERED = frozenset({"content_filter", "blacklist", "safety"})


@dataclass
class Told:
    """What was told so far. `cost` is the provider's own word, where it gives one."""

    text: str = ""
    model: str = ""
    finish: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int = 0
    cost: Decimal | None = None
    cut: bool = False


async def read_answer(
    chunks: AsyncIterator[bytes], events: bool, max_tokens: int, on_text: OnText | None
) -> Told:
    """Read an answer to its end, or as far as it makes sense. `events`: it is announced as a stream of events.

    Raises ModelUnreadable for what is neither, ModelRefused for what a filter held back, and what `error_of` makes of
    an error inside the answer.
    """
    told = Told()
    rest = bytearray()
    size = 0
    done = False
    async for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise ModelUnreadable("an answer without end")
        rest += chunk
        if not events and size <= len(chunk) + _FIRST:
            events = bytes(rest[:_FIRST]).lstrip().startswith((b"data:", b"event:", b":"))
        if not events or b"\n" not in chunk:
            continue
        lines, _, left = bytes(rest).rpartition(b"\n")
        rest = bytearray(left)
        before = len(told.text)
        done = _take(told, lines.split(b"\n"), max_tokens)
        if on_text is not None and len(told.text) > before:
            await on_text(told.text)
        if done:
            break
    if not events:
        _whole(told, bytes(rest))
        if on_text is not None and told.text:
            await on_text(told.text)
    elif not done:
        done = _take(told, [bytes(rest)], max_tokens)
    if told.finish in _FILTERED:
        raise ModelRefused("the provider's own filter held the answer back", Failure.FILTERED)
    if not told.text.strip():
        raise ModelUnreadable("an answer without text")
    # a stream that just ends was broken off
    told.cut = told.cut or told.finish == "length" or (events and not told.finish and not done)
    return told


def _take(told: Told, lines: list[bytes], max_tokens: int) -> bool:
    """Read whole lines of a stream; whether it is over. A line that cannot be read is passed over."""
    for line in lines:
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            return True
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            _add(told, event)
        if len(told.text) > max_tokens * _ROOM:
            told.cut = True
            return True
    return False


def _whole(told: Told, body: bytes) -> None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise ModelUnreadable("an answer that is no JSON") from None
    if not isinstance(answer, dict):
        raise ModelUnreadable("an answer that is no object")
    _add(told, answer)


def _add(told: Told, event: Mapping[str, object]) -> None:
    if event.get("error"):
        raise error_of(event["error"])
    if isinstance(event.get("model"), str):
        told.model = str(event["model"])
    choices = event.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        choice = choices[0]
        for part in (choice.get("delta"), choice.get("message")):
            if isinstance(part, dict):
                told.text += _words(part.get("content"))
                if part.get("refusal"):
                    raise ModelRefused("the model would not answer", Failure.FILTERED)
        if isinstance(choice.get("finish_reason"), str):
            told.finish = choice["finish_reason"]
    if isinstance(event.get("usage"), dict):
        _count(told, event["usage"])  # type: ignore[arg-type]


def _words(content: object) -> str:
    """The text of a message: a string, or parts of which some are text."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(
            part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    return ""


def _count(told: Told, usage: Mapping[str, object]) -> None:
    told.tokens_in = _tokens(usage.get("prompt_tokens"), told.tokens_in)
    told.tokens_out = _tokens(usage.get("completion_tokens"), told.tokens_out)
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    for kept in (usage.get("prompt_cache_hit_tokens"), usage.get("precached_prompt_tokens"), cached):
        told.tokens_cached = _tokens(kept, None) or told.tokens_cached
    cost = usage.get("cost")
    if isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost < 1_000:
        told.cost = Decimal(str(cost))


def _tokens(value: object, known: int | None) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST_TOKENS:
        return known
    return value


def error_of(told: object) -> ModelFailed:
    """What an error inside an answer stands for; its words are not repeated, they may hold what was asked."""
    code = told.get("code") if isinstance(told, dict) else None
    if isinstance(code, str) and code.isdigit():
        code = int(code)
    return failure_of(code if isinstance(code, int) and 400 <= code < 600 else 500)
