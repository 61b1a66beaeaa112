"""Files that wait beside a reply, on this machine's disk until they are sent or dropped: a crash loses none. Blocks on it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from agentiq_core.domain.files import MEBIBYTE, OutgoingFile, sniffed
from agentiq_core.domain.views import ChatRef
from agentiq_tui.session_folder import LOCK, SessionFolder, write_whole

MOST_BYTES = 256 * MEBIBYTE
"""Of all sessions together; what does not fit waits in memory alone."""
KEPT_SECONDS = 14 * 86_400.0
"""How long the files of a session that ended are kept."""

_LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Files of a session that ended, for one conversation; ours now. Those `leaving` may have been sent under `client_id`."""

    folder: Path
    numbers: tuple[int, ...]
    client_id: UUID | None = None
    leaving: tuple[int, ...] = ()


class KeptFiles:
    """The files of this session under `root`, which belongs to one database and operator (`SessionFolder`)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._session = SessionFolder(root)
        self._own = self._session.path
        self._kept: set[tuple[ChatRef, int]] = set()

    def has(self, ref: ChatRef, number: int) -> bool:
        """Whether this file would outlive a crash."""
        return (ref, number) in self._kept

    def put(self, ref: ChatRef, number: int, file: OutgoingFile) -> bool:
        """Keep a file; False when it could not be."""
        try:
            if _size(self.root.parent) + len(file.content) > MOST_BYTES or not self._session.begun():
                return False
            folder = self._own / _name(ref)
            folder.mkdir(mode=0o700, exist_ok=True)
            _write(folder / str(number), file)
        except OSError:
            return False
        self._kept.add((ref, number))
        return True

    def drop(self, ref: ChatRef, numbers: Iterable[int]) -> None:
        """These were sent, or do not leave after all."""
        folder = self._own / _name(ref)
        for number in numbers:
            self._kept.discard((ref, number))
            with suppress(OSError):
                (folder / str(number)).unlink()
        if not any(kept == ref for kept, _ in self._kept):
            shutil.rmtree(folder, ignore_errors=True)

    def leaving(self, ref: ChatRef, client_id: UUID, numbers: Collection[int]) -> None:
        """Before these are queued: whether they were is asked by this id, should the answer never be heard."""
        if any(self.has(ref, number) for number in numbers):
            mark = {"client_id": str(client_id), "numbers": sorted(numbers)}
            with suppress(OSError):
                write_whole(self._own / _name(ref) / _LEAVING, json.dumps(mark).encode())

    def claim(self, ref: ChatRef) -> list[Abandoned]:
        """What sessions that ended left for this conversation, or this one did not get to restore; nobody else gets it."""
        name = _name(ref)
        found = [_abandoned(one) for one in _folders(self._own) if one.name.startswith(f"{name}~")]
        for session in self._session.ended(KEPT_SECONDS):
            with suppress(OSError):
                found += self._claimed(session, name)
        return found

    def load(self, abandoned: Abandoned, without: Collection[int]) -> list[OutgoingFile]:
        """The files themselves, but those `without`; one that was cut off is left out."""
        numbers = (number for number in abandoned.numbers if number not in without)
        return [file for number in numbers if (file := _read(abandoned.folder / str(number))) is not None]

    def forget(self, abandoned: Abandoned) -> None:
        """They are kept anew, or were sent."""
        shutil.rmtree(abandoned.folder, ignore_errors=True)

    def close(self) -> None:
        """The session ends: what it kept is anybody's of this operator."""
        self._session.close()

    def _claimed(self, session: Path, name: str) -> Iterator[Abandoned]:
        for folder in [one for one in _folders(session) if one.name.partition("~")[0] == name]:
            if self._session.begun():
                # a crash before they are kept anew leaves them where the next session finds them
                yield _abandoned(folder.rename(self._own / f"{name}~{uuid4().hex}"))


def _name(ref: ChatRef) -> str:
    return f"{ref.seller_id}-{ref.chat_id}"


def _folders(session: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from [one for one in session.iterdir() if one.is_dir()]


def _abandoned(folder: Path) -> Abandoned:
    numbers = tuple(sorted(int(one.name) for one in folder.iterdir() if one.name.isdecimal()))
    try:
        mark = json.loads((folder / _LEAVING).read_bytes())
        return Abandoned(folder, numbers, UUID(mark["client_id"]), tuple(mark["numbers"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Abandoned(folder, numbers)


def _write(path: Path, file: OutgoingFile) -> None:
    head = json.dumps({"name": file.name, "content_type": file.content_type, "size": len(file.content)})
    write_whole(path, head.encode() + b"\n" + file.content)


def _read(path: Path) -> OutgoingFile | None:
    try:
        head, _, content = path.read_bytes().partition(b"\n")
        said = json.loads(head)
        file = OutgoingFile(str(said["name"]), str(said["content_type"]), content)
        return file if len(content) == said["size"] and sniffed(content) == file.content_type else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _size(folder: Path) -> int:
    return sum(
        os.lstat(os.path.join(place, name)).st_size
        for place, _, names in os.walk(folder)
        for name in names
        if name != LOCK
    )
