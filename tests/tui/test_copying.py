"""Copying: what is written to the terminal, which program helps, and that it is said."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from agentiq_tui.copying import TAKEN, copy_natively, native, osc52
from tests.tui.conftest import OpenSeat


def everything(name: str) -> str:
    return f"/usr/bin/{name}"


def test_the_terminals_clipboard_gets_the_text_whole() -> None:
    sequence = osc52("Здравствуйте! 😀", tmux=False)
    assert sequence is not None
    assert b64decode(sequence.removeprefix("\x1b]52;c;").removesuffix("\x07")).decode() == "Здравствуйте! 😀"


def test_under_tmux_it_is_written_for_both_of_its_settings() -> None:
    sequence = osc52("я", tmux=True)
    assert sequence is not None
    assert sequence.startswith("\x1b]52;c;")
    assert "\x1bPtmux;\x1b\x1b]52;c;" in sequence


def test_a_text_longer_than_terminals_take_is_not_half_copied() -> None:
    assert osc52("a" * TAKEN, tmux=False) is None


@pytest.mark.parametrize(
    ("environ", "program"),
    [
        ({"TMUX": "x", "SSH_CONNECTION": "1"}, "tmux"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "wl-copy"),
        ({"DISPLAY": ":0"}, "xclip"),
        ({"WSL_DISTRO_NAME": "Debian"}, "clip.exe"),
        ({"WSL_DISTRO_NAME": "Debian", "SSH_CONNECTION": "1"}, None),
        ({}, None),
    ],
)
def test_the_program_is_the_one_whose_clipboard_the_operator_sees(
    environ: dict[str, str], program: str | None
) -> None:
    command = native(environ, everything)
    assert (command[0] if command else None) == program


async def test_a_program_gets_the_text_by_its_input(tmp_path: Path) -> None:
    script = tmp_path / "clip"
    script.write_text(f"#!/bin/sh\ncat > {tmp_path}/got\n")
    script.chmod(0o755)
    assert await copy_natively((str(script),), "секрет")
    assert (tmp_path / "got").read_text() == "секрет"
    assert not await copy_natively((str(tmp_path / "none"),), "секрет")


async def test_the_operator_is_told_every_way_it_went(
    seat: OpenSeat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "xclip"
    script.write_text("#!/bin/sh\nexec cat > /dev/null\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":9")
    for name in ("TMUX", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    async with seat() as here:
        await here.press("Y")
        await here.sees("через терминал (OSC 52) и программой xclip")


async def test_what_is_selected_is_what_is_copied(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.settles()
        lines = here.text().splitlines()
        # the last place is the conversation itself
        row = max(number for number, line in enumerate(lines) if "Третий день жду" in line)
        column = lines[row].rindex("Третий")
        await here.pilot.mouse_down(offset=(column, row))
        await here.pilot.hover(offset=(column + 6, row))
        await here.pilot.mouse_up(offset=(column + 6, row))
        await here.pilot.pause()
        here.screen.action_copy()
        await here.sees("Скопировано")
        assert here.app.clipboard.startswith("Третий")
        assert len(here.app.clipboard) < 10
