"""Errors nobody foresaw: one line for the operator, the rest for a log file, nothing for the terminal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.unforeseen import kind_and_place

log = logging.getLogger(__name__)

FILE = "agentiq.log"
SIZE = 1 << 20
KEPT = 2


def explained(error: Exception) -> AgentIQError:
    """The error as one that has words. An unforeseen one is logged by its kind and place: its message may quote a buyer."""
    if isinstance(error, AgentIQError):
        return error
    log.error("a question to the desk failed: %s", kind_and_place(error))
    return AgentIQError(type(error).__name__)


@contextmanager
def logged(home: Path) -> Iterator[None]:
    """Warnings of this process go into a file under `home`, readable by its owner only, while the app has the terminal."""
    with suppress(OSError):
        # the embedded server may run as another user and must reach its own folder below
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        (home / FILE).touch(mode=0o600)
    handler = RotatingFileHandler(home / FILE, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
