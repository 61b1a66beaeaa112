"""Notes: told to colleagues, never to a buyer; everybody's are their own; they stop no reply."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from agentiq_core.domain.errors import Forbidden, NotFound, Rejected, StaleConversation
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, News
from agentiq_core.engine.desk import Desk
from agentiq_core.engine.replies import Consent, queue_reply
from tests.desks import colleague
from tests.scene import ANOTHER, ANSWER, NO_CONSENT, Scene


async def test_a_colleague_reads_what_was_noted_and_is_told_that_they_are_meant(scene: Scene) -> None:
    ref = await scene.chat()
    desk = Desk(scene.engine, scene.dispatch)
    async with colleague(scene.engine, scene.dispatch, "anna") as anna:
        note = await desk.notes.add(ref, "  @anna, это наш постоянный покупатель \n")
        assert note.own
        assert note.text == "@anna, это наш постоянный покупатель"
        [seen] = (await anna.conversation(ref)).notes
        assert (seen.text, seen.own, seen.author) == (note.text, False, note.author)
        assert (await anna.overview()).mentions == 1
        [mention] = await anna.notes.mentions(unseen=True)
        assert mention.note.ref == ref
        assert await anna.notes.seen(ref) == 1
        assert ((await anna.overview()).mentions, await anna.notes.mentions(unseen=True)) == (0, ())
        [mention] = await anna.notes.mentions()
        assert mention.seen_at is not None
    assert scene.sent_there(ref) == []
    assert (await scene.overview()).mentions == 0


async def test_everybody_changes_and_deletes_the_own_notes_only(scene: Scene) -> None:
    ref = await scene.chat()
    desk = Desk(scene.engine, scene.dispatch)
    async with colleague(scene.engine, scene.dispatch, "anna") as anna:
        theirs = await anna.notes.add(ref, "Звонила на склад")
        for change in (desk.notes.edit(ref, theirs.id, "нет"), desk.notes.delete(ref, theirs.id)):
            with pytest.raises(Rejected, match="writer"):
                await change
        edited = await anna.notes.edit(ref, theirs.id, "Звонила на склад: едет")
        assert edited.edited_at is not None
        await anna.notes.delete(ref, theirs.id)
        with pytest.raises(NotFound):
            await anna.notes.delete(ref, theirs.id)
        for text in (" ", "x" * 10_001):
            with pytest.raises(Rejected):
                await anna.notes.add(ref, text)
        with pytest.raises(NotFound):
            await anna.notes.add(ChatRef(ref.seller_id, 999), "куда?")
    assert await desk.notes.of(ref) == ()
    assert (await desk.conversation(ref)).notes == ()


async def test_a_note_names_only_who_works_there(scene: Scene) -> None:
    ref = await scene.chat()
    desk = Desk(scene.engine, scene.dispatch)
    async with colleague(scene.engine, scene.dispatch, "vera", role="viewer") as vera:
        who = vera.who.operator_id
        with pytest.raises(Rejected):
            await desk.notes.add(ref, "Посмотри", [who])
        assert (await desk.notes.add(ref, "@vera, посмотри")).mentions == ()
        with pytest.raises(Forbidden):
            await vera.notes.add(ref, "нельзя")
        assert len(await vera.notes.of(ref)) == 1


async def test_notes_stop_no_reply_but_a_colleagues_reply_does(scene: Scene) -> None:
    ref = await scene.chat()
    seen = (await scene.conversation(ref)).newest
    async with colleague(scene.engine, scene.dispatch, "anna") as anna:
        await anna.notes.add(ref, "Отвечаю сама?")
        reply = await queue_reply(
            scene.engine, scene.dispatch, ref, ANSWER, client_id=uuid4(), seen=seen, consent=NO_CONSENT
        )
        await anna.notes.add(ref, "Хорошо, отвечай ты")
        assert await scene.deliver(ref) in (OutboxState.SENT, OutboxState.CONFIRMED)
        assert reply.state is OutboxState.QUEUED
        # what Anna saw is older than her colleague's reply
        with pytest.raises(StaleConversation):
            await anna.reply(ref, ANOTHER, client_id=uuid4(), seen=seen)


async def test_a_colleagues_queued_reply_stops_another_one(scene: Scene) -> None:
    ref = await scene.chat()
    seen = (await scene.conversation(ref)).newest
    first = await scene.reply(ref)
    async with colleague(scene.engine, scene.dispatch, "anna") as anna:
        with pytest.raises(StaleConversation) as refused:
            await anna.reply(ref, ANOTHER, client_id=uuid4(), seen=seen)
        news = refused.value.params["news"]
        assert isinstance(news, News)
        assert news.reply is not None
        assert (news.message, news.reply.id, news.reply.text) == (None, first, ANSWER)
        assert news.reply.by
        # once she was told of it and says so, hers goes behind it, whether it was read back by then or not
        await anna.reply(ref, ANOTHER, client_id=uuid4(), seen=seen, past=news)
        # of another one she was not told
        later = await scene.reply(ref, "Ещё одно слово для вас.", consent=Consent(anyway=True))
        with pytest.raises(StaleConversation) as refused:
            await anna.reply(
                ref, "Здравствуйте! Проверили ещё раз, посылка едет.", client_id=uuid4(), seen=seen, past=news
            )
        assert isinstance(again := refused.value.params["news"], News)
        assert again.reply is not None
        assert again.reply.id == later
        assert await scene.deliver(ref) is OutboxState.SENT
        await scene.pulled()
        assert await scene.deliver(ref) is OutboxState.SENT
        assert scene.sent_there(ref) == [ANSWER, ANOTHER]


async def test_a_page_of_a_conversation_has_the_notes_of_its_time(scene: Scene) -> None:
    ref = await scene.chat("раз", "два", "три", "четыре")
    desk = Desk(scene.engine, scene.dispatch)
    await desk.notes.add(ref, "новая")
    whole = await desk.conversation(ref)
    first, last = whole.messages[0], whole.messages[-1]
    old = await desk.notes.add(ref, "старая")
    await scene.sql(
        "update notes set created_at = :at where id = :id",
        at=first.sent_at + timedelta(microseconds=1),
        id=old.id,
    )
    newest = await desk.conversation(ref, limit=2)
    assert newest.older is not None
    assert last in newest.messages
    assert [note.text for note in newest.notes] == ["новая"]
    older = await desk.conversation(ref, before=newest.older, limit=2)
    assert [note.text for note in older.notes] == ["старая"]
    assert [note.text for note in (await desk.conversation(ref)).notes] == ["старая", "новая"]
