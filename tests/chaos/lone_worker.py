"""A worker in a process of its own, to be killed: `lone_worker.py pull|deliver|automate DSN SELLER [CHAT]`.

Keys come in AGENTIQ_TEAM_KEY and AGENTIQ_MODEL_KEY and the sign-in in AGENTIQ_TOKEN, as they do for a machine without a person.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from agentiq_core.config import load
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.access import Access
from agentiq_core.engine.automation import consider
from agentiq_core.engine.context import Engine
from agentiq_core.engine.deliver import deliver
from agentiq_core.engine.jobs import Dispatch, job_app
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.model_lines import ModelLines
from agentiq_core.engine.passes import Passes
from agentiq_core.engine.pull import pull
from agentiq_core.identity.model_keys import ModelKeys
from agentiq_core.identity.vault import open_vault
from agentiq_core.store.database import Door, Store


async def work(task: str, dsn: str, *ids: int) -> None:
    """Do one thing, as the jobs of `engine.worker` do it."""
    settings, door = load(), Door(dsn)
    vault = open_vault(settings)
    assert settings.token is not None
    access = Access(door, given=settings.token.get_secret_value())
    store = Store(door, access)
    engine = Engine(store, Lines(store, vault, budgets=False), vault, settings, access)
    if task == "write":
        passes = Passes(replace(engine, models=ModelLines(ModelKeys(settings=settings))))
        await passes.begin_due()
        await passes.settled()
    elif task == "pull":
        await pull(engine, ids[0])
    elif task == "automate":
        async with job_app(store).open_async() as app:
            await consider(engine, Dispatch(app), ids[0])
    else:
        await deliver(engine, ChatRef(*ids))


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
