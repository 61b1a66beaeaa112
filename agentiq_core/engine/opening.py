"""From settings to a working engine: start or reach Postgres, upgrade the schema, sign in, open the vault."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import monotonic

from pydantic import SecretStr

from agentiq_core.config import Settings
from agentiq_core.connectors.base import Marketplace
from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.errors import SignInNeeded
from agentiq_core.engine.access import Access, Turn
from agentiq_core.engine.context import Clock, Engine, utc_now
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.model_lines import ModelLines
from agentiq_core.engine.team import MARKER, SERVER
from agentiq_core.identity.addresses import secured
from agentiq_core.identity.model_keys import ModelKeys
from agentiq_core.identity.secret_store import AskPassphrase, SecretStore, open_secret_store
from agentiq_core.identity.vault import open_vault
from agentiq_core.store.database import Door, Store
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.embedded.locks import exclusive
from agentiq_core.store.owner import local_session
from agentiq_core.store.schema import migrate


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """The address of a database with the current schema: the team's, or the embedded one, left when this ends.

    Raises `StoreUnavailable` and its kinds with one line that says what to do.
    """
    if settings.database_url is not None:
        dsn = settings.database_url.get_secret_value()
        await asyncio.to_thread(migrate, dsn)
        yield dsn
        return
    server = EmbeddedPostgres(settings.home, bin_dir=settings.postgres_bin)
    dsn = await asyncio.to_thread(server.start)
    try:
        await asyncio.to_thread(migrate, dsn)
        yield dsn
    finally:
        await asyncio.shield(asyncio.to_thread(server.leave))


@asynccontextmanager
async def open_engine(
    settings: Settings,
    *,
    marketplaces: Mapping[str, Marketplace] = MARKETPLACES,
    budgets: bool = True,
    clock: Clock = utc_now,
    ask_passphrase: AskPassphrase | None = None,
) -> AsyncIterator[Engine]:
    """An engine ready to work once its `access` is signed in, as it is on the embedded server.

    Raises `StoreUnavailable`, `VaultLocked`, `Misconfigured`.
    """
    settings, secrets = await asyncio.to_thread(located, settings, ask_passphrase)
    embedded = settings.database_url is None
    async with database(settings) as dsn:
        given = await _given(settings, dsn, embedded=embedded)
        if secrets is None and settings.token is None and (given is None or settings.team_key is None):
            secrets = await asyncio.to_thread(
                open_secret_store,
                settings,
                embedded=given is not None,
                ask_passphrase=ask_passphrase,
            )
        # whoever owns the database and signs in to it without a password is a team of one
        alone = given is not None and settings.token is None
        vault = await asyncio.to_thread(open_vault, settings, secrets, make=alone)
        door = Door(dsn)
        access = Access(
            door, keep=secrets if given is None else None, given=given, turn=one_at_a_time(settings.home)
        )
        store = Store(door, access)
        lines = Lines(store, vault, marketplaces=marketplaces, budgets=budgets)
        models = ModelLines(ModelKeys(secrets, settings=settings), ca_file=settings.model_ca_file)
        try:
            yield Engine(
                store=store,
                lines=lines,
                vault=vault,
                settings=settings,
                access=access,
                clock=clock,
                models=models,
                secrets=secrets,
            )
        finally:
            await models.aclose()
            await access.aclose()
            await lines.aclose()
            await store.aclose()


def located(
    settings: Settings, ask_passphrase: AskPassphrase | None = None
) -> tuple[Settings, SecretStore | None]:
    """The settings with the address of the team this machine joined, and the secrets it was read from. Blocking."""
    if settings.database_url is not None:
        safe = SecretStr(secured(settings.database_url.get_secret_value()))
        return settings.model_copy(update={"database_url": safe}), None
    if not (settings.home / MARKER).exists():
        return settings, None
    secrets = open_secret_store(settings, embedded=False, ask_passphrase=ask_passphrase)
    server = secrets.get(SERVER)
    if server is None:
        raise SignInNeeded("this machine has lost the address of its team: take a new invitation")
    return settings.model_copy(update={"database_url": SecretStr(secured(server))}), secrets


def one_at_a_time(home: Path) -> Turn:
    """A turn that the processes of one machine take: two must not use up one refresh token."""

    @contextmanager
    def turn() -> Iterator[None]:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with exclusive(home / "sign-in.lock", monotonic() + 30.0):
            yield

    return turn


async def _given(settings: Settings, dsn: str, *, embedded: bool) -> str | None:
    if settings.token is not None:
        return settings.token.get_secret_value()
    return await asyncio.to_thread(local_session, dsn, embedded=embedded, client=socket.gethostname())
