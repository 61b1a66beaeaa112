"""What is typed, on the disk: a killed process leaves it to one other, and nobody else may read it."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from agentiq_core.domain.drafts import DraftKey, note_field
from agentiq_core.domain.views import ChatRef
from agentiq_tui.kept_words import KEPT_SECONDS, KeptWords
from agentiq_tui.session_folder import SessionFolder

REPLY, NOTE = DraftKey(ChatRef(1, 7)), DraftKey(ChatRef(1, 7), note_field(12))
ANOTHER_PROCESS = """
import sys
from pathlib import Path
from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.views import ChatRef
from agentiq_tui.kept_words import KeptWords
kept = KeptWords(Path(sys.argv[1]))
kept.put(DraftKey(ChatRef(1, 7)), "не потер", ["", "не"])
kept.put(DraftKey(ChatRef(1, 7)), "не потерять", ["", "не"])
print("kept", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "home" / "unsaved" / "place"


def found(kept: KeptWords) -> dict[DraftKey, tuple[str, tuple[str, ...]]]:
    return {words.key: (words.text, words.known) for words in kept.claim()}


def test_a_killed_process_leaves_its_words_to_one_other_and_a_living_one_to_nobody(root: Path) -> None:
    heirs = [KeptWords(root), KeptWords(root)]
    command = [sys.executable, "-c", ANOTHER_PROCESS, str(root)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "kept\n"
    assert [found(heir) for heir in heirs] == [{}, {}]
    process.kill()
    process.communicate()
    assert [found(heir) for heir in heirs] == [{REPLY: ("не потерять", ("", "не"))}, {}]
    # not saved yet: it comes again, to the same session or, when that crashed too, to the next
    [words] = heirs[0].claim()
    heirs[0].close()
    [again] = heirs[1].claim()
    assert (again.key, again.text) == (words.key, words.text)
    heirs[1].forget(again)
    heirs[1].close()
    assert list(root.iterdir()) == []


def test_nobody_else_may_read_them_and_a_saved_text_leaves_nothing(root: Path) -> None:
    kept = KeptWords(root)
    for key in (REPLY, NOTE):
        kept.put(key, "+7 916 123-45-67", [""])
    for path in (root.parent, root, *root.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
        assert "916" not in path.name
    for key in (REPLY, NOTE):
        kept.drop(key)
    kept.close()
    assert list(root.iterdir()) == []


def test_fields_are_apart_and_any_text_comes_back_as_it_was(root: Path) -> None:
    kept, text = KeptWords(root), "«Ёж»\r\n\t\x00 \ud83d конец"
    kept.put(REPLY, text, [""])
    kept.put(NOTE, "", ["было"])
    kept.close()
    heir = KeptWords(root)
    assert found(heir) == {REPLY: (text, ("",)), NOTE: ("", ("было",))}
    heir.close()


def test_what_was_cut_off_is_left_out_and_what_nobody_came_back_for_goes(root: Path) -> None:
    kept = KeptWords(root)
    for key in (REPLY, NOTE):
        kept.put(key, "текст", [""])
    kept.close()
    [session] = root.iterdir()
    (session / "1-7-reply").write_bytes(b'{"chat": [1')
    heir = KeptWords(root)
    assert list(found(heir)) == [NOTE]
    heir.close()
    [session] = root.iterdir()
    long_ago = session.stat().st_mtime - KEPT_SECONDS - 60
    os.utime(session, (long_ago, long_ago))
    assert KeptWords(root).claim() == []
    assert list(root.iterdir()) == []


def test_words_that_no_conversation_takes_do_not_go_from_session_to_session_for_ever(root: Path) -> None:
    kept = KeptWords(root)
    for key in (REPLY, NOTE):
        kept.put(key, "текст", [""])
    kept.close()
    [session] = root.iterdir()
    old = session / "1-7-reply"
    long_ago = old.stat().st_mtime - KEPT_SECONDS + 60
    os.utime(old, (long_ago, long_ago))
    for _ in range(3):
        heir = KeptWords(root)
        assert len(heir.claim()) == 2
        heir.close()
    [session] = root.iterdir()
    for path in session.glob("~*"):
        if path.stat().st_mtime < long_ago + 60:
            os.utime(path, (long_ago - 120, long_ago - 120))
    heir = KeptWords(root)
    assert [words.key for words in heir.claim()] == [NOTE]
    heir.close()


def test_threads_that_need_the_folder_at_the_same_moment_all_have_it(root: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        for number in range(20):
            folder, together = SessionFolder(root / str(number)), Barrier(8)

            def begins(_thread: int, folder: SessionFolder = folder, together: Barrier = together) -> bool:
                together.wait()
                return folder.begun()

            assert all(threads.map(begins, range(8)))
            folder.close()


def test_a_place_that_cannot_be_written_is_said(root: Path) -> None:
    root.parent.parent.mkdir(parents=True)
    root.parent.write_text("a file")
    with pytest.raises(OSError, match=r"."):
        KeptWords(root).put(REPLY, "текст", [""])
    assert KeptWords(root).claim() == []


def test_what_an_editor_left_comes_behind_the_text_that_it_was_given(root: Path) -> None:
    kept = KeptWords(root)
    kept.put(REPLY, "было", ["начало"])
    for number, back in enumerate((b"edited\n", "было\n".encode(), None)):
        folder = kept.lend(DraftKey(ChatRef(1, number)), "было")
        if back is not None:
            (folder / "reply.txt").write_bytes(back)
    kept.close()
    heir = KeptWords(root)
    assert [(words.key.ref.chat_id, words.text, words.known) for words in heir.claim()] == [
        (7, "было", ("начало",)),
        (0, "edited", ("было",)),
    ]
    for words in heir.claim():
        heir.forget(words)
    heir.close()
    assert list(root.iterdir()) == []
