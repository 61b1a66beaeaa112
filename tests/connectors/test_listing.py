"""A marketplace that lists conversations: whatever changes while it is walked through, nothing is lost or read for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.listing import HistoryPage, Listed, ListPage, Walk
from agentiq_core.domain.messages import Author, FeedPage, IncomingChat, IncomingMessage, Message, Origin

START = datetime(2026, 11, 26, tzinfo=UTC)


@dataclass
class Market:
    """Two chats a page of the list, two messages a page of a history; ids grow."""

    chats: dict[str, list[int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    ahead_of_history: int = 0
    stored: dict[str, set[int]] = field(default_factory=dict)
    marked: dict[str, str] = field(default_factory=dict)
    waited_for: list[str] = field(default_factory=list)
    now: datetime = START
    _number: int = 0

    def says(self, chat: str) -> None:
        self._number += 1
        self.chats.setdefault(chat, []).append(self._number)

    async def list_page(self, position: str | None, *, whole: bool) -> ListPage:
        self.asked.append("whole" if whole else "some")
        begin = int(position or 0)
        chats = sorted(self.chats)
        items = tuple(
            Listed(IncomingChat(chat), str(self.chats[chat][-1] + self.ahead_of_history))
            for chat in chats[begin : begin + 2]
        )
        return ListPage(items, more=str(begin + 2) if begin + 2 < len(chats) else None)

    async def history(
        self, chat: str, *, after: str | None, newest: str | None, position: str | None
    ) -> HistoryPage:
        self.asked.append(chat)
        behind = max(int(after or 0), int(position or 0))
        new = [number for number in self.chats[chat] if number > behind]
        page = new[:2]
        return HistoryPage(
            messages=tuple(message(chat, number) for number in page),
            mark=str(page[-1]) if page else None,
            more=str(page[-1]) if len(new) > 2 else None,
        )

    def is_read(self, mark: str, newest: str) -> bool:
        return mark == newest

    async def marks(self, chats: Sequence[str]) -> Mapping[str, str]:
        return {chat: self.marked[chat] for chat in chats if chat in self.marked}

    async def awaited(self) -> Sequence[str]:
        return self.waited_for

    async def unanswered(self) -> Sequence[str]:
        return ()

    def store(self, page: FeedPage) -> None:
        for item in page.messages:
            self.stored.setdefault(item.chat_external_id, set()).add(int(item.message.external_id))
        self.marked.update({mark.chat_external_id: mark.mark for mark in page.marks})

    def walk(self) -> Walk:
        return Walk(self, self, clock=lambda: self.now)


def message(chat: str, number: int) -> IncomingMessage:
    sent_at = START + timedelta(seconds=number)
    return IncomingMessage(chat, Message(str(number), Author.BUYER, Origin.BUYER, sent_at, "?"))


async def poll(market: Market, cursor: str | None = None) -> str | None:
    """One walk to its end, its pages stored as they come; the cursor behind it."""
    for _ in range(200):
        page = await market.walk().page(cursor)
        market.store(page)
        cursor = page.cursor or cursor
        if page.complete:
            return cursor
    raise AssertionError("the walk does not end")


def everything(market: Market) -> dict[str, set[int]]:
    return {chat: set(numbers) for chat, numbers in market.chats.items()}


async def test_the_first_walk_reads_every_conversation_whole() -> None:
    market = Market()
    for chat in "abcde":
        for _ in range(5):
            market.says(chat)
    await poll(market)
    assert market.stored == everything(market)


async def test_a_quiet_poll_asks_for_the_list_alone() -> None:
    market = Market()
    for chat in "abc":
        market.says(chat)
    cursor = await poll(market)
    market.asked.clear()
    await poll(market, cursor)
    assert market.asked == ["some", "some"]


async def test_only_what_changed_is_read_behind_what_is_known() -> None:
    market = Market()
    for chat in "abc":
        market.says(chat)
    cursor = await poll(market)
    market.says("b")
    market.asked.clear()
    await poll(market, cursor)
    assert market.asked == ["some", "b", "some"]
    assert market.stored == everything(market)


async def test_a_list_that_runs_ahead_of_its_histories_is_believed_only_when_the_message_is_there() -> None:
    market = Market(ahead_of_history=1)
    market.says("a")
    cursor = await poll(market)
    market.says("a")
    cursor = await poll(market, cursor)
    market.ahead_of_history = 0
    market.says("a")
    await poll(market, cursor)
    assert market.stored == everything(market)


async def test_whose_reply_is_looked_for_is_read_whatever_the_list_says() -> None:
    market = Market(waited_for=["b"])
    for chat in "ab":
        market.says(chat)
    cursor = await poll(market)
    market.asked.clear()
    await poll(market, cursor)
    assert market.asked == ["b", "some"]


async def test_the_whole_list_is_looked_through_now_and_then() -> None:
    market = Market()
    market.says("a")
    cursor = await poll(market)
    market.asked.clear()
    cursor = await poll(market, cursor)
    market.now += timedelta(minutes=16)
    await poll(market, cursor)
    assert market.asked == ["some", "whole"]


async def test_a_cursor_of_another_version_begins_anew_and_loses_nothing() -> None:
    market = Market()
    market.says("a")
    for cursor in ("", "7", "null", "{}", '{"left":[[1]],"whole":1}', "[]"):
        await poll(market, cursor)
    assert market.stored == everything(market)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from("abcd"), st.just("!"), st.just("page")), max_size=40),
    st.integers(0, 3),
)
def test_whatever_is_written_while_a_walk_goes_on_and_breaks_off_is_there_in_the_end(
    steps: list[str], chats: int
) -> None:
    async def live() -> None:
        market = Market()
        for chat in "abcd"[:chats]:
            market.says(chat)
        cursor: str | None = None
        for step in steps:
            if step == "page":
                page = await market.walk().page(cursor)
                market.store(page)
                cursor = page.cursor or cursor
            elif step == "!":
                # killed between the answer and the commit: nothing of this page is kept
                await market.walk().page(cursor)
            else:
                market.says(step)
        cursor = await poll(market, cursor)
        await poll(market, cursor)
        assert market.stored == everything(market)

    asyncio.run(live())
