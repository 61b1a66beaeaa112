"""`kill -9` around a reply that leaves by itself: the buyer gets it once, and nobody decides twice."""

from __future__ import annotations

import os
import signal

from sqlalchemy import text

from agentiq_core.domain.automation import Automation, Mode
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.automation import DeskAutomation, consider
from agentiq_core.engine.suggest import suggest_missing
from agentiq_core.engine.sweep import sweep
from agentiq_core.sandbox import FaultKind
from tests.chaos.test_kill import LoneWorkers, workers
from tests.scene import Scene, another_worker, eventually
from tests.signed import owners_transaction

__all__ = ["workers"]


async def ready(scene: Scene) -> ChatRef:
    """A question that may be answered by itself, its suggestion beside it."""
    allowed = Automation("size_advice", Mode.ON, templates=True, least_confidence=0.3)
    await DeskAutomation(scene.engine).set(scene.seller_id, allowed)
    ref = await scene.chat("Здравствуйте! Подскажите, какой размер взять на рост 170?")
    await suggest_missing(scene.engine)
    return ref


async def test_killed_while_it_decides_another_worker_decides_and_one_reply_leaves(
    scene: Scene, workers: LoneWorkers
) -> None:
    ref = await ready(scene)

    async def waits_for_the_conversation() -> bool:
        found = await scene.sql(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%from chats where seller_id%'"
        )
        return bool(found[0][0])

    async with owners_transaction(scene.engine.store.dsn) as held:
        await held.execute(text("select id from chats where id = :id for update"), {"id": ref.chat_id})
        async with workers.doing("automate", scene.seller_id) as process:
            await eventually(waits_for_the_conversation, within=30.0)
            os.kill(process, signal.SIGKILL)
    assert await scene.sql("select * from automation_log") == []
    survivor = another_worker(scene.engine)
    assert await consider(survivor, scene.dispatch) == 1
    assert await scene.deliver(ref, survivor) is OutboxState.SENT
    assert await consider(survivor, scene.dispatch) == 0
    assert len(scene.sent_there(ref)) == 1


async def test_killed_between_acceptance_and_commit_there_is_one_message(
    scene: Scene, workers: LoneWorkers
) -> None:
    ref = await ready(scene)
    assert await consider(scene.engine, scene.dispatch) == 1
    scene.goes_wrong("message", FaultKind.HANG_AFTER)

    async def accepted() -> bool:
        return len(scene.sent_there(ref)) == 1

    async with workers.doing("deliver", *ref) as process:
        await eventually(accepted, within=30.0)
        os.kill(process, signal.SIGKILL)
    survivor = another_worker(scene.engine)
    await scene.leases_end()
    await sweep(survivor)
    assert await consider(survivor, scene.dispatch) == 0, "its fate is unknown, and decided it was"
    assert await scene.deliver(ref, survivor) is None
    await scene.pulled(survivor)
    assert await consider(survivor, scene.dispatch) == 0
    assert await scene.deliver(ref, survivor) is None
    assert await scene.sql("select state, automatic from outbox") == [("confirmed", True)]
    assert len(scene.sent_there(ref)) == 1


async def test_the_answer_that_got_lost_is_looked_for_and_never_sent_again(scene: Scene) -> None:
    ref = await ready(scene)
    await consider(scene.engine, scene.dispatch)
    scene.sending_goes_wrong("drop_after")
    assert await scene.deliver(ref) is OutboxState.UNKNOWN
    assert await consider(another_worker(scene.engine), scene.dispatch) == 0
    await scene.pulled()
    assert await scene.sql("select state from outbox") == [("confirmed",)]
    assert len(scene.sent_there(ref)) == 1
