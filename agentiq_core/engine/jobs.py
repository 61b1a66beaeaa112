"""Dispatch: what Procrastinate carries. Jobs hold ids only; the business tables decide what is done about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.messages import Channel
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.signed_jobs import SignedConnector
from agentiq_core.store.database import Store, driver_connection

DELIVER = "deliver"
PULL = "pull"
SUGGEST = "suggest"
ASK = "ask"
RECOUNT = "recount"


def job_app(store: Store) -> procrastinate.App:
    """A Procrastinate app on AgentIQ's database, in a schema of its own, as the store's operator. The caller opens it."""
    return procrastinate.App(connector=SignedConnector(store), periodic_defaults={"max_delay": 30})


class Dispatch:
    """Asks a worker, any worker, to do something."""

    def __init__(self, app: procrastinate.App) -> None:
        self._app = app

    async def deliver(self, ref: ChatRef, *, after: float = 0.0, session: AsyncSession | None = None) -> None:
        """Send the chat's next reply, `after` seconds from now; with `session` as part of its transaction."""
        connection = await driver_connection(session) if session is not None else None
        await self._defer(
            DELIVER, connection=connection, after=after, seller_id=ref.seller_id, chat_id=ref.chat_id
        )

    async def pull(self, seller_id: int, *, channel: str = Channel.CHAT, after: float = 0.0) -> None:
        """Pull a channel of a seller; a pull that waits already is enough."""
        when = "now" if after <= 0 else "later"
        await self._once(
            PULL, f"pull:{seller_id}:{channel}:{when}", after, seller_id=seller_id, channel=str(channel)
        )

    async def suggest(self, seller_id: int) -> None:
        """Write the suggestions that a seller's conversations lack."""
        await self._once(SUGGEST, f"suggest:{seller_id}", 0.0, seller_id=seller_id)

    async def ask(self, seller_id: int) -> None:
        """Let models write the suggestions of a seller that wait for them, rather than at a worker's next look."""
        await self._once(ASK, f"ask:{seller_id}", 0.0, seller_id=seller_id)

    async def recount(self, seller_id: int, *, after: float, session: AsyncSession) -> None:
        """Count a seller's open deadlines anew, as part of this transaction."""
        connection = await driver_connection(session)
        await self._defer(RECOUNT, connection=connection, after=after, seller_id=seller_id)

    async def _once(self, task: str, queueing_lock: str, after: float, **ids: int | str) -> None:
        try:
            await self._defer(task, queueing_lock=queueing_lock, after=after, **ids)
        except AlreadyEnqueued:
            return

    async def _defer(
        self,
        task: str,
        *,
        after: float,
        connection: Any = None,
        queueing_lock: str | None = None,
        **ids: int | str,
    ) -> None:
        options: dict[str, Any] = {"queueing_lock": queueing_lock}
        if after > 0:
            options["schedule_at"] = datetime.now(UTC) + timedelta(seconds=after)
        if connection is not None:
            options["connection"] = connection
        await self._app.configure_task(task, **options).defer_async(**ids)
