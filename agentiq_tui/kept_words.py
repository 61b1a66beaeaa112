"""What is typed, on this machine's disk until the database has it: a crash while that is away loses nothing. Blocks on it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.views import ChatRef
from agentiq_tui.editor import FILE, read_back
from agentiq_tui.session_folder import FRESH, LOCK, SessionFolder, write_whole

_BEFORE = ".before"
KEPT_SECONDS = 90 * 86_400.0
"""How long the words of a session that ended are kept."""


@dataclass(frozen=True, slots=True)
class AbandonedWords:
    """What a session that ended had typed in a field; ours now. `known` is what its database may have held of it."""

    path: Path
    key: DraftKey
    text: str
    known: tuple[str, ...]


class KeptWords:
    """The words of this session that the database may not have, under `root` of one database and operator."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._session = SessionFolder(root)

    def put(self, key: DraftKey, text: str, known: Collection[str]) -> None:
        """Keep a field's text in the place of the former one. Raises `OSError`."""
        self._begin()
        write_whole(self._session.path / _name(key), _written(key, text, known))

    def drop(self, key: DraftKey) -> None:
        """The database has it."""
        with suppress(OSError):
            (self._session.path / _name(key)).unlink(missing_ok=True)

    def lend(self, key: DraftKey, text: str) -> Path:
        """A folder in which an editor writes on with this text; a crash meanwhile loses nothing of it. Raises `OSError`."""
        self._begin()
        folder = self._session.path / f"{_name(key)}~{uuid4().hex}"
        folder.mkdir(mode=0o700)
        write_whole(folder / _BEFORE, _written(key, text, ()))
        return folder

    def give_back(self, folder: Path) -> None:
        """The editor is done, and its text is kept."""
        _remove(folder)

    def claim(self) -> list[AbandonedWords]:
        """What sessions that ended left, or this one did not get to save; nobody else gets it."""
        with suppress(OSError):
            for session in self._session.ended(KEPT_SECONDS):
                with suppress(OSError):
                    self._begin()
                    for one in _files(session):
                        one.rename(self._session.path / f"~{uuid4().hex}")
        mine = [one for one in _files(self._session.path) if one.name[0] == "~" and not _outdated(one)]
        # a text first, then what an editor made of it
        return [words for one in sorted(mine, key=Path.is_dir) if (words := _read(one))]

    def forget(self, words: AbandonedWords) -> None:
        """The database has them."""
        _remove(words.path)

    def close(self) -> None:
        """The session ends: what it kept is anybody's of this operator."""
        self._session.close()

    def _begin(self) -> None:
        if not self._session.begun():
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def _name(key: DraftKey) -> str:
    return f"{key.ref.seller_id}-{key.ref.chat_id}-{key.field.replace(':', '.')}"


def _files(session: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from sorted(
            one for one in session.iterdir() if one.name != LOCK and not one.name.endswith(FRESH)
        )


def _outdated(path: Path) -> bool:
    """Whether it was typed so long ago that it goes; the conversation it belongs to may take nothing any more."""
    if time.time() - path.stat().st_mtime <= KEPT_SECONDS:
        return False
    _remove(path)
    return True


def _remove(path: Path) -> None:
    with suppress(OSError):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _written(key: DraftKey, text: str, known: Collection[str]) -> bytes:
    facts = {"chat": [*key.ref], "field": key.field, "text": text, "known": [*known]}
    return json.dumps(facts).encode()


def _read(path: Path) -> AbandonedWords | None:
    try:
        edited = path.is_dir()
        said = json.loads((path / _BEFORE if edited else path).read_bytes())
        seller, chat = map(int, said["chat"])
        key, text = DraftKey(ChatRef(seller, chat), str(said["field"])), str(said["text"])
        if edited:
            back = read_back(path / FILE, text)
            if back == text:
                _remove(path)
                return None
            return AbandonedWords(path, key, back, (text,))
        return AbandonedWords(path, key, text, tuple(map(str, said["known"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
