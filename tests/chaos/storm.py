"""A storm: several worker processes, buyers and operators at work, and what breaks while they are.

Everything random comes from one seed, which a failure prints: AGENTIQ_TEST_SEED=… runs the same plan again. The moments
at which processes are hit are real time, so a plan repeats, its interleaving does not.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import text

from agentiq_core.domain.errors import AgentIQError, StoreUnavailable
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, Resolution
from agentiq_core.engine.context import Engine
from agentiq_core.engine.jobs import Dispatch
from agentiq_core.engine.replies import Consent, queue_reply, resolve
from agentiq_core.sandbox import SandboxSeller

EVERY_CONSENT = Consent(override=True, anyway=True, repeat=True)
HASTE = {
    "AGENTIQ_POLL_SECONDS": "1",
    "AGENTIQ_OPEN_CHAT_POLL_SECONDS": "1",
    "AGENTIQ_LEASE_SECONDS": "3",
    "AGENTIQ_UNKNOWN_AFTER_SECONDS": "3",
}
"""Waits a test can wait for; the proportions are those of the defaults."""
WORKER = ("-m", "agentiq_tui", "worker")
APP = (str(Path(__file__).with_name("app_process.py")),)
"""A worker in a process of its own, and one inside an app's."""
SETTLED = frozenset({OutboxState.CONFIRMED, OutboxState.CANCELLED})


def seed() -> int:
    """The seed of this run."""
    return int(os.environ.get("AGENTIQ_TEST_SEED") or random.randrange(2**32))


class Workers:
    """Processes with a worker, `agentiq worker` or an app, each started again whenever it is killed."""

    def __init__(
        self,
        dsn: str,
        team_key: str,
        token: str,
        home: Path,
        command: Sequence[str] = WORKER,
        **settings: str,
    ) -> None:
        self._command = command
        self._environment = {
            **os.environ,
            "AGENTIQ_DATABASE_URL": dsn,
            "AGENTIQ_TEAM_KEY": team_key,
            "AGENTIQ_TOKEN": token,
            "AGENTIQ_HOME": str(home),
            "AGENTIQ_LANGUAGE": "en",
            **settings,
        }
        self._alive: set[asyncio.subprocess.Process] = set()
        self.killed = 0

    @asynccontextmanager
    async def steady(self, count: int) -> AsyncIterator[None]:
        """So many workers that nobody hurts."""
        for process in await asyncio.gather(*(self._start() for _ in range(count))):
            self._read(process)
        try:
            yield
            assert all(process.returncode is None for process in self._alive), "a worker ended by itself"
        finally:
            await self.stop()

    async def killed_again_and_again(self, count: int, kills: int, rng: random.Random) -> None:
        """Keep `count` workers running, until `kills` of them were killed at random moments of their work."""

        async def one(moments: random.Random) -> None:
            while self.killed < kills:
                process = await self._start()
                self._read(process)
                await asyncio.sleep(moments.uniform(0.0, 1.5))
                if process.returncode is None:
                    self.killed += 1
                    process.send_signal(signal.SIGKILL)
                await process.wait()
                self._alive.discard(process)

        await asyncio.gather(*(one(random.Random(rng.random())) for _ in range(count)))

    async def stop(self) -> None:
        """End those that still run."""
        for process in self._alive:
            if process.returncode is None:
                process.kill()
            await process.wait()
        self._alive.clear()

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            env=self._environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self._alive.add(process)
        assert process.stderr is not None
        said = b""
        while b"is running" not in said:
            line = await asyncio.wait_for(process.stderr.readline(), 60)
            assert line, f"the worker ended: {said.decode()}"
            said += line
        return process

    def _read(self, process: asyncio.subprocess.Process) -> None:
        """A full pipe would stop it."""
        assert process.stderr is not None
        task = asyncio.create_task(_drained(process.stderr))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())


async def _drained(stream: asyncio.StreamReader) -> None:
    while await stream.read(65536):
        pass


@dataclass
class Storm:
    """Shops with buyers and operators. Whatever breaks outside, these promises hold (docs/delivery.md)."""

    engine: Engine
    dispatch: Dispatch
    shops: dict[int, SandboxSeller]
    rng: random.Random
    queued: list[str] = field(default_factory=list)
    looked: int = 0
    undecided: int = 0
    _chats: list[tuple[ChatRef, str]] = field(default_factory=list)

    async def open_chats(self, each: int) -> None:
        """Buyers write to every shop; the conversations are known when this returns."""
        for shop in self.shops.values():
            for _ in range(each):
                shop.buyer_says(shop.open_chat(), "Здравствуйте! Где мой заказ?")

        async def known() -> bool:
            rows = await self._sql("select seller_id, id, external_id from chats where last_at is not null")
            self._chats = [(ChatRef(row[0], row[1]), row[2]) for row in rows]
            return len(self._chats) == each * len(self.shops)

        await _until(known, within=60)

    async def operators_answer(self, replies: int, *, pause: float = 0.02) -> None:
        """So many replies, each with a text of its own, to conversations at random."""
        for number in range(replies):
            ref, _ = self.rng.choice(self._chats)
            body = f"Здравствуйте! Ответ номер {number}: посылка уже едет."
            client_id = uuid4()
            for _ in range(1 if self.rng.random() < 0.9 else 2):
                await self._queue(ref, body, client_id)
            self.queued.append(body)
            await asyncio.sleep(self.rng.uniform(0, 2 * pause))

    async def others_write(self, pause: float = 0.2) -> None:
        """For ever: buyers, and now and then a colleague in the marketplace's cabinet."""
        for number in range(10**9):
            ref, external_id = self.rng.choice(self._chats)
            shop = self.shops[ref.seller_id]
            if self.rng.random() < 0.1:
                shop.types_in_cabinet(external_id, f"Здравствуйте! Ответ номер {number}: посылка уже едет.")
            else:
                shop.buyer_says(external_id, f"А когда? ({number})")
            await asyncio.sleep(self.rng.uniform(0, 2 * pause))

    async def nobody_is_told_a_lie(self) -> None:
        """For ever: whatever is shown as sent is at the marketplace, once."""
        while True:
            shown = await self._sql("select body, state from outbox where state in ('sent', 'confirmed')")
            there = self.there()
            for body, state in shown:
                assert there[body] == 1, f"{body!r} is shown as {state} and is there {there[body]} times"
            self.looked += 1
            await asyncio.sleep(0.1)

    async def a_person_decides(self) -> None:
        """For ever: replies of unknown fate are looked up in the cabinet, and sent again when they are not there."""
        while True:
            stuck = await self._sql(
                "select seller_id, chat_id, id, body from outbox where state = 'needs_operator'"
            )
            for seller_id, chat_id, reply_id, body in stuck:
                there = self.there()[body]
                assert there == 0, f"{body!r} was given to a person although it is there"
                self.undecided += 1
                try:
                    await resolve(
                        self.engine,
                        self.dispatch,
                        ChatRef(seller_id, chat_id),
                        reply_id,
                        Resolution.SEND_AGAIN,
                    )
                except AgentIQError:
                    continue
            await asyncio.sleep(0.2)

    async def settles(self, within: float) -> None:
        """Every reply came to its end."""

        async def settled() -> bool:
            states = await self._sql("select state, count(*) from outbox group by 1")
            return {OutboxState(state) for state, _ in states} <= SETTLED

        try:
            await _until(settled, within=within)
        except TimeoutError:
            left = await self._sql(
                "select state, reason, attempt, polls, count(*) from outbox group by 1, 2, 3, 4"
            )
            raise AssertionError(f"not settled: {left}") from None

    async def keeps_its_promises(self) -> None:
        """No text twice, none lost, none shown that is not there, every event stored once."""
        there = self.there()
        assert there == Counter(self.queued), (
            f"lost: {list((Counter(self.queued) - there).elements())},"
            f" twice: {list((there - Counter(self.queued)).elements())}"
        )
        confirmed = await self._sql("select body from outbox where state = 'confirmed'")
        assert Counter(row[0] for row in confirmed) == there
        events = Counter(
            message.event_id
            for shop in self.shops.values()
            for chat in shop.chats.values()
            for message in chat.messages
        )

        async def everything_is_read() -> bool:
            stored = await self._sql("select external_id from messages")
            return Counter(row[0] for row in stored) == events

        await _until(everything_is_read, within=60)
        shown = await self._sql("select body from messages where outbox_id is not null")
        assert Counter(row[0] for row in shown) == there, "a joined echo is the reply itself, once"

    def there(self) -> Counter[str]:
        """What the marketplace accepted through its API."""
        return Counter(message.text or "" for shop in self.shops.values() for message in shop.api_messages())

    async def _queue(self, ref: ChatRef, body: str, client_id: UUID) -> None:
        while True:
            try:
                await queue_reply(
                    self.engine,
                    self.dispatch,
                    ref,
                    body,
                    client_id=client_id,
                    seen=None,
                    consent=EVERY_CONSENT,
                    undo_seconds=0,
                )
            except Exception as error:  # the operator presses the key again: the same reply
                if not _passing(error):
                    raise
                await asyncio.sleep(0.1)
            else:
                return

    async def _sql(self, statement: str) -> list[tuple[object, ...]]:
        """As an operator sees it; a lost database is waited for."""
        while True:
            try:
                async with self.engine.store.transaction() as session:
                    return [tuple(row) for row in (await session.execute(text(statement))).all()]
            except StoreUnavailable:
                await asyncio.sleep(0.1)


def _passing(error: Exception) -> bool:
    """Whether an error is the database's absence."""
    return isinstance(error, StoreUnavailable) or type(error).__name__ in (
        "ConnectorException",
        "OperationalError",
    )


async def _until(condition, *, within: float) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - what is waited for is in other processes
            await asyncio.sleep(0.1)
