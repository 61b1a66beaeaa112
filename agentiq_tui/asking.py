"""Questions to the desk from the screen: run as workers, answered by messages, never two of a kind at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, get_current_worker

from agentiq_core.domain.errors import StoreUnavailable, TookTooLong
from agentiq_tui.messages import Failed, WaitBegan, WaitEnded
from agentiq_tui.unforeseen import explained

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, object]]
Question = Callable[[], Awaitable[Message | None]]
ANSWER_WITHIN = 8.0
"""Seconds after which a database that says nothing counts as lost. What was asked is given up, and may be asked again."""
LONG_WITHIN = 600.0
"""Seconds that a question over years of messages may take; its silence says nothing of the database."""
SIGN_AFTER = 0.15
"""Seconds after which the screen says that something is waited for."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a question is asked. `quiet` errors show in the status bar only; a `long` one may take minutes and can be given up;
    `signed`: the screen says that it is waited for."""

    quiet: bool = False
    long: bool = False
    signed: bool = True


def start(owner: DOMNode, work: Work, *, group: str, exclusive: bool = False) -> Worker[object]:
    """Run something in a worker of this group; an exclusive one ends what runs there."""
    return owner.run_worker(work, group=group, exclusive=exclusive)


def ask(asker: Widget | Screen[None], question: Question, *, quiet: bool = False, long: bool = False) -> None:
    """Run a question in a worker; its answer, or a `Failed`, is posted to the asker. Never cancelled by another.

    A `long` one the operator may give up: whatever the database does for it ends, too.
    """
    manner = Manner(quiet, long, signed=not quiet)

    async def work() -> None:
        await _answer(asker, question, manner)

    start(asker, work, group="ask")


class Latest:
    """A question worth asking again at every change: while one runs, any number of requests make one more."""

    def __init__(
        self,
        asker: Widget,
        question: Question,
        *,
        quiet: bool = False,
        long: bool = False,
        signed: bool | None = None,
    ) -> None:
        """`signed` as in `Manner`; None: unless it is quiet."""
        self._asker = asker
        self._question = question
        self._manner = Manner(quiet, long, not quiet if signed is None else signed)
        self._wanted = False
        self._running: Worker[object] | None = None

    def request(self, *, instead: bool = False) -> None:
        """Ask, or ask once more when the running question is answered; `instead`: its answer is not wanted any more."""
        self._wanted = True
        if instead and self._running is not None:
            self._running.cancel()
            self._running = None
        if self._running is None:
            self._running = start(self._asker, self._run, group="latest")

    async def _run(self) -> None:
        me = get_current_worker()
        try:
            while self._wanted:
                self._wanted = False
                await _answer(self._asker, self._question, self._manner)
        finally:
            if self._running is me:
                self._running = None


async def _answer(asker: Widget, question: Question, manner: Manner) -> None:
    try:
        with waited_for(asker, manner):
            message = await within_patience(asker, question(), long=manner.long)
    except Exception as error:  # noqa: BLE001 - whatever it was, the screen stays and says so
        asker.post_message(Failed(explained(error), manner.quiet))
    else:
        if message is not None:
            asker.post_message(message)


@contextmanager
def waited_for(asker: Widget, manner: Manner = Manner(long=True)) -> Iterator[None]:
    """While this runs in a worker, the screen says so from `SIGN_AFTER` on; a long one may be given up."""
    if not manner.signed:
        yield
        return
    wait = WaitBegan(asker, get_current_worker().cancel if manner.long else None)
    sign = asyncio.get_running_loop().call_later(SIGN_AFTER, asker.post_message, wait)
    try:
        yield
    finally:
        sign.cancel()
        asker.post_message(WaitEnded(wait))


async def within_patience(asker: MessagePump, answer: Awaitable[T], *, long: bool = False) -> T:
    """The answer; `StoreUnavailable` when none comes, `TookTooLong` for a `long` one.

    Of a silence the screen hears before the connection is given up; a long question's own length is none.
    """
    if long:
        try:
            async with asyncio.timeout(LONG_WITHIN) as patience:
                return await answer
        except TimeoutError:
            if not patience.expired():
                raise
            raise TookTooLong("given up after minutes", minutes=round(LONG_WITHIN / 60)) from None
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
