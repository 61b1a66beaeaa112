"""The line of a connected seller as people run it: paused, resumed, its key tried and replaced (`desk.shops`)."""

from __future__ import annotations

from agentiq_core.domain.views import SellerState
from agentiq_core.engine.context import Engine
from agentiq_core.engine.sellers import KeyCheck, replace_key, try_seller
from agentiq_core.store import sellers, sync


class Shops:
    """What an admin decides about a seller. Errors are those of `domain.errors`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def pause(self, seller_id: int) -> None:
        """Ask for no news and send no replies until `resume`; nothing is lost. Raises `NotFound`, `Forbidden`."""
        await self._set(seller_id, SellerState.PAUSED)

    async def resume(self, seller_id: int) -> None:
        """Let messages come and replies leave again. Raises `NotFound`, `Forbidden`."""
        await self._set(seller_id, SellerState.ACTIVE)

    async def test(self, seller_id: int) -> KeyCheck:
        """Try the key now. Raises what `engine.sellers.try_seller` raises, `Forbidden` for a viewer."""
        self._engine.access.only_writers()
        return await try_seller(self._engine, seller_id)

    async def replace_key(self, seller_id: int, secret: str) -> KeyCheck:
        """Take a new key to the same account. Raises what `engine.sellers.replace_key` raises, `Forbidden`."""
        self._engine.access.only_admins()
        return await replace_key(self._engine, seller_id, secret.strip())

    async def _set(self, seller_id: int, state: SellerState) -> None:
        self._engine.access.only_admins()
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            await sellers.set_state(session, seller_id, state)
            if state is SellerState.ACTIVE:
                await sync.sooner(session, seller_id, delay=0)
