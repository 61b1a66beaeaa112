"""What a log may hold of an error nobody foresaw."""

from __future__ import annotations

from agentiq_core.domain.unforeseen import kind_and_place


def break_something() -> None:
    try:
        raise ValueError("Алёна, +7 900 123-45-67")
    except ValueError as error:
        raise KeyError("где мой заказ?") from error


def test_kinds_and_place_are_told_and_no_words() -> None:
    try:
        break_something()
    except KeyError as error:
        told = kind_and_place(error)
    assert told.startswith("KeyError from ValueError\n")
    assert "break_something" in told
    # the source line of a raise is our own code, the values of an error are not
    assert "123-45-67" not in told.replace('raise ValueError("Алёна, +7 900 123-45-67")', "")
