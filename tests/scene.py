"""A shop at the sandbox marketplace, connected to an engine: the stage of every test of delivery.

Fixtures that more than one folder wants are here too; a folder's conftest imports them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from agentiq_core.config import Settings
from agentiq_core.connectors import calling
from agentiq_core.connectors.base import Connector, Credentials, Gate, Marketplace, Memory
from agentiq_core.connectors.http import Timeouts
from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.connectors.wildberries.client import WildberriesConnector
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, Conversation, Overview, ReplyView
from agentiq_core.engine.access import Access
from agentiq_core.engine.context import Engine
from agentiq_core.engine.deliver import deliver
from agentiq_core.engine.jobs import Dispatch, job_app
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.pull import PullReport, pull
from agentiq_core.engine.replies import Consent, abilities, queue_reply
from agentiq_core.engine.sellers import add_seller
from agentiq_core.identity.vault import Vault
from agentiq_core.sandbox import Fault, Sandbox, SandboxSeller
from agentiq_core.sandbox.market import Market, Roles, seller_line
from agentiq_core.store import conversations, queues, sync
from agentiq_core.store.database import Store
from tests.signed import owners_transaction

ANSWER = "Здравствуйте! Уже смотрим, где ваш заказ."
ANOTHER = "Посылка приехала в пункт выдачи, можно забирать."
NO_CONSENT = Consent()
EVERY_CONSENT = Consent(override=True, anyway=True, repeat=True)


@dataclass
class Scene:
    """One connected shop. Each verb is one thing that people or workers do."""

    engine: Engine
    dispatch: Dispatch
    sandbox: Sandbox
    shop: Any
    seller_id: int
    marketplace: str = "wildberries"
    channel: Channel = Channel.CHAT
    _external: dict[ChatRef, str] = field(default_factory=dict)

    async def chat(self, *texts: str) -> ChatRef:
        """A conversation in which the buyer wrote these texts, pulled."""
        first, *others = texts or ("Здравствуйте! Где мой заказ?",)
        external_id = self.begins(first)
        for said in others:
            self.shop.buyer_says(external_id, said)
        await self.pulled()
        return await self.ref(external_id)

    def begins(self, said: str) -> str:
        """A buyer writes in the channel of this scene; what the marketplace calls the conversation."""
        match self.channel:
            case Channel.REVIEW:
                external_id: str = self.shop.leave_review(stars=3, text=said)
            case Channel.QUESTION:
                external_id = self.shop.ask_question(said)
            case _:
                external_id = self.shop.open_chat()
                self.shop.buyer_says(external_id, said)
        return external_id

    @property
    def market(self) -> Market[Any]:
        """The marketplace of this scene, from inside."""
        return self.sandbox.market(self.marketplace)

    @property
    def roles(self) -> Roles:
        """Which of its operations do what in this channel."""
        return self.market.roles[self.channel]

    def sending_goes_wrong(self, kind: str, **how: Any) -> Fault:
        """Plan a misbehaviour of whatever sends a reply in this channel."""
        return self.goes_wrong(self.roles.send or "", kind, market=self.marketplace, **how)

    async def ref(self, external_id: str) -> ChatRef:
        """The conversation that the marketplace calls so."""
        found = await self.sql(
            "select id from chats where external_id = :id and channel = :channel",
            id=external_id,
            channel=self.channel.value,
        )
        assert found, f"the {self.channel} {external_id} was not read"
        ref = ChatRef(self.seller_id, found[0][0])
        self._external[ref] = external_id
        return ref

    def buyer_says(self, ref: ChatRef, said: str) -> None:
        self.shop.buyer_says(self._external[ref], said)

    def types_in_cabinet(self, ref: ChatRef, said: str) -> None:
        self.shop.types_in_cabinet(self._external[ref], said)

    def goes_wrong(self, operation: str, kind: str, **how: Any) -> Fault:
        """Plan a misbehaviour of the marketplace."""
        return self.sandbox.faults.add(Fault(operation, kind, **how))  # type: ignore[arg-type]

    def requests(self, operation: str) -> int:
        """How many requests of this method the marketplace has seen."""
        return sum(
            count for (name, _), count in self.sandbox.wildberries.requests.items() if name == operation
        )

    async def pull(self, engine: Engine | None = None) -> PullReport:
        """One pull that this worker gets to do, whatever comes of it."""
        report = await pull(engine or self.engine, self.seller_id, channel=self.channel)
        assert report is not None, "another worker holds the feed"
        return report

    async def pulled(self, engine: Engine | None = None) -> PullReport:
        """One pull to the end of the feed."""
        report = await self.pull(engine)
        assert report.trouble is None, report
        return report

    async def reply(
        self,
        ref: ChatRef,
        body: str = ANSWER,
        *,
        client_id: UUID | None = None,
        consent: Consent = NO_CONSENT,
        undo_seconds: float | None = None,
    ) -> int:
        """An operator who sees the whole conversation sends this; the reply's id."""
        view = await queue_reply(
            self.engine,
            self.dispatch,
            ref,
            body,
            client_id=client_id or uuid4(),
            seen=(await self.conversation(ref)).newest,
            consent=consent,
            undo_seconds=undo_seconds,
        )
        return view.id

    async def deliver(self, ref: ChatRef, engine: Engine | None = None) -> OutboxState | None:
        """One attempt for the conversation's next reply."""
        done = await deliver(engine or self.engine, ref)
        return None if done is None else done.state

    async def unknown(self, ref: ChatRef, body: str = ANSWER, kind: str = "drop_before") -> int:
        """A reply whose fate nobody knows; its id."""
        reply_id = await self.reply(ref, body, consent=EVERY_CONSENT)
        self.sending_goes_wrong(kind)
        assert await self.deliver(ref) is OutboxState.UNKNOWN
        return reply_id

    async def view(self, ref: ChatRef, reply_id: int) -> ReplyView:
        async with self.engine.store.transaction() as session:
            return await conversations.reply(session, ref.seller_id, reply_id)

    async def state(self, ref: ChatRef, reply_id: int) -> OutboxState:
        return (await self.view(ref, reply_id)).state

    async def conversation(self, ref: ChatRef) -> Conversation:
        async with self.engine.store.transaction() as session:
            return await conversations.read(
                session,
                ref,
                before=None,
                limit=200,
                capabilities=lambda *channel: abilities(self.engine, *channel),
            )

    async def shown(self, ref: ChatRef) -> list[str]:
        """What the conversation shows: its messages, then the replies that are still under way."""
        conversation = await self.conversation(ref)
        return [message.text for message in conversation.messages] + [
            reply.text for reply in conversation.replies
        ]

    def sent_there(self, ref: ChatRef) -> list[str | None]:
        """What the marketplace accepted for this conversation through its API, in its order."""
        return [message.text for message in self.shop.messages(self._external[ref]) if message.through_api]

    async def overview(self) -> Overview:
        async with self.engine.store.transaction() as session:
            return await queues.overview(session)

    async def due(self) -> list[int]:
        """Sellers that a worker would pull now, in its order; nothing is claimed."""
        async with self.engine.store.transaction() as session:
            claims = await sync.claim_due(session, "nobody", 1.0, limit=200)
            await session.rollback()
        return [claimed.feed.seller_id for claimed in claims]

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        """Look at, or move, what only the database knows: leases and due times."""
        async with owners_transaction(self.engine.store.dsn) as session:
            result = await session.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    async def leases_end(self) -> None:
        """Every worker has been silent for too long."""
        await self.sql(
            "update outbox set lease_until = now() - interval '1 second' where lease_until is not null"
        )
        await self.sql(
            "update suggestions set lease_until = now() - interval '1 second' where lease_until is not null"
        )
        await self.sql(
            "update sync_state set lease_until = now() - interval '1 second' where lease_until is not null"
        )


async def eventually(condition: Callable[[], Awaitable[bool]], *, within: float = 10.0) -> None:
    """Wait for a real condition, at most `within` seconds."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - what is waited for is in another process or in Postgres
            await asyncio.sleep(0.02)


async def soon(condition: Callable[[], bool], *, within: float = 5.0) -> None:
    """Wait until the sandbox, in this very process, has seen something."""

    async def holds() -> bool:
        return condition()

    await eventually(holds, within=within)


def with_settings(engine: Engine, **changed: Any) -> Engine:
    """The same hands with other settings."""
    return replace(engine, settings=engine.settings.model_copy(update=changed))


def another_worker(engine: Engine) -> Engine:
    """A second worker on the same database."""
    return replace(engine, worker=f"worker-{uuid4().hex[:6]}")


async def _at_once(_: float) -> None:
    await asyncio.sleep(0)


def impatient(
    credentials: Credentials,
    *,
    channel: str = "chat",
    gate: Gate | None = None,
    memory: Memory | None = None,
) -> Connector:
    """The Wildberries connector with time-outs a test can wait for, and no pause between repeated reads."""
    timeouts = Timeouts(connect=2.0, read=0.3, write=2.0, pool=2.0, total=5.0)
    return WildberriesConnector(credentials, gate=gate, timeouts=timeouts, sleep=_at_once)


IMPATIENT: dict[str, Marketplace] = {
    name: replace(known, connect=impatient) if name == "wildberries" else known
    for name, known in MARKETPLACES.items()
}


async def connect(engine: Engine, sandbox: Sandbox, shop: SandboxSeller, token: str | None = None) -> int:
    """Connect a shop of the sandbox and read its chats alone; the seller's id."""
    credentials = Credentials(secret=token or shop.token, base_url=f"{sandbox.url}/wildberries")
    seller_id, _ = await add_seller(engine, "wildberries", shop.name, credentials)
    async with owners_transaction(engine.store.dsn) as session:
        await session.execute(
            text("delete from sync_state where seller_id = :id and channel <> 'chat'"), {"id": seller_id}
        )
    return seller_id


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A marketplace without people: a test says who writes what."""
    async with Sandbox(seed=7, rate_limits=False) as sandbox:
        yield sandbox


@pytest.fixture
def shop(sandbox: Sandbox) -> SandboxSeller:
    """A seller's account at the sandbox Wildberries."""
    return sandbox.wildberries.add_seller("Дом и чай")


@pytest.fixture
def team_key() -> str:
    """What seals the sellers' keys in this test."""
    return Fernet.generate_key().decode()


@pytest.fixture
async def engine(store: Store, team_key: str, tmp_path: Path) -> AsyncIterator[Engine]:
    """A worker that sends at once, looks for echoes without delay and does not wait long for an answer."""
    vault = Vault(team_key)
    lines = Lines(store, vault, marketplaces=IMPATIENT, budgets=False)
    settings = Settings(home=tmp_path, undo_seconds=0, poll_seconds=30, open_chat_poll_seconds=5)
    assert isinstance(store.tokens, Access)
    yield Engine(store=store, lines=lines, vault=vault, settings=settings, access=store.tokens)
    await lines.aclose()


@pytest.fixture
async def hasty_engine(
    store: Store, team_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Engine]:
    """A worker for every marketplace and channel, which does not wait long for an answer."""
    monkeypatch.setattr(calling, "USUAL", Timeouts(connect=2.0, read=0.4, write=2.0, pool=2.0, total=5.0))
    vault = Vault(team_key)
    lines = Lines(store, vault, budgets=False)
    assert isinstance(store.tokens, Access)
    settings = Settings(home=tmp_path, undo_seconds=0, poll_seconds=30, open_chat_poll_seconds=5)
    yield Engine(store=store, lines=lines, vault=vault, settings=settings, access=store.tokens)
    await lines.aclose()


async def on_stage(
    engine: Engine, dispatch: Dispatch, sandbox: Sandbox, marketplace: str, channel: Channel
) -> Scene:
    """A connected shop of this marketplace, all its channels open, to be played in one of them."""
    market = sandbox.market(marketplace)
    shop = market.add_seller("Дом и чай")
    line = seller_line(market, shop, sandbox.url)
    credentials = Credentials(
        secret=line["token"], client_id=line.get("client_id"), base_url=line["base_url"]
    )
    seller_id, _ = await add_seller(engine, marketplace, shop.name, credentials)
    return Scene(engine, dispatch, sandbox, shop, seller_id, marketplace, channel)


@pytest.fixture
async def seller_id(engine: Engine, sandbox: Sandbox, shop: SandboxSeller) -> int:
    """The shop, connected."""
    return await connect(engine, sandbox, shop)


@pytest.fixture
async def dispatch(store: Store) -> AsyncIterator[Dispatch]:
    """Asks for work that no worker of this test does by itself."""
    async with job_app(store).open_async() as app:
        yield Dispatch(app)


@pytest.fixture
def scene(engine: Engine, dispatch: Dispatch, sandbox: Sandbox, shop: SandboxSeller, seller_id: int) -> Scene:
    """The shop on stage."""
    return Scene(engine, dispatch, sandbox, shop, seller_id)
