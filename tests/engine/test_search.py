"""Searching: what was written is found in any form, by its newest message, and only by whom it concerns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from time import process_time, thread_time

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.views import ChatRef
from agentiq_core.engine import indexing
from agentiq_core.engine.indexing import CONVERSATIONS, index_all, index_some
from agentiq_core.engine.searching import Searching
from agentiq_core.store import search
from tests.scene import ANSWER, Scene


async def found(scene: Scene, words: str, **how: object) -> list[ChatRef]:
    page = await Searching(scene.engine).find(words, **how)  # type: ignore[arg-type]
    return [hit.ref for hit in page.hits]


async def test_a_word_is_found_in_every_form(scene: Scene) -> None:
    ref = await scene.chat("Верните деньги, кружка пришла с трещиной")
    other = await scene.chat("Подскажите размер свитера")
    await index_all(scene.engine)
    assert await found(scene, "вернуть трещина") == [ref]
    assert await found(scene, "трещину") == [ref]
    assert await found(scene, "свитер ") == [other]
    assert await found(scene, "трещина свитер ") == []


async def test_the_newest_conversation_comes_first_and_each_once(scene: Scene) -> None:
    first = await scene.chat("Где мой заказ?", "Жду заказ неделю")
    second = await scene.chat("Когда придёт заказ?")
    await index_all(scene.engine)
    assert await found(scene, "заказ ") == [second, first]
    scene.buyer_says(first, "Так где же заказ?")
    await scene.pulled()
    await index_all(scene.engine)
    assert await found(scene, "заказ ") == [first, second]


async def test_pages_follow_each_other_without_a_gap_or_a_repetition(scene: Scene) -> None:
    refs = [await scene.chat(f"Чайник номер {number}") for number in range(5)]
    await index_all(scene.engine)
    searching = Searching(scene.engine)
    met: list[ChatRef] = []
    after = None
    for _ in range(5):
        page = await searching.find("чайник ", after=after, limit=2, seen=frozenset(met))
        met += [hit.ref for hit in page.hits]
        after = page.after
        if after is None:
            break
    assert met == refs[::-1]


async def test_the_word_that_is_being_typed_is_found_by_its_beginning(scene: Scene) -> None:
    ref = await scene.chat("Пришёл термос без крышки")
    await index_all(scene.engine)
    assert await found(scene, "терм") == [ref]
    assert await found(scene, "терм ") == []


async def test_a_phrase_stands_as_it_is(scene: Scene) -> None:
    together = await scene.chat("Пришла белая кружка")
    await scene.chat("Кружка пришла, белая коробка")
    await index_all(scene.engine)
    assert await found(scene, "«белая кружка»") == [together]


async def test_the_buyer_the_good_and_the_order_are_found(scene: Scene) -> None:
    ref = await scene.chat("Здравствуйте")
    await index_all(scene.engine)
    await scene.sql(
        "update chats set buyer_name = 'Наталья', product_title = 'Чайник заварочный', order_id = '48-1523'"
    )
    await index_all(scene.engine)
    for words in ("наталья", "чайник заварочный", "48-1523"):
        (hit,) = (await Searching(scene.engine).find(words)).hits
        assert (hit.ref, hit.message) == (ref, None)
        assert hit.excerpt == "Наталья · Чайник заварочный · 48-1523"
        assert hit.spans


async def test_the_find_is_shown_with_its_words_marked(scene: Scene) -> None:
    ref = await scene.chat("слово " * 60 + "и вот кружки\nразбились")
    await index_all(scene.engine)
    (hit,) = (await Searching(scene.engine).find("кружка ")).hits
    assert hit.ref == ref
    assert [hit.excerpt[start:end] for start, end in hit.spans] == ["кружки"]
    assert "\n" not in hit.excerpt
    assert hit.excerpt.startswith("…")
    assert hit.message is not None


async def test_a_slip_of_the_finger_and_the_wrong_layout_are_forgiven_and_said(scene: Scene) -> None:
    ref = await scene.chat("Чайник протекает")
    await index_all(scene.engine)
    for typed, meant in (("чайнк ", "чайник"), ("чайинк", "чайник"), ("xfqybr ", "чайник ")):
        page = await Searching(scene.engine).find(typed)
        assert [hit.ref for hit in page.hits] == [ref], typed
        assert page.meant == meant
    assert (await Searching(scene.engine).find("самолёт ")).hits == ()


async def test_what_came_while_its_conversation_was_being_indexed_is_indexed_too(scene: Scene) -> None:
    ref = await scene.chat("Первое слово")
    async with scene.engine.store.transaction() as session:
        (claimed,) = await search.claim(session, CONVERSATIONS, 60.0)
        await search.missing(session, [ref], 10)
    scene.buyer_says(ref, "Второе сообщение про утюг")
    await scene.pulled()
    async with scene.engine.store.transaction() as session:
        await search.done(session, [claimed], [])
        await search.done(session, [], [claimed])
    await index_all(scene.engine)
    assert await found(scene, "утюг ") == [ref]


async def test_a_long_history_is_indexed_in_batches_and_what_a_lost_worker_held_by_another(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = await scene.chat(*(f"Сообщение {number}" for number in range(7)))
    another = await scene.chat("Ещё одно про пылесос")
    monkeypatch.setattr(indexing, "MESSAGES", 3)
    async with scene.engine.store.transaction() as session:
        await search.claim(session, CONVERSATIONS, 60.0)
    assert await index_some(scene.engine) is None, "held by somebody"
    page = await Searching(scene.engine).find("пылесос ")
    assert (page.hits, page.behind) == ((), True)
    await scene.sql("update search_pending set claimed_until = now() - interval '1 second'")
    assert await index_all(scene.engine) >= 8
    assert await found(scene, "пылесос ") == [another]
    assert await found(scene, "6 ") == [ref]
    assert not (await Searching(scene.engine).find("пылесос ")).behind


async def test_the_words_of_long_texts_are_written_beside_the_event_loop(scene: Scene) -> None:
    ref = await scene.chat()
    texts = [
        (
            search.Unindexed(ref, f"long {number}", datetime(2026, 3, 2, tzinfo=UTC), ""),
            frozenset(f"слово{(number * 31 + word) % 4000}" for word in range(2000)),
        )
        for number in range(60)
    ]
    async with scene.engine.store.transaction() as session:
        on_the_loop, in_all = thread_time(), process_time()
        await search.put(session, texts)
        on_the_loop, in_all = thread_time() - on_the_loop, process_time() - in_all
    assert on_the_loop < in_all / 2


async def test_what_was_edited_is_indexed_anew_once_however_much_of_it_there_is(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = await scene.chat(*(f"Сообщение {number}" for number in range(5)))
    await index_all(scene.engine)
    monkeypatch.setattr(indexing, "MESSAGES", 3)
    await scene.sql("update messages set body = body || ' про утюг', edited_at = clock_timestamp()")
    async with asyncio.timeout(10):
        assert await index_all(scene.engine) >= 5
    assert await found(scene, "утюг ") == [ref]
    scene.buyer_says(ref, "И про чайник")
    await scene.pulled()
    async with scene.engine.store.transaction() as session:
        [new] = await search.missing(session, [ref], 10)
    assert new.text == "И про чайник"


async def test_our_own_words_are_found(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.reply(ref, ANSWER)
    await scene.deliver(ref)
    await scene.pulled()
    await index_all(scene.engine)
    assert await found(scene, "уже смотрим") == [ref]


async def test_signs_of_the_query_language_are_only_words(scene: Scene) -> None:
    ref = await scene.chat("Артикул a'b\\c & !нет | (да) <-> :*")
    await index_all(scene.engine)
    assert await found(scene, "a'b\\c & (да) | :*") == [ref]
    assert await found(scene, "'; drop table chats; --") == []
    assert await found(scene, "   ") == []


async def test_no_more_texts_are_read_than_are_shown(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        await scene.chat(f"Чайник номер {number}")
    await index_all(scene.engine)
    read: list[int] = []
    texts = search.texts

    async def counted(session: AsyncSession, found: Sequence[search.Found]) -> object:
        read.append(len(found))
        return await texts(session, found)

    monkeypatch.setattr(search, "texts", counted)
    assert len((await Searching(scene.engine).find("чайник ", limit=2)).hits) == 2
    assert read == [2]
