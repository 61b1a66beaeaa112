"""Has a picture made small by a process that nothing else depends on, and puts its failures into a line each."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.files import MEBIBYTE
from agentiq_tui.locale import _
from agentiq_tui.pictures.reduce import NO_LIBRARY, SECONDS, TOO_LARGE

LARGEST = 20 * MEBIBYTE
"""Bytes of a file that is looked into; a larger one is opened or saved."""
PATIENCE = float(SECONDS)
_CHILD = Path(__file__).with_name("reduce.py")
_NEEDED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Of the environment: it also holds tokens, which a decoder of strangers' files has no use for."""


class NotShown(AgentIQError):
    """A picture that cannot be shown; its text is a line for the operator, in their language."""

    code: ClassVar[str] = "not_shown"


@dataclass(frozen=True, slots=True)
class Reduced:
    """A picture that is small and plain: `content` in the form that was asked for, sizes in pixels."""

    content: bytes = field(repr=False)
    width: int
    height: int
    before: tuple[int, int]


async def reduced(content: bytes, form: str, width: int, height: int) -> Reduced:
    """The picture in a form of `reduce`, no larger than this. Raises `NotShown`."""
    if len(content) > LARGEST:
        line = _("The picture is larger than {limit} MB")
        raise NotShown(line.format(limit=LARGEST // MEBIBYTE))
    environ = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(_CHILD), form, str(width), str(height)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environ,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            written, _nothing = await child.communicate(content)
    except TimeoutError:
        raise NotShown(_("The picture takes too long to read")) from None
    finally:
        await _ended(child)
    if child.returncode == NO_LIBRARY:
        raise NotShown(_("This installation has no Pillow, which reads pictures"))
    if child.returncode == TOO_LARGE:
        raise NotShown(_("The picture has too many pixels"))
    if child.returncode != 0:
        raise NotShown(_("This is no picture that can be read"))
    head, _line, pixels = written.partition(b"\n")
    told = json.loads(head)
    return Reduced(pixels, told["width"], told["height"], (told["from"][0], told["from"][1]))


async def _ended(child: Process) -> None:
    """Whatever happened, nothing goes on decoding."""
    with suppress(ProcessLookupError):
        child.kill()
    await child.wait()
