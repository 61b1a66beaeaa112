"""From a command to the desk and back: settings, event loop, signals, errors, exit codes."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from agentiq_core.domain.errors import AgentIQError, Forbidden, Misconfigured, VaultLocked
from agentiq_core.identity.addresses import ambiguous
from agentiq_tui import locale
from agentiq_tui.cli.output import Exit, failed, say
from agentiq_tui.cli.prompts import passphrase_asker
from agentiq_tui.explain import explain
from agentiq_tui.locale import _
from agentiq_tui.logs import CHATTY

if TYPE_CHECKING:
    from agentiq_core.config import Settings
    from agentiq_core.engine.context import Engine
    from agentiq_core.engine.desk import Desk
    from agentiq_core.identity.secret_store import AskPassphrase, SecretStore

Work = Callable[[], Coroutine[Any, Any, Exit | None]]


def perform(work: Work, *, as_json: bool = False, kept: str = "", log_level: str = "ERROR") -> None:
    """Run a command to its end and leave with its exit code; a known error is one line on stderr.

    `kept` (marked for the catalogue) ends that line: what became of what was there. A command says itself what went
    wrong, so the log joins in at ERROR only, unless AGENTIQ_LOG_LEVEL asks for more.
    """
    from typer import Exit as Leave

    raise Leave(_perform(work, as_json, kept, log_level))


def _perform(work: Work, as_json: bool, kept: str, log_level: str) -> int:
    try:
        _log(current_settings(), log_level)
        code = asyncio.run(_stoppable(work)) or Exit.DONE
        sys.stdout.flush()
    except AgentIQError as error:
        return failed(error.code, _with(explain(error), kept), as_json=as_json)
    except KeyboardInterrupt:
        say(_with(_("Stopped"), kept))
        return Exit.INTERRUPTED
    except asyncio.CancelledError:
        say(_with(_("Stopped"), kept))
        return Exit.TERMINATED
    except BrokenPipeError:
        reader_left()
        return Exit.READER_LEFT
    return code


async def _stoppable(work: Work) -> Exit | None:
    """SIGTERM ends a command as Ctrl+C does: the embedded server is left, not abandoned."""
    task = asyncio.current_task()
    assert task is not None
    # no signal handlers on Windows, nor outside the main thread
    with suppress(NotImplementedError, RuntimeError, ValueError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work()


def reader_left() -> None:
    """Nobody reads stdout any more: what is still buffered goes nowhere, so that the interpreter ends in peace."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _with(message: str, kept: str) -> str:
    return message + "; " + _(kept) if kept else message


def _log(settings: Settings, default: str) -> None:
    level = settings.log_level.upper() if "log_level" in settings.model_fields_set else default
    known = logging.getLevelNamesMapping()
    if level not in known:
        names = "DEBUG, INFO, WARNING, ERROR"
        raise Misconfigured(f"log_level is one of {names}", fields=f"log_level: {names}")
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_told_by_the_worker)
    logging.getLogger().setLevel(known[level])
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(max(known[level], logging.WARNING))


def _told_by_the_worker(record: logging.LogRecord) -> bool:
    """Keep out Procrastinate's tracebacks of a lost connection or sign-in: the worker says it in a line of its own."""
    lost = record.exc_info is not None and type(record.exc_info[1]).__name__ == "ConnectorException"
    return not (lost and record.name.startswith("procrastinate"))


def current_settings() -> Settings:
    """This process's settings; the language of every message after this is theirs. Raises `Misconfigured`."""
    from agentiq_core.config import settings

    found = settings()
    locale.use(found.language)
    if found.database_url is not None:
        _check_address(found.database_url.get_secret_value())
    return found


def _check_address(address: str) -> None:
    if ambiguous(address):
        said = _("special characters of the password must be percent-encoded (@ is %40, / is %2F)")
        raise Misconfigured("the database's address cannot be read", fields=f"database_url: {said}")


@asynccontextmanager
async def open_desk(*, worker: bool = False, ask: AskPassphrase | None = None) -> AsyncIterator[Desk]:
    """The desk on this user's database. Raises what `Desk.open` raises."""
    from agentiq_core.engine.desk import Desk

    ask = ask or passphrase_asker()
    async with Desk.open(current_settings(), worker=worker, ask_passphrase=ask) as desk:
        yield desk


@asynccontextmanager
async def open_access(*, ask: AskPassphrase | None = None) -> AsyncIterator[Engine]:
    """The engine of this user's database, whether somebody is signed in or not. Raises what `open_engine` raises."""
    from agentiq_core.engine.opening import open_engine

    async with open_engine(current_settings(), ask_passphrase=ask or passphrase_asker()) as engine:
        yield engine


async def secrets_here(
    ask: AskPassphrase | None = None, *, team: bool = False
) -> tuple[Settings, SecretStore]:
    """Where this machine keeps its secrets, and the settings with its team's address. Raises `VaultLocked`.

    `team` says that this machine is about to join one, so that its secrets need more than a file beside a database.
    """
    from agentiq_core.engine.opening import located
    from agentiq_core.identity.secret_store import open_secret_store

    ask = ask or passphrase_asker()
    settings, secrets = await asyncio.to_thread(located, current_settings(), ask)
    if secrets is None:
        embedded = settings.database_url is None and not team
        secrets = await asyncio.to_thread(open_secret_store, settings, embedded=embedded, ask_passphrase=ask)
    return settings, secrets


def only_who_may_work(desk: Desk) -> None:
    """Raises `Forbidden` for a viewer and `VaultLocked` without a team key, before anything is begun in vain."""
    only_who_may_write(desk)
    if not desk.engine.vault.packed():
        raise VaultLocked("this machine has no team key", reason="no team key")


def only_who_may_write(desk: Desk) -> None:
    """Raises `Forbidden` for a viewer, before the database passes over each row that a viewer may not change."""
    if not desk.who.may_write:
        raise Forbidden("a viewer only looks")
