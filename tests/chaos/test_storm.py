"""T13 and T14: workers killed at random moments, the database restarted, the network stalled; each buyer gets each reply once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from agentiq_core.config import Settings
from agentiq_core.engine.context import Engine
from agentiq_core.engine.jobs import Dispatch, job_app
from agentiq_core.engine.lines import Lines
from agentiq_core.identity.vault import Vault
from agentiq_core.sandbox import Fault, FaultKind, Sandbox
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.owner import local_session
from agentiq_core.store.schema import migrate
from tests.chaos.stalling import StallingProxy
from tests.chaos.storm import APP, HASTE, Storm, Workers, seed
from tests.scene import connect
from tests.signed import signed_store

WORKERS = 4
SHORT, LONG = "short", "long"


def lengths(short: int, long: int) -> pytest.MarkDecorator:
    """The short form runs with every test, the long one where there is time."""
    return pytest.mark.parametrize(
        "often", [pytest.param(short, id=SHORT), pytest.param(long, id=LONG, marks=pytest.mark.slow)]
    )


@asynccontextmanager
async def storm_at(
    dsn: str,
    team_key: str,
    token: str,
    home: Path,
    *,
    through: StallingProxy | None = None,
    rate_limits: bool = False,
) -> AsyncIterator[tuple[Storm, Sandbox]]:
    """Three shops at one marketplace, and an operator's terminal without a worker of its own."""
    number = seed()
    print(f"AGENTIQ_TEST_SEED={number}")  # noqa: T201 - a failure shows it
    store = signed_store(dsn, token)
    vault = Vault(team_key)
    lines = Lines(store, vault, budgets=False)
    engine = Engine(store, lines, vault, Settings(home=home, undo_seconds=0), store.tokens)  # type: ignore[arg-type]
    async with Sandbox(seed=number % 1000, rate_limits=rate_limits) as sandbox:
        if through is not None:
            await through.lead_to(sandbox.url)
        shops = {}
        for name in ("Дом и чай", "Свет", "Уют"):
            shop = sandbox.wildberries.add_seller(name)
            shops[await connect(engine, through or sandbox, shop)] = shop  # type: ignore[arg-type]
        async with job_app(store).open_async() as app:
            yield Storm(engine, Dispatch(app), shops, random.Random(number)), sandbox
    await lines.aclose()
    await store.aclose()


@asynccontextmanager
async def meanwhile(*work: Awaitable[None]) -> AsyncIterator[None]:
    """Others at work; what goes wrong with them is raised here, at once."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]  # type: ignore[arg-type]
        yield
        for task in tasks:
            task.cancel()


def an_unreliable_marketplace(sandbox: Sandbox) -> None:
    """One answer in twenty is lost after the reply was accepted, and reads go wrong too."""
    for operation, kind, probability in (
        ("message", FaultKind.DROP_AFTER, 0.05),
        ("message", FaultKind.ACCEPT_BUT_ERROR, 0.01),
        ("message", FaultKind.DROP_BEFORE, 0.01),
        ("message", FaultKind.SERVER_ERROR, 0.01),
        ("events", FaultKind.DUPLICATES, 0.1),
        ("events", FaultKind.DROP_AFTER, 0.02),
        ("events", FaultKind.MALFORMED_EVENT, 0.02),
        ("chats", FaultKind.EMPTY_CHATS, 0.02),
    ):
        sandbox.faults.add(Fault(operation, kind, times=None, probability=probability))
    for operation, kind, delay in (
        ("message", FaultKind.RATE_LIMITED, 0.5),
        ("message", FaultKind.SLOW_ECHO, 2.0),
        ("events", FaultKind.RATE_LIMITED, 0.5),
    ):
        sandbox.faults.add(Fault(operation, kind, times=None, probability=0.02, delay=delay))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@lengths(4, 200)
async def test_t13_workers_killed_at_random_moments(
    often: int, dsn: str, team_key: str, owner_token: str, home: Path
) -> None:
    workers = Workers(dsn, team_key, owner_token, home, **HASTE)
    replies = max(24, often * 2)
    async with storm_at(dsn, team_key, owner_token, home) as (storm, sandbox):
        async with workers.steady(1):
            await storm.open_chats(8)
        an_unreliable_marketplace(sandbox)
        async with meanwhile(storm.others_write(), storm.nobody_is_told_a_lie(), storm.a_person_decides()):
            async with asyncio.TaskGroup() as group:
                group.create_task(workers.killed_again_and_again(WORKERS, often, storm.rng))
                group.create_task(storm.operators_answer(replies, pause=0.3))
            sandbox.faults.clear()
            async with workers.steady(WORKERS):
                # a seller whose feed could not be read at the end is tried again a minute later
                await storm.settles(within=300)
        async with workers.steady(1):
            await storm.keeps_its_promises()
    assert workers.killed >= often
    assert storm.looked > 10


@lengths(2, 60)
async def test_a_worker_inside_an_app_beside_two_of_their_own_all_killed_at_random(
    often: int, dsn: str, team_key: str, owner_token: str, home: Path
) -> None:
    workers = Workers(dsn, team_key, owner_token, home, **HASTE)
    apps = Workers(dsn, team_key, owner_token, home, APP, **HASTE)
    async with storm_at(dsn, team_key, owner_token, home) as (storm, sandbox), AsyncExitStack() as calm:
        async with apps.steady(1):
            await storm.open_chats(4)
        an_unreliable_marketplace(sandbox)
        async with meanwhile(storm.others_write(), storm.nobody_is_told_a_lie(), storm.a_person_decides()):
            async with asyncio.TaskGroup() as group:
                group.create_task(workers.killed_again_and_again(2, often, storm.rng))
                group.create_task(apps.killed_again_and_again(1, often, storm.rng))
                group.create_task(storm.operators_answer(max(12, often * 2), pause=0.1))
            sandbox.faults.clear()
            await calm.enter_async_context(apps.steady(1))
            await calm.enter_async_context(workers.steady(2))
            # a seller whose feed could not be read at the end is tried again a minute later
            await storm.settles(within=300)
        await storm.keeps_its_promises()
    assert min(workers.killed, apps.killed) >= often
    assert storm.looked > 5


@lengths(2, 10)
async def test_t14_the_database_restarted_under_load(often: int, team_key: str, home: Path) -> None:
    server = EmbeddedPostgres(home)
    dsn = await asyncio.to_thread(server.start)
    await asyncio.to_thread(migrate, dsn)
    token = local_session(dsn, embedded=True, client="test")
    assert token is not None
    workers = Workers(dsn, team_key, token, home, **HASTE)
    try:
        async with storm_at(dsn, team_key, token, home) as (storm, sandbox), workers.steady(WORKERS):
            await storm.open_chats(8)
            an_unreliable_marketplace(sandbox)
            async with meanwhile(
                storm.others_write(), storm.nobody_is_told_a_lie(), storm.a_person_decides()
            ):
                async with asyncio.TaskGroup() as group:
                    group.create_task(storm.operators_answer(often * 15, pause=0.1))
                    group.create_task(restarted(home, server, often, storm.rng))
                sandbox.faults.clear()
                await storm.settles(within=300)
            await storm.keeps_its_promises()
            assert storm.looked > 5
    finally:
        await asyncio.to_thread(server.leave)


def postmaster(home: Path) -> int:
    """The process id of the server in this home."""
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


async def restarted(home: Path, server: EmbeddedPostgres, times: int, rng: random.Random) -> None:
    """Stop the server this often, in turn as an administrator does and as a crash does, and start it again."""
    for number in range(times):
        await asyncio.sleep(rng.uniform(0.5, 2.0))
        pid = await asyncio.to_thread(postmaster, home)
        os.kill(pid, signal.SIGINT if number % 2 else signal.SIGQUIT)
        # start waits for the one that stops
        await asyncio.to_thread(server.start)


@pytest.mark.slow
async def test_a_network_that_stalls_for_a_minute(
    dsn: str, team_key: str, owner_token: str, home: Path
) -> None:
    """Requests written before the stall arrive long after their sender gave up."""
    # the defaults: only then does a person's turn come later than the longest stall
    workers = Workers(dsn, team_key, owner_token, home, AGENTIQ_POLL_SECONDS="2")
    async with (
        StallingProxy() as proxy,
        storm_at(dsn, team_key, owner_token, home, through=proxy) as (storm, _),
        workers.steady(WORKERS),
    ):
        await storm.open_chats(8)
        async with meanwhile(storm.nobody_is_told_a_lie(), storm.a_person_decides()):
            async with asyncio.TaskGroup() as group:
                group.create_task(storm.operators_answer(100, pause=0.05))
                group.create_task(proxy.stall(60.0, after=2.0))
            # pulls back off for a minute or two after the stall
            await storm.settles(within=400)
        await storm.keeps_its_promises()
        assert storm.undecided == 0


@pytest.mark.slow
async def test_four_workers_together_stay_within_the_marketplaces_limits(
    dsn: str, team_key: str, owner_token: str, home: Path
) -> None:
    workers = Workers(dsn, team_key, owner_token, home, **HASTE)
    async with (
        storm_at(dsn, team_key, owner_token, home, rate_limits=True) as (storm, sandbox),
        workers.steady(WORKERS),
    ):
        await storm.open_chats(8)
        await storm.operators_answer(75, pause=0.01)
        await storm.settles(within=180)
        await storm.keeps_its_promises()
        asked_too_often = {
            operation: count
            for (operation, status), count in sandbox.wildberries.requests.items()
            if status == "429"
        }
        assert asked_too_often == {}
