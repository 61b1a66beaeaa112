"""The change feed: what another session commits is told, even what was committed while nobody listened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text

from agentiq_core.domain.messages import Author, IncomingMessage, Message, Origin
from agentiq_core.domain.views import Change, ChatRef, SellerState
from agentiq_core.engine.sellers import default_rules
from agentiq_core.store import messages as stored
from agentiq_core.store import sellers
from agentiq_core.store.database import Store
from agentiq_core.store.feed import changes
from agentiq_core.store.sellers import NewSeller


class Listener:
    """A front end that follows the feed."""

    def __init__(self, store: Store) -> None:
        self._feed = changes(store.dsn, store.tokens)

    async def next(self, within: float = 8.0) -> Change:
        async with asyncio.timeout(within):
            return await anext(self._feed)

    async def until(self, *expected: ChatRef | None, within: float = 8.0) -> None:
        """Listen until all of these were told, whatever else is."""
        missing = set(expected)
        async with asyncio.timeout(within):
            while missing:
                missing.discard((await anext(self._feed)).ref)

    async def aclose(self) -> None:
        await self._feed.aclose()


async def seller_of(store: Store, account: str = "1") -> int:
    async with store.transaction() as session:
        return await sellers.add(
            session, NewSeller("Дом", "wildberries", account, b"sealed"), default_rules()
        )


async def chat_of(store: Store, seller_id: int, name: str = "c") -> ChatRef:
    message = Message("m", Author.BUYER, Origin.BUYER, datetime.now(UTC), "Где заказ?")
    async with store.transaction() as session:
        chats = await stored.store_chats(session, seller_id, [IncomingMessage(name, message)])
        return ChatRef(seller_id, next(iter(chats.values())).id)


async def touch(store: Store, ref: ChatRef) -> None:
    async with store.transaction() as session:
        await session.execute(
            text("update chats set unread = unread + 1 where id = :id"), {"id": ref.chat_id}
        )


async def cut(dsn: str) -> None:
    """End every connection that listens."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as admin:
        found = await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and (query ilike 'listen%' or query like '%pg_snapshot_xmin%'"
            " or query like '%xid8%' or query like '%from sellers' or query like '%agentiq.token%')"
        )
        assert found.rowcount >= 1


@pytest.fixture
async def listener(store: Store) -> AsyncIterator[Listener]:
    listener = Listener(store)
    yield listener
    await listener.aclose()


async def test_the_first_word_is_to_look_at_everything(listener: Listener) -> None:
    assert await listener.next() == Change(None)


async def test_a_change_of_another_session_arrives(listener: Listener, store: Store) -> None:
    seller_id = await seller_of(store)
    await listener.next()
    ref = await chat_of(store, seller_id)
    assert await listener.next() == Change(ref)
    await touch(store, ref)
    assert await listener.next() == Change(ref)


async def test_a_change_that_is_undone_is_not_told(listener: Listener, store: Store) -> None:
    ref = await chat_of(store, await seller_of(store))
    other = await chat_of(store, ref.seller_id, "d")
    await listener.next()

    async def undone() -> None:
        async with store.transaction() as session:
            await session.execute(text("update chats set unread = 9 where id = :id"), {"id": ref.chat_id})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await undone()
    await touch(store, other)
    assert await listener.next() == Change(other)


async def test_a_seller_connected_later_is_followed_too(listener: Listener, store: Store) -> None:
    await seller_of(store)
    await listener.next()
    newcomer = await seller_of(store, "2")
    assert await listener.next() == Change(None)
    ref = await chat_of(store, newcomer)
    await listener.until(ref)


async def test_what_changed_while_the_connection_was_lost_is_told_one_by_one(
    listener: Listener, store: Store, dsn: str
) -> None:
    seller_id = await seller_of(store)
    quiet, busy = await chat_of(store, seller_id, "quiet"), await chat_of(store, seller_id, "busy")
    await listener.next()
    await touch(store, busy)
    assert await listener.next() == Change(busy)
    await cut(dsn)
    await touch(store, quiet)
    await listener.until(quiet)


async def test_a_seller_that_stopped_while_nobody_listened_is_told(
    listener: Listener, store: Store, dsn: str
) -> None:
    seller_id = await seller_of(store)
    await listener.next()
    await cut(dsn)
    async with store.transaction() as session:
        await sellers.set_state(session, seller_id, SellerState.STOPPED, "key_refused")
    await listener.until(None)


async def test_a_reply_that_moved_without_its_conversation_is_told_after_a_loss(
    listener: Listener, store: Store, dsn: str
) -> None:
    ref = await chat_of(store, await seller_of(store))
    async with store.transaction() as session:
        await session.execute(
            text(
                "insert into outbox (seller_id, chat_id, client_id, body, state)"
                " values (:seller, :chat, gen_random_uuid(), 'Ответ', 'unknown')"
            ),
            {"seller": ref.seller_id, "chat": ref.chat_id},
        )
    await listener.next()
    await cut(dsn)
    async with store.transaction() as session:
        await session.execute(text("update outbox set state = 'needs_operator'"))
    await listener.until(ref)


async def test_a_transaction_that_was_open_over_the_loss_is_told_though_a_later_one_committed_first(
    listener: Listener, store: Store, dsn: str
) -> None:
    seller_id = await seller_of(store)
    slow, quick = await chat_of(store, seller_id, "slow"), await chat_of(store, seller_id, "quick")
    async with store.transaction() as long:
        await long.execute(text("update chats set unread = 7 where id = :id"), {"id": slow.chat_id})
        await listener.next()
        await touch(store, quick)
        assert await listener.next() == Change(quick)
        await cut(dsn)
    await listener.until(slow)


async def test_a_listener_that_has_seen_enough_leaves_at_once(store: Store) -> None:
    ref = await chat_of(store, await seller_of(store))
    async with asyncio.timeout(8), aclosing(changes(store.dsn, store.tokens)) as feed:
        assert await anext(feed) == Change(None)
        await touch(store, ref)
        assert await anext(feed) == Change(ref)
