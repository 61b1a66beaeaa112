"""Both languages are complete, and the compiled catalogue is the one beside it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import agentiq_tui
from agentiq_core.connectors import errors as connector_errors
from agentiq_core.domain import errors as domain_errors
from agentiq_core.domain.chats import ChatStatus, Priority, Queue
from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.messages import Author, Origin
from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_tui import wording
from agentiq_tui.locale import detect, ngettext, use
from agentiq_tui.locale.update import KEYWORDS, PO, catalogue, compiled, extract, updated, written

ROOT = Path(agentiq_tui.__file__).parent
CYRILLIC = re.compile("[а-яёА-ЯЁ]")
LAYOUT_TABLE = "keys.py"
DEMO_WORDS = "words.py"
"""What the sellers of the demo wrote to their buyers: data, not words of the screen."""


@pytest.fixture(scope="module")
def russian() -> dict[object, object]:
    return {message.id: message.string for message in catalogue() if message.id}


def test_every_string_of_the_source_is_in_the_russian_catalogue(russian: dict[object, object]) -> None:
    wanted = {message.id for message in extract() if message.id}
    missing = [text for text in wanted if text not in russian]
    assert not missing
    empty = [text for text in wanted if not all(_forms(russian[text]))]
    assert not empty


def test_no_translation_is_fuzzy_or_stale(russian: dict[object, object]) -> None:
    assert not [message.id for message in catalogue() if message.id and message.fuzzy]
    assert set(russian) == {message.id for message in extract() if message.id}


def test_plurals_have_three_forms(russian: dict[object, object]) -> None:
    for identifier, string in russian.items():
        if isinstance(identifier, tuple):
            assert len(_forms(string)) == 3


def test_translations_keep_the_placeholders(russian: dict[object, object]) -> None:
    for identifier, string in russian.items():
        source = identifier[1] if isinstance(identifier, tuple) else identifier
        for form in _forms(string):
            assert sorted(re.findall(r"{(\w+)", str(source))) == sorted(re.findall(r"{(\w+)", form)), source


def test_the_compiled_catalogue_is_the_one_beside_it() -> None:
    assert PO.with_suffix(".mo").read_bytes() == compiled(catalogue())


def test_gathering_the_same_strings_again_changes_nothing() -> None:
    assert written(updated()) == PO.read_bytes()
    assert compiled(updated()) == PO.with_suffix(".mo").read_bytes()


def test_the_english_source_holds_no_russian() -> None:
    assert not [message.id for message in extract() if CYRILLIC.search(str(message.id))]


@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for path in ROOT.rglob("*.py")
        if "cli" not in path.parts and path.name not in (LAYOUT_TABLE, DEMO_WORDS)
    ),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_widget_holds_hard_coded_russian(path: Path) -> None:
    tree = ast.parse(path.read_text())
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert not [text for text in texts if CYRILLIC.search(text)]


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_translated_inside_an_f_string(path: Path) -> None:
    """Strings there are not gathered by every Python that we run on: they would stay English."""
    inside = [
        ast.unparse(call)
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
    ]
    assert not inside


def _codes(root: type[AgentIQError]) -> set[str]:
    return {root.code}.union(
        *(
            _codes(child)
            for child in root.__subclasses__()
            # those of the engine never reach a screen
            if child.__module__.startswith(("agentiq_core.domain", "agentiq_core.connectors"))
        )
    )


def test_every_error_of_the_core_has_words() -> None:
    assert domain_errors
    assert connector_errors
    assert _codes(AgentIQError) - set(wording.ERRORS) == set()


def test_every_word_of_the_core_has_words() -> None:
    assert set(wording.REASONS) == set(Undelivered)
    assert set(wording.DELIVERY) == set(OutboxState)
    assert set(wording.QUEUES) == set(Queue)
    assert set(wording.STATUSES) == set(ChatStatus)
    assert set(wording.PRIORITIES) == set(Priority)
    assert {author for author, _ in wording.AUTHORS} == set(Author)
    assert {origin for _, origin in wording.AUTHORS} == set(Origin)


def test_an_unknown_error_speaks_for_itself() -> None:
    class Strange(AgentIQError):
        code = "strange"

    assert wording.error_line(Strange("no \x1b[31mwords")) == "no �[31mwords"


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "C"}, "ru"),
        ({}, "ru"),
    ],
)
def test_the_locale_decides_and_russian_is_first(environ: dict[str, str], language: str) -> None:
    assert detect(environ) == language


@pytest.mark.parametrize(
    ("count", "line"),
    [(1, "проверено: {n} правило"), (3, "проверено: {n} правила"), (12, "проверено: {n} правил")],
)
def test_russian_counts(count: int, line: str) -> None:
    use("ru")
    assert ngettext("checked: {n} rule", "checked: {n} rules", count) == line


def _forms(string: object) -> tuple[str, ...]:
    return tuple(map(str, string)) if isinstance(string, tuple) else (str(string),)
