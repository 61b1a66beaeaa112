"""Files in both directions: a buyer's file through moderation, and ours behind its text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from agentiq_core.connectors.errors import BudgetSpent, Refused
from agentiq_core.domain.errors import (
    FileNotTaken,
    FileTooLarge,
    GuardrailBlocked,
    NoFile,
    NotFound,
    StaleConversation,
    VaultLocked,
)
from agentiq_core.domain.files import FileState, OutgoingFile
from agentiq_core.domain.outbox import OutboxState, Undelivered, new_client_id
from agentiq_core.domain.views import ChatRef, ReplyView, Resolution, TakenBack
from agentiq_core.engine.desk import Desk
from agentiq_core.engine.files import fetch_file
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.replies import Consent, queue_replies, resolve, take_back, undo
from agentiq_core.identity.vault import Vault
from agentiq_core.sandbox import FaultKind
from agentiq_core.sandbox.conversation import Moderation, Photo
from agentiq_core.sandbox.drawings import draw_photo, draw_receipt
from tests.scene import ANSWER, IMPATIENT, NO_CONSENT, Scene, with_settings

PHOTO = OutgoingFile("чашка.png", "image/png", draw_photo("cup"))
RECEIPT = OutgoingFile("чек.pdf", "application/pdf", draw_receipt("receipt"))
PROMISE = "Вернём деньги завтра, обещаем вам это точно."


async def shown_photo(scene: Scene, *photos: Photo) -> tuple[ChatRef, str]:
    """A conversation whose buyer sent these pictures in one message, and that message's id."""
    external_id = scene.shop.open_chat()
    scene.shop.buyer_says(external_id, "Вот фото", images=photos)
    await scene.pulled()
    ref = await scene.ref(external_id)
    return ref, (await scene.conversation(ref)).messages[-1].external_id


async def sends(
    scene: Scene,
    ref: ChatRef,
    body: str,
    *files: OutgoingFile,
    consent: Consent = NO_CONSENT,
    undo_seconds: float | None = None,
) -> tuple[ReplyView, ...]:
    """One press of the key: a text and the files under it."""
    return await queue_replies(
        scene.engine,
        scene.dispatch,
        ref,
        body,
        dict(enumerate(files, 1)),
        client_id=new_client_id(),
        seen=(await scene.conversation(ref)).newest,
        consent=consent,
        undo_seconds=undo_seconds,
    )


async def states(scene: Scene, ref: ChatRef, queued: tuple[ReplyView, ...]) -> list[OutboxState]:
    return [await scene.state(ref, view.id) for view in queued]


async def test_a_photo_is_what_its_bytes_say_whatever_it_is_called(scene: Scene) -> None:
    image, document = (
        Photo(content=PHOTO.content, name="../../.bashrc", content_type="image/jpeg"),
        Photo(content=RECEIPT.content, name="чек.exe", content_type="application/pdf"),
    )
    ref, message = await shown_photo(scene, image, document)
    first = await fetch_file(scene.engine, ref, message, 1)
    assert (first.state, first.content_type, first.content) == (FileState.READY, "image/png", PHOTO.content)
    assert first.name == f"chat-{ref.chat_id}-1.png", "images come without a name"
    second = await fetch_file(scene.engine, ref, message, 2)
    assert (second.name, second.content_type) == ("чек.exe.pdf", "application/pdf")
    assert first.viewable
    assert second.viewable


async def test_moderation_says_when_to_come_back_and_then_the_file_is_there(scene: Scene) -> None:
    waiting = Photo(content=PHOTO.content, moderation=Moderation.PENDING, wait=40)
    ref, message = await shown_photo(scene, waiting)
    held = await fetch_file(scene.engine, ref, message, 1)
    assert held.state is FileState.IN_MODERATION
    assert held.retry_after is not None
    assert 30 < held.retry_after <= 40
    for attachment in scene.shop.attachments.values():
        attachment.ready_at = 0
    assert (await fetch_file(scene.engine, ref, message, 1)).content == PHOTO.content


async def test_what_moderation_refused_never_comes(scene: Scene) -> None:
    ref, message = await shown_photo(scene, Photo(moderation=Moderation.REFUSED))
    refused = await fetch_file(scene.engine, ref, message, 1)
    assert (refused.state, refused.content) == (FileState.REFUSED, b"")


async def test_a_file_that_is_not_there_is_said_to_be_so(scene: Scene) -> None:
    ref, message = await shown_photo(scene, Photo())
    for number in (0, 2, -1):
        with pytest.raises(NoFile):
            await fetch_file(scene.engine, ref, message, number)
    with pytest.raises(NotFound):
        await fetch_file(scene.engine, ref, "no\x00such", 1)
    await scene.sql("""update messages set attachments = '[{"kind": "image", "url": "https://x"}]'""")
    with pytest.raises(NoFile):
        await fetch_file(scene.engine, ref, message, 1)
    await scene.sql("""update messages set attachments = '[{"kind": "image", "download_id": "../chats"}]'""")
    with pytest.raises(Refused):
        await fetch_file(scene.engine, ref, message, 1)


async def test_downloads_keep_to_the_sellers_budget(scene: Scene) -> None:
    ref, message = await shown_photo(scene, Photo())
    lines = Lines(scene.engine.store, scene.engine.vault, marketplaces=IMPATIENT)
    engine = replace(scene.engine, lines=lines)
    # a base key downloads once in six minutes
    line = await lines.to(scene.seller_id)
    spent = line.limits["download"]
    await scene.sql(
        "insert into budgets (seller_id, method, tat) values (:seller, 'download', now() + interval '1 hour')",
        seller=scene.seller_id,
    )
    with pytest.raises(BudgetSpent) as waiting:
        await fetch_file(engine, ref, message, 1)
    assert waiting.value.retry_after is not None
    assert waiting.value.retry_after > spent.interval
    assert scene.requests("download") == 0
    await lines.aclose()


async def test_without_the_team_key_nothing_is_asked(scene: Scene) -> None:
    ref, message = await shown_photo(scene, Photo())
    bare = Lines(scene.engine.store, Vault(), marketplaces=IMPATIENT)
    with pytest.raises(VaultLocked):
        await fetch_file(replace(scene.engine, lines=bare, vault=Vault()), ref, message, 1)
    assert scene.requests("download") == 0


async def test_a_text_and_its_files_are_rows_of_their_own_in_that_order(scene: Scene) -> None:
    ref = await scene.chat()
    queued = await sends(scene, ref, ANSWER, PHOTO, RECEIPT)
    assert [view.file for view in queued] == [None, "чашка.png", "чек.pdf"]
    for _ in queued:
        assert await scene.deliver(ref) is OutboxState.SENT
    assert await scene.deliver(ref) is None
    await scene.pulled()
    assert await states(scene, ref, queued) == [OutboxState.CONFIRMED] * 3
    assert scene.sent_there(ref) == [ANSWER, None, None]


async def test_the_same_press_again_queues_nothing_more_and_another_file_of_it_only_that(
    scene: Scene,
) -> None:
    ref = await scene.chat()
    press = {"client_id": new_client_id(), "seen": (await scene.conversation(ref)).newest}
    first = await queue_replies(scene.engine, scene.dispatch, ref, ANSWER, {1: PHOTO}, **press)
    again = await queue_replies(scene.engine, scene.dispatch, ref, ANSWER, {1: PHOTO}, **press)
    assert again == first
    more = await queue_replies(scene.engine, scene.dispatch, ref, ANSWER, {1: PHOTO, 2: RECEIPT}, **press)
    assert more[:2] == first
    assert await scene.sql("select count(*) from outbox") == [(3,)]


async def test_files_alone_are_a_reply(scene: Scene) -> None:
    ref = await scene.chat()
    await sends(scene, ref, "", PHOTO)
    assert await scene.deliver(ref) is OutboxState.SENT
    await scene.pulled()
    assert not (await scene.conversation(ref)).needs_reply
    assert scene.sent_there(ref) == [None]


async def test_a_text_that_may_not_be_sent_queues_none_of_its_files(scene: Scene) -> None:
    ref = await scene.chat()
    with pytest.raises(GuardrailBlocked):
        await sends(scene, ref, PROMISE, PHOTO)
    with pytest.raises(FileNotTaken) as kind:
        await sends(scene, ref, ANSWER, PHOTO, OutgoingFile("a.mp4", "video/mp4", b"x"))
    assert kind.value.params == {"name": "a.mp4", "kinds": "JPEG, PDF, PNG"}
    with pytest.raises(FileTooLarge) as size:
        await sends(scene, ref, ANSWER, OutgoingFile("a.png", "image/png", bytes(5 * 1024 * 1024 + 1)))
    assert size.value.params == {"name": "a.png", "size": "5.01", "limit": "5"}
    scene.buyer_says(ref, "И ещё")
    seen = (await scene.conversation(ref)).newest
    await scene.pulled()
    with pytest.raises(StaleConversation):
        await queue_replies(
            scene.engine, scene.dispatch, ref, "", {1: PHOTO}, client_id=new_client_id(), seen=seen
        )
    assert await scene.sql("select count(*) from outbox") == [(0,)]


async def test_a_text_the_marketplace_refused_keeps_its_files_here_and_gives_them_back(scene: Scene) -> None:
    ref = await scene.chat()
    queued = await sends(scene, ref, ANSWER, PHOTO, RECEIPT)
    scene.goes_wrong("message", FaultKind.INVALID_SIGNATURE, times=2)
    assert await scene.deliver(ref) is OutboxState.FAILED
    assert await scene.deliver(ref) is None
    assert scene.sent_there(ref) == []
    assert await states(scene, ref, queued) == [OutboxState.FAILED] * 3
    assert (await scene.view(ref, queued[1].id)).reason == Undelivered.TEXT_NOT_SENT
    assert await take_back(scene.engine, ref, queued[0].id) == TakenBack(ANSWER, (PHOTO, RECEIPT))
    assert (await scene.conversation(ref)).replies == ()


async def test_what_the_buyer_wrote_meanwhile_stops_the_text_with_its_files(scene: Scene) -> None:
    ref = await scene.chat()
    queued = await sends(scene, ref, ANSWER, PHOTO)
    alone = await scene.chat()
    files = await sends(scene, alone, "", PHOTO, RECEIPT)
    scene.buyer_says(ref, "Уже нашёлся!")
    scene.buyer_says(alone, "Уже нашёлся!")
    await scene.pulled()
    for one, views in ((ref, queued), (alone, files)):
        assert await scene.deliver(one) is OutboxState.FAILED
        assert await scene.deliver(one) is None
        assert await states(scene, one, views) == [OutboxState.FAILED] * 2
        assert {(await scene.view(one, view.id)).reason for view in views} == {Undelivered.NEW_MESSAGE}


async def test_undo_takes_back_everything_of_the_press_that_has_not_left(scene: Scene) -> None:
    ref = await scene.chat()
    before = await scene.reply(ref, "Минуту, проверяем ваш заказ.", undo_seconds=30)
    queued = await sends(scene, ref, ANSWER, PHOTO, RECEIPT, undo_seconds=30)
    assert await undo(scene.engine, ref, queued[-1].id) == TakenBack(ANSWER, (PHOTO, RECEIPT))
    assert await undo(scene.engine, ref, queued[0].id) is None
    assert await scene.state(ref, before) is OutboxState.QUEUED


async def test_a_file_that_was_refused_leaves_the_others_alone(scene: Scene) -> None:
    ref = await scene.chat()
    queued = await sends(scene, ref, ANSWER, PHOTO, RECEIPT)
    scene.goes_wrong("message", FaultKind.FILE_REFUSED, skip=1)
    for _ in queued:
        await scene.deliver(ref)
    sent, refused = OutboxState.SENT, OutboxState.FAILED
    assert await states(scene, ref, queued) == [sent, refused, sent]
    assert await take_back(scene.engine, ref, queued[1].id) == TakenBack("", (PHOTO,))


async def test_which_files_of_a_reply_were_queued_can_be_asked_when_no_answer_was_heard(scene: Scene) -> None:
    ref, client_id = await scene.chat(), new_client_id()
    seen = (await scene.conversation(ref)).newest
    await queue_replies(
        scene.engine, scene.dispatch, ref, ANSWER, {2: PHOTO, 3: RECEIPT}, client_id=client_id, seen=seen
    )
    desk = Desk(scene.engine, scene.dispatch)
    assert await desk.queued_files(ref, client_id, (1, 2, 3)) == {2, 3}
    assert await desk.queued_files(ref, new_client_id(), (1, 2, 3)) == set()


async def test_what_waits_on_a_machine_lies_apart_for_each_database_and_operator(scene: Scene) -> None:
    await scene.overview()

    def place(address: str) -> Path:
        engine = with_settings(scene.engine, database_url=SecretStr(address))
        return Desk(engine, scene.dispatch).keeps_at

    one = place("postgresql://anna:secret@db.example.org/desk")
    assert one == place("postgresql://anna:another@db.example.org/desk")
    assert one != place("postgresql://anna:secret@db.example.org/other")
    assert one.is_relative_to(scene.engine.settings.home)
    assert "secret" not in str(one)


async def test_files_wait_behind_a_text_of_unknown_fate_and_behind_its_copy(scene: Scene) -> None:
    ref = await scene.chat()
    queued = await sends(scene, ref, ANSWER, PHOTO)
    scene.goes_wrong("message", FaultKind.DROP_BEFORE)
    assert await scene.deliver(ref) is OutboxState.UNKNOWN
    assert await scene.deliver(ref) is None
    await scene.sql("update outbox set state = 'needs_operator' where state = 'unknown'")
    await resolve(scene.engine, scene.dispatch, ref, queued[0].id, Resolution.SEND_AGAIN)
    scene.goes_wrong("message", FaultKind.INVALID_SIGNATURE, times=2)
    assert await scene.deliver(ref) is OutboxState.FAILED, "the copy of the text goes before the file"
    assert await scene.state(ref, queued[1].id) is OutboxState.FAILED
    assert scene.sent_there(ref) == []
