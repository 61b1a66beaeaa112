"""`kill -9` at the worst moments: what was accepted is shown once, what was read is stored once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_core.engine.sweep import sweep
from agentiq_core.sandbox import FaultKind
from tests.scene import ANOTHER, ANSWER, Scene, another_worker, eventually


class LoneWorkers:
    """Starts worker processes that share the test's database and team key."""

    def __init__(self, dsn: str, team_key: str, token: str) -> None:
        self._dsn = dsn
        self._environment = {**os.environ, "AGENTIQ_TEAM_KEY": team_key, "AGENTIQ_TOKEN": token}

    @asynccontextmanager
    async def doing(self, task: str, *ids: int) -> AsyncIterator[int]:
        """A process at work; its id. It is killed when this ends, unless it was before."""
        script = Path(__file__).with_name("lone_worker.py")
        process = await asyncio.create_subprocess_exec(
            sys.executable, script, task, self._dsn, *map(str, ids), env=self._environment
        )
        try:
            yield process.pid
        finally:
            if process.returncode is None:
                process.kill()
            assert await process.wait() == -signal.SIGKILL, "it was to be killed while it worked"


@pytest.fixture
def workers(dsn: str, team_key: str, owner_token: str) -> LoneWorkers:
    return LoneWorkers(dsn, team_key, owner_token)


async def test_t3_killed_between_acceptance_and_commit_there_is_one_message(
    scene: Scene, workers: LoneWorkers
) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.goes_wrong("message", FaultKind.HANG_AFTER)

    async def accepted() -> bool:
        return scene.sent_there(ref) == [ANSWER]

    async with workers.doing("deliver", *ref) as process:
        await eventually(accepted)
        os.kill(process, signal.SIGKILL)
    assert await scene.state(ref, reply_id) is OutboxState.SENDING
    await sweep(scene.engine)
    assert await scene.state(ref, reply_id) is OutboxState.SENDING, "a lease that runs is respected"

    survivor = another_worker(scene.engine)
    await scene.leases_end()
    await sweep(survivor)
    assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN, "never queued again"
    assert (await scene.view(ref, reply_id)).reason == Undelivered.WORKER_DIED
    assert await scene.deliver(ref, survivor) is None
    await scene.pulled(survivor)
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER]
    assert (await scene.shown(ref)).count(ANSWER) == 1


async def test_killed_before_the_first_byte_left_the_reply_waits_for_a_person(
    scene: Scene, workers: LoneWorkers
) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    behind = await scene.reply(ref, ANOTHER)
    hanging = scene.goes_wrong("chats", FaultKind.HANG)

    async def asked_for_a_sign() -> bool:
        return hanging.hits == 1

    async with workers.doing("deliver", *ref) as process:
        await eventually(asked_for_a_sign)
        os.kill(process, signal.SIGKILL)
    await scene.leases_end()
    await sweep(scene.engine)
    assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN
    assert await scene.deliver(ref) is None
    assert await scene.state(ref, behind) is OutboxState.QUEUED
    assert scene.sent_there(ref) == []


async def test_a_first_sync_killed_half_way_is_finished_by_another_with_every_event_once(
    scene: Scene, workers: LoneWorkers
) -> None:
    scene.shop.fill(chats=60, events=1500, until=datetime.now(UTC), span=timedelta(days=20))
    events = len(scene.shop.feed)
    hanging = scene.goes_wrong("events", FaultKind.HANG, skip=12)

    async def half_way() -> bool:
        return hanging.hits == 1 and (await scene.sql("select count(*) from messages"))[0][0] > 0

    async with workers.doing("pull", scene.seller_id) as process:
        await eventually(half_way)
        os.kill(process, signal.SIGKILL)
    stored = (await scene.sql("select count(*) from messages"))[0][0]
    assert 0 < stored < events

    asked = scene.requests("events")
    await scene.leases_end()
    report = await scene.pulled(another_worker(scene.engine))
    assert report.new == events - stored
    assert scene.requests("events") - asked < events / 50, (
        "it went on from the cursor, not from the beginning"
    )
    ids = {message.event_id for chat in scene.shop.chats.values() for message in chat.messages}
    kept = await scene.sql("select external_id from messages")
    assert len(kept) == events
    assert {row[0] for row in kept} == ids
    waiting = {chat.chat_id for chat in scene.shop.waiting()}
    marked = await scene.sql("select external_id from chats where needs_reply")
    assert {row[0] for row in marked} == waiting
