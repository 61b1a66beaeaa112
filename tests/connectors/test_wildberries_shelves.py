"""Reading lists that change under the hand: whatever is written there is read once, whichever process goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.base import NoMemory
from agentiq_core.connectors.wildberries import shelves
from agentiq_core.connectors.wildberries.mapping_feedbacks import review_of
from agentiq_core.connectors.wildberries.places import Shelf, Stretch
from agentiq_core.connectors.wildberries.shelves import Item, Reading, Shelved
from agentiq_core.domain.messages import FeedPage, Unreadable
from tests.connectors.wildberries_feedbacks import NOW, Remembered, make_review


@dataclass
class Shop:
    """Reviews as Wildberries keeps them, answered page by page from memory; `asked` names every request."""

    now: datetime = NOW
    reviews: dict[str, dict[str, object]] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    channel: str = "review"
    shelves: tuple[Shelf, ...] = (Shelf.HANDLED, Shelf.ARCHIVE)
    last_skip: int = 199_990
    gives_up_after: timedelta | None = timedelta(days=30)

    def write(self, name: str, minutes: float = 0.0, **fields: object) -> None:
        created = (self.now - timedelta(minutes=minutes)).isoformat()
        self.reviews[name] = make_review(id=name, text=name, createdDate=created, **fields)

    def answer(self, name: str, text: str) -> None:
        self.reviews[name] |= {"answer": {"text": text, "state": "wbRu", "editable": True}, "state": "wbRu"}

    async def listed(self, at: Stretch, take: int) -> Shelved:
        self.asked.append(at.shelf.value)
        found = [self._read(name, handled=at.shelf is not Shelf.WAITING) for name in self._on(at.shelf)]
        if at.shelf is not Shelf.ARCHIVE:
            found = [
                item
                for item in found
                if (at.until is None or item.created <= at.until) and item.created >= (at.since or 0)
            ]
        page = found[at.skip : at.skip + take]
        return Shelved(items=tuple(page), size=len(page))

    async def one(self, id: str) -> Item | Unreadable | None:
        self.asked.append(id)
        return self._read(id) if id in self.reviews else None

    def _on(self, shelf: Shelf) -> list[str]:
        def place(name: str) -> Shelf:
            if name in self.archived:
                return Shelf.ARCHIVE
            return Shelf.HANDLED if self.reviews[name]["answer"] else Shelf.WAITING

        names = [name for name in self.reviews if place(name) is shelf]
        return sorted(names, key=lambda name: str(self.reviews[name]["createdDate"]), reverse=True)

    def _read(self, name: str, *, handled: bool = False) -> Item:
        outcome = review_of(self.reviews[name], self.now, handled)
        assert isinstance(outcome, Item)
        return outcome


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "NEWEST", 2)
    monkeypatch.setattr(shelves, "ALL", 3)
    monkeypatch.setattr(shelves, "BACK_PAGES", 2)


async def poll(shop: Shop, memory: Remembered, cursor: str | None = None) -> str:
    """A poll in which every page is asked for by another process."""
    shop.asked.clear()
    for _ in range(300):
        page = await Reading(shop, memory, lambda: shop.now).page(cursor)
        memory.keep(page)
        assert page.cursor is not None
        cursor = page.cursor
        if page.complete:
            return cursor
    raise AssertionError("the poll does not end")


async def settle(shop: Shop, memory: Remembered, cursor: str | None = None) -> str:
    """Polls until nothing of the history is left."""
    cursor = await poll(shop, memory, cursor)
    while "back" in json.loads(cursor):
        cursor = await poll(shop, memory, cursor)
    return cursor


async def test_whatever_waits_is_read_with_the_first_poll_the_newest_first() -> None:
    shop, memory = Shop(), Remembered()
    for number in range(8):
        shop.write(f"waits {number}", minutes=number)
    for number in range(20):
        shop.write(f"done {number}", minutes=1000 + number)
        shop.answer(f"done {number}", "Спасибо")
    first = await Reading(shop, memory, lambda: shop.now).page(None)
    assert [item.chat_external_id for item in first.messages] == ["waits 0", "waits 1", "waits 2"]
    await poll(shop, memory)
    assert {name for name in memory.told if name.startswith("waits")} == {f"waits {n}" for n in range(8)}
    assert 0 < len({name for name in memory.told if name.startswith("done")}) < 20


async def test_the_history_is_read_once_over_several_polls() -> None:
    shop, memory = Shop(), Remembered()
    for number in range(20):
        shop.write(f"done {number}", minutes=1000 + number)
        shop.answer(f"done {number}", "Спасибо")
    for number in range(7):
        shop.write(f"old {number}", minutes=90_000 + number)
        shop.archived.add(f"old {number}")
    cursor = await settle(shop, memory)
    assert set(memory.told) == set(shop.reviews)
    assert memory.told_messages == len(memory.messages)
    assert await memory.unanswered() == []
    await poll(shop, memory, cursor)
    assert shop.asked == ["waiting"]


async def test_a_poll_without_news_costs_one_request_and_tells_nothing() -> None:
    shop, memory = Shop(), Remembered()
    for number in range(9):
        shop.write(f"waits {number}", minutes=number)
    cursor = await settle(shop, memory)
    told = memory.told_messages
    await poll(shop, memory, cursor)
    assert (shop.asked, memory.told_messages) == (["waiting"], told)


async def test_an_answer_given_in_the_cabinet_is_read_by_its_id() -> None:
    shop, memory = Shop(), Remembered()
    for number in range(9):
        shop.write(f"waits {number}", minutes=number)
    cursor = await settle(shop, memory)
    shop.answer("waits 1", "Благодарим!")
    cursor = await poll(shop, memory, cursor)
    # the page of two reaches to the second that still waits
    assert shop.asked == ["waiting", "waits 1"]
    assert memory.texts("waits 1") == ["waits 1", "Благодарим!"]
    shop.answer("waits 7", "И вам спасибо")
    shop.now += timedelta(minutes=16)
    await poll(shop, memory, cursor)
    assert memory.texts("waits 7") == ["waits 7", "И вам спасибо"]


async def test_an_old_review_that_was_answered_is_noticed_within_a_quarter_of_an_hour() -> None:
    shop, memory = Shop(), Remembered()
    for number in range(30):
        shop.write(f"waits {number}", minutes=number)
    cursor = await settle(shop, memory)
    for number in (3, 11, 29):
        shop.answer(f"waits {number}", f"ответ {number}")
    shop.now += timedelta(minutes=16)
    await poll(shop, memory, cursor)
    assert [memory.texts(f"waits {n}")[-1] for n in (3, 11, 29)] == ["ответ 3", "ответ 11", "ответ 29"]
    assert len(await memory.unanswered()) == 27


async def test_a_conversation_that_somebody_waits_for_is_read_first() -> None:
    shop, memory = Shop(), Remembered()
    shop.write("waits")
    cursor = await settle(shop, memory)
    shop.answer("waits", "Спасибо")
    memory.waiting_for = ("waits", "never was")
    await poll(shop, memory, cursor)
    assert shop.asked[:2] == ["waits", "never was"]
    assert memory.texts("waits") == ["waits", "Спасибо"]
    assert "never was" not in memory.told


async def test_what_vanished_is_settled_and_closed() -> None:
    shop, memory = Shop(), Remembered()
    shop.write("taken away")
    cursor = await settle(shop, memory)
    del shop.reviews["taken away"]
    await poll(shop, memory, cursor)
    assert (memory.told["taken away"].closed, memory.told["taken away"].settled_through) == (True, shop.now)
    shop.write("taken away")
    await poll(shop, memory, cursor)
    assert memory.told["taken away"].closed is False


async def test_what_left_the_list_after_thirty_days_wants_no_answer() -> None:
    shop, memory = Shop(), Remembered()
    shop.write("long ago", minutes=29 * 1440)
    cursor = await settle(shop, memory)
    shop.now += timedelta(days=2)
    shop.archived.add("long ago")
    await poll(shop, memory, cursor)
    asked = memory.messages["long ago", "long ago"].message.sent_at
    assert memory.told["long ago"].settled_through == asked
    assert await memory.unanswered() == []


async def test_stars_that_never_waited_are_met_among_the_handled() -> None:
    shop, memory = Shop(), Remembered()
    for number in range(6):
        shop.write(f"done {number}", minutes=1000 + number)
        shop.answer(f"done {number}", "Спасибо")
    cursor = await settle(shop, memory)
    shop.write("stars alone")
    shop.reviews["stars alone"] |= {"text": ""}
    shop.archived.add("stars alone")
    shop.now += timedelta(minutes=16)
    await poll(shop, memory, cursor)
    assert "stars alone" in memory.told
    assert await memory.unanswered() == []


async def test_an_edited_review_is_read_again_and_its_answer_keeps_its_time() -> None:
    shop, memory = Shop(), Remembered()
    shop.write("edited", minutes=60)
    shop.answer("edited", "Спасибо")
    cursor = await settle(shop, memory)
    shop.reviews["edited"] |= {"pros": "Крепкий"}
    shop.now += timedelta(days=1)
    cursor = await poll(shop, memory, cursor)
    page = await Reading(shop, NoMemory(), lambda: shop.now).page(None)
    assert page.messages == ()
    assert memory.kept["edited"].count(":") == 2
    told = memory.told_messages
    shop.reviews["edited"] |= {"answer": {"text": "Спасибо большое", "state": "wbRu", "editable": False}}
    shop.now += timedelta(days=1)
    await poll(shop, memory, cursor)
    assert memory.told_messages == told + 2
    assert memory.texts("edited")[-1] == "Спасибо большое"


@pytest.mark.parametrize(
    "cursor", ["", "0", "null", "[]", "{", '{"whole_at": 1}', '{"whole_at":0,"edits_at":0,"todo":[["x"]]}']
)
async def test_a_cursor_of_another_version_begins_anew(cursor: str) -> None:
    shop, memory = Shop(), Remembered()
    shop.write("waits")
    await poll(shop, memory, cursor)
    assert memory.texts("waits") == ["waits"]


async def test_a_page_asked_for_again_says_the_same() -> None:
    shop, memory = Shop(), Remembered()
    for number in range(9):
        shop.write(f"waits {number}", minutes=number)

    async def page(cursor: str | None) -> FeedPage:
        return await Reading(shop, memory, lambda: shop.now).page(cursor)

    first = await page(None)
    assert await page(None) == first
    assert await page(first.cursor) == await page(first.cursor)


async def test_many_reviews_of_one_second_are_all_read() -> None:
    shop, memory = Shop(), Remembered()
    for number in range(11):
        shop.write(f"at once {number}", minutes=5)
    shop.write("before", minutes=6)
    await poll(shop, memory)
    assert set(memory.told) == set(shop.reviews)


Change = tuple[str, int, float]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "answer", "archive", "step", "step", "step", "quarter"]),
        st.integers(0, 9),
        st.floats(0, 3000),
    ),
    max_size=40,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(CHANGES)
async def test_nothing_is_lost_whatever_happens_between_two_pages(changes: list[Change]) -> None:
    shop, memory = Shop(), Remembered()
    cursor: str | None = None
    for change, number, minutes in changes:
        name = f"review {number}"
        if change == "write" and name not in shop.reviews:
            shop.write(name, minutes=minutes)
        elif change == "answer" and name in shop.reviews and not shop.reviews[name]["answer"]:
            shop.answer(name, f"ответ {number}")
        elif change == "archive" and name in shop.reviews and shop.reviews[name]["answer"]:
            shop.archived.add(name)
        elif change == "quarter":
            shop.now += timedelta(minutes=16)
        elif change == "step":
            page = await Reading(shop, memory, lambda: shop.now).page(cursor)
            memory.keep(page)
            cursor = page.cursor
    for _ in range(3):
        shop.now += timedelta(minutes=16)
        cursor = await settle(shop, memory, cursor)
    shop.now += timedelta(days=2)
    await settle(shop, memory, cursor)
    for name, review in shop.reviews.items():
        answer = review["answer"]
        assert memory.texts(name)[:1] == [name]
        assert not isinstance(answer, dict) or memory.texts(name)[1:] == [answer["text"]]
