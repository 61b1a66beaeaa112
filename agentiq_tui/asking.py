"""Questions to the desk from the screen: run as workers, answered by messages, never two of a kind at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget

from agentiq_core.domain.errors import AgentIQError
from agentiq_tui.messages import Failed

Work = Callable[[], Coroutine[Any, Any, object]]
Question = Callable[[], Awaitable[Message | None]]


def start(owner: DOMNode, work: Work, *, group: str, exclusive: bool = False) -> None:
    """Run something in a worker of this group; an exclusive one ends what runs there."""
    # Textual's overloads cannot be inferred for a callable
    owner.run_worker(work, group=group, exclusive=exclusive)  # type: ignore[arg-type]


def ask(asker: Widget | Screen[None], question: Question, *, quiet: bool = False) -> None:
    """Run a question in a worker; its answer, or a `Failed`, is posted to the asker. Never cancelled by another."""

    async def work() -> None:
        await _answer(asker, question, quiet)

    start(asker, work, group="ask")


class Latest:
    """A question worth asking again at every change: while one runs, any number of requests make one more."""

    def __init__(self, asker: Widget, question: Question, *, quiet: bool = False) -> None:
        self._asker = asker
        self._question = question
        self._quiet = quiet
        self._wanted = False
        self._running = False

    def request(self) -> None:
        """Ask, or ask once more when the running question is answered."""
        self._wanted = True
        if not self._running:
            self._running = True
            start(self._asker, self._run, group="latest")

    async def _run(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await _answer(self._asker, self._question, self._quiet)
        finally:
            self._running = False


async def _answer(asker: MessagePump, question: Question, quiet: bool) -> None:
    try:
        message = await question()
    except AgentIQError as error:
        asker.post_message(Failed(error, quiet))
    else:
        if message is not None:
            asker.post_message(message)
