"""One door to the database: what goes through it survives, and what breaks has one name."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

import agentiq_core
import agentiq_tui
from agentiq_core.connectors.registry import capabilities
from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.errors import NotFound, StoreUnavailable
from agentiq_core.domain.messages import (
    Attachment,
    AttachmentKind,
    Author,
    IncomingChat,
    IncomingMessage,
    Message,
    Origin,
    Product,
    Unreadable,
)
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.sellers import default_rules
from agentiq_core.store import conversations, drafts, quarantine, sellers
from agentiq_core.store import messages as stored
from agentiq_core.store.database import Door, Store
from agentiq_core.store.messages import storable
from agentiq_core.store.sellers import NewSeller

DOORS = {
    "agentiq_core/store/database.py",
    "agentiq_core/store/schema.py",
    "agentiq_core/store/feed.py",
    "agentiq_core/store/demo.py",
    "agentiq_core/store/owner.py",
    "agentiq_core/engine/signed_jobs.py",
    "agentiq_core/store/embedded/client.py",
}
"""Where connections begin: statements, migrations, LISTEN, a demo's databases, the embedded server, jobs."""
OPENERS = {
    "create_engine",
    "create_async_engine",
    "PsycopgConnector",
    "AsyncConnectionPool",
    "ConnectionPool",
}
NOW = datetime(2026, 11, 1, tzinfo=UTC)
HOSTILE = "Где\x00 \ud83d заказ\udc00? 😀"
SAFE = "Где\N{REPLACEMENT CHARACTER} "


def test_connections_begin_at_known_doors_only() -> None:
    found = set()
    for package in (agentiq_core, agentiq_tui):
        root = Path(package.__file__).parent
        for path in root.rglob("*.py"):
            if any(opens_connection(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
                found.add(path.relative_to(root.parent).as_posix())
    assert found <= DOORS
    assert "agentiq_core/store/database.py" in found


def opens_connection(node: ast.AST) -> bool:
    """Whether this is a call that makes a connection, a pool or an engine."""
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return called.rpartition(".")[2] in OPENERS or (
        called.startswith("psycopg.") and called.endswith("connect")
    )


@given(st.text(st.characters(exclude_categories=())))
def test_whatever_a_buyer_writes_becomes_something_that_postgres_can_hold(written: str) -> None:
    kept = storable(written)
    assert "\x00" not in kept
    kept.encode("utf-8")
    assert storable(kept) == kept
    if not any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in written):
        assert kept == written


async def seller_of(store: Store) -> int:
    async with store.transaction() as session:
        return await sellers.add(session, NewSeller("Дом", "wildberries", "1", b"sealed"), default_rules())


async def test_nul_and_half_characters_survive_everywhere_a_marketplace_can_put_them(store: Store) -> None:
    seller_id = await seller_of(store)
    photo = Attachment(AttachmentKind.IMAGE, HOSTILE, HOSTILE, HOSTILE, 1, HOSTILE)
    message = Message(HOSTILE, Author.BUYER, Origin.BUYER, NOW, HOSTILE, (photo,))
    product = Product(HOSTILE, HOSTILE, HOSTILE, 1, HOSTILE, HOSTILE)
    incoming = IncomingMessage(HOSTILE, message, buyer_name=HOSTILE, product=product)
    listed = IncomingChat(HOSTILE, buyer_name=HOSTILE, product=product)
    for new in (1, 0):
        async with store.transaction() as session:
            chats = await stored.store_chats(session, seller_id, [listed, incoming])
            assert (await stored.store_messages(session, seller_id, chats, [incoming]))[0] == new
    [chat] = chats.values()
    ref = ChatRef(seller_id, chat.id)
    async with store.transaction() as session:
        await drafts.save(session, DraftKey(ref), HOSTILE, [])
        found = await conversations.read(session, ref, before=None, limit=9, capabilities=capabilities)
    assert found.messages[0].text.startswith(SAFE)
    assert found.messages[0].text.endswith("😀")
    assert found.draft.text == found.messages[0].text == found.buyer_name


async def test_an_unreadable_item_with_nul_in_its_ids_is_kept_once(store: Store) -> None:
    seller_id = await seller_of(store)
    item = Unreadable(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    for _ in range(2):
        async with store.transaction() as session:
            await quarantine.keep(session, seller_id, [item])
    async with store.transaction() as session:
        rows = (await session.execute(text("select raw from quarantine"))).scalars().all()
    assert len(rows) == 1


async def test_what_is_known_of_a_chat_is_not_forgotten_when_the_marketplace_leaves_it_out(
    store: Store,
) -> None:
    seller_id = await seller_of(store)
    known = IncomingChat("c", buyer_name="Анна", product=Product("77", price=10000, currency="RUB"))
    for item in (known, IncomingChat("c"), IncomingChat("c", product=Product("77", size="46"))):
        async with store.transaction() as session:
            chats = await stored.store_chats(session, seller_id, [item])
    async with store.transaction() as session:
        ref = ChatRef(seller_id, chats["chat", "c"].id)
        found = await conversations.read(session, ref, before=None, limit=9, capabilities=capabilities)
    assert (found.buyer_name, found.product) == (
        "Анна",
        Product("77", price=10000, currency="RUB", size="46"),
    )


async def test_an_error_undoes_the_whole_transaction(store: Store) -> None:
    seller_id = await seller_of(store)

    async def undone() -> None:
        async with store.transaction() as session:
            await session.execute(text("update sellers set name = 'Иначе'"))
            await conversations.find(session, 404)

    with pytest.raises(NotFound):
        await undone()
    async with store.transaction() as session:
        assert (await sellers.get(session, seller_id)).name == "Дом"


async def test_a_lost_connection_is_said_and_the_next_one_works(store: Store, dsn: str) -> None:

    async def cut_off() -> None:
        async with store.transaction() as session:
            pid = await session.scalar(text("select pg_backend_pid()"))
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as admin:
                await admin.execute("select pg_terminate_backend(%s)", [pid])
            await session.execute(text("select 1"))

    with pytest.raises(StoreUnavailable) as lost:
        await cut_off()
    assert len(str(lost.value).splitlines()) == 1
    async with store.transaction() as session:
        assert await session.scalar(text("select 1")) == 1


async def test_a_database_that_is_not_there_is_said_in_one_line_without_the_password() -> None:
    store = Door("postgresql://somebody:verysecret@127.0.0.1:1/nowhere")
    with pytest.raises(StoreUnavailable) as refused:
        async with store.anonymous() as session:
            await session.execute(text("select 1"))
    await store.aclose()
    assert len(str(refused.value).splitlines()) == 1
    assert "verysecret" not in str(refused.value)
