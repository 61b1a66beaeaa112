"""Pictures of the program made by itself: `python scripts/screenshots.py` plays the demo and saves what it shows."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from agentiq_core.config import Settings
from agentiq_core.engine.desk import Desk
from agentiq_tui.app import AgentIQApp
from agentiq_tui.demo.stage import stage

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = (150, 40)


async def main() -> None:
    """Open the demo, answer one buyer, and save the screen with the next one open."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        await asyncio.to_thread(home.chmod, 0o711)

        @asynccontextmanager
        async def desk() -> AsyncIterator[Desk]:
            async with stage(Settings(home=home, undo_seconds=0), seed=11, chats=60) as (desk, _):
                yield desk

        app = AgentIQApp(desk, language="ru")
        async with app.run_test(size=SIZE) as pilot:
            await _shown(app, r"\d WB ")
            await pilot.press("enter")
            await _shown(app, "проверено")
            await pilot.press("f5")
            await _shown(app, "✓✓")
            await pilot.press("f2")
            await asyncio.sleep(1)
            await _shown(app, "проверено")
            save(app, "desk.svg")


def save(app: AgentIQApp, name: str) -> None:
    """Write what is on screen, without the fonts that a picture would fetch from elsewhere."""
    picture = re.sub(r"@font-face \{.*?\}\s*", "", app.export_screenshot(title="AgentIQ"), flags=re.S)
    picture = picture.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")
    IMAGES.mkdir(parents=True, exist_ok=True)
    (IMAGES / name).write_text(picture, encoding="utf-8")
    sys.stdout.write(f"{IMAGES / name}\n")


async def _shown(app: AgentIQApp, pattern: str, seconds: float = 60) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while re.search(pattern, re.sub(r"(<[^>]+>|&#160;|\\s)+", " ", app.export_screenshot())) is None:
        if asyncio.get_running_loop().time() > deadline:
            raise SystemExit(f"{pattern!r} never came on screen")
        await asyncio.sleep(0.3)


if __name__ == "__main__":
    asyncio.run(main())
