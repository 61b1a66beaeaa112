"""Asks the terminal what it can show, and waits a moment for its answers."""

from __future__ import annotations

import asyncio

from agentiq_tui.pictures.terminal import QUESTIONS, Shows, is_last, understood
from agentiq_tui.workplace import WorkplaceApp

PATIENCE = 1.5
"""Seconds that the answers may take; a terminal that says nothing shows nothing."""


async def what_it_shows(app: WorkplaceApp) -> Shows:
    """What this terminal shows by its own word."""
    if app.is_headless:
        return Shows(None)
    answers: list[str] = []
    complete = asyncio.Event()

    def heard(answer: str) -> None:
        answers.append(answer)
        if is_last(answer):
            complete.set()

    app.hears_terminal = heard
    try:
        app.write_to_terminal(QUESTIONS)
        async with asyncio.timeout(PATIENCE):
            await complete.wait()
    except TimeoutError:
        # without the last answer nobody knows what the others were to
        return Shows(None)
    finally:
        app.hears_terminal = None
    return understood(answers)
