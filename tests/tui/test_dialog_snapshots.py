"""What opens over the conversation, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from agentiq_core.domain.files import FileState, ReceivedFile
from agentiq_core.domain.messages import Attachment, AttachmentKind
from agentiq_core.domain.snippets import SnippetKind
from agentiq_tui.locale import use
from agentiq_tui.screens.choose import ChooseScreen
from agentiq_tui.screens.choose_shop import ChooseShopScreen
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.day import DayScreen
from agentiq_tui.screens.key_check import KeyCheck, KeyScreen
from agentiq_tui.screens.knowledge import KnowledgeScreen
from agentiq_tui.screens.note import NoteScreen
from agentiq_tui.screens.picture import PictureScreen
from tests.tui.conftest import Draw, Seat
from tests.tui.scripted import FORBIDDEN, ScriptedDesk
from tests.tui.sizes import IN_BOTH_LANGUAGES, IN_EVERY_WINDOW
from tests.tui.story import ALENA

pytestmark = [IN_EVERY_WINDOW, IN_BOTH_LANGUAGES]


def test_a_choice_of_several(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.press("w")
        await here.until(lambda: here.app.screen.query("#choose-list"))
        await here.press("down")

    assert draw(act, shows=ChooseScreen)


def test_words_that_are_no_time(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.press("z")
        await here.until(lambda: here.app.screen.query("#choose-list"))
        here.app.screen.query_one(Input).value = "послезавтра"
        await here.press("enter")
        await here.sees("✗")

    assert draw(act, shows=ChooseScreen)


def test_the_choice_of_a_shop(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.screen.run_action("automation")
        await here.until(lambda: here.app.screen.query("#shops"))

    assert draw(act, shows=ChooseShopScreen)


def test_no_such_day(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.press("D")
        await here.until(lambda: here.app.screen.query("#day"))
        here.app.screen.query_one(Input).value = "31.02"
        await here.press("enter")
        await here.until(lambda: here.app.screen.query_one("#form-said").has_class("-error"))

    assert draw(act, shows=DayScreen)


def test_the_knowledge_base(draw: Draw, desk: ScriptedDesk) -> None:
    desk.snippets.has("Фото", "Пришлите, пожалуйста, фото упаковки.", intent="defect")
    desk.snippets.has(
        "Мойка",
        "Кружку можно мыть в посудомойке до 60 °C, ставить в микроволновку и в морозильник: глазурь не трескается. "
        "Деколь смывается от хлорки и жёстких губок, поэтому мойте с той стороны мягкой.",
        kind=SnippetKind.KNOWLEDGE,
    )

    async def act(here: Seat) -> None:
        await here.press("h")
        await here.until(lambda: here.app.screen.query("#choose-list"))
        await here.until(lambda: here.app.screen.query_one(OptionList).option_count == 2)

    assert draw(act, shows=KnowledgeScreen)


def test_a_note_that_names_somebody(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.press("N")
        await here.until(lambda: isinstance(here.app.screen, NoteScreen) and here.app.screen.focused)
        await here.press(*"фото есть @")

    assert draw(act, shows=NoteScreen)


def test_a_picture_of_the_buyer(draw: Draw, desk: ScriptedDesk) -> None:
    small = BytesIO()
    Image.linear_gradient("L").resize((24, 12)).quantize(6).save(small, "PNG")
    pictures = tuple(Attachment(AttachmentKind.IMAGE, download_id=f"d{number}") for number in (1, 2))
    desk.chats[ALENA].messages[-1] = replace(desk.chats[ALENA].messages[-1], attachments=pictures)
    ready = ReceivedFile(FileState.READY, "трещина.png", "image/png", small.getvalue())
    desk.files = {("m4", 1): [ready], ("m4", 2): [ready]}

    async def act(here: Seat) -> None:
        await here.press("O")
        await here.until(lambda: here.app.screen.query("#picture-links"))
        await here.press("b")
        await here.sees("трещина.png")

    assert draw(act, shows=PictureScreen)


def test_a_reply_that_a_rule_holds_back(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.writes(f"Алёна, простите, мы {FORBIDDEN} во вторник.")
        await here.until(lambda: here.composer.marks and not here.screen.words.unsaved())
        await here.until(lambda: here.screen.query_one("#check-line").display)
        await here.pilot.pause()
        await here.press("f5")
        await here.until(lambda: here.app.screen.query("#dialog"))

    assert draw(act, shows=ConfirmScreen)


@pytest.mark.parametrize("words", ["", "перепис conv"], ids=["all", "found"])
def test_the_palette(draw: Draw, language: str, words: str) -> None:
    async def act(here: Seat) -> None:
        await here.press("ctrl+p")
        await here.until(lambda: isinstance(here.app.screen, CommandPalette))
        if words:
            here.app.screen.query_one(Input).value = words.split()[language == "en"]
        await here.until(lambda: here.app.screen.query_one(OptionList).option_count > 3)
        await here.pilot.pause(0.3)

    assert draw(act, shows=CommandPalette)


def test_the_check_of_keys(
    snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], language: str
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("TERM_PROGRAM", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    use(language)
    app = KeyCheck()
    app.title = KeyScreen.__name__

    async def run(pilot: Pilot[None]) -> None:
        came = {
            "f5": "\x1b[15~",
            "ctrl+j": "\n",
            "j": "j",
            "о": "о",
            "ctrl+enter": "\x1b[13;5u",
            "f11": "\x1b[23~",
        }
        for key, sequence in came.items():
            app._came.append(sequence)
            await pilot.press(key)

    assert snap_compare(app, terminal_size=size, run_before=run)
