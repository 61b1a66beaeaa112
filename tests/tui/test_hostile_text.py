"""Whatever a buyer writes is shown, never obeyed, and the frame stands: in a real terminal, in every place that has his words."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.test_keys_pty import SIZE, Terminal, terminal

__all__ = ["terminal"]

HOSTILE = {
    "controls": "до\x00\x07\x08\x0b\x0c\x7f\x85\x9b31m после\r\nи\tещё",
    "ansi": "до\x1b[2J\x1b[31mкрасное\x1b[0m\x1b[10;1Hне там\x1b]2;чужой заголовок\x07",
    "osc 52": "до\x1b]52;c;d3JvbmcgY2xpcGJvYXJk\x07\x1b]52;c;d3Jvbmc=\x1b\\после",
    "osc 8": "до\x1b]8;;https://evil.example\x1b\\ссылка\x1b]8;;\x1b\\ и \x1b]9;уведомление\x07",
    "bidi": "до\u202eнаоборот\u202c \u2066изоляция\u2069 \u200fметка \u061cалиф",
    "zalgo": "з" + "\u0337\u0321\u0334" * 40 + "альго " + "\u0301" * 200,
    "markup": "[red]не разметка[/red] [@click=app.quit]нажми[/] [link=https://evil.example]тут[/link] \\[x] [/",
    "emoji": "семья 👨‍👩‍👧‍👦 флаг 🇷🇺🇰🇿 клавиши 1️⃣#️⃣ сердце ❤️ рука 👍🏽 радуга 🏳️‍🌈 ⚠️ ☎️",
    "long": "Здравствуйте! Где мой заказ? " * 3_600,
    "one word": "щ" * 100_000,
    "newlines": "строка\n" * 4_000 + "\u2028ещё\u2029конец",
    "halves": "до \ud83d и \udc00 \ufeff \ufffe \U000e0041 после",
    "wide": "漢字" * 400 + "ｗｉｄｅ " * 40,
}
MARKS = {"\u202e", "\u2066", "\u200f", "\u061c", "\ufeff"}


def framed(one: Terminal) -> list[int]:
    """The lines of the screen whose frame is torn: three panes have six upright lines, each in its column."""
    rows, width = SIZE
    lines = one.screen.display
    assert lines[0].count("╭") == 3
    columns = [place for place, sign in enumerate(_cells(one, 0)) if sign in "╭╮"]
    torn = []
    for row in range(1, rows - 3):
        cells = _cells(one, row)
        if len(cells) != width or any(cells[column] not in "│▎▍▋▐█▕" for column in columns):
            torn.append(row)
    return torn


def _cells(one: Terminal, row: int) -> list[str]:
    return [one.screen.buffer[row][column].data for column in range(SIZE[1])]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_buyers_words_are_inert_and_the_frame_stands(
    terminal_of: Callable[..., Terminal], name: str
) -> None:
    one = terminal_of(HOSTILE[name])
    assert framed(one) == []
    assert one.screen.title in ("", "AgentIQ")
    assert b"\x1b]52;" not in one.output, "nothing of the buyer's reaches the clipboard by itself"
    assert b"\x1b]8;" not in one.output
    assert b"\x1b]9;" not in one.output
    shown = one.output.decode(errors="replace")
    assert not MARKS & set(shown)
    assert not re.search(r"[\x80-\x9f]", shown)
    one.write(b"y")
    one.sees("Скопировано")
    copied = re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", one.output)
    if copied is None:
        assert len(HOSTILE[name].encode()) > 50_000, "only what terminals refuse is not given to them"
    else:
        text = b64decode(copied[1]).decode()
        assert not [sign for sign in text if unicodedata.category(sign) == "Cc" and sign != "\n"]
        assert "\x1b" not in text
    one.leaves()


@pytest.fixture
def terminal_of(terminal: Callable[..., Terminal], tmp_path: Path) -> Callable[..., Terminal]:
    """The app whose first buyer says this everywhere."""

    def open_one(said: str) -> Terminal:
        file = tmp_path / "said.txt"
        file.write_text(said, encoding="utf-8", errors="surrogatepass", newline="")
        bin_ = tmp_path / "bin"
        bin_.mkdir()
        (bin_ / "xclip").write_text("#!/bin/sh\ncat > /dev/null\n")
        (bin_ / "xclip").chmod(0o755)
        return terminal(
            AGENTIQ_TEST_SAID=str(file), waits_for="Ваш ответ", PATH=f"{bin_}:/usr/bin:/bin", DISPLAY=":99"
        )

    return open_one
