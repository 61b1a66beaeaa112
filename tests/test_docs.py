"""Docs that say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from agentiq_core.config import Settings
from agentiq_core.domain.outbox import TRANSITIONS

DOCS = Path(__file__).parents[1] / "docs"


def test_the_drawing_of_a_replys_states_is_the_table_in_the_code() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", (DOCS / "delivery.md").read_text("utf-8"), re.M))
    assert drawn == {(state.value, to.value) for state, reachable in TRANSITIONS.items() for to in reachable}


def test_every_setting_that_the_docs_name_exists() -> None:
    named = set(re.findall(r"`AGENTIQ_(\w+)`", (DOCS / "commands.md").read_text("utf-8")))
    assert named <= {name.upper() for name in Settings.model_fields}
    assert named >= {"HOME", "DATABASE_URL", "TEAM_KEY", "UNDO_SECONDS"}


def test_no_link_between_the_documents_is_broken() -> None:
    for page in [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
