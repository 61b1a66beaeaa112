"""What a session knows of a field: when the database's word is news, and what it may hold unheard."""

from __future__ import annotations

from agentiq_core.domain.drafts import DraftKey, DraftView
from agentiq_core.domain.views import ChatRef
from agentiq_tui.words import Words

KEY = DraftKey(ChatRef(1, 7))


def test_a_field_that_nobody_has_typed_in_takes_the_databases_word() -> None:
    words = Words()
    assert words.heard(KEY, DraftView("начато дома", "ещё"), words.moves(KEY))
    assert (words.text(KEY), words.other(KEY), words.unsaved()) == ("начато дома", "ещё", [])
    assert words.heard(KEY, DraftView(""), words.moves(KEY))
    assert words.text(KEY) == ""


def test_what_was_typed_stays_until_it_is_saved_and_an_older_answer_is_no_news() -> None:
    words = Words()
    asked = words.moves(KEY)
    words.type(KEY, "раз")
    assert not words.heard(KEY, DraftView("дома"), asked)
    assert not words.heard(KEY, DraftView("дома"), words.moves(KEY)), "typed in since it was saved"
    known = words.known(KEY)
    asked = words.moves(KEY)
    assert (known, words.saving(KEY)) == (("",), "раз")
    words.type(KEY, "раз два")
    words.saved(KEY, DraftView("раз", "дома"))
    assert words.unsaved() == [KEY]
    assert not words.heard(KEY, DraftView("", ""), asked)
    assert (words.text(KEY), words.other(KEY), words.known(KEY)) == ("раз два", "дома", ("раз",))


def test_typed_back_to_what_is_saved_is_saved_unless_something_else_was_given_meanwhile() -> None:
    words = Words()
    words.type(KEY, "раз")
    words.type(KEY, "")
    assert words.unsaved() == []
    words.type(KEY, "раз")
    words.saving(KEY)
    words.type(KEY, "")
    assert words.unsaved() == [KEY], "the database may have taken it, and not have been heard"


def test_a_database_that_is_away_for_long_costs_no_memory_and_its_last_word_is_remembered() -> None:
    words = Words()
    words.heard(KEY, DraftView("начало"), words.moves(KEY))
    for number in range(1000):
        words.type(KEY, f"начало {number}")
        words.saving(KEY)
    known = words.known(KEY)
    assert len(known) == 8
    assert known[:2] == ("начало", "начало 0")
    assert known[-1] == "начало 999"
