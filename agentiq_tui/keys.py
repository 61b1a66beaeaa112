"""Keys as they arrive: two keyboard layouts, and a shield between terminals and Textual's parser.

Textual 8.2.8 dies of some well-formed key reports and types a terminal's answers into the focused field.
`shielded` wraps its driver so that every report is rewritten to the one form Textual understands, or dropped.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic
from typing import ClassVar

from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.events import Key
from textual.keys import Keys
from textual.message import Message

from agentiq_core.domain.layouts import TO_CYRILLIC, TO_LATIN

KEEP_TITLE, OWN_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""Ask the terminal to keep the title it has, and to put it back."""
CTRL = 4
SHIFT = 1
RELEASED = "3"
MAX_CODEPOINT = sys.maxunicode
REPLY_PATIENCE = 0.5
"""Seconds that a terminal's answer may take to arrive whole; after that its rest is taken for typing."""

_KEY = re.compile(
    r"\x1b\[(?P<code>\d*)(?P<alternates>(?::\d*)*)"
    r"(?:;(?P<modifiers>\d*)(?::(?P<event>\d*))?)?(?:;(?P<text>[\d:]*))?(?P<end>[u~ABCDEFHPQS])"
)
_OTHER_KEY = re.compile(r"\x1b\[27;(?P<modifiers>\d+);(?P<code>\d+)~")
_KITTY_ANSWER = re.compile(r"\x1b\[\?(?P<flags>\d+)u")
_ANSWER = re.compile(r"\x1b\[(?:[?>=][\d;:]*[A-Za-z]|[03]n|[468];\d+;\d+t|[\d;]*\$y)")
_OPENING = re.compile(r"\x1b(?:\](?=\d)|P(?=[01]?[$+>!])|_(?=G)|\[200~)")
_CLOSING = re.compile(r"\x07|\x1b\\")
# fields draw what is pasted into them as it is: nothing that a terminal obeys, nor what turns a line around
_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ESCAPE_SIGN = "\N{SYMBOL FOR ESCAPE}"
_PASTE_START, _PASTE_END = "\x1b[200~", "\x1b[201~"


class KeyboardAnswered(Message):
    """The terminal speaks the Kitty keyboard protocol, so that Ctrl+Enter reaches the app as itself."""


class TerminalAnswered(Message):
    """The terminal answers a question about itself; only who asked looks at it."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer = answer


def on_both_layouts(key: str) -> tuple[str, ...]:
    """The same physical key as a Latin and as a Russian layout report it: "ctrl+s" gives also "ctrl+ы"."""
    modifiers, plus, symbol = key.rpartition("+")
    twin = TO_CYRILLIC.get(symbol)
    return (key,) if twin is None else (key, f"{modifiers}{plus}{twin}")


def rewritten(sequence: str) -> str | None:
    """A key report in the form Textual understands; None when it must be dropped, itself when it is none."""
    if (other := _OTHER_KEY.fullmatch(sequence)) is not None:
        point, modifiers = int(other["code"]), int(other["modifiers"])
        typed = f";{point}" if modifiers - 1 in (0, SHIFT) and point >= 32 and point != 127 else ""
        sequence = f"\x1b[{point};{modifiers}{typed}u"
    match = _KEY.fullmatch(sequence)
    if match is None:
        return sequence
    numbers = [part for part in (match["code"], *(match["text"] or "").split(":")) if part]
    if match["event"] == RELEASED or any(int(number) > MAX_CODEPOINT for number in numbers):
        return None
    code = match["code"]
    held = int(match["modifiers"] or 1) - 1
    if held & CTRL and match["end"] == "u" and code:
        code = _latin(int(code), match["alternates"])
    if match["modifiers"] is None:
        return f"\x1b[{code}{match['end']}"
    text = f";{match['text']}" if match["text"] else ""
    return f"\x1b[{code};{match['modifiers']}{text}{match['end']}"


def _latin(code: int, alternates: str) -> str:
    # Kitty reports code:shifted:base, where base is the key on a Latin layout
    base = alternates.split(":")[2] if alternates.count(":") >= 2 else ""
    letter = chr(code)
    return base or str(ord(TO_LATIN.get(letter, letter)))


class ShieldedParser(XTermParser):
    """Textual's parser that survives any input and types no answer of the terminal into a field."""

    watch: ClassVar[Callable[[str], object] | None] = None
    """Told of every piece of input as it came; only `agentiq doctor keys` looks at it."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._held = ""
        self._held_at = 0.0
        self._pasting = False
        self._tail = ""
        self._extra: list[Message] = []

    def feed(self, data: str) -> Iterable[Message]:
        watch = ShieldedParser.watch
        if watch is not None and data:
            watch(data)
        # an empty string means the end of input to the parser: what became empty here must not reach it
        if data and not (data := self._without_answers(data)):
            yield from self._answers()
            return
        for event in super().feed(data):
            yield event
            yield from self._answers()
        yield from self._answers()

    def _answers(self) -> Iterator[Message]:
        while self._extra:
            yield self._extra.pop(0)

    def _without_answers(self, data: str) -> str:
        """The input without strings that only a terminal writes (OSC, DCS, APC); pastes pass untouched."""
        if self._held:
            data = self._held + data if monotonic() - self._held_at < REPLY_PATIENCE else data
            self._held = ""
        if self._tail:
            data, self._tail = self._tail + data, ""
        return "".join(self._pieces(data))

    def _pieces(self, data: str) -> Iterator[str]:
        while data:
            if self._pasting:
                before, end, data = data.partition(_PASTE_END)
                self._pasting = not end
                if not end:
                    before, self._tail = _without_cut_end(before)
                # Textual would take an escape inside a paste for a key, and lose what follows
                yield _OBEYED.sub("", before.replace("\x1b", ESCAPE_SIGN)) + end
                continue
            opening = _OPENING.search(data)
            if opening is None:
                yield data
                return
            yield data[: opening.start()]
            if opening[0] == _PASTE_START:
                self._pasting = True
                yield _PASTE_START
                data = data[opening.end() :]
                continue
            closing = _CLOSING.search(data, opening.end())
            if closing is None:
                self._held, self._held_at = data[opening.start() :], monotonic()
                return
            self._extra.append(TerminalAnswered(data[opening.start() : closing.end()]))
            data = data[closing.end() :]

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        if sequence.startswith("\x1b[") and len(sequence) > 2:
            if _KITTY_ANSWER.fullmatch(sequence):
                self._extra.append(KeyboardAnswered())
                return [Key(Keys.Ignore, sequence)]
            if _ANSWER.fullmatch(sequence):
                self._extra.append(TerminalAnswered(sequence))
                return [Key(Keys.Ignore, sequence)]
            known = rewritten(sequence)
            if known is None:
                return [Key(Keys.Ignore, sequence)]
            sequence = known
        return super()._sequence_to_key_events(sequence, alt)


def _without_cut_end(pasted: str) -> tuple[str, str]:
    """The text, and a beginning of the paste's end that this read cut in two."""
    for length in range(len(_PASTE_END) - 1, 0, -1):
        if pasted.endswith(_PASTE_END[:length]):
            return pasted[:-length], pasted[-length:]
    return pasted, ""


def shielded(driver: type[Driver]) -> type[Driver]:
    """The same driver behind the shield; it also asks the terminal, and tmux, for keys that can be told apart."""
    # drivers take the parser from a global of their own module: there is no other door
    for name in {*(base.__module__ for base in driver.__mro__), "textual.drivers.win32"}:
        module = sys.modules.get(name)
        if module is not None and hasattr(module, "XTermParser"):
            module.XTermParser = ShieldedParser  # type: ignore[attr-defined]

    class ShieldedDriver(driver):  # type: ignore[misc, valid-type]
        """Under tmux the app itself must ask for modifyOtherKeys, and undo it when it leaves.

        While the terminal is lent to an editor, nothing is written on it.
        """

        lent = False

        def suspend_application_mode(self) -> None:
            super().suspend_application_mode()
            self.lent = True

        def resume_application_mode(self) -> None:
            self.lent = False
            super().resume_application_mode()

        def write(self, data: str) -> None:
            # a bell would wait for a thread that has ended, and the whole app with it
            if not self.lent:
                super().write(data)

        def start_application_mode(self) -> None:
            super().start_application_mode()
            self.write(KEEP_TITLE)
            if under_tmux():
                self.write("\x1b[>4;1m")
            if os.environ.get("TERM_PROGRAM") != "Apple_Terminal":
                self.write("\x1b[?u")
            self.flush()

        def stop_application_mode(self) -> None:
            if under_tmux():
                self.write("\x1b[>4m")
            self.write(OWN_TITLE)
            super().stop_application_mode()

        def take_mouse(self, wanted: bool) -> None:
            """Ask the terminal for its mouse, or leave it to the terminal."""
            if not hasattr(self, "_enable_mouse_support"):
                return
            if wanted:
                self._mouse = True
                self._enable_mouse_support()
            else:
                self._disable_mouse_support()
                # else Textual would ask for it again by itself
                self._mouse = False

    return ShieldedDriver


def under_tmux() -> bool:
    """Whether this terminal is a pane of tmux; over SSH only its name tells (a `screen` may be GNU screen)."""
    return in_tmux(os.environ)


def in_tmux(environ: Mapping[str, str]) -> bool:
    """The same of any environment."""
    return bool(environ.get("TMUX")) or "tmux" in (
        environ.get("TERM", "").partition("-")[0],
        environ.get("TERM_PROGRAM", ""),
    )


def tells_ctrl_enter() -> bool:
    """Whether the environment alone promises that Ctrl+Enter differs from Enter (Windows Terminal sends ^J)."""
    return bool(os.environ.get("WT_SESSION"))
