"""The dictionary is read in place: what every process would copy stays in the files' pages, and reads the same."""

from __future__ import annotations

from array import array
from io import BytesIO
from pathlib import Path
from typing import Any

import pymorphy3_dicts_ru
import pytest
from dawg_python import wrapper

from agentiq_core.language.dictionary_pages import give_pages_back
from agentiq_core.language.lemmas import is_known, known_grammemes

WORDS = Path(pymorphy3_dicts_ru.get_path()) / "words.dawg"


@pytest.fixture
def loaded() -> tuple[Any, Any]:
    """The graph of words as it is used, after the dictionary was."""
    known_grammemes()
    words, guide = wrapper.Dictionary(), wrapper.Guide()
    with WORDS.open("rb") as file:
        words.read(file)
        guide.read(file)
    return words, guide


def test_its_graphs_are_pages_of_their_files(loaded: tuple[Any, Any]) -> None:
    assert all(isinstance(part._units, memoryview) and part._units.readonly for part in loaded)


def test_their_numbers_are_those_of_the_files(loaded: tuple[Any, Any]) -> None:
    words, guide = loaded
    file = BytesIO(WORDS.read_bytes())
    for part, code in ((words, "I"), (guide, "B")):
        count = int.from_bytes(file.read(4), "little") * (2 if part is guide else 1)
        copied = array(code)
        copied.frombytes(file.read(count * copied.itemsize))
        assert part._units == memoryview(copied)


def test_pages_that_were_given_back_read_the_same_when_they_are_looked_at_again(
    loaded: tuple[Any, Any],
) -> None:
    words, _guide = loaded
    before = bytes(words._units)
    give_pages_back()
    assert bytes(words._units) == before
    assert is_known("чашка")
