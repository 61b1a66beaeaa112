"""The app on a scripted desk in a real terminal: `python -m tests.tui.in_a_terminal FILE`; FILE gets what was sent."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from agentiq_tui.app import AgentIQApp
from tests.tui.scripted import ScriptedDesk
from tests.tui.story import shop


def main() -> None:
    desk = ScriptedDesk(shop(), lambda: datetime.now(UTC))
    AgentIQApp(desk.opened, language="ru").run()
    Path(sys.argv[1]).write_text("\n".join(str(text) for _ref, text, *_ in desk.called("reply")))


if __name__ == "__main__":
    main()
