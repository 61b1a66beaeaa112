"""Saved filters: one's own, and those that a seller's team shares."""

from __future__ import annotations

import pytest

from agentiq_core.domain.errors import Forbidden, NotFound, Rejected
from agentiq_core.domain.filters import EVERYTHING, parsed
from agentiq_core.engine.desk import Desk
from tests.desks import colleague
from tests.scene import Scene

BAD = parsed("review ★1-3")


async def names(desk: Desk) -> list[str]:
    return [view.name for view in await desk.views.every()]


async def test_ones_own_are_seen_by_nobody_else_and_shared_ones_by_the_sellers_team(scene: Scene) -> None:
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
        colleague(scene.engine, scene.dispatch, "vera", role="viewer") as vera,
        colleague(scene.engine, scene.dispatch, "dora", sellers=()) as dora,
        colleague(scene.engine, scene.dispatch, "ada", role="admin") as ada,
    ):
        own = await anna.views.save("  Плохие   отзывы ", BAD)
        shared = await anna.views.save("Мои", parsed("@me"), share_with=scene.seller_id)
        assert await names(anna) == ["Плохие отзывы", "Мои"]
        assert (own.filter, own.own, own.shared, shared.shared) == (BAD, True, False, True)
        for other in (boris, vera, ada):
            [seen] = await other.views.every()
            assert (seen.ref, seen.filter, seen.own) == (shared.ref, parsed("@me"), False)
        assert await names(dora) == []
        for change in (
            boris.views.rename(shared.ref, "x"),
            boris.views.remove(own.ref),
            boris.views.remove(shared.ref),
        ):
            with pytest.raises(NotFound):
                await change
        with pytest.raises(Forbidden):
            await dora.views.save("чужое", BAD, share_with=scene.seller_id)
        with pytest.raises(Forbidden):
            await vera.views.save("нельзя", BAD)
        assert (await ada.views.rename(shared.ref, "Свои")).name == "Свои"
        await ada.views.remove(shared.ref)
        assert (await names(anna), await names(boris)) == (["Плохие отзывы"], [])


async def test_they_are_renamed_refined_ordered_and_removed(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    refs = [(await desk.views.save(name, EVERYTHING)).ref for name in ("один", "два", "три")]
    await desk.views.order([refs[2], refs[0], refs[1]])
    assert await names(desk) == ["три", "один", "два"]
    assert (await desk.views.refine(refs[0], BAD)).filter == BAD
    await desk.views.remove(refs[2])
    assert await names(desk) == ["один", "два"]
    for name in ("", "x" * 61):
        with pytest.raises(Rejected):
            await desk.views.save(name, BAD)


async def test_a_view_of_another_version_finds_everything(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    await desk.views.save("будущее", BAD)
    await scene.sql("""update views set filter = '{"mood": "angry"}'""")
    [view] = await desk.views.every()
    assert view.filter == EVERYTHING
