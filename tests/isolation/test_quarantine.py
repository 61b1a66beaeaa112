"""What could not be read of a seller's feed is neither seen nor read again by another seller's people."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agentiq_core.config import Settings
from agentiq_core.domain.errors import Forbidden, NotFound
from agentiq_core.domain.views import ReplayReport
from agentiq_core.engine.access import Access
from agentiq_core.engine.context import Engine
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.quarantine import dismiss, look_into, replay, replay_all, waiting
from agentiq_core.identity.vault import Vault, new_key
from tests.connectors.wildberries_answers import make_event
from tests.isolation.team import HERS, SECRET, THEIRS, Team
from tests.signed import signed_store


@asynccontextmanager
async def at_work(team: Team, name: str, home: Path) -> AsyncIterator[Engine]:
    """This person's engine, with the address that everybody has."""
    store = signed_store(team.app_dsn, team.sign_in(name)["refresh"])
    vault = Vault(new_key())
    assert isinstance(store.tokens, Access)
    yield Engine(store, Lines(store, vault), vault, Settings(home=home), store.tokens)
    await store.aclose()


def readable(team: Team, seller: int) -> int:
    """An item of this seller that can be read today; its number."""
    with team.superuser() as connection:
        found = connection.execute(
            "insert into quarantine (seller_id, digest, raw, reason) values (%s, '\\x01', %s, 'old') returning id",
            [seller, json.dumps(make_event(message={"text": SECRET}))],
        ).fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.parametrize("name", ["viewer", "operator", "admin"])
async def test_another_sellers_items_are_not_there(besieged: Team, name: str, tmp_path: Path) -> None:
    with besieged.superuser() as connection:
        [[item]] = connection.execute("select id from quarantine where seller_id = %s", [THEIRS]).fetchall()
    async with at_work(besieged, name, tmp_path) as engine:
        page = await waiting(engine)
        assert {found.seller_id for found in page.items} == {HERS}
        assert SECRET not in repr(page)
        for attempt in (look_into(engine, item), replay(engine, [item]), dismiss(engine, [item])):
            with pytest.raises((NotFound, Forbidden)):
                await attempt
        with pytest.raises(NotFound):
            await waiting(engine, THEIRS)
        with pytest.raises((NotFound, Forbidden)):
            await anext(replay_all(engine, THEIRS))


async def test_replaying_everything_reads_the_own_sellers_only(team: Team, tmp_path: Path) -> None:
    readable(team, HERS)
    readable(team, THEIRS)
    async with at_work(team, "operator", tmp_path) as engine:
        reports = [report async for report in replay_all(engine)]
    assert reports == [ReplayReport(tried=2, replayed=1, new=1, unreadable=1)]
    with team.superuser() as connection:
        left = connection.execute(
            "select seller_id, count(*) from quarantine where replayed_at is null group by 1 order by 1"
        ).fetchall()
    assert left == [(HERS, 1), (THEIRS, 2)]


async def test_an_owner_reads_everybodys(team: Team, tmp_path: Path) -> None:
    items = [readable(team, HERS), readable(team, THEIRS)]
    async with at_work(team, "owner", tmp_path) as engine:
        assert await replay(engine, items) == ReplayReport(tried=2, replayed=2, new=2)


async def test_a_viewer_looks_and_changes_nothing(team: Team, tmp_path: Path) -> None:
    item = readable(team, HERS)
    async with at_work(team, "viewer", tmp_path) as engine:
        assert (await look_into(engine, item)).raw
        before = await waiting(engine)
        for attempt in (replay(engine, [item]), dismiss(engine, [item]), anext(replay_all(engine))):
            with pytest.raises(Forbidden):
                await attempt
        assert await waiting(engine) == before
