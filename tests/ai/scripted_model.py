"""A model that answers by script, for what the pipeline does with answers; over HTTP see `model_host`."""

from __future__ import annotations

import json
from collections import deque
from decimal import Decimal

from agentiq_core.ai.model import Completion, ModelFailed, ModelRequest, OnText

Said = str | ModelFailed


class ScriptedModel:
    """Gives its answers in order, the last again and again; keeps what it was asked."""

    name = "scripted/model"
    context_tokens = 32_000

    def __init__(self, *answers: Said, cut: bool = False) -> None:
        self.asked: list[ModelRequest] = []
        self._answers = deque(answers)
        self._cut = cut

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None) -> Completion:
        self.asked.append(request)
        said = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        if isinstance(said, ModelFailed):
            raise said
        for end in range(7, len(said) + 7, 7):
            if on_text is not None:
                await on_text(said[:end])
        return Completion(said, self.name, 1_000, 200, 0.5, Decimal("0.002"), cut=self._cut)

    @property
    def system(self) -> str:
        """All that ever stood in the system role."""
        return "\n".join(turn.text for one in self.asked for turn in one.turns if turn.role == "system")

    @property
    def seen(self) -> str:
        """All that it was ever told."""
        return "\n".join(turn.text for one in self.asked for turn in one.turns)


def answered(reply: str, **more: object) -> str:
    """An answer as a good model gives it."""
    return json.dumps(
        {
            "reply": reply,
            "intent": "defect",
            "sentiment": "negative",
            "categories": ["качество"],
            "urgency": "high",
            "recommendation": "Запросить фото",
            "confidence": 0.9,
            "language": "ru",
            "claims": [],
            **more,
        },
        ensure_ascii=False,
    )
