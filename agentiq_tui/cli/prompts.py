"""What only a person can give: passwords, passphrases and names, asked on the terminal and never shown on stdout."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.text import inert_line
from agentiq_tui.cli.input import read_text
from agentiq_tui.cli.output import say
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_core.identity.secret_store import AskPassphrase

_LONGEST = 16_384
"""More than any password, key or invitation has."""


def somebody_there() -> bool:
    """Whether stdin is a terminal, so that a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def secret_lines(*names: str) -> list[str]:
    """The first lines of standard input, one a secret, as they stand. Raises `Rejected` that names the missing one."""
    lines = read_text(_LONGEST).splitlines()
    for number, name in enumerate(names, 1):
        if len(lines) < number or not lines[number - 1].strip():
            said = _("standard input: line {n} must be {name}")
            raise Rejected(said.format(n=number, name=name))
    return lines[: len(names)]


def ask_secret(label: str) -> str:
    """A secret typed without echo. Raises `Rejected` when nothing was typed."""
    from getpass import getpass

    typed = _asked(lambda: getpass(f"{label}: ", sys.stderr))
    return typed if typed.strip() else _nothing()


def ask_secret_or_nothing(label: str) -> str:
    """A secret typed without echo; "" when nothing was typed."""
    from getpass import getpass

    return _asked(lambda: getpass(f"{label}: ", sys.stderr)).strip()


def ask_new_secret(label: str) -> str:
    """A new secret, typed twice. Raises `Rejected` when the two differ."""
    first = ask_secret(label)
    if ask_secret(_("Once more")) != first:
        raise Rejected(_("the two are not the same; nothing was changed"))
    return first


def ask_line(label: str) -> str:
    """A line that may be seen. Raises `Rejected` when nothing was typed."""
    return _asked(lambda: _typed(f"{label}: ")).strip() or _nothing()


def ask_yes(question: str) -> bool:
    """Yes unless the answer says no."""
    choice = _("Y/n")
    return _asked(lambda: _typed(f"{question} [{choice}] ")).strip().lower()[:1] not in ("n", "н")


def passphrase_asker() -> AskPassphrase | None:
    """Asks for the passphrase of this machine's secrets, once a command; None where nobody can be asked.

    It is called from a thread while the event loop waits; the question is asked in the main thread, where Ctrl+C works.
    """
    if not somebody_there():
        return None
    loop = asyncio.get_running_loop()
    known: list[str] = []

    def ask(new: bool) -> str:
        if not known:
            if threading.current_thread() is threading.main_thread():
                known.append(_passphrase(new))
            else:
                known.append(asyncio.run_coroutine_threadsafe(_in_the_loop(new), loop).result())
        return known[0]

    return ask


async def _in_the_loop(new: bool) -> str:
    return _passphrase(new)


def _passphrase(new: bool) -> str:
    if not new:
        return ask_secret(_("Passphrase of this machine's secrets"))
    say(
        _(
            "There is no keyring here: sign-in and team key are kept in a file, encrypted with a passphrase of your choice"
        )
    )
    return ask_new_secret(_("New passphrase"))


def _typed(prompt: str) -> str:
    sys.stderr.write(inert_line(prompt))
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _asked(question: Callable[[], str]) -> str:
    with _ctrl_c():
        try:
            return question()
        except EOFError:
            sys.stderr.write("\n")
            _nothing()


def _nothing() -> NoReturn:
    raise Rejected(_("nothing was typed; nothing was changed"))


@contextmanager
def _ctrl_c() -> Iterator[None]:
    """Ctrl+C ends a question: the event loop's own handler would only take note of it until an answer came."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
