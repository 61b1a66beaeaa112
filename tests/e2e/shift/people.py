"""Played buyers who wait for an answer, and an operator who works by what is on screen."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import takewhile
from pathlib import Path

from agentiq_core.sandbox import SandboxSeller
from agentiq_core.sandbox.buyers import KITCHEN, Buyer, draw_buyer
from tests.cli.conftest import Market
from tests.e2e.terminal import CTRL_Q, F2, F5, Terminal

LOOK_AGAIN = "Не отправлено: подсказка"
"""Said instead of sending what nobody can have read."""
NOBODY = "Больше никто не ждёт ответа"
COMMAND = [sys.executable, "-m", "agentiq_tui"]


def environment(home: Path, **more: str) -> dict[str, str]:
    """What the shell of a machine has set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    poll = {"AGENTIQ_POLL_SECONDS": "1", "AGENTIQ_OPEN_CHAT_POLL_SECONDS": "1"}
    return kept | poll | {"AGENTIQ_HOME": str(home), "LANG": "ru_RU.UTF-8"} | more


class Buyers:
    """People who wrote to one shop of the sandbox, by their names, which are all different."""

    def __init__(self, market: Market, *, seed: int) -> None:
        self._market = market
        self._rng = random.Random(seed)
        self.shop: SandboxSeller = market.shop(goods=KITCHEN)
        self.chats: dict[str, str] = {}

    def write(self, count: int) -> list[str]:
        """New buyers come and write what their situation makes them; their names."""
        new: list[str] = []
        while len(new) < count:
            buyer = draw_buyer(self._rng, KITCHEN)
            name = buyer.person.name.split()[0]
            if name not in self.chats:
                self.chats[name] = self._market.do(partial(self._begin, buyer, name))
                new.append(name)
        return new

    def _begin(self, buyer: Buyer, name: str) -> str:
        chat = self.shop.open_chat(buyer=buyer, client_name=name)
        for said in buyer.opening():
            self.shop.buyer_says(chat, said.text or None, images=said.photos)
        return chat

    def got(self, name: str) -> list[str]:
        """The replies that this buyer has, as the marketplace counts them."""
        chat = self.chats[name]
        return self._market.do(
            lambda: [message.text or "" for message in self.shop.messages(chat) if message.through_api]
        )

    @property
    def duplicates(self) -> int:
        """Texts that a buyer got twice."""
        return self.shop.duplicates


class Operator(Terminal):
    """Somebody at the app, on a machine of theirs. Every verb ends when the screen shows that it was done."""

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(COMMAND, env, columns=150, rows=42)

    @property
    def buyer(self) -> str | None:
        """Whose conversation is open."""
        found = re.search(r"WB · (\w+) ·", self.text)
        return found[1] if found else None

    def until(self, condition: Callable[[], object], seconds: float = 30.0) -> None:
        """Read until something is so, and not of a frame that is half drawn only."""
        deadline = time.monotonic() + seconds
        while True:
            if condition():
                self.settle(0.1)
                if condition():
                    return
            assert time.monotonic() < deadline, f"never so; on screen:\n{self.text}"
            self.read(0.1)

    def has_open(self, another_than: str | None = None) -> str:
        """Wait for a buyer's conversation with a suggestion that was checked; who that is."""
        self.until(lambda: self.buyer not in (None, another_than) and "проверено" in self.text)
        assert self.buyer is not None
        return self.buyer

    def next(self) -> str:
        """On to the next buyer who waits; who that is."""
        before = self.buyer
        self.send(F2)
        return self.has_open(another_than=before)

    def goes_to(self, name: str) -> None:
        """On and on, until this buyer is on screen; one who has just written may not be here yet."""
        self.wait_for("● на связи")
        for _ in range(12):
            before = self.buyer
            if before == name:
                break
            self.send(F2)
            self.until(lambda before=before: self.buyer not in (None, before) or NOBODY in self.text)
            self.until(lambda: NOBODY not in self.text)
        assert self.has_open() == name, self.text

    def writes(self, text: str) -> None:
        """Click behind what stands in the reply field, and type."""
        before = self.field
        top, _left, right = self._frame()
        last = top + max(1, len([line for line in self._written() if line]))
        self.send("".join(f"\x1b[<0;{right};{last + 1}{how}" for how in "Mm"))
        self.send(text)
        self.until(lambda: self.field == f"{before}{text}".strip())

    @property
    def field(self) -> str:
        """What stands in the reply field; lines that were wrapped are one."""
        text = " ".join(line for line in self._written() if line)
        return "" if text == "Ваш ответ…" else text

    def _written(self) -> list[str]:
        top, left, right = self._frame()
        below = (line[left : right + 1] for line in self.lines[top + 1 :])
        return [line[1:-1].strip() for line in takewhile(lambda line: line[0] != "╰", below)]

    def _frame(self) -> tuple[int, int, int]:
        """Row, first and last column of the field's upper edge; the whole of the last row where there is none yet."""
        top, line = next(
            ((row, line) for row, line in enumerate(self.lines) if "╭─ ответ" in line),
            (len(self.lines) - 1, "╭─ ответ╮"),
        )
        left = line.index("╭─ ответ")
        return top, left, line.index("╮", left)

    def sends(self) -> None:
        """The suggestion, or what is written, is on its way, and can be taken back for some seconds."""
        self.send(F5)
        while self.wait_for(f"отменить: |{LOOK_AGAIN}")[0] == LOOK_AGAIN:
            self.until(lambda: LOOK_AGAIN not in self.text)
            self.send(F5)
        self.until(lambda: not self.field)

    def saved(self) -> None:
        """The draft is in the database."""
        self.wait_for("черновик сохранён")

    def crash(self) -> None:
        """The power goes: no signal that a program could hear."""
        os.kill(self.pid, signal.SIGKILL)
        assert self.wait_exit() == -signal.SIGKILL

    def leave(self) -> None:
        """Ctrl+Q, and the program ends well."""
        self.send(CTRL_Q)
        assert self.wait_exit() == 0

    @property
    def lines(self) -> list[str]:
        """The screen, line by line, as wide as it is."""
        return list(self._screen.display)


@contextmanager
def worker(env: Mapping[str, str]) -> Iterator[None]:
    """`agentiq worker` on a machine that is always on."""
    process = subprocess.Popen(
        [*COMMAND, "worker"], env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)
