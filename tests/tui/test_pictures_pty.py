"""Looking at buyers' pictures in a real terminal that answers, or does not: nothing is drawn where nobody said that it can be."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from agentiq_tui.pictures.terminal import PICTURE, QUESTIONS
from tests.tui.test_keys_pty import Terminal

Open = Callable[..., Terminal]
DA1 = b"\x1b[?62;22c"
KITTY = f"\x1b_Gi={PICTURE};OK\x1b\\".encode()
ITERM = b"\x1bP>|iTerm2 3.5.4\x1b\\"
SIXEL = b"\x1b[?62;4;22c"
DRAWN = re.compile(rb"\x1b_Ga=T|\x1b\]1337;File|\x1bP[0-9;]*q")
NOT_DRAWN = re.compile(rb"\x1b_G.*?\x1b\\|\x1b\]1337.*?\x07|\x1bP.*?\x1b\\|\x1b\[>q|\x1b\[16t", re.DOTALL)


class PictureTerminal(Terminal):
    """A terminal that answers as it is told, and draws no picture itself."""

    def read(self, seconds: float = 0.05) -> None:
        feed = self.stream.feed
        self.stream.feed = lambda data: feed(NOT_DRAWN.sub(b"", data))  # type: ignore[method-assign]
        try:
            super().read(seconds)
        finally:
            self.stream.feed = feed  # type: ignore[method-assign]

    def looks(self, answer: bytes = b"") -> None:
        """Press the key, and answer the questions."""
        self.write(b"O")
        self.until(lambda: QUESTIONS.encode() in self.output)
        self.write(answer)

    def drawings(self) -> list[bytes]:
        return DRAWN.findall(self.output)


@pytest.fixture
def at_pictures(tmp_path: Path) -> Iterator[Open]:
    opened: list[Terminal] = []
    files = []
    for number, colour in enumerate(("red", "green"), 1):
        file = tmp_path / f"снимок {number}.jpg"
        Image.new("RGB", (300, 200), colour).save(file)
        files.append(str(file))
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff" + b"\x00" * 400)
    files.append(str(broken))

    def open_one(**environ: str) -> Terminal:
        home = tmp_path / "home"
        near = {"SSH_CONNECTION": "", "SSH_CLIENT": "", "SSH_TTY": "", "AGENTIQ_HOME": str(home)}
        sent = os.pathsep.join(files)
        one = PictureTerminal(tmp_path / "sent", AGENTIQ_TEST_PICTURES=sent, **{**near, **environ})
        opened.append(one)
        one.sees("[фото 3]")
        one.sees("Ваш ответ")
        return one

    yield open_one
    for one in opened:
        one.close()


def fetched(one: Terminal) -> list[str]:
    """Leave; which files were fetched."""
    one.write(b"\x1b")
    one.sees("Ваш ответ")
    assert one.leaves() == [], "no answer of the terminal was taken for typing"
    return one.sent.with_name(one.sent.name + ".fetched").read_text().split()


def test_kitty_is_given_a_small_png_and_loses_it_when_the_screen_closes(at_pictures: Open) -> None:
    one = at_pictures()
    assert b"\x1b_G" not in one.output, "nothing is asked before somebody looks"
    one.looks(KITTY + b"\x1b[6;20;10t" + DA1)
    one.sees("снимок 1.jpg · 300×200")
    one.until(lambda: one.drawings())
    pieces = re.findall(rb"\x1b_G[^;\x1b]*m=[01];([A-Za-z0-9+/=]+)\x1b\\", one.output)
    with Image.open(BytesIO(b64decode(b"".join(pieces)))) as picture:
        assert (picture.format, picture.size) == ("PNG", (300, 200))
    taken = f"\x1b_Ga=d,d=I,i={PICTURE}".encode()
    before = one.output.count(taken)
    one.write(b"\x1b[C")
    one.sees("снимок 2.jpg · 300×200")
    assert one.output.count(taken) > before
    assert fetched(one) == ["1", "2"], "the third was never looked at"


def test_iterm_is_given_a_file(at_pictures: Open) -> None:
    one = at_pictures()
    one.looks(ITERM + DA1)
    one.sees("300×200")
    one.until(lambda: one.drawings())
    found = re.search(rb"\x1b\]1337;File=([^:]*):([A-Za-z0-9+/=]+)\x07", one.output)
    assert found is not None
    assert b"inline=1" in found[1]
    with Image.open(BytesIO(b64decode(found[2]))) as picture:
        assert picture.format == "JPEG"
    assert fetched(one) == ["1"]


def test_sixels_are_drawn_where_the_terminal_has_them(at_pictures: Open) -> None:
    one = at_pictures()
    one.looks(SIXEL)
    one.sees("300×200")
    one.until(lambda: one.drawings())
    assert b'q"1;1;300;200' in one.output
    assert fetched(one) == ["1"]


@pytest.mark.parametrize("answer", [b"", DA1, KITTY], ids=["silent", "plain", "no last answer"])
def test_a_terminal_that_did_not_say_so_gets_no_picture(at_pictures: Open, answer: bytes) -> None:
    one = at_pictures()
    one.looks(answer)
    one.sees("не показывает картинки")
    assert one.drawings() == []
    assert fetched(one) == []
    assert one.drawings() == []


def test_blocks_are_drawn_only_when_asked_for(at_pictures: Open) -> None:
    one = at_pictures()
    one.looks(DA1)
    one.sees("не показывает картинки")
    assert not any("▀" in line for line in one.screen.display)
    one.write(b"b")
    one.sees("▀▀▀▀▀▀▀▀▀▀")
    assert one.drawings() == []
    assert fetched(one) == ["1"]


def test_a_broken_picture_is_one_line_and_the_others_are_seen(at_pictures: Open) -> None:
    one = at_pictures()
    one.looks(KITTY + DA1)
    one.sees("снимок 1.jpg")
    one.write(b"\x1b[D")
    one.sees("не читается")
    one.write(b"\x1b[C")
    one.sees("снимок 1.jpg")
    assert fetched(one) == ["1", "3"], "what was here is not fetched again"


def test_over_ssh_nothing_is_asked_or_drawn(at_pictures: Open) -> None:
    one = at_pictures(SSH_CONNECTION="1 2 3 4")
    one.write(b"O")
    one.sees("Снимки здесь не показываются")
    assert b"\x1b_G" not in one.output
    assert one.leaves() == []


def test_over_ssh_they_are_shown_to_who_asked(at_pictures: Open) -> None:
    one = at_pictures(SSH_CONNECTION="1 2 3 4", AGENTIQ_IMAGES="on")
    one.looks(KITTY + DA1)
    one.until(lambda: one.drawings())
    assert fetched(one) == ["1"]
