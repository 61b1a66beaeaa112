"""The reply in an editor of this machine: a file that only its owner may read. Blocks."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.text import inert
from agentiq_tui.actions import shown_key
from agentiq_tui.locale import _

USUAL = ("nano", "vim", "vi")
FILE = "reply.txt"


class EditorFailed(AgentIQError):
    """The text could not be edited; it is as it was. Its own text is a line for the operator, in their language."""

    code: ClassVar[str] = "editor_failed"


@dataclass(frozen=True, slots=True)
class Edited:
    """What came back. `failure` is a line when the editor ended with an error: then the text is what it saved, if it did."""

    text: str
    failure: str | None = None


def editor_command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The editor the operator chose ($VISUAL, $EDITOR), else one that is there. Raises `EditorFailed`."""
    for name in ("VISUAL", "EDITOR"):
        if wanted := environ.get(name, "").strip():
            try:
                command = shlex.split(wanted)
            except ValueError:
                command = []
            if not command or shutil.which(command[0], path=environ.get("PATH")) is None:
                raise EditorFailed(
                    _("{name} names no editor that is here: {value}").format(name=name, value=wanted)
                )
            return command
    for program in USUAL:
        if shutil.which(program, path=environ.get("PATH")) is not None:
            return [program]
    raise EditorFailed(_("No editor was found here: set EDITOR to one"))


def edit_text(text: str, command: list[str], folder: Path) -> Edited:
    """Let the operator write in it, in the terminal that this program has given up. Raises `EditorFailed`.

    The file lies in `folder`, which nobody else may read; swap files and backups of the editor lie beside it.
    """
    path = folder / FILE
    try:
        with open(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as stream:
            stream.write(text)
        code = subprocess.run([*command, str(path)], check=False).returncode
        back = read_back(path, text)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise EditorFailed(_("The editor did not start: {why}").format(why=why)) from None
    failed = _("The editor ended with an error ({code}); {key} brings the former text back").format(
        code=code, key=shown_key("undo_typing")
    )
    return Edited(back, failed if code else None)


def read_back(path: Path, before: str) -> str:
    """What an editor left there of a text that was so before. Raises `OSError`."""
    try:
        back = inert(path.read_bytes().decode("utf-8", errors="replace"))
    except FileNotFoundError:
        # an editor that deleted it has saved nothing
        return before
    # editors end the last line, a reply has no such end
    return back if before.endswith("\n") else back.removesuffix("\n")
