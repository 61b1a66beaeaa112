"""One question with one string for an answer: what a summary and a translation have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from agentiq_core.ai.loose_json import objects
from agentiq_core.ai.model import Completion, Model, ModelRequest, ModelUnreadable, Role, Turn
from agentiq_core.ai.prompt import CANARY, own_secrets
from agentiq_core.guardrails.leaks import leaks
from agentiq_core.language.reading import read


@dataclass(frozen=True, slots=True)
class Question:
    """Our fixed words for the system role, and the field of the answer that counts with its schema."""

    system: str
    name: str
    schema: Mapping[str, object]
    max_tokens: int


async def ask(model: Model, question: Question, data: str) -> tuple[object, Completion]:
    """The value of that field. Raises ModelFailed's kinds, ModelUnreadable when there is no such field."""
    schema = {
        "type": "object",
        "properties": {question.name: question.schema},
        "required": [question.name],
        "additionalProperties": False,
    }
    turns = (Turn(Role.SYSTEM, f"{question.system}\n{CANARY}"), Turn(Role.USER, data))
    completion = await model.complete(ModelRequest(turns, schema, question.max_tokens, temperature=0.1))
    return await asyncio.to_thread(_answered, completion.text, question.name), completion


def _answered(text: str, name: str) -> object:
    for found in objects(text):
        if found.get(name):
            return found[name]
    raise ModelUnreadable(f"an answer without {name}")


def leaked(text: str, question: Question) -> bool:
    """Whether our own words stand in a text."""
    lines = (line for line in question.system.splitlines() if len(line) > 60)
    return any(leaks(read(text), (*own_secrets(), *lines)))
