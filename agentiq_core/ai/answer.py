"""What a model is asked to answer, and how its answer is read however it is wrapped."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from agentiq_core.ai.intents import Intent, Sentiment
from agentiq_core.ai.loose_json import objects
from agentiq_core.ai.model import ModelUnreadable
from agentiq_core.ai.suggest import ClaimSource
from agentiq_core.domain.text import inert, inert_line

LONGEST_REPLY = 6_000
LONGEST_ASKED = 1_000
"""Characters of a reply that a model is asked for, whatever more the channel takes."""
MOST_CATEGORIES, MOST_CLAIMS = 5, 10
_LINE = 300
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_BROKEN = "\N{REPLACEMENT CHARACTER}"
_MARKUP = re.compile(r"\*\*|__|```")
_BLANK_LINES = re.compile(r"\n{3,}")
_SURE = {"высокая": 0.85, "средняя": 0.6, "низкая": 0.3, "high": 0.85, "medium": 0.6, "low": 0.3}
INTENTS = {one.value: one for one in Intent}
"""The words a model may name an intent by."""
_SENTIMENTS = {one.value: one for one in Sentiment}
_SOURCES = frozenset(one.value for one in ClaimSource)
_WRAPPERS = ("answer", "result", "response", "data", "json", "output")


def _line(value: object) -> str:
    """Any scalar as one bounded line; nothing for anything else."""
    return inert_line(str(value)[: _LINE * 2])[:_LINE] if isinstance(value, str | int | float) else ""


def _reply(value: object) -> str:
    text = inert(value[:LONGEST_REPLY]) if isinstance(value, str) else ""
    return _BLANK_LINES.sub("\n\n", _MARKUP.sub("", text.replace(_BROKEN, ""))).strip()


def _intent(value: object) -> Intent | None:
    word = _line(value).lower().replace("-", "_").replace(" ", "_")
    return INTENTS.get(word)


def _sentiment(value: object) -> Sentiment | None:
    word = _line(value).lower()
    return _SENTIMENTS.get(word)


def _urgency(value: object) -> str:
    word = _line(value).lower()
    return {"critical": "high", "urgent": "high", "medium": "normal"}.get(
        word, word if word in ("low", "normal", "high") else "normal"
    )


def _confidence(value: object) -> float:
    """0 to 1 of a number, a percentage or a word; a half where nothing is said."""
    if isinstance(value, str):
        plain = value.strip().rstrip("%").replace(",", ".")
        if plain.lower() in _SURE:
            return _SURE[plain.lower()]
        try:
            value = float(plain[:20])
        except ValueError:
            return 0.5
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0.5
    return min(1.0, max(0.0, value / 100 if 1 < value <= 100 else value))


def _categories(value: object) -> list[str]:
    given = re.split(r"[,;]", value[:1_000]) if isinstance(value, str) else value
    lines = [_line(one) for one in given] if isinstance(given, list) else []
    return list(dict.fromkeys(filter(None, lines)))[:MOST_CATEGORIES]


def _claims(value: object) -> list[dict[str, str]]:
    """Claims that name a source we know; whether it bears them out is checked elsewhere."""
    kept = []
    for one in value[:100] if isinstance(value, list) else []:
        if isinstance(one, dict) and _line(one.get("source")).lower() in _SOURCES:
            text, words = _line(one.get("text")), _line(one.get("words"))
            if text and words:
                kept.append({"text": text, "source": _line(one["source"]).lower(), "words": words})
    return kept[:MOST_CLAIMS]


class AnsweredClaim(BaseModel):
    """A stretch of the reply and the words it rests on, as the model says."""

    text: str
    source: ClaimSource
    words: str


class Answer(BaseModel):
    """A model's answer. What it left out or invented has its plain value; only the reply must be there."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reply: Annotated[str, BeforeValidator(_reply), Field(min_length=1)]
    intent: Annotated[Intent | None, BeforeValidator(_intent)] = None
    sentiment: Annotated[Sentiment | None, BeforeValidator(_sentiment)] = None
    categories: Annotated[list[str], BeforeValidator(_categories)] = []
    urgency: Annotated[Literal["low", "normal", "high"], BeforeValidator(_urgency)] = "normal"
    recommendation: Annotated[str, BeforeValidator(_line)] = ""
    confidence: Annotated[float, BeforeValidator(_confidence)] = 0.5
    language: Annotated[str, BeforeValidator(_line)] = ""
    claims: Annotated[list[AnsweredClaim], BeforeValidator(_claims)] = []


def parse(text: str) -> Answer:
    """Read an answer, whatever stands around it. Of several, the last that holds a reply counts.

    Raises ModelUnreadable when there is none, and nothing else for whatever text.
    """
    found: Answer | None = None
    for candidate in objects(_THOUGHTS.sub("", text, count=1)):
        found = _answer_in(candidate) or found
    if found is None:
        raise ModelUnreadable("an answer without a reply in it")
    return found


def _answer_in(candidate: Mapping[str, object]) -> Answer | None:
    inner = candidate
    for name in _WRAPPERS:
        wrapped = candidate.get(name)
        if "reply" not in candidate and isinstance(wrapped, dict):
            inner = wrapped
            break
    try:
        return Answer.model_validate(dict(inner))
    except (ValidationError, RecursionError):
        return None


def schema(limit: int) -> Mapping[str, object]:
    """The JSON schema of an answer to a channel that takes `limit` characters.

    Every string is bounded: small models behind a schema without bounds run on to the end of their tokens.
    """

    def line(longest: int) -> dict[str, object]:
        return {"type": "string", "maxLength": longest}

    fields: dict[str, object] = {
        "reply": {"type": "string", "minLength": 1, "maxLength": min(limit, LONGEST_ASKED)},
        "intent": {"type": "string", "enum": list(INTENTS)},
        "sentiment": {"type": "string", "enum": [one.value for one in Sentiment]},
        "categories": {"type": "array", "items": line(40), "maxItems": MOST_CATEGORIES},
        "urgency": {"type": "string", "enum": ["low", "normal", "high"]},
        "recommendation": line(200),
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "language": line(10),
        "claims": {
            "type": "array",
            "maxItems": MOST_CLAIMS,
            "items": {
                "type": "object",
                "properties": {
                    "text": line(200),
                    "source": {"type": "string", "enum": [one.value for one in ClaimSource]},
                    "words": line(200),
                },
                "required": ["text", "source", "words"],
                "additionalProperties": False,
            },
        },
    }
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
