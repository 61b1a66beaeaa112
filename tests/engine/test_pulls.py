"""Whose feed is read next: claims for free hands only, each seller once, nothing held by a worker that stops."""

from __future__ import annotations

import asyncio

import pytest

from agentiq_core.domain.views import FeedRef
from agentiq_core.engine import pulls as module
from agentiq_core.engine.pull import PullReport
from agentiq_core.engine.pulls import Pulls
from agentiq_core.sandbox import FaultKind
from tests.scene import Scene, another_worker, connect, eventually


class Heard:
    """Reports of pulls, as the worker hears them."""

    def __init__(self) -> None:
        self.of: list[int] = []

    async def __call__(self, report: PullReport) -> None:
        assert report.trouble is None, report
        self.of.append(report.seller_id)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def sellers(scene: Scene) -> list[int]:
    """Six shops, all due."""
    more = [
        await connect(scene.engine, scene.sandbox, scene.sandbox.wildberries.add_seller(f"Лавка {number}"))
        for number in range(5)
    ]
    return [scene.seller_id, *more]


async def until_all(heard: Heard, count: int) -> None:
    async def told() -> bool:
        return len(heard.of) >= count

    await eventually(told)


async def test_everybody_who_is_due_is_pulled_once_by_two_workers(
    scene: Scene, sellers: list[int], heard: Heard
) -> None:
    one, other = Pulls(scene.engine, heard), Pulls(another_worker(scene.engine), heard)
    begun = await asyncio.gather(one.begin_due(), other.begin_due())
    assert sum(begun) == len(sellers)
    await until_all(heard, len(sellers))
    assert sorted(heard.of) == sorted(sellers)
    assert await one.begin_due() == 0


async def test_what_this_worker_has_no_hand_for_is_left_to_another(
    scene: Scene, sellers: list[int], heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HANDS", 2)
    scene.goes_wrong("events", FaultKind.SLOW, times=None, delay=0.5)
    one, other = Pulls(scene.engine, heard), Pulls(another_worker(scene.engine), heard)
    assert await one.begin_due() == 2
    assert await one.begin_due() == 0
    assert await other.begin_due() == 2
    scene.sandbox.faults.clear()
    await until_all(heard, 4)
    await one.stop(1.0)


async def test_a_seller_under_way_is_not_pulled_again_when_asked_for_by_name(
    scene: Scene, heard: Heard
) -> None:
    scene.goes_wrong("events", FaultKind.SLOW, times=1, delay=0.3)
    pulls = Pulls(scene.engine, heard)
    assert await pulls.begin_due() == 1
    await pulls.now(FeedRef(scene.seller_id))
    await until_all(heard, 1)
    await asyncio.sleep(0.1)
    assert heard.of == [scene.seller_id]


async def test_a_worker_that_stops_gives_back_what_it_could_not_end(
    scene: Scene, sellers: list[int], heard: Heard
) -> None:
    scene.goes_wrong("events", FaultKind.SLOW, times=None, delay=5)
    pulls = Pulls(scene.engine, heard)
    assert await pulls.begin_due() == len(sellers)
    assert await scene.due() == []
    await pulls.stop(0.1)
    await pulls.hand_back()
    assert sorted(await scene.due()) == sorted(sellers)
    scene.sandbox.faults.clear()
    assert await Pulls(another_worker(scene.engine), heard).begin_due() == len(sellers)
    await until_all(heard, len(sellers))


async def test_one_seller_that_fails_holds_up_nobody(scene: Scene, sellers: list[int]) -> None:
    reports: list[PullReport] = []

    async def note(report: PullReport) -> None:
        reports.append(report)

    scene.goes_wrong("events", FaultKind.SERVER_ERROR, times=None, match={"seller": scene.shop.id})
    pulls = Pulls(scene.engine, note)
    await pulls.begin_due()
    await pulls.stop(10.0)
    failed = [report.seller_id for report in reports if report.trouble is not None]
    assert failed == [scene.seller_id]
    assert len(reports) == len(sellers)
