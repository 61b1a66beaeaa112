"""What the terminal says that it can show, and the sequences that show it there.

It is asked when somebody looks at a picture, never before; its answers come as `keys.TerminalAnswered`. Every terminal
answers the last question (DA1), so that no answer to an earlier one by then means no.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from agentiq_tui.pictures import reduce

PICTURE = 7_341
"""The number of our picture in a terminal that keeps them by number."""
QUESTIONS = (
    f"\x1b_Gi={PICTURE},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"  # Kitty: may a picture be sent in the stream
    "\x1b[>q"  # its name and version
    "\x1b[16t"  # pixels of a cell
    "\x1b[c"  # DA1
)
CELL = (10, 20)
"""Pixels of a cell, width and height, where the terminal does not tell."""
_CHUNK = 4096

_KITTY = re.compile(rf"\x1b_Gi={PICTURE};OK\x1b\\")
_FILES = re.compile(r"\x1bP>\|(?:iTerm2|WezTerm|mintty)\b")
_CELL = re.compile(r"\x1b\[6;(\d{1,4});(\d{1,4})t")
_DA1 = re.compile(r"\x1b\[\?([\d;]*)c")
_HAS_SIXEL = "4"


class Way(Enum):
    """How a picture reaches the screen; the value is the form it is made small in."""

    KITTY = reduce.PNG
    FILE = reduce.JPEG
    SIXEL = reduce.SIXEL
    BLOCKS = reduce.RGB


@dataclass(frozen=True, slots=True)
class Shows:
    """What the terminal said: `way` is None where it can show nothing."""

    way: Way | None
    cell: tuple[int, int] = CELL


def is_last(answer: str) -> bool:
    """Whether nothing follows this answer."""
    return _DA1.fullmatch(answer) is not None


def understood(answers: Iterable[str]) -> Shows:
    """What these answers mean."""
    way, cell = None, CELL
    found = set()
    for answer in answers:
        if _KITTY.fullmatch(answer):
            found.add(Way.KITTY)
        elif _FILES.match(answer):
            found.add(Way.FILE)
        elif (size := _CELL.fullmatch(answer)) is not None and int(size[1]) and int(size[2]):
            cell = (int(size[2]), int(size[1]))
        elif (told := _DA1.fullmatch(answer)) is not None and _HAS_SIXEL in told[1].split(";")[1:]:
            found.add(Way.SIXEL)
    way = next((one for one in (Way.KITTY, Way.FILE, Way.SIXEL) if one in found), None)
    return Shows(way, cell)


def wanted(setting: str, environ: Mapping[str, str]) -> bool:
    """Whether pictures are looked at here: by the setting `images`; by itself not over SSH."""
    far = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"))
    return setting == "on" or (setting == "auto" and not far)


def drawn(way: Way, content: bytes, place: tuple[int, int], cells: tuple[int, int]) -> str:
    """The sequence that puts a small picture at (column, row), over this many cells; the cursor stays where it is."""
    if way is Way.KITTY:
        shown = _kitty(content, cells)
    elif way is Way.FILE:
        size = f"size={len(content)};width={cells[0]};height={cells[1]}"
        code = b64encode(content).decode("ascii")
        shown = f"\x1b]1337;File=inline=1;{size};preserveAspectRatio=1;doNotMoveCursor=1:{code}\x07"
    else:
        shown = f"\x1bP0;1q{content.decode('ascii')}\x1b\\"
    return f"\x1b7\x1b[{place[1] + 1};{place[0] + 1}H{shown}\x1b8"


def _kitty(content: bytes, cells: tuple[int, int]) -> str:
    code = b64encode(content).decode("ascii")
    chunks = [code[start : start + _CHUNK] for start in range(0, len(code), _CHUNK)]
    head = f"a=T,f=100,i={PICTURE},p=1,c={cells[0]},r={cells[1]},C=1,q=2,"
    return "".join(
        f"\x1b_G{head if number == 0 else ''}m={int(number < len(chunks) - 1)};{chunk}\x1b\\"
        for number, chunk in enumerate(chunks)
    )


def taken_away(way: Way) -> str:
    """The sequence that removes our picture where it does not go with the cells it lies on."""
    return f"\x1b_Ga=d,d=I,i={PICTURE},q=2\x1b\\" if way is Way.KITTY else ""
