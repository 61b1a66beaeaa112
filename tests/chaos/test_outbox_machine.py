"""Any order of sending, crashing, reading back and deciding keeps the promises of docs/delivery.md."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from agentiq_core.config import Settings
from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, Resolution
from agentiq_core.engine.context import Engine
from agentiq_core.engine.deliver import deliver
from agentiq_core.engine.jobs import Dispatch, job_app
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.pull import pull
from agentiq_core.engine.replies import queue_reply, resolve, take_back, undo
from agentiq_core.engine.sweep import sweep
from agentiq_core.identity.vault import Vault
from agentiq_core.sandbox import Fault, FaultKind, Sandbox, SandboxSeller
from tests.scene import EVERY_CONSENT, IMPATIENT, another_worker, connect, soon, with_settings
from tests.signed import signed_store

T = TypeVar("T")
TEXTS = ("Здравствуйте! Уже едет.", "Проверим и напишем.", "Спасибо, что написали!")
IN_THE_WAY = ("sending", "unknown", "needs_operator")
REFUSES_OR_HIDES = st.sampled_from(
    [
        FaultKind.DROP_BEFORE,
        FaultKind.DROP_AFTER,
        FaultKind.SERVER_ERROR,
        FaultKind.ACCEPT_BUT_ERROR,
        FaultKind.RATE_LIMITED,
        FaultKind.INVALID_SIGNATURE,
    ]
)


@dataclass
class World:
    """The parts that every run of the machine shares: one database, one marketplace, one shop."""

    runner: asyncio.Runner
    engine: Engine
    dispatch: Dispatch
    sandbox: Sandbox
    shop: SandboxSeller
    seller_id: int

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def sql(self, statement: str, **values: object) -> list[Any]:
        async with self.engine.store.transaction() as session:
            result = await session.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []


@asynccontextmanager
async def opened(
    dsn: str, team_key: str, token: str, home: Path, runner: asyncio.Runner
) -> AsyncIterator[World]:
    store = signed_store(dsn, token)
    vault = Vault(team_key)
    lines = Lines(store, vault, marketplaces=IMPATIENT, budgets=False)
    options = Settings(home=home, undo_seconds=0, unknown_after_seconds=0)
    engine = Engine(store, lines, vault, options, store.tokens)  # type: ignore[arg-type]
    async with Sandbox(seed=7, rate_limits=False) as sandbox, job_app(store).open_async() as app:
        shop = sandbox.wildberries.add_seller("Дом и чай")
        seller_id = await connect(engine, sandbox, shop)
        yield World(runner, engine, Dispatch(app), sandbox, shop, seller_id)
    await lines.aclose()
    await store.aclose()


@pytest.fixture
def world(dsn: str, team_key: str, owner_token: str, tmp_path: Path) -> Iterator[World]:
    with asyncio.Runner() as runner:
        stage = opened(dsn, team_key, owner_token, tmp_path, runner)
        yield runner.run(stage.__aenter__())
        runner.run(stage.__aexit__(None, None, None))


class Outbox(RuleBasedStateMachine):
    """One conversation, two workers, an operator, a buyer, and a colleague in the marketplace's cabinet."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.queued: Counter[str] = Counter()
        self.withdrawn: Counter[str] = Counter()
        self.sent_again: Counter[str] = Counter()
        self.believed: Counter[str] = Counter()
        self.clients: list[tuple[UUID, str]] = []
        world.sandbox.faults.clear()
        self.external_id = world.shop.open_chat()
        world.shop.buyer_says(self.external_id, "Здравствуйте! Где мой заказ?")
        world.do(pull(world.engine, world.seller_id))
        found = world.do(world.sql("select id from chats where external_id = :id", id=self.external_id))
        self.ref = ChatRef(world.seller_id, found[0][0])

    @rule(body=st.sampled_from(TEXTS))
    def send(self, body: str) -> None:
        client_id = uuid4()
        self._queue(client_id, body)
        self.clients.append((client_id, body))
        self.queued[body] += 1

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def press_the_key_twice(self, data: st.DataObject) -> None:
        self._queue(*data.draw(st.sampled_from(self.clients)))

    @rule(other=st.booleans())
    def work(self, other: bool) -> None:
        self._deliver(other=other)

    @rule(kind=REFUSES_OR_HIDES, other=st.booleans())
    def work_while_something_is_wrong(self, kind: FaultKind, other: bool) -> None:
        self.world.sandbox.faults.add(Fault("message", kind))
        self._deliver(other=other)
        self.world.sandbox.faults.clear()

    @rule(accepted=st.booleans())
    def crash_while_sending(self, accepted: bool) -> None:
        operation, kind = ("message", FaultKind.HANG_AFTER) if accepted else ("chats", FaultKind.HANG)
        hanging = self.world.sandbox.faults.add(Fault(operation, kind))

        async def crash() -> None:
            sending = asyncio.create_task(deliver(another_worker(self.world.engine), self.ref))
            # without a reply to send there is no request
            waiting = asyncio.create_task(soon(lambda: hanging.hits > 0, within=0.2))
            await asyncio.wait((sending, waiting), return_when=asyncio.FIRST_COMPLETED)
            for task in (sending, waiting):
                task.cancel()
            await asyncio.gather(sending, waiting, return_exceptions=True)

        self.world.do(crash())
        self.world.sandbox.faults.clear()

    @rule()
    def leases_end(self) -> None:
        self.world.do(self.world.sql("update outbox set lease_until = now() where lease_until is not null"))
        self.world.do(sweep(self.world.engine))

    @rule()
    def read_back(self) -> None:
        self.world.do(pull(self.world.engine, self.world.seller_id))
        self.world.do(sweep(self.world.engine))

    @rule(kind=st.sampled_from([FaultKind.DUPLICATES, FaultKind.GARBAGE_JSON]))
    def read_back_while_something_is_wrong(self, kind: FaultKind) -> None:
        self.world.sandbox.faults.add(Fault("events", kind))
        self.read_back()
        self.world.sandbox.faults.clear()
        self.world.do(self.world.sql("update sync_state set failures = 0, lease_until = null"))

    @rule()
    def the_buyer_writes(self) -> None:
        self.world.shop.buyer_says(self.external_id, "И ещё вопрос")

    @rule(body=st.sampled_from(TEXTS))
    def a_colleague_types_it_in_the_cabinet(self, body: str) -> None:
        self.world.shop.types_in_cabinet(self.external_id, body)

    @rule(choice=st.sampled_from(Resolution))
    def decide(self, choice: Resolution) -> None:
        for reply_id, body in self._replies("needs_operator"):
            try:
                self.world.do(resolve(self.world.engine, self.world.dispatch, self.ref, reply_id, choice))
            except Rejected:
                continue
            self.sent_again[body] += choice is Resolution.SEND_AGAIN
            self.believed[body] += choice is Resolution.TREAT_AS_SENT

    @rule()
    def change_ones_mind(self) -> None:
        for reply_id, body in self._replies("queued")[-1:]:
            if self.world.do(undo(self.world.engine, self.ref, reply_id)) is not None:
                self.withdrawn[body] += 1

    @rule()
    def take_the_refused_back(self) -> None:
        for reply_id, body in self._replies("failed"):
            self.world.do(take_back(self.world.engine, self.ref, reply_id))
            self.withdrawn[body] += 1

    @invariant()
    def nothing_is_there_that_nobody_asked_for(self) -> None:
        allowed = self.queued + self.sent_again
        assert not self.there() - allowed, f"twice: {self.there() - allowed}"

    @invariant()
    def nothing_is_shown_as_sent_that_is_not_there(self) -> None:
        shown = Counter(body for _, body in self._replies("sent", "confirmed"))
        assert not shown - (self.there() + self.believed), f"a lie: {shown - self.there()}"

    @invariant()
    def nothing_that_is_there_is_given_to_a_person(self) -> None:
        if self._replies("sending", "unknown", "sent"):
            return
        given = Counter(body for _, body in self._replies("needs_operator"))
        confirmed = Counter(body for _, body in self._replies("confirmed"))
        assert not given & (self.there() - confirmed), "a person would send it twice"

    @invariant()
    def one_reply_is_under_way(self) -> None:
        assert len(self._replies(*IN_THE_WAY)) <= 1

    @invariant()
    def an_echo_belongs_to_one_reply(self) -> None:
        rows = self.world.do(
            self.world.sql(
                "select external_id from outbox where chat_id = :chat and external_id is not null",
                chat=self.ref.chat_id,
            )
        )
        assert len(rows) == len(set(rows))
        shown = self.world.do(
            self.world.sql(
                "select origin from messages where chat_id = :chat and outbox_id is not null",
                chat=self.ref.chat_id,
            )
        )
        assert {row[0] for row in shown} <= {"api"}, "what a colleague typed is never our echo"

    def teardown(self) -> None:
        """When everything works again, everything that was asked for arrives."""
        self.world.sandbox.faults.clear()
        self.world.do(self.world.sql("update sync_state set failures = 0, lease_until = null"))
        for _ in range(60):
            self.world.do(self.world.sql("update outbox set not_before = now() where state = 'queued'"))
            self.leases_end()
            self._deliver(other=False)
            self.read_back()
            self.decide(Resolution.SEND_AGAIN)
            if not self._unsettled():
                break
        else:
            raise AssertionError(f"it never settles: {self._unsettled()}")
        self.nothing_is_there_that_nobody_asked_for()
        refused = Counter(body for _, body in self._replies("failed"))
        missing = self.queued - self.there() - self.withdrawn - refused - self.believed
        assert not missing, f"lost: {missing}"

    def there(self) -> Counter[str]:
        messages = self.world.shop.messages(self.external_id)
        return Counter(message.text or "" for message in messages if message.through_api)

    def _queue(self, client_id: UUID, body: str) -> None:
        self.world.do(
            queue_reply(
                self.world.engine,
                self.world.dispatch,
                self.ref,
                body,
                client_id=client_id,
                seen=None,
                consent=EVERY_CONSENT,
            )
        )

    def _deliver(self, *, other: bool) -> OutboxState | None:
        engine = another_worker(self.world.engine) if other else self.world.engine
        return self.world.do(deliver(with_settings(engine), self.ref))

    def _unsettled(self) -> Counter[str]:
        """What still moves; a reply that a person took for sent may wait for its echo for ever."""
        sent = Counter(body for _, body in self._replies("sent"))
        return Counter(body for _, body in self._replies("queued", *IN_THE_WAY)) + (sent - self.believed)

    def _replies(self, *states: str) -> list[tuple[int, str]]:
        rows = self.world.do(
            self.world.sql(
                "select id, body from outbox where chat_id = :chat and state = any(:states) order by created_at, id",
                chat=self.ref.chat_id,
                states=list(states),
            )
        )
        return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize(
    ("examples", "steps"),
    [pytest.param(12, 15, id="short"), pytest.param(60, 30, id="long", marks=pytest.mark.slow)],
)
def test_the_outbox_keeps_its_promises_whatever_happens(world: World, examples: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Outbox(world),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
