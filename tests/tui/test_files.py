"""Files on the screen: what buyers sent is saved and opened, what operators attach leaves with the reply."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from agentiq_core.connectors.errors import BudgetSpent
from agentiq_core.domain.errors import StoreUnavailable, VaultLocked
from agentiq_core.domain.files import FileRules, FileState, OutgoingFile, ReceivedFile
from agentiq_core.domain.messages import Attachment, AttachmentKind
from agentiq_core.domain.outbox import OutboxState, new_client_id
from agentiq_tui.kept_files import KeptFiles
from agentiq_tui.screens.attach import AttachScreen
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.desk import DeskScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import FORBIDDEN, NOW, ScriptedDesk, message
from tests.tui.story import OLEG

PNG = b"\x89PNG\r\n\x1a\n"
READY = ReceivedFile(FileState.READY, "скан.png", "image/png", PNG)
HELD = ReceivedFile(FileState.IN_MODERATION, retry_after=0.01)
REFUSED = ReceivedFile(FileState.REFUSED)
PHOTO = "m20"


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, without a desktop."""
    home = tmp_path / "user"
    (home / "Downloads").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_CONFIG_HOME", "XDG_DOWNLOAD_DIR"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def photos(desk: ScriptedDesk) -> ScriptedDesk:
    """The buyer of the first chat has sent two pictures, the second of which nobody may see."""
    pictures = tuple(Attachment(AttachmentKind.IMAGE, download_id=f"d{number}") for number in (1, 2))
    shown = message(20, "Вот фото", NOW - timedelta(minutes=4), attachments=pictures)
    desk.chats[OLEG].messages.append(shown)
    desk.files = {(PHOTO, 1): [READY], (PHOTO, 2): [REFUSED]}
    return desk


async def attaches(here: Seat, *lines: str) -> None:
    """Attach what each of these lines names."""
    for line in lines:
        await here.press("ctrl+o")
        await here.until(lambda: isinstance(here.app.screen, AttachScreen))
        here.app.screen.query_one("#path", Input).value = line
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, DeskScreen))


def png(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(PNG + name.encode())
    return path


@pytest.mark.parametrize("key", ["o", "щ"])
async def test_a_key_saves_the_files_in_sight_and_says_where(
    seat: OpenSeat, photos: ScriptedDesk, user: Path, key: str
) -> None:
    async with seat() as here:
        await here.sees("[фото 2]")
        await here.press(key)
        await here.sees("сохранено: ~/Downloads/скан.png")
        await here.sees("модерация отклонила")
        assert (user / "Downloads" / "скан.png").read_bytes() == PNG
        await here.sees("Сохранено: ~/Downloads/скан.png")
        await here.press(key)
        await here.until(lambda: len(photos.called("file")) == 3)
        assert photos.called("file")[2] == (OLEG, PHOTO, 2), "what is there already is not fetched again"
        assert len(list((user / "Downloads").iterdir())) == 1


async def test_a_click_opens_the_one_file(seat: OpenSeat, photos: ScriptedDesk) -> None:
    async with seat() as here:
        await here.sees("[фото 1]")
        row = next(place for place, line in enumerate(here.text().splitlines()) if "[фото 1]" in line)
        column = here.text().splitlines()[row].index("[фото 1]")
        await here.pilot.click(offset=(column + 2, row))
        await here.sees("сохранено")
        assert photos.called("file") == [(OLEG, PHOTO, 1)]


async def test_a_desktop_is_asked_to_open_it_and_an_ssh_session_is_not(
    seat: OpenSeat, photos: ScriptedDesk, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = user / "xdg-open"
    viewer.write_text(f'#!/bin/sh\necho "$1" >> "{user}/opened"\n')
    viewer.chmod(0o755)
    monkeypatch.setenv("PATH", f"{user}:/bin:/usr/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    photos.files[PHOTO, 2] = [ReceivedFile(FileState.READY, "a.exe", content=b"MZ")]
    async with seat() as here:
        await here.sees("[фото 2]")
        await here.press("o")
        await here.sees("Открыто: ~/Downloads/скан.png")
        await here.sees("Сохранено: ~/Downloads/a.exe")
        opened = user / "opened"
        await here.until(lambda: opened.exists() and opened.read_text().count("\n") == 1)
        assert opened.read_text() == f"{user}/Downloads/скан.png\n", "a program is never opened"
        monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1")
        await here.press("o")
        await here.sees("Сохранено: ~/Downloads/скан.png")


async def test_moderation_is_asked_again_once_by_itself(
    seat: OpenSeat, photos: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentiq_tui.screens.filing.SHORTEST_WAIT", 0.01)
    photos.files = {(PHOTO, 1): [HELD, READY], (PHOTO, 2): [HELD]}
    async with seat() as here:
        await here.sees("[фото 2]")
        await here.press("o")
        await here.sees("сохранено")
        await here.sees("на модерации, повторите в 12:00")
        await here.sees("Всё ещё на модерации")
        await here.pilot.pause(0.1)
        assert sorted(photos.called("file")) == [(OLEG, PHOTO, number) for number in (1, 1, 2, 2)]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (VaultLocked("no key", reason="no team key"), "нет ключа команды"),
        (BudgetSpent("spent", retry_after=359.2), "через 360"),
        (StoreUnavailable("gone"), "Нет связи с базой"),
    ],
)
async def test_what_cannot_be_had_is_one_clear_line_and_may_be_tried_again(
    seat: OpenSeat, photos: ScriptedDesk, error: Exception, words: str
) -> None:
    photos.failing["file"] = error  # type: ignore[assignment]
    async with seat() as here:
        await here.sees("[фото 2]")
        await here.press("o")
        await here.sees(words)
        await here.press("o")
        await here.sees("сохранено")


async def test_a_folder_that_cannot_be_written_is_said(
    seat: OpenSeat, photos: ScriptedDesk, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (user / "Downloads").rmdir()
    (user / "home").write_text("not a folder")
    monkeypatch.setenv("AGENTIQ_HOME", str(user / "home"))
    async with seat() as here:
        await here.sees("[фото 2]")
        await here.press("o")
        await here.sees("нельзя сохранить")


async def test_keys_work_while_a_file_is_on_its_way_and_it_is_fetched_once(
    seat: OpenSeat, photos: ScriptedDesk
) -> None:
    async with seat() as here:
        await here.sees("[фото 2]")
        photos.gate = asyncio.Event()
        await here.press("o", "o", "o")
        await here.sees("скачивается…")
        await here.writes("Смотрим.")
        photos.gate.set()
        await here.sees("сохранено")
        assert len(photos.called("file")) == 2


async def test_a_chat_without_files_says_so(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("o")
        await here.sees("Здесь нет сообщений с файлами")
        await here.press("d")
        await here.sees("Здесь ничего не приложено")


async def test_files_leave_behind_the_text_with_one_press(seat: OpenSeat, user: Path) -> None:
    one, two = png(user, "мой снимок.png"), png(user, "b.png")
    async with seat() as here:
        await here.writes("Вот инструкция.")
        await attaches(here, f"'{one}' {two.as_uri()}")
        await here.sees("+ мой снимок.png")
        await here.press("ctrl+enter", "ctrl+enter", "f5")
        await here.until(lambda: here.composer.text == "")
        await here.press("f5")
        await here.sees("[мой снимок.png]")
        replies = here.desk.chats[OLEG].replies
        assert [reply.text for reply in replies] == ["Вот инструкция.", "[мой снимок.png]", "[b.png]"]
        assert "+ мой снимок.png" not in here.text()


async def test_files_alone_are_a_reply_and_the_suggestion_stays(seat: OpenSeat, user: Path) -> None:
    png(user, "a.png")
    async with seat() as here:
        await attaches(here, "~/a.png")
        await here.sees("или одни файлы")
        await here.press("f5", "f5")
        await here.until(lambda: here.desk.chats[OLEG].replies)
        await here.pilot.pause(0.1)
        assert [reply.text for reply in here.desk.chats[OLEG].replies] == ["[a.png]"]


async def test_each_file_can_be_taken_out_and_stays_with_its_chat(seat: OpenSeat, user: Path) -> None:
    for name in ("a.png", "b.png", "c.png"):
        png(user, name)
    async with seat() as here:
        await attaches(here, "~/a.png", "~/b.png", "~/c.png")
        await here.press("f2")
        await here.until(lambda: here.screen.conversation and here.screen.current != OLEG)
        await here.until(lambda: "+ a.png" not in here.text())
        await here.press("escape", "escape", "k")
        await here.opens(OLEG)
        await here.sees("+ c.png")
        await here.press("d")
        await here.until(lambda: "+ c.png" not in here.text())
        await here.screen.run_action("remove_file(1)")
        await here.until(lambda: "+ a.png" not in here.text())
        await here.press("f5")
        await here.until(lambda: here.desk.chats[OLEG].replies)
        assert [reply.file for reply in here.desk.chats[OLEG].replies] == ["b.png"]


async def test_leaving_with_files_that_the_disk_did_not_take_takes_a_second_word(
    seat: OpenSeat, desk: ScriptedDesk, user: Path
) -> None:
    png(user, "a.png")
    desk.keeps_at = user / "a.png" / "attached" / "place"
    async with seat() as here:
        await attaches(here, "~/a.png")
        await here.press("ctrl+q")
        await here.sees("Ещё раз")
        assert not here.desk.closed
        await here.press("ctrl+q")
        await here.until(lambda: here.desk.closed)


def on_disk(desk: ScriptedDesk) -> list[str]:
    """The files that wait here, over all sessions."""
    return sorted(path.name for path in desk.keeps_at.rglob("*") if path.is_file() and path.name != "lock")


async def test_waiting_files_are_there_again_after_a_crash_and_gone_from_the_disk_when_sent(
    seat: OpenSeat, desk: ScriptedDesk, user: Path
) -> None:
    for name in ("a.png", "b.png", "c.png"):
        png(user, name)
    async with seat() as here:
        await attaches(here, "~/a.png", "~/b.png", "~/c.png")
        await here.screen.run_action("remove_file(2)")
        await here.until(lambda: on_disk(desk) == ["1", "3"])
    for path in (desk.keeps_at.parent, desk.keeps_at, *desk.keeps_at.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    async with seat() as here:
        await here.sees("+ a.png")
        await here.sees("+ c.png")
        assert "+ b.png" not in here.text()
        await here.press("f5")
        await here.until(lambda: here.desk.chats[OLEG].replies)
        assert [reply.file for reply in here.desk.chats[OLEG].replies] == ["a.png", "c.png"]
        await here.until(lambda: on_disk(desk) == [])
    async with seat() as here:
        assert "+ a.png" not in here.text()


async def test_files_that_are_kept_need_no_second_word_to_leave(
    seat: OpenSeat, desk: ScriptedDesk, user: Path
) -> None:
    png(user, "a.png")
    async with seat() as here:
        await attaches(here, "~/a.png")
        await here.until(lambda: on_disk(desk) == ["1"])
        await here.press("ctrl+q")
        await here.until(lambda: here.desk.closed)
    assert on_disk(desk) == ["1"]


async def test_what_was_queued_before_the_crash_does_not_wait_again(
    seat: OpenSeat, desk: ScriptedDesk, user: Path
) -> None:
    crashed, client_id = KeptFiles(desk.keeps_at), new_client_id()
    files = {number: OutgoingFile(f"{number}.png", "image/png", PNG) for number in (1, 2)}
    for number, file in files.items():
        assert crashed.put(OLEG, number, file)
    crashed.leaving(OLEG, client_id, [1])
    await desk.reply(OLEG, "", {1: files[1]}, client_id=client_id, seen=desk.chats[OLEG].newest)
    crashed.close()
    async with seat() as here:
        await here.sees("+ 2.png")
        assert "+ 1.png" not in here.text()


async def test_a_second_terminal_leaves_the_first_ones_files_alone(
    seat: OpenSeat, desk: ScriptedDesk, user: Path
) -> None:
    first = KeptFiles(desk.keeps_at)
    assert first.put(OLEG, 1, OutgoingFile("a.png", "image/png", PNG))
    async with seat() as here:
        await here.opens(OLEG)
        assert "+ a.png" not in here.text()
    first.close()
    async with seat() as here:
        await here.sees("+ a.png")


async def test_a_text_that_breaks_a_rule_keeps_its_files_waiting(seat: OpenSeat, user: Path) -> None:
    png(user, "a.png")
    async with seat() as here:
        await here.writes(f"Конечно, {FORBIDDEN} сегодня.")
        await attaches(here, "~/a.png")
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        assert not here.desk.chats[OLEG].replies
        await here.press("escape")
        await here.sees("+ a.png")
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("f9")
        await here.until(lambda: len(here.desk.chats[OLEG].replies) == 2)


async def test_a_send_that_failed_is_repeated_with_the_same_ids(seat: OpenSeat, user: Path) -> None:
    png(user, "a.png")
    png(user, "b.png")
    async with seat() as here:
        await attaches(here, "~/a.png")
        here.desk.failing["reply"] = StoreUnavailable("gone")
        await here.press("f5")
        await here.sees("Нет связи с базой")
        await attaches(here, "~/b.png")
        await here.press("f5")
        await here.until(lambda: len(here.desk.chats[OLEG].replies) == 2)
        first, second = here.desk.called("reply")
        assert first[2] == second[2]


async def test_undo_and_take_back_bring_the_files_back_under_the_field(seat: OpenSeat, user: Path) -> None:
    png(user, "a.png")
    async with seat() as here:
        await here.writes("Вот инструкция.")
        await attaches(here, "~/a.png")
        await here.press("f5")
        await here.until(lambda: len(here.desk.chats[OLEG].replies) == 2)
        await here.sees("[a.png]")
        await here.press("f7")
        await here.sees("+ a.png")
        assert here.composer.text == "Вот инструкция."
        await here.press("f5")
        await here.until(lambda: len(here.desk.chats[OLEG].replies) == 4)
        text, file = here.desk.chats[OLEG].replies[2:]
        here.desk.put(OLEG, text.id, state=OutboxState.SENT)
        here.desk.put(OLEG, file.id, state=OutboxState.FAILED, reason="file_refused")
        await here.sees("площадка не приняла")
        await here.press("escape", "b")
        await here.sees("+ a.png")
        assert here.composer.text == "", "a text that went is not sent again with its file"


async def test_the_form_completes_with_tab_and_says_what_will_not_do(seat: OpenSeat, user: Path) -> None:
    png(user, "photo one.png")
    png(user, "photo two.png")
    (user / "notes.txt").write_text("x")
    (user / "big.png").write_bytes(PNG + bytes(5 * 1024 * 1024))
    async with seat() as here:
        await here.press("f")
        await here.until(lambda: isinstance(here.app.screen, AttachScreen))
        field = here.app.screen.query_one("#path", Input)
        await here.sees("JPEG, PDF, PNG, не больше 5 МБ")
        for line, words in (
            ("~/notes.txt", "площадка не принимает"),
            ("~/big.png", "5.01 МБ"),
            ("~/gone.png", "gone.png"),
            ("~", "не читается"),
        ):
            field.value = line
            await here.press("enter")
            await here.sees(words)
            await here.until(lambda: not field.disabled)
        field.value = "~/ph"
        await here.press("tab")
        await here.until(lambda: field.value == "~/photo ")
        await here.sees("photo one.png  photo two.png")
        await here.press("o", "tab")
        await here.until(lambda: field.value == "~/photo one.png")
        await here.press("enter")
        await here.sees("+ photo one.png")
        assert here.composer.has_focus


async def test_no_more_files_wait_than_may_and_a_marketplace_without_files_says_so(
    seat: OpenSeat, user: Path
) -> None:
    for number in range(11):
        png(user, f"{number}.png")
    async with seat() as here:
        await here.press("ctrl+o")
        await here.until(lambda: isinstance(here.app.screen, AttachScreen))
        field = here.app.screen.query_one("#path", Input)
        field.value = " ".join(str(user / f"{number}.png") for number in range(11))
        await here.press("enter")
        await here.sees("не больше 10")
        await here.press("escape")
        await here.until(lambda: isinstance(here.app.screen, DeskScreen))
        await attaches(here, " ".join(str(user / f"{number}.png") for number in range(10)))
        await here.press("ctrl+o")
        await here.sees("сначала отправьте их")
        here.desk.rules = FileRules()
        await here.press("ctrl+o")
        await here.sees("не принимает файлы")
        here.screen.read_only = True
        here.desk.who = replace(here.desk.who, role="viewer")
        await here.press("ctrl+o")
        await here.sees("только чтение")
