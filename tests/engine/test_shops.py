"""A shop's line is run by admins: paused, resumed, its key tried and replaced."""

from __future__ import annotations

import pytest

from agentiq_core.domain.errors import Forbidden, NotFound
from agentiq_core.domain.views import SellerState
from agentiq_core.engine.desk import Desk
from tests.desks import colleague
from tests.scene import Scene


async def test_an_admin_pauses_and_resumes_and_the_log_says_who(scene: Scene) -> None:
    async with colleague(scene.engine, scene.dispatch, "ada", role="admin") as ada:
        await ada.shops.pause(scene.seller_id)
        assert (await ada.seller(scene.seller_id)).state is SellerState.PAUSED
        await ada.shops.resume(scene.seller_id)
        assert (await ada.seller(scene.seller_id)).state is SellerState.ACTIVE
        lines = (await ada.audit.page(action="sellers.update")).lines
        assert [(line.operator, line.change["state"]) for line in lines] == [
            ("Ada", ["paused", "active"]),
            ("Ada", ["active", "paused"]),
        ]
        with pytest.raises(NotFound):
            await ada.shops.pause(999)


@pytest.mark.parametrize("role", ["operator", "viewer"])
async def test_others_neither_pause_nor_replace_the_key(scene: Scene, role: str) -> None:
    async with colleague(scene.engine, scene.dispatch, "boris", role=role) as boris:
        for refused in (
            boris.shops.pause(scene.seller_id),
            boris.shops.resume(scene.seller_id),
            boris.shops.replace_key(scene.seller_id, "key"),
        ):
            with pytest.raises(Forbidden):
                await refused
        assert (await boris.seller(scene.seller_id)).state is SellerState.ACTIVE
        if role == "viewer":
            with pytest.raises(Forbidden):
                await boris.shops.test(scene.seller_id)


async def test_a_key_is_tried_and_replaced(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    tried = await desk.shops.test(scene.seller_id)
    assert tried.tried
    changed = await desk.shops.replace_key(scene.seller_id, f" {scene.shop.token} \n")
    assert changed.report.account_id == tried.report.account_id


async def test_it_is_said_where_keys_of_models_are_kept(scene: Scene) -> None:
    assert Desk(scene.engine, scene.dispatch).models.key_place == "environment"
