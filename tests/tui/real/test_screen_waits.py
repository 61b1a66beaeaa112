"""What an operator does not wait for any more, Postgres does not work on any more."""

from __future__ import annotations

from sqlalchemy import text

from agentiq_tui.screens.audit_log import AuditLogScreen
from tests.scene import Scene
from tests.signed import owners_transaction
from tests.tui.real.conftest import Sit

STUCK = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and query like '%from audit_log%' and pid <> pg_backend_pid()
"""


async def test_leaving_the_log_ends_the_statement_that_read_it(scene: Scene, sit: Sit) -> None:
    await scene.chat()

    async def stuck(count: int) -> bool:
        return await scene.sql(STUCK) == [(count,)]

    async with sit() as here, owners_transaction(scene.engine.store.dsn) as session:
        await session.execute(text("lock table audit_log in access exclusive mode"))
        await here.screen.run_action("audit")
        await here.until(lambda: isinstance(here.app.screen, AuditLogScreen))
        await here.until_there(lambda: stuck(1))
        await here.sees("секунду…")
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)
        await here.until_there(lambda: stuck(0))
        assert not here.screen.offline
