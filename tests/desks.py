"""Colleagues at desks of their own: the same database, each with a sign-in of theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from agentiq_core.engine.access import Access
from agentiq_core.engine.context import Engine
from agentiq_core.engine.desk import Desk
from agentiq_core.engine.jobs import Dispatch
from agentiq_core.store import accounts
from agentiq_core.store.database import Door, Store


@asynccontextmanager
async def colleague(
    engine: Engine,
    dispatch: Dispatch,
    name: str,
    *,
    role: str = "operator",
    sellers: tuple[int, ...] = (1,),
) -> AsyncIterator[Desk]:
    """The desk of somebody who joins the team."""
    email = f"{name}@team.example"
    async with engine.store.transaction() as session:
        await accounts.add_operator(session, email, name.title(), role, sellers)
        # machines have no admin's sign-in
        admin = role in ("admin", "owner")
        code = await accounts.invite_operator(session, email) if admin else ""
        token = None if admin else await accounts.service_token(session, email, "test")
    door = Door(engine.store.dsn, pool_size=2)
    access = Access(door, given=token)
    if admin:
        await access.accept(code, "длинный и непростой пароль")
    await access.token()
    desk = Desk(replace(engine, store=Store(door, access), access=access, worker=name), dispatch)
    try:
        yield desk
    finally:
        await desk.presence.leave()
        await access.aclose()
        await door.aclose()


async def at_desk(desk: Desk) -> None:
    """They are at the desk, as colleagues see it once it was written."""
    desk.presence.look(None)
    await desk.presence.settled()
