"""Sharing out: only those who may, all alike, and the same for the same input."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.sharing import Candidate, share_out
from agentiq_core.domain.team import AssignmentMode, Colleague, initials, mentioned

people = st.lists(
    st.builds(Candidate, st.integers(1, 40), st.integers(0, 30)),
    unique_by=lambda one: one.operator_id,
    max_size=8,
)
chats = st.lists(st.integers(1, 10_000), unique=True, max_size=60)
automatic = st.sampled_from([AssignmentMode.ROUND_ROBIN, AssignmentMode.LOAD])


@given(st.sampled_from(AssignmentMode), chats, people, st.none() | st.integers(1, 40))
def test_each_conversation_goes_once_to_somebody_who_may_have_it(
    mode: AssignmentMode, waiting: list[int], here: list[Candidate], last: int | None
) -> None:
    given_to = share_out(mode, waiting, here, last)
    assert {one.operator_id for one in given_to} <= {one.operator_id for one in here}
    if mode is AssignmentMode.MANUAL or not here:
        assert given_to == []
    else:
        assert [one.chat_id for one in given_to] == waiting
    assert given_to == share_out(mode, waiting, list(reversed(here)), last)


@given(chats, people, st.none() | st.integers(1, 40))
def test_in_turn_nobody_gets_more_than_one_above_another(
    waiting: list[int], here: list[Candidate], last: int | None
) -> None:
    got = Counter(one.operator_id for one in share_out(AssignmentMode.ROUND_ROBIN, waiting, here, last))
    shares = [got[one.operator_id] for one in here]
    assert not shares or max(shares) - min(shares) <= 1


@given(chats, people, st.none() | st.integers(1, 40))
def test_by_load_nobody_is_given_more_while_another_has_less(
    waiting: list[int], here: list[Candidate], last: int | None
) -> None:
    loads = {one.operator_id: one.load for one in here}
    for one in share_out(AssignmentMode.LOAD, waiting, here, last):
        assert loads[one.operator_id] == min(loads.values())
        loads[one.operator_id] += 1


@given(automatic, people.filter(bool), st.none() | st.integers(1, 40), st.integers(1, 20))
def test_one_at_a_time_is_the_same_as_all_at_once(
    mode: AssignmentMode, here: list[Candidate], last: int | None, many: int
) -> None:
    at_once = share_out(mode, range(many), here, last)
    loads = {one.operator_id: one.load for one in here}
    for number in range(many):
        [one] = share_out(mode, [number], [Candidate(*pair) for pair in loads.items()], last)
        assert one == at_once[number]
        last = one.operator_id
        loads[last] += 1


def test_the_turn_goes_on_behind_whoever_left() -> None:
    here = [Candidate(1), Candidate(5), Candidate(9)]
    turns = [one.operator_id for one in share_out(AssignmentMode.ROUND_ROBIN, [1, 2, 3, 4], here, 4)]
    assert turns == [5, 9, 1, 5]


def test_initials_are_one_or_two_letters() -> None:
    assert [initials(name) for name in ("Анна Петрова", "anna.k", "Борис", "я", "  ", "7")] == [
        "АП", "AK", "БО", "Я", "?", "?",
    ]  # fmt: skip


def test_a_note_names_whom_it_names() -> None:
    people = [
        Colleague(1, "Анна", "anna@x.example", "operator", frozenset({1})),
        Colleague(2, "Борис", "boris.k@x.example", "operator", frozenset({1})),
    ]
    assert mentioned("@Anna, посмотри; и @boris.k.", people) == {1, 2}
    assert mentioned("почта anna@x.example, @annabel, @никто", people) == frozenset()
