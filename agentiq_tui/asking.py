"""Questions to the desk from the screen: run as workers, answered by messages, never two of a kind at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_tui.messages import Failed
from agentiq_tui.unforeseen import explained

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, object]]
Question = Callable[[], Awaitable[Message | None]]
ANSWER_WITHIN = 8.0
"""Seconds after which a database that says nothing counts as lost. What was asked is given up, and may be asked again."""


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
        message = await within_patience(asker, question())
    except Exception as error:  # noqa: BLE001 - whatever it was, the screen stays and says so
        asker.post_message(Failed(explained(error), quiet))
    else:
        if message is not None:
            asker.post_message(message)


async def within_patience(asker: MessagePump, answer: Awaitable[T]) -> T:
    """The answer, or `StoreUnavailable` when none comes; the screen hears of the silence before the connection is given up."""
    silence = StoreUnavailable("the database does not answer")
    # giving up a statement of a dead connection takes seconds more
    said = asyncio.get_running_loop().call_later(
        ANSWER_WITHIN, asker.post_message, Failed(silence, quiet=True)
    )
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            return await answer
    except TimeoutError:
        raise silence from None
    finally:
        said.cancel()
