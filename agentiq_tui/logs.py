"""Where the app's log goes: a file, because the terminal belongs to the screen."""

from __future__ import annotations

import logging
import logging.handlers
import os
from pathlib import Path

FILE = "agentiq.log"
_LARGEST = 1_000_000
_KEPT = 2
CHATTY = ("httpx", "procrastinate", "alembic", "pymorphy3", "asyncio")


def log_to_file(home: Path, level: str) -> None:
    """Send this process's log to a private, bounded file in `home`; without room for one there is no log."""
    handler: logging.Handler
    try:
        home.mkdir(parents=True, exist_ok=True)
        path = home / FILE
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    logging.basicConfig(
        level=level, handlers=[handler], format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    # a log that cannot be written (a full disk) must not write to the screen about it
    logging.raiseExceptions = False
    quieten()


def quieten() -> None:
    """Libraries that log every request say only what is wrong."""
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
