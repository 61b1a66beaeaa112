"""Keys in one burst, as password managers and quick fingers write them: each does what it would do alone. In a real terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tui.test_keys_pty import Terminal, terminal

__all__ = ["terminal"]

OpenTerminal = Callable[..., Terminal]
F5 = b"\x1b[15~"
ENTER = b"\r"


@pytest.fixture
def signed_out(tmp_path: Path) -> Iterator[Terminal]:
    one = Terminal(tmp_path / "sent", AGENTIQ_TEST_SIGNED_OUT="1")
    one.sees("Пароль")
    yield one
    one.close()


@pytest.mark.parametrize("between", [b"\t", ENTER], ids=["tab", "enter"])
def test_a_sign_in_that_is_typed_in_one_write_fills_both_fields(signed_out: Terminal, between: bytes) -> None:
    signed_out.write(b"anna@example.org" + between + "чайник на плите 7".encode() + ENTER)
    signed = signed_out.sent.with_name("sent.signed")
    signed_out.until(lambda: signed.exists() and len(signed.read_text().splitlines()) == 2)
    assert signed.read_text().splitlines() == ["anna@example.org", "чайник на плите 7"]


def test_a_reply_and_its_send_key_in_one_write_send_that_reply(terminal: OpenTerminal) -> None:
    one = terminal()
    one.write(ENTER + "Заказ уже у курьера".encode() + F5)
    one.sees("в очереди")
    assert one.leaves() == ["Заказ уже у курьера"]


@pytest.mark.parametrize("first", [b"", ENTER], ids=["in the queue", "in the reply field"])
def test_a_slash_and_the_send_key_in_one_write_send_nothing(terminal: OpenTerminal, first: bytes) -> None:
    one = terminal()
    one.write(first + b"/" + F5)
    one.read(1.5)
    one.write(b"\x1b")
    one.read(0.5)
    assert one.leaves() == []


def test_words_that_follow_the_search_key_at_once_are_searched(terminal: OpenTerminal) -> None:
    one = terminal()
    one.write("/лампа".encode())
    one.sees("лампа")
    one.write(b"\x1b")
    one.read(0.5)
    assert one.leaves() == []
