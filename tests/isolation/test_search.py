"""The one function that reads the index of words without a policy tells nobody of another seller's."""

from __future__ import annotations

import pytest

from tests.isolation.team import HERS, THEIRS, Team, refusal

FIND = "select seller_id from find_words(%s, %s, 'infinity', 0, '', 100)"
BREAKING_OUT = [
    "'тайна'",
    "'тайна' | 'нет'",
    "!'нет'",
]


@pytest.mark.parametrize("wanted", BREAKING_OUT)
@pytest.mark.parametrize("sellers", [None, [HERS, THEIRS], [THEIRS]])
@pytest.mark.parametrize("name", ["viewer", "operator", "admin"])
def test_another_sellers_words_are_never_found(
    besieged: Team, name: str, wanted: str, sellers: list[int] | None
) -> None:
    with besieged.acting(name) as connection:
        found = {row[0] for row in connection.execute(FIND, [wanted, sellers])}
    assert found <= {HERS}
    if wanted == "'тайна'" and sellers != [THEIRS]:
        assert found == {HERS}


def test_nobody_finds_anything_without_a_sign_in(besieged: Team) -> None:
    with besieged.connect() as connection:
        assert connection.execute(FIND, ["'тайна'", None]).fetchall() == []


def test_a_question_that_is_no_query_is_refused_and_does_nothing(besieged: Team) -> None:
    assert refusal(besieged, "operator", FIND, "'); drop table agentiq.chats; --", None) is not None
    with besieged.superuser() as connection:
        assert connection.execute("select count(*) from chats").fetchone() == (2,)
