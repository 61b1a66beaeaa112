"""Colleagues on the screen: notes between the messages, whose a chat is, who looks and types there, tags."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agentiq_core.domain.drafts import NOTE, DraftKey, DraftView, note_field
from agentiq_core.domain.errors import StoreUnavailable
from agentiq_tui.screens.choose import ChooseScreen
from agentiq_tui.screens.note import NoteScreen
from agentiq_tui.widgets.mention_area import MentionArea
from agentiq_tui.widgets.message_line import MessageLine
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk
from tests.tui.scripted_team import ANNA, BORIS
from tests.tui.story import ALENA, OLEG


async def writes_note(here: Seat, *keys: str) -> MentionArea:
    await here.press("N")
    await here.until(lambda: isinstance(here.app.screen, NoteScreen))
    area = here.app.screen.query_one(MentionArea)
    await here.press(*keys)
    return area


async def test_a_note_stands_between_the_messages_and_says_that_no_buyer_sees_it(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        desk.notes.says(OLEG, BORIS, "Звонил в доставку")
        await here.sees("Звонил в доставку")
        await here.sees("✎ заметка команде")
        assert "Борис Ким" in here.text()
        here.clock.pass_(seconds=5)
        desk.buyer_writes(OLEG, "Ну что там?")
        await here.sees("Ну что там?")
        lines = [line.entry.text for line in here.screen.query(MessageLine)]
        assert lines[-2:] == ["Звонил в доставку", "Ну что там?"]


async def test_a_colleague_is_completed_behind_an_at_sign(seat: OpenSeat) -> None:
    async with seat() as here:
        area = await writes_note(here, *"глянь @б")
        await here.sees("@boris")
        await here.press("tab", *"пожалуйста")
        assert area.text == "глянь @boris пожалуйста"
        await here.press("f5")
        await here.until(lambda: here.desk.called("notes.add") == [(OLEG, "глянь @boris пожалуйста")])


async def test_the_arrows_choose_among_those_who_fit(seat: OpenSeat) -> None:
    async with seat() as here:
        area = await writes_note(here, "@")
        await here.sees("@anna")
        await here.press("down", "enter")
        assert area.text == "@boris "


async def test_an_address_is_no_name(seat: OpenSeat) -> None:
    async with seat() as here:
        area = await writes_note(here, *"почта а@b")
        assert area.fitting == []


async def test_a_note_that_was_not_kept_is_there_again(seat: OpenSeat) -> None:
    async with seat() as here:
        await writes_note(here, *"полслова")
        await here.press("escape")
        await here.until(lambda: not isinstance(here.app.screen, NoteScreen))
        assert not here.desk.called("notes.add")
        area = await writes_note(here)
        assert area.text == "полслова"


async def test_a_half_typed_note_is_there_in_the_next_session_and_gone_when_it_is_kept(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    key = DraftKey(OLEG, NOTE)
    async with seat() as here:
        await writes_note(here, *"полслова ")
        await here.until(lambda: desk.drafts.notes.get(key) == DraftView("полслова "))
        assert desk.chats[OLEG].draft == ""
    desk.drafts.notes[key] = DraftView("полслова ", "и дома")
    async with seat() as here:
        area = await writes_note(here)
        assert area.text == "полслова \n\nи дома"
        await here.press("f5")
        await here.until(lambda: here.desk.called("notes.add") == [(OLEG, "полслова \n\nи дома")])
        await here.until(lambda: desk.drafts.notes[key] == DraftView())
        assert (await writes_note(here)).text == ""


async def test_a_note_typed_while_the_database_is_away_is_kept_here_and_can_be_gone_on_with(
    seat: OpenSeat, desk: ScriptedDesk, home: Path
) -> None:
    async with seat() as here:
        await writes_note(here, *"было")
        desk.away = True
        await here.press(*" и стало")
        await here.until(lambda: here.screen.saver.outlives and here.screen.offline)
        kept = [
            path
            for path in (home / "unsaved").rglob("*-note")
            if "стало" in json.loads(path.read_bytes())["text"]
        ]
        assert len(kept) == 1
        await here.press("escape")
        # without the list of colleagues, which the database has
        area = await writes_note(here, *" ещё")
        assert area.text == "было и стало ещё"
        desk.away = False
        await here.until(lambda: desk.drafts.notes.get(DraftKey(OLEG, NOTE)) == DraftView("было и стало ещё"))


async def test_a_half_typed_change_of_a_note_is_its_own_and_none_when_it_is_as_it_was(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    key = DraftKey(OLEG, note_field(1))
    async with seat() as here:
        desk.notes.says(OLEG, ANNA, "раз")
        await here.sees("раз")
        here.screen.show_pane("chat")
        await here.press("K")
        await here.until(lambda: here.screen.chat_pane.transcript.marked_entry is not None)
        await writes_note(here, *" два", "escape")
        await here.until(lambda: desk.drafts.notes.get(key) == DraftView("раз два"))
        area = await writes_note(here, *["backspace"] * 4)
        assert area.text == "раз"
        await here.press("escape")
        await here.until(lambda: desk.drafts.notes[key].text == "")


async def test_a_note_that_the_database_did_not_take_is_there_again(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.failing["notes.add"] = StoreUnavailable("gone")
        await writes_note(here, *"важно", "f5")
        await here.until(lambda: not here.desk.failing)
        await here.until(lambda: not isinstance(here.app.screen, NoteScreen))
        area = await writes_note(here)
        assert area.text == "важно"


async def test_an_own_note_that_is_marked_is_changed_and_an_empty_one_deleted(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        desk.notes.says(OLEG, ANNA, "раз")
        await here.sees("раз")
        here.screen.show_pane("chat")
        await here.press("K")
        await here.until(lambda: here.screen.chat_pane.transcript.marked_entry is not None)
        await writes_note(here, *"два", "f5")
        await here.until(lambda: here.desk.called("notes.edit") == [(OLEG, 1, "раздва")])
        await here.sees("раздва")
        await writes_note(here, *["backspace"] * 6, "f5")
        await here.until(lambda: here.desk.called("notes.delete") == [(OLEG, 1)])
        await here.until(lambda: "раздва" not in here.text())


async def test_a_colleague_who_types_is_named_at_once_and_gone_when_they_leave(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        desk.presence.come(OLEG, BORIS)
        await here.sees("Борис Ким смотрит")
        desk.presence.come(OLEG, BORIS, types=True)
        await here.sees("Борис Ким печатает")
        desk.presence.go(OLEG, BORIS)
        await here.until(lambda: "Борис Ким" not in here.text())


async def test_an_operator_whom_colleagues_do_not_see_is_told_so_quietly(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        desk.presence.untold = True
        await here.sees("коллеги вас не видят")
        here.screen.show_status(trouble="gone", offline=True)
        await here.until(lambda: "коллеги вас не видят" not in here.text())
        here.screen.show_status(trouble="", offline=False)
        await here.sees("коллеги вас не видят")
        desk.presence.untold = False
        await here.until(lambda: "коллеги вас не видят" not in here.text())


async def test_who_is_not_heard_of_again_fades_by_itself(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        desk.presence.come(OLEG, BORIS, types=True)
        await here.sees("Борис Ким печатает")
        here.clock.pass_(seconds=10)
        await here.sees("Борис Ким смотрит")
        here.clock.pass_(seconds=30)
        await here.until(lambda: "Борис Ким" not in here.text())


async def test_colleagues_hear_what_is_on_this_screen_and_that_somebody_types(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.until(lambda: (OLEG,) in here.desk.called("presence.look"))
        await here.press("j")
        await here.opens(ALENA)
        await here.until(lambda: here.desk.called("presence.look")[-1] == (ALENA,))
        await here.writes("пишу")
        await here.until(lambda: (ALENA,) in here.desk.called("presence.typing"))


async def test_the_header_says_whose_it_is_and_what_it_is_tagged_with(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.chats[OLEG].facts |= {"assignee": BORIS, "assignee_name": "Борис Ким", "tags": ("брак", "vip")}
    async with seat() as here:
        await here.sees("ведёт Борис Ким · #брак · #vip")


async def test_it_can_be_given_to_nobody(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats[OLEG].facts |= {"assignee": ANNA, "assignee_name": "Анна Петрова"}
    async with seat() as here:
        await here.press("A")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press(*"никому", "enter")
        await here.until(lambda: here.desk.called("assignment.assign") == [([OLEG], None)])
        await here.until(lambda: "ведёт" not in here.text())


async def test_a_hand_over_without_a_word_is_none(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("H")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        assert "Анна Петрова" not in here.text()
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, NoteScreen))
        await here.press("f5")
        await here.until(lambda: not isinstance(here.app.screen, NoteScreen))
        assert not here.desk.called("assignment.hand_over")


@pytest.mark.parametrize("key", ["#", "№"])
async def test_a_tag_is_put_on_taken_off_and_made_of_a_new_word(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        for words, tags in ((["enter"], ("vip",)), (["enter"], ()), ([*"срочное", "enter"], ("срочное",))):
            await here.press("number_sign" if key == "#" else key)
            await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
            await here.press(*words)
            await here.until(lambda tags=tags: here.desk.chats[OLEG].facts.get("tags") == tags)
            await here.until(
                lambda tags=tags: here.screen.conversation and here.screen.conversation.tags == tags
            )


async def test_two_words_are_no_tag(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("number_sign")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press(*"два слова", "enter")
        await here.sees("Метка — одно слово")


@pytest.mark.parametrize("action", ["note", "claim", "assign", "hand_over", "tag"])
async def test_a_viewer_only_reads(seat: OpenSeat, desk: ScriptedDesk, action: str) -> None:
    desk.who = replace(desk.who, role="viewer")
    async with seat() as here:
        await here.screen.run_action(action)
        await here.sees("только чтение")
        assert here.app.screen is here.screen
