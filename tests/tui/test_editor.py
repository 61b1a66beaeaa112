"""A reply written in $EDITOR: the text comes back, nothing stays on the disk, nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.views import ChatRef
from agentiq_tui.editor import Edited, EditorFailed, edit_text, editor_command
from agentiq_tui.kept_words import KeptWords
from tests.tui.conftest import OpenSeat
from tests.tui.scripted import ScriptedDesk
from tests.tui.story import OLEG
from tests.tui.test_keys_pty import Terminal, terminal

__all__ = ["terminal"]

KEY = DraftKey(ChatRef(1, 7))


def program(folder: Path, script: str) -> str:
    """An editor that does what the script says with the file "$1"."""
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def lent(folder: Path) -> Path:
    """Where an editor writes; its owner's alone."""
    return KeptWords(folder / "home" / "unsaved" / uuid4().hex).lend(KEY, "было")


def test_the_text_goes_out_and_comes_back_through_a_file_of_the_owner_alone(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    editor = program(
        tmp_path, f'stat -c "%a %n" "$1" "$(dirname "$1")" > {seen}; cat "$1" >> {seen}; echo "стало" > "$1"'
    )
    back = edit_text("было", [editor], lent(tmp_path))
    assert (back.text, back.failure) == ("стало", None)
    file, folder, text = seen.read_text().splitlines()
    assert file.startswith("600 ")
    assert folder.startswith("700 ")
    assert text == "было"


def test_an_editor_that_failed_gives_back_what_it_saved_and_one_line(tmp_path: Path) -> None:
    back = edit_text("было", [program(tmp_path, "exit 3")], lent(tmp_path))
    assert back.text == "было"
    assert back.failure is not None
    assert "3" in back.failure
    assert (
        edit_text("было", [program(tmp_path, 'printf "половина" > "$1"; exit 1')], lent(tmp_path)).text
        == "половина"
    )


def test_an_editor_that_deletes_the_file_loses_nothing(tmp_path: Path) -> None:
    assert edit_text("было", [program(tmp_path, 'rm "$1"')], lent(tmp_path)).text == "было"


def test_a_file_that_is_no_text_and_escape_sequences_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    back = edit_text("", [program(tmp_path, r'printf "\033]52;c;aGk=\007\377" > "$1"')], lent(tmp_path))
    assert not set(back.text) & {"\x1b", "\x07"}


def test_the_chosen_editor_comes_first_with_its_arguments_and_a_missing_one_is_named(tmp_path: Path) -> None:
    editor = program(tmp_path, "true")
    assert editor_command({"EDITOR": f"{editor} -n 1", "PATH": "/bin"}) == [editor, "-n", "1"]
    assert editor_command({"VISUAL": editor, "EDITOR": "/none", "PATH": "/bin"}) == [editor]
    for environ in ({"EDITOR": "/no/such/editor"}, {"EDITOR": "'"}, {"PATH": str(tmp_path / "empty")}):
        with pytest.raises(EditorFailed):
            editor_command(environ)


async def test_a_missing_editor_gives_one_line_and_leaves_the_text(
    seat: OpenSeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "/no/such/editor")
    async with seat() as here:
        await here.writes("моё")
        await here.press("ctrl+g")
        await here.sees("EDITOR: такого редактора здесь нет: /no/such/editor")
        assert here.composer.text == "моё"


async def test_a_terminal_that_cannot_be_lent_gives_one_line(
    seat: OpenSeat, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", program(tmp_path, "true"))
    async with seat() as here:
        await here.writes("моё")
        await here.press("ctrl+п")
        await here.sees("нельзя отдать редактору")
        assert here.composer.text == "моё"


def test_in_a_terminal_the_editor_gets_the_screen_and_the_field_gets_the_text(
    terminal: type[Terminal], tmp_path: Path, home: Path
) -> None:
    editor = program(
        tmp_path, 'printf "\\033[2J\\033[HРЕДАКТОР ОТКРЫТ"; read line; printf " и $line" >> "$1"'
    )
    one = terminal(EDITOR=editor, VISUAL="")
    one.write(b"\r")
    one.read(0.3)
    one.write("начало".encode())
    one.sees("начало")
    one.write(b"\x07")
    one.sees("РЕДАКТОР ОТКРЫТ")
    # a second of the app's clock passes, and nothing of it is drawn over the editor
    one.read(1.5)
    assert not any("Очередь" in line for line in one.screen.display)
    one.write("конец\r".encode())
    one.sees("Очередь")
    one.sees("начало и конец")
    one.write(b"\x1b[15~")
    one.sees("в очереди")
    assert one.leaves() == ["начало и конец"]
    assert [*(home / "unsaved" / "place").iterdir()] == []


def test_an_editor_that_crashes_gives_the_screen_and_the_text_back(
    terminal: type[Terminal], tmp_path: Path
) -> None:
    one = terminal(EDITOR=program(tmp_path, "kill -9 $$"), VISUAL="")
    one.write(b"\r")
    one.read(0.3)
    one.write("начало".encode())
    one.sees("начало")
    one.write(b"\x07")
    one.sees("Редактор завершился с ошибкой")
    one.sees("начало")
    one.leaves()


@pytest.mark.parametrize(
    ("back", "there"),
    [
        ("было", "было, дописано дома"),
        ("было, дописано здесь", "было, дописано дома\n\nбыло, дописано здесь"),
        ("было, дописано дома", "было, дописано дома"),
    ],
)
async def test_newer_words_of_another_machine_stay_when_the_editor_comes_back(
    seat: OpenSeat, desk: ScriptedDesk, back: str, there: str
) -> None:
    async with seat() as here:
        await here.writes("было")
        await here.sees("черновик сохранён")
        desk.drafts.elsewhere(OLEG, "было, дописано дома")
        await here.until(lambda: here.composer.text == "было, дописано дома")
        here.screen._came_back(OLEG, "было", Edited(back))
        await here.until(lambda: desk.chats[OLEG].draft == there)
        assert here.composer.text == there


@pytest.mark.parametrize(
    ("script", "there"),
    [
        ('printf " и дописано в редакторе" >> "$1"; kill -9 $PPID', "начало и дописано в редакторе"),
        ("kill -9 $PPID", "начало"),
    ],
    ids=["written on", "as it was"],
)
def test_what_an_editor_saved_before_the_app_was_killed_is_in_the_field_at_the_next_start(
    terminal: type[Terminal], tmp_path: Path, home: Path, script: str, there: str
) -> None:
    # nothing is in the database: what is there again comes from this machine
    away = tmp_path / "sent.away"
    one = terminal(EDITOR=program(tmp_path, script), VISUAL="")
    away.touch()
    one.write(b"\r")
    one.read(0.3)
    one.write("начало".encode())
    one.sees("на этой машине")
    one.write(b"\x07")
    one.until(lambda: one.process.poll() is not None)
    away.unlink()
    two = Terminal(tmp_path / "sent")
    try:
        two.sees(there)
        assert two.leaves() == []
        assert [*(home / "unsaved" / "place").iterdir()] == []
    finally:
        two.close()


async def test_a_home_that_takes_no_file_gives_one_line_and_leaves_the_text(
    seat: OpenSeat, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "/bin/true")
    monkeypatch.delenv("VISUAL", raising=False)
    async with seat() as here:
        await here.writes("моё")
        await here.sees("черновик сохранён")
        await here.until(lambda: not any((home / "unsaved").rglob("*-*-*")))
        await asyncio.to_thread(shutil.rmtree, home / "unsaved")
        (home / "unsaved").write_text("no folder")
        await here.press("ctrl+g")
        await here.sees("Редактор не запустился")
        assert here.composer.text == "моё"
