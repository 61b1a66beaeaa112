"""Copying that works over SSH: the terminal's own clipboard first (OSC 52), then a program of this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress

TAKEN = 74_994
"""Bytes of base64 that xterm takes, and with it the most careful of the others."""
PATIENCE = 2.0
"""Seconds a clipboard program may take."""


def osc52(text: str, *, tmux: bool) -> str | None:
    """The sequence that puts a text into the terminal's clipboard; None when it is longer than terminals take.

    tmux passes it on only with `set-clipboard on`, or wrapped with `allow-passthrough on`: both are written.
    """
    encoded = b64encode(text.encode()).decode("ascii")
    if len(encoded) > TAKEN:
        return None
    plain = f"\x1b]52;c;{encoded}\x07"
    return plain + f"\x1bPtmux;\x1b{plain}\x1b\\" if tmux else plain


def native(
    environ: Mapping[str, str] | None = None, found: Callable[[str], str | None] = shutil.which
) -> tuple[str, ...] | None:
    """The program that fills the clipboard the operator sees; None where this machine has none (a bare SSH session)."""
    environ = os.environ if environ is None else environ
    offers: list[tuple[bool, tuple[str, ...]]] = [
        # tmux hands it to the terminal it is shown in, wherever that is
        (bool(environ.get("TMUX")), ("tmux", "load-buffer", "-w", "-")),
        (bool(environ.get("WAYLAND_DISPLAY")), ("wl-copy",)),
        (bool(environ.get("DISPLAY")), ("xclip", "-selection", "clipboard")),
        (bool(environ.get("DISPLAY")), ("xsel", "--clipboard", "--input")),
    ]
    if not environ.get("SSH_CONNECTION"):
        offers += [
            (sys.platform == "darwin", ("pbcopy",)),
            (bool(environ.get("WSL_DISTRO_NAME")), ("clip.exe",)),
        ]
    return next((command for there, command in offers if there and found(command[0])), None)


async def copy_natively(command: tuple[str, ...], text: str) -> bool:
    """Give a text to a clipboard program; whether it took it. The text goes by its input, never as an argument."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(PATIENCE):
            await process.communicate(text.encode())
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return False
    return process.returncode == 0
