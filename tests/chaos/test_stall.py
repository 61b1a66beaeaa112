"""A network that stands still for a while: what was written before it arrives after its sender gave up."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agentiq_core.domain.outbox import OutboxState
from agentiq_core.engine.context import Engine
from agentiq_core.engine.sweep import sweep
from agentiq_core.sandbox import Sandbox, SandboxSeller
from tests.chaos.stalling import StallingProxy
from tests.scene import ANSWER, Scene, connect, soon, with_settings


@pytest.fixture
async def proxy(sandbox: Sandbox) -> AsyncIterator[StallingProxy]:
    async with StallingProxy() as proxy:
        await proxy.lead_to(sandbox.url)
        yield proxy


@pytest.fixture
async def seller_id(engine: Engine, proxy: StallingProxy, shop: SandboxSeller) -> int:
    """The shop, reached through the network that stalls."""
    return await connect(engine, proxy, shop)  # type: ignore[arg-type]


async def test_a_reply_that_arrives_after_its_sender_gave_up_is_recognized_and_not_sent_again(
    scene: Scene, proxy: StallingProxy
) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    proxy.stop_at(b"POST ")
    assert await scene.deliver(ref) is OutboxState.UNKNOWN
    assert scene.sent_there(ref) == []

    impatient = with_settings(scene.engine, unknown_after_seconds=0)
    for _ in range(3):
        assert (await scene.pull()).trouble == "no_answer"
        await sweep(impatient)
    assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN, "a poll that failed looked for nothing"

    proxy.go_on()
    await soon(lambda: scene.sent_there(ref) == [ANSWER])
    await scene.sql("update sync_state set failures = 0")
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER]
    assert (await scene.shown(ref)).count(ANSWER) == 1


async def test_an_outage_of_the_network_costs_no_reply_that_was_not_written(
    scene: Scene, proxy: StallingProxy
) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    proxy.stop_at(b"GET ")
    assert await scene.deliver(ref) is OutboxState.QUEUED, "without a sign nothing was written"
    proxy.go_on()
    await scene.sql("update outbox set not_before = now()")
    assert await scene.deliver(ref) is OutboxState.SENT
    assert await scene.state(ref, reply_id) is OutboxState.SENT
    assert scene.sent_there(ref) == [ANSWER]
