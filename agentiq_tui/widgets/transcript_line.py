"""What the lines of a conversation have in common."""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import Reactive

from agentiq_tui.widgets.action_text import ActionLine


class TranscriptLine(ActionLine):
    """Its size is the transcript's business alone: Textual 8.2.8 lays the whole screen out once more for a size that changed."""

    virtual_size = Reactive(Size(0, 0))
