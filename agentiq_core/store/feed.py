"""Changes as they happen: LISTEN on a connection of its own, and a durable cursor to catch up from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import monotonic
from typing import Any

import psycopg

from agentiq_core.domain.views import Change, ChatRef
from agentiq_core.store.database import SESSION_OPTIONS, TokenSource, first_line, sign

log = logging.getLogger(__name__)

_RECONNECT = (0.2, 0.5, 1.0, 2.0, 5.0)
_CHECKPOINT_SECONDS = 5.0
_TOO_MANY = 1000

# reads chats_changed; a transaction that was still open at the cursor is at or after it. A reply may also move
# without its conversation (given up, undone), so those that are under way are told again: outbox_open, outbox_look. So may
# a suggestion that a model wrote: suggestions_wanted, suggestions_newest
_SINCE = """
select c.seller_id, c.id from chats c where c.seller_id = any(%(sellers)s) and c.changed >= %(cursor)s::text::xid8
union
select o.seller_id, o.chat_id from outbox o where o.seller_id = any(%(sellers)s) and o.state in ('queued', 'sending', 'unknown')
union
select o.seller_id, o.chat_id from outbox o where o.seller_id = any(%(sellers)s) and o.state in ('failed', 'unknown', 'needs_operator')
union
select g.seller_id, g.chat_id from suggestions g where g.seller_id = any(%(sellers)s) and g.state in ('wanted', 'writing')
union
select g.seller_id, g.chat_id from suggestions g
where g.seller_id = any(%(sellers)s) and g.created_at > now() - interval '15 minutes'
limit %(limit)s
"""
_FOLLOW = "select seller_id, version from follow()"
_CURSOR = "select pg_snapshot_xmin(pg_current_snapshot())::text"


async def changes(dsn: str, tokens: TokenSource) -> AsyncGenerator[Change]:
    """Every change of the conversations and sellers that this operator may see, for ever. Raises `SignInNeeded`.

    `Change(None)` asks the reader to look at everything again. After a lost connection the conversations that changed
    meanwhile are told one by one, from the transaction where the last connection stood.
    """
    feed = _Feed(tokens)
    attempt = 0
    while True:
        try:
            async with (
                await psycopg.AsyncConnection.connect(
                    dsn, autocommit=True, connect_timeout=10, options=SESSION_OPTIONS
                ) as connection,
                aclosing(feed.follow(connection)) as told,
            ):
                async for change in told:
                    attempt = 0
                    yield change
        except psycopg.OperationalError as error:
            log.warning("the change feed lost its connection: %s", first_line(error))
        await asyncio.sleep(_RECONNECT[min(attempt, len(_RECONNECT) - 1)])
        attempt += 1


class _Feed:
    """What outlives a connection: where the last one stood."""

    def __init__(self, tokens: TokenSource) -> None:
        self._tokens = tokens
        self._cursor: str | None = None
        self._latest: str | None = None
        self._sellers: dict[int, str] = {}
        """The row version that was seen last: a seller may stop while nobody listens."""

    async def follow(self, connection: psycopg.AsyncConnection[Any]) -> AsyncGenerator[Change]:
        known, self._sellers = self._sellers, {}
        await sign(connection, self._tokens)
        await connection.execute("listen agentiq_sellers")
        await self._listen_to_sellers(connection)
        # taken before looking, so that the next look begins no later than this one
        self._latest = await self._checkpoint(connection)
        missed = await self._missed(connection)
        self._cursor = self._cursor or self._latest
        if missed is None or known != self._sellers:
            yield Change(None)
        for ref in missed or ():
            yield Change(ref)
        checked = monotonic()
        while True:
            sellers_changed = False
            # the generator holds the connection until it is closed, so it ends with each packet
            async with aclosing(connection.notifies(timeout=_CHECKPOINT_SECONDS, stop_after=1)) as packet:
                async for notification in packet:
                    if notification.channel == "agentiq_sellers":
                        sellers_changed = True
                    else:
                        seller, chat, *operator = map(int, notification.payload.split(":"))
                        yield Change(ChatRef(seller, chat), operator[0] if operator else None)
            if sellers_changed:
                await sign(connection, self._tokens)
                await self._listen_to_sellers(connection)
                yield Change(None)
            if monotonic() - checked < _CHECKPOINT_SECONDS:
                continue
            checked = monotonic()
            # one checkpoint behind: what committed just before the latest may not have been told yet
            self._cursor, self._latest = self._latest, await self._checkpoint(connection)

    async def _listen_to_sellers(self, connection: psycopg.AsyncConnection[Any]) -> None:
        # a channel is renamed when somebody leaves the seller
        self._sellers = dict(await (await connection.execute(_FOLLOW)).fetchall())

    async def _missed(self, connection: psycopg.AsyncConnection[Any]) -> list[ChatRef] | None:
        """The conversations that changed since the cursor; None when that is everything, or too many to tell."""
        if self._cursor is None:
            return None
        values = {"sellers": list(self._sellers), "cursor": self._cursor, "limit": _TOO_MANY}
        rows = await (await connection.execute(_SINCE, values)).fetchall()
        return None if len(rows) == _TOO_MANY else [ChatRef(*row) for row in rows]

    async def _checkpoint(self, connection: psycopg.AsyncConnection[Any]) -> str | None:
        row = await (await connection.execute(_CURSOR)).fetchone()
        return row[0] if row else None
