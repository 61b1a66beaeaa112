"""The cursor of the feed: what a page holds and where the next one begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.messages import Author
from agentiq_core.sandbox import Boundary, Message, SandboxSeller, Source
from agentiq_core.sandbox.wildberries.feed import Feed

UNTIL = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def message(number: int, time: int, visible_from: float = 0.0) -> Message:
    return Message(
        id=f"{number:032x}",
        conversation_id="1:c",
        time=time,
        author=Author.BUYER,
        source=Source.IOS,
        text="текст",
        visible_from=visible_from,
    )


def read(feed: Feed, boundary: Boundary, size: int = 50) -> list[str]:
    given_out: list[str] = []
    cursor = None
    while page := feed.page(cursor, 10.0, size, boundary):
        given_out += [each.event_id for each in page]
        cursor = page[-1].time
    return given_out


@given(times=st.lists(st.integers(1, 40), max_size=120), size=st.integers(1, 9))
def test_a_walk_gives_every_event_exactly_once_however_many_share_a_millisecond(times, size):
    feed = Feed()
    for number, time in enumerate(times):
        feed.add(message(number, time))
    walked = read(feed, Boundary.WHOLE, size)
    assert sorted(walked) == sorted(f"{number:032x}" for number in range(len(times)))


@given(times=st.lists(st.integers(1, 40), max_size=120), size=st.integers(1, 9))
def test_with_repeated_boundaries_a_walk_ends_and_loses_nothing(times, size):
    feed = Feed()
    for number, time in enumerate(times):
        feed.add(message(number, time))
    assert set(read(feed, Boundary.REPEAT, size)) == {f"{number:032x}" for number in range(len(times))}


def test_repeated_boundary_events_come_first_on_the_next_page():
    feed = Feed()
    for number, time in enumerate((1, 2, 2, 3)):
        feed.add(message(number, time))
    assert [each.time for each in feed.page(2, 10.0, 50, Boundary.REPEAT)] == [2, 2, 3]
    assert feed.page(3, 10.0, 50, Boundary.REPEAT) == []


def test_an_event_that_is_not_visible_yet_is_left_out_and_comes_later():
    feed = Feed()
    feed.add(message(1, 100, visible_from=50.0))
    assert feed.page(None, 49.0, 50, Boundary.WHOLE) == []
    assert [each.time for each in feed.page(None, 50.0, 50, Boundary.WHOLE)] == [100]


async def test_pages_hold_fifty_events_from_the_oldest_on(api, seller):
    seller.fill(chats=20, events=130, until=UNTIL, span=timedelta(days=9))
    first = (await api.events()).json()["result"]
    times = [event["addTimestamp"] for event in first["events"]]
    assert first["totalEvents"] == 50
    assert times == sorted(times)
    assert first["next"] == times[-1]
    assert times[0] == min(each.time for chat in seller.chats for each in seller.messages(chat))


async def test_the_end_of_the_feed_is_an_empty_page_whose_next_is_zero(api, seller, chat):
    cursor = (await api.events()).json()["result"]["next"]
    result = (await api.events(cursor)).json()["result"]
    assert (result["totalEvents"], result["next"], result["events"]) == (0, 0, [])


async def test_walking_the_feed_over_http_gives_every_event_of_a_filled_account_once(api, seller):
    seller.fill(chats=40, events=500, until=UNTIL, span=timedelta(days=2))
    walked = [event["eventID"] for event in await api.walk()]
    assert len(walked) == len(set(walked)) == 500


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ("0", 'Invalid value for "next"'),
        ("-5", 'Invalid value for "next"'),
        ("вчера", "Invalid number"),
        ("", "Invalid number"),
    ],
)
async def test_a_wrong_cursor_is_refused(api, seller, value, detail):
    answer = await api.events(value)
    assert answer.status_code == 400
    assert answer.json()["detail"] == detail


def test_bulk_history_has_the_counts_asked_for_and_lies_within_its_span(seller: SandboxSeller):
    seller.fill(chats=300, events=5_001, until=UNTIL, span=timedelta(days=30))
    assert len(seller.chats) == 300
    assert len(seller.feed) == 5_001
    times = [each.time for chat in seller.chats for each in seller.messages(chat)]
    assert UNTIL.timestamp() - 30 * 86_400 <= min(times) / 1000 <= max(times) / 1000 <= UNTIL.timestamp()
    for chat in seller.chats:
        messages = seller.messages(chat)
        assert messages[0].opens_chat
        assert messages == sorted(messages, key=lambda each: each.time)


def test_bulk_history_without_an_event_for_every_chat_is_refused(seller: SandboxSeller):
    with pytest.raises(ValueError, match="at least one event"):
        seller.fill(chats=3, events=2, until=UNTIL, span=timedelta(days=1))


def test_what_happens_later_is_never_behind_the_newest_event(seller: SandboxSeller, chat):
    times = [seller.buyer_says(chat, f"и ещё {number}").time for number in range(5)]
    assert times == sorted(set(times))
