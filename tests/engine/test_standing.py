"""Where conversations stand: what SQL derives from stored messages is what the domain derives from the same messages."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.chats import ChatStatus, Priority, Queue, derive, facts_of, queue_of
from agentiq_core.domain.messages import Author, IncomingMessage, Message, Origin
from agentiq_core.domain.views import FeedRef
from agentiq_core.engine.sellers import default_rules
from agentiq_core.engine.standing import restate
from agentiq_core.store import messages as stored
from agentiq_core.store import standings
from agentiq_core.store.database import Store
from agentiq_core.store.sellers import NewSeller, add
from tests.scene import ANSWER, Scene
from tests.signed import signed_store

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOW = START + timedelta(hours=3)
SPEAKERS = [
    (Author.BUYER, Origin.BUYER),
    (Author.SELLER, Origin.API),
    (Author.SELLER, Origin.CABINET),
    (Author.SELLER, Origin.AUTOMATIC),
    (Author.MARKETPLACE, Origin.AUTOMATIC),
]
# many messages of one moment, ids that a locale would order otherwise than code points do
_message = st.builds(
    lambda speaker, minute, external_id: Message(
        external_id, *speaker, START + timedelta(minutes=minute), f"текст {external_id}"
    ),
    st.sampled_from(SPEAKERS),
    st.integers(0, 5),
    st.sampled_from([letter + str(number) for letter in "aBбЯ_-" for number in range(3)]),
)
conversations = st.lists(_message, max_size=12, unique_by=lambda message: message.external_id)


@dataclass
class Recorder:
    """Stores messages as a pull does, in whatever portions they arrive."""

    store: Store
    seller_id: int
    _names: count[int]

    async def arrive(
        self,
        portions: Sequence[Sequence[Message]],
        closed_through: datetime | None,
        settles: Callable[[], bool] | None = None,
    ) -> int:
        """A fresh conversation to which these portions arrive one after another; its id.

        With `settles` as in a history: derived after the portions behind which it says so, and after the last one.
        """
        name = f"chat {next(self._names)}"
        for portion in portions:
            incoming = [IncomingMessage(name, message) for message in portion]
            async with self.store.transaction() as session:
                chats = await stored.store_chats(session, self.seller_id, incoming)
                if not chats:
                    continue
                if closed_through is not None:
                    await session.execute(
                        text("update chats set closed_through = :at where external_id = :name"),
                        {"at": closed_through, "name": name},
                    )
                _, newest = await stored.store_messages(session, self.seller_id, chats, incoming)
                if settles is None:
                    await restate(session, self.seller_id, [chat.id for chat in chats.values()], NOW)
                    continue
                await stored.mark_stale(session, self.seller_id, chats.values(), newest)
                if settles():
                    await self._settle(session)
        async with self.store.transaction() as session:
            await self._settle(session)
            row = await session.execute(
                text("select id from chats where external_id = :name"), {"name": name}
            )
            return row.scalar() or 0

    async def _settle(self, session: AsyncSession) -> None:
        stale = await stored.stale_chats(session, FeedRef(self.seller_id))
        await restate(session, self.seller_id, stale, NOW)


@pytest.fixture
async def recorder(store: Store) -> Recorder:
    return await recorder_on(store)


async def recorder_on(store: Store) -> Recorder:
    """A recorder for a seller of its own."""
    new = NewSeller("Дом и чай", "wildberries", "account", b"sealed")
    async with store.transaction() as session:
        return Recorder(store, await add(session, new, default_rules()), count())


def split(messages: Sequence[Message], chance: random.Random) -> list[list[Message]]:
    """The messages in any order, in portions, some of them twice."""
    shuffled = list(messages)
    chance.shuffle(shuffled)
    repeated = [message for message in shuffled if chance.random() < 0.2]
    portions: list[list[Message]] = [[]]
    for message in [*shuffled, *repeated]:
        portions[-1].append(message)
        if chance.random() < 0.4:
            portions.append([])
    return portions


def test_sql_and_the_domain_derive_the_same_status_from_any_messages_in_any_order(
    dsn: str, owner_token: str
) -> None:
    with asyncio.Runner() as runner:
        store = signed_store(dsn, owner_token, pool_size=1)
        recorder = runner.run(recorder_on(store))

        @settings(max_examples=160, deadline=None)
        @given(
            conversations, st.none() | st.integers(-1, 5), st.randoms(use_true_random=False), st.booleans()
        )
        def agree(
            messages: list[Message], closed_minute: int | None, chance: random.Random, history: bool
        ) -> None:
            closed = None if closed_minute is None else START + timedelta(minutes=closed_minute)
            runner.run(_agrees(recorder, messages, closed, chance, history=history))

        try:
            agree()
        finally:
            runner.run(store.aclose())


async def _agrees(
    recorder: Recorder,
    messages: list[Message],
    closed: datetime | None,
    chance: random.Random,
    *,
    history: bool,
) -> None:
    settles = (lambda: chance.random() < 0.5) if history else None
    chat_id = await recorder.arrive(split(messages, chance), closed, settles)
    if not messages:
        assert chat_id == 0
        return
    facts = facts_of(messages, closed)
    expected = derive(facts)
    async with recorder.store.transaction() as session:
        [reading] = await standings.read_chats(session, recorder.seller_id, [chat_id])
        found = await session.execute(text("select * from chats where id = :id"), {"id": chat_id})
        row = found.mappings().one()
    assert reading.facts == facts
    assert (row["status"], row["needs_reply"], row["waiting_since"], row["episode"]) == (
        expected.status,
        expected.needs_reply,
        expected.waiting_since,
        expected.episode,
    )
    newest = max(messages, key=lambda message: message.order)
    assert (row["last_at"], row["last_id"], row["last_author"]) == (
        newest.sent_at,
        newest.external_id,
        newest.author,
    )
    assert row["preview"] == newest.text
    assert row["queue"] == queue_of(expected, Priority(row["priority"]))
    newest_buyer = max((m.order for m in messages if m.author is Author.BUYER), default=None)
    assert row["asked"] == (newest_buyer[1] if expected.needs_reply and newest_buyer else None)


async def test_the_newest_of_more_than_a_hundred_unanswered_messages_is_what_was_asked(
    recorder: Recorder,
) -> None:
    messages = [
        Message(f"m{number:03}", Author.BUYER, Origin.BUYER, START + timedelta(seconds=number), "ау")
        for number in range(130)
    ]
    chat_id = await recorder.arrive([messages], None)
    async with recorder.store.transaction() as session:
        [reading] = await standings.read_chats(session, recorder.seller_id, [chat_id])
    assert (reading.asked, reading.unread) == ("m129", 130)
    assert reading.facts.first_unanswered == (START, "m000")


async def test_a_second_question_raises_the_priority_and_keeps_the_clock(scene: Scene) -> None:
    ref = await scene.chat("Здравствуйте! Подскажите размер")
    before = await scene.conversation(ref)
    assert before.due_at is not None
    scene.buyer_says(ref, "Товар пришёл сломанный, хочу оформить возврат")
    await scene.pulled()
    after = await scene.conversation(ref)
    assert after.due_at is not None
    assert (after.priority, after.waiting_since) == (Priority.URGENT, before.waiting_since)
    assert after.due_at < before.due_at
    assert (await scene.overview()).counts == {Queue.WORK: 1, Queue.WAITING: 0, Queue.ALL: 1}


async def test_an_answer_of_ours_takes_the_conversation_out_of_every_queue_until_the_buyer_writes(
    scene: Scene,
) -> None:
    ref = await scene.chat()
    await scene.reply(ref, ANSWER)
    await scene.deliver(ref)
    answered = await scene.conversation(ref)
    assert (answered.status, answered.due_at, answered.waiting_since) == (ChatStatus.RESPONDED, None, None)
    scene.buyer_says(ref, "А когда?")
    await scene.pulled()
    assert (await scene.conversation(ref)).status is ChatStatus.CLIENT_REPLIED
