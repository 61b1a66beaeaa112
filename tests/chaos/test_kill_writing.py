"""`kill -9` while a model writes: the template stays, and another worker asks once more when the lease has ended."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from agentiq_core.domain.suggesting import PassState
from tests.ai.conftest import _no_proxy, host
from tests.ai.model_host import KEY, ModelHost
from tests.chaos.test_kill import LoneWorkers
from tests.engine.writers import COST, REPLY, Writers
from tests.scene import Scene, eventually

__all__ = ["_no_proxy", "host"]


async def test_killed_while_a_model_writes(
    scene: Scene,
    host: ModelHost,
    tmp_path: Path,
    dsn: str,
    team_key: str,
    owner_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writers = await Writers.at(scene, host, tmp_path)
    monkeypatch.setenv("AGENTIQ_MODEL_KEY", KEY)
    monkeypatch.setenv("AGENTIQ_MODEL_PROFILE", "custom")
    monkeypatch.setenv("AGENTIQ_MODEL_URL", host.url)
    ref = await writers.asked()
    template = await writers.suggestion(ref)
    writers.holds()

    async def half_way() -> bool:
        return bool((await writers.suggestion(ref)).partial)

    async with LoneWorkers(dsn, team_key, owner_token).doing("write") as process:
        await eventually(half_way)
        os.kill(process, signal.SIGKILL)
    survivor = writers.worker()
    assert await survivor.begin_due() == 0, "a lease that runs is respected"
    left = await writers.suggestion(ref)
    assert (left.text, left.state) == (template.text, PassState.WRITING)
    await scene.leases_end()
    writers.says()
    assert await survivor.begin_due() == 1
    await survivor.settled()
    assert (await writers.suggestion(ref)).text == REPLY
    calls, cost = await writers.spent()
    assert calls == 2
    assert cost > COST, "what the dead one asked may have been paid"
    await writers.close()
