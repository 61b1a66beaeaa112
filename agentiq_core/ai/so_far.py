"""What a panel may show of a reply that is still being written: whole sentences that break no rule."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from agentiq_core.ai.loose_json import beginning
from agentiq_core.ai.model import OnText
from agentiq_core.domain.text import inert

_MAY_END = re.compile(r"[.!?…]|\\n")
_ENDS = re.compile(r"[.!?…](?=\s|$)|\n")


class SoFar:
    """Passes on the reply inside a streamed answer, sentence by sentence, until one breaks a rule: then nothing more.

    `sayable` judges the text so far; it is CPU work and runs in a thread.
    """

    def __init__(self, tell: OnText, sayable: Callable[[str], bool]) -> None:
        self._tell = tell
        self._sayable = sayable
        self._told = ""
        self._seen = 0
        self._silent = False

    async def __call__(self, text: str) -> None:
        """All text of the answer so far; shorter than before when the model was asked anew."""
        if len(text) < self._seen:
            self._told = ""
        new, self._seen = text[self._seen :], len(text)
        if self._silent or not _MAY_END.search(new):
            return
        reply = inert(beginning(text, "reply"))
        ends = [match.end() for match in _ENDS.finditer(reply)]
        shown = reply[: ends[-1]].strip() if ends else ""
        if len(shown) <= len(self._told):
            return
        if not await asyncio.to_thread(self._sayable, shown):
            self._silent = True
            return
        self._told = shown
        await self._tell(shown)
