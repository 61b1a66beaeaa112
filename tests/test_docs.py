"""Docs that say what the code says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
import typer

from agentiq_core.ai.profiles import PROFILES
from agentiq_core.config import Settings
from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.automation import Held
from agentiq_core.domain.outbox import TRANSITIONS
from agentiq_tui.cli import app
from agentiq_tui.settings_schema import BY_NAME
from agentiq_tui.wording import MODEL_FAILURES
from scripts.operators_keys import PAGES
from scripts.screenshots import STORIES

DOCS = Path(__file__).parents[1] / "docs"


def test_the_drawing_of_a_replys_states_is_the_table_in_the_code() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", (DOCS / "delivery.md").read_text("utf-8"), re.M))
    assert drawn == {(state.value, to.value) for state, reachable in TRANSITIONS.items() for to in reachable}


def test_every_setting_that_the_docs_name_exists() -> None:
    named = set(re.findall(r"`AGENTIQ_(\w+)`", (DOCS / "commands.md").read_text("utf-8")))
    assert named <= {name.upper() for name in Settings.model_fields}
    assert named >= {"HOME", "DATABASE_URL", "TEAM_KEY", "UNDO_SECONDS"}


@pytest.mark.parametrize(
    ("page", "head", "known"),
    [
        ("automatic-replies.md", "| word |", set(Held)),
        ("suggestions.md", "| `failure` |", MODEL_FAILURES),
        ("suggestions.md", "| profile |", PROFILES),
        ("keys-and-settings.md", "| name |", BY_NAME),
    ],
)
def test_a_table_of_words_has_those_of_the_code_and_no_other(
    page: str, head: str, known: Collection[str]
) -> None:
    table = (DOCS / page).read_text("utf-8").partition(f"\n{head}")[2].partition("\n\n")[0]
    named = re.findall(r"`(\w+)`", "\n".join(row.split("|")[1] for row in table.splitlines()[2:]))
    assert sorted(named) == sorted(known)


def test_every_command_has_its_row() -> None:
    rows = [
        row.replace("\\|", "|")
        for row in (DOCS / "commands.md").read_text("utf-8").splitlines()
        if row.startswith("| `agentiq")
    ]
    for *group, last in _commands(typer.main.get_command(app), ()):
        begin = re.escape(" ".join(("agentiq", *group)))
        named = re.compile(rf"{begin} (?:[^`]*\|)?{re.escape(last)}\b")
        assert any(named.search(row) for row in rows), (*group, last)


def _commands(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    within: dict[str, object] = getattr(command, "commands", {})
    if path and (not within or getattr(command, "invoke_without_command", False)):
        yield path
    for name, one in within.items():
        yield from _commands(one, (*path, name))


def test_no_link_between_the_documents_is_broken() -> None:
    for page in [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_table_of_channels_says_what_the_marketplaces_declare() -> None:
    page = (DOCS / "channels.md").read_text("utf-8").replace("*", "")
    rows = [
        [cell.strip() for cell in row.split("|")[1:-1]] for row in page.splitlines() if row.startswith("| ")
    ]
    told = {(row[0], row[1]): row for row in rows}
    names = {"Яндекс Маркет": "Yandex Market", "Авито": "Avito"}
    for known in MARKETPLACES.values():
        for channel, able in known.channels.items():
            row = told[names.get(known.title, known.title), channel]
            if able.can_reply:
                assert row[2].startswith(f"{able.text_least}–{able.text_limit}"), row
            else:
                assert "cabinet" in row[2]
            assert (row[3] == "no") == (not able.files.content_types), row
            assert ("one answer" in row[2]) == able.one_answer, row
            assert ("refused later" in row[4]) == bool(able.window and able.window.hard), row


def test_every_marketplace_says_in_russian_where_its_key_is_to_be_found() -> None:
    for known in MARKETPLACES.values():
        page = (DOCS / "sellers" / known.manual).read_text("utf-8")
        assert f"agentiq seller add {known.id}" in page
        assert len(re.findall("[а-яё]", page)) > len(re.findall("[a-z]", page))
        assert not known.needs_client_id or "--client-id" in page


def test_every_picture_that_the_documents_show_is_there_and_is_drawn_by_the_program() -> None:
    shown = set()
    for page in [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]:
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} shows {target}"
            shown.add((page.parent / target).resolve())
    assert {picture.stem for picture in shown if picture.parent == DOCS / "images"} <= set(STORIES)
    assert {picture.resolve() for picture in (DOCS / "images").iterdir()} == shown


@pytest.mark.parametrize("page", PAGES)
def test_the_docs_list_every_key_of_the_registry(page: str) -> None:
    written = (DOCS / page).read_text("utf-8")
    assert written == PAGES[page](written), "run: python scripts/operators_keys.py"
    assert "<!-- keys -->" in written
