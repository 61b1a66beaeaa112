"""What the terminal app does without its screen, to be killed: a desk with a worker inside the loop that also draws.

No signal handlers, one pool of connections, and for every change the questions of the screen. Everything comes in the
environment, as for `agentiq worker`.
"""

from __future__ import annotations

import asyncio
import logging
import sys

from agentiq_core.config import load
from agentiq_core.domain.chats import Queue
from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.engine.desk import Desk


async def work() -> None:
    """Work and look until killed."""
    async with Desk.open(load(), worker=True) as desk:
        sys.stderr.write("the app is running\n")
        while True:
            try:
                async for change in desk.changes():
                    await desk.overview()
                    await desk.queue(Queue.ALL)
                    if change.ref is not None:
                        await desk.conversation(change.ref)
            except StoreUnavailable:
                await asyncio.sleep(0.1)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(work())
