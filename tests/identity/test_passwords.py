"""The password stays here: what leaves is a slow hash, and only one that is slow enough."""

from __future__ import annotations

import traceback

import pytest
from argon2.low_level import Type, hash_secret_raw

from agentiq_core.domain.errors import Misconfigured, Rejected
from agentiq_core.identity.passwords import check_strength, fresh_salt, proof

WEAKEST = {"salt": b"0123456789abcdef", "time_cost": 1, "memory_kib": 19456, "lanes": 1}


def test_the_proof_is_argon2id_of_the_composed_form() -> None:
    composed, decomposed = "чай\u0439ник", "чаи\u0306\u0439ник".replace("и\u0306\u0439", "йй")
    expected = hash_secret_raw("чайник".encode(), WEAKEST["salt"], 1, 19456, 1, 32, Type.ID)
    assert proof("чайник", **WEAKEST) == expected
    assert proof("чаи\u0306ник", **WEAKEST) == expected, "macOS types й as two characters"
    assert proof(composed, **WEAKEST) == proof(decomposed, **WEAKEST)


@pytest.mark.parametrize(
    "absurd",
    [
        {"memory_kib": 8},
        {"memory_kib": 4 * 1024 * 1024},
        {"time_cost": 0},
        {"time_cost": 1000},
        {"lanes": 0},
        {"salt": b"short"},
    ],
)
def test_a_server_cannot_ask_for_a_hash_it_could_guess_or_that_stops_the_machine(
    absurd: dict[str, object],
) -> None:
    with pytest.raises(Misconfigured):
        proof("чайник", **WEAKEST | absurd)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "короткий",
        "qwertyuiop",
        "ЙЦУКЕНГШЩЗ",
        "anna@example.org",
        "ANNA@example.org",
        "aaaaaaaaaaaa",
        "abababababab",
    ],
)
def test_what_is_guessed_first_is_refused_without_being_repeated(weak: str) -> None:
    with pytest.raises(Rejected) as refused:
        check_strength(weak, "anna@example.org")
    assert not weak or weak not in str(refused.value)


def test_an_ordinary_sentence_is_taken() -> None:
    check_strength("чайник на плите", "anna@example.org")


def test_two_salts_differ() -> None:
    assert fresh_salt() != fresh_salt()


def test_a_password_that_is_no_text_is_refused_without_being_repeated() -> None:
    password = "чайник\udcff"
    with pytest.raises(Rejected) as refused:
        proof(password, **WEAKEST)
    told = "".join(traceback.format_exception(refused.value))
    assert "чайник\\udcff" not in f"{told} {refused.value.params}"
    assert refused.value.__cause__ is None
