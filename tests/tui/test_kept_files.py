"""Waiting files on the disk: what a killed process left is taken once, what a living one holds is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import new_client_id
from agentiq_core.domain.views import ChatRef
from agentiq_tui import kept_files
from agentiq_tui.kept_files import KEPT_SECONDS, KeptFiles

HERE, THERE = ChatRef(1, 7), ChatRef(1, 77)
PNG = b"\x89PNG\r\n\x1a\n"
ANOTHER_PROCESS = """
import sys
from pathlib import Path
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.views import ChatRef
from agentiq_tui.kept_files import KeptFiles
kept = KeptFiles(Path(sys.argv[1]))
assert kept.put(ChatRef(1, 7), 3, OutgoingFile("a.png", "image/png", bytes.fromhex(sys.argv[2])))
print("kept", flush=True)
sys.stdin.read()
"""


def picture(name: str, more: bytes = b"") -> OutgoingFile:
    return OutgoingFile(name, "image/png", PNG + more)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "attached" / "place"


@contextmanager
def another(root: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that keeps one file of `HERE`; killed at the end."""
    command = [sys.executable, "-c", ANOTHER_PROCESS, str(root), picture("a.png").content.hex()]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "kept\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def restored(kept: KeptFiles, ref: ChatRef = HERE) -> list[OutgoingFile]:
    return [file for found in kept.claim(ref) for file in kept.load(found, ())]


def test_a_killed_process_leaves_its_files_to_one_other_and_a_living_one_to_nobody(root: Path) -> None:
    heirs = [KeptFiles(root), KeptFiles(root)]
    with another(root) as process:
        assert [restored(heir) for heir in heirs] == [[], []]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert restored(heirs[0], THERE) == []
        assert restored(heirs[0]) == [picture("a.png")]
        assert restored(heirs[1]) == []
    for heir in heirs:
        heir.close()


def test_an_heir_that_crashes_before_it_keeps_them_anew_loses_nothing(root: Path) -> None:
    first = KeptFiles(root)
    assert first.put(HERE, 1, picture("a.png"))
    first.close()
    heir = KeptFiles(root)
    [found] = heir.claim(HERE)
    assert heir.claim(HERE) == [found], "the same session may ask again"
    heir.close()
    last = KeptFiles(root)
    [again] = last.claim(HERE)
    assert last.load(again, ()) == [picture("a.png")]
    last.forget(again)
    assert last.claim(HERE) == []
    last.close()


def test_dropped_and_sent_files_leave_nothing_behind(root: Path) -> None:
    kept = KeptFiles(root)
    for number in (1, 2):
        assert kept.put(HERE, number, picture(f"{number}.png"))
    kept.leaving(HERE, new_client_id(), [1])
    kept.drop(HERE, [1])
    assert (kept.has(HERE, 1), kept.has(HERE, 2)) == (False, True)
    kept.drop(HERE, [2])
    kept.close()
    assert list(root.iterdir()) == []


def test_who_may_have_left_is_told_with_the_files(root: Path) -> None:
    kept, client_id = KeptFiles(root), new_client_id()
    for number in (1, 2, 3):
        assert kept.put(HERE, number, picture(f"{number}.png"))
    kept.leaving(HERE, client_id, [1, 2])
    kept.close()
    heir = KeptFiles(root)
    [found] = heir.claim(HERE)
    assert (found.numbers, found.client_id, found.leaving) == ((1, 2, 3), client_id, (1, 2))
    assert heir.load(found, {1, 2}) == [picture("3.png")]
    heir.close()


def test_no_more_is_kept_than_may_be(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_files, "MOST_BYTES", 1000)
    first, second = KeptFiles(root), KeptFiles(root)
    assert first.put(HERE, 1, picture("a.png", b"x" * 500))
    assert not second.put(HERE, 1, picture("b.png", b"x" * 500))
    first.drop(HERE, [1])
    assert second.put(HERE, 1, picture("b.png", b"x" * 500))
    for one in (first, second):
        one.close()


def test_what_was_cut_off_or_is_no_file_of_ours_is_left_out(root: Path) -> None:
    kept = KeptFiles(root)
    for number in (1, 2, 3):
        assert kept.put(HERE, number, picture(f"{number}.png"))
    kept.close()
    [session] = root.iterdir()
    (session / "1-7" / "1").write_bytes(b"{}")
    whole = (session / "1-7" / "2").read_bytes()
    (session / "1-7" / "2").write_bytes(whole[:-1])
    heir = KeptFiles(root)
    assert restored(heir) == [picture("3.png")]
    heir.close()


def test_what_nobody_came_back_for_goes_after_two_weeks(root: Path) -> None:
    kept = KeptFiles(root)
    assert kept.put(HERE, 1, picture("a.png"))
    kept.close()
    [session] = root.iterdir()
    long_ago = session.stat().st_mtime - KEPT_SECONDS - 60
    os.utime(session, (long_ago, long_ago))
    assert restored(KeptFiles(root)) == []
    assert list(root.iterdir()) == []
