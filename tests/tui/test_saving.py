"""A buyer's file on this machine's disk, and files of this machine as terminals name them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentiq_core.domain.errors import FileNotTaken, FileTooLarge
from agentiq_core.domain.files import FileRules, FileState, ReceivedFile
from agentiq_tui.attaching import UnreadableFile, completed, paths_in, read_file
from agentiq_tui.locale import use
from agentiq_tui.saving import NotSaved, download_folder, save, show

PNG = b"\x89PNG\r\n\x1a\n"
RULES = FileRules(frozenset({"image/png", "application/pdf"}), max_bytes=100, max_total_bytes=1000)


@pytest.fixture(autouse=True)
def _english() -> None:
    use("en")


def received(name: str, content: bytes = PNG) -> ReceivedFile:
    return ReceivedFile(FileState.READY, name, "image/png", content)


def test_a_taken_name_gets_a_number_and_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / "photo.png").symlink_to(target)
    paths = [save(tmp_path, received("photo.png")) for _ in range(2)]
    assert [path.name for path in paths] == ["photo (2).png", "photo (3).png"]
    assert not target.exists()


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "disk is full"), (errno.EIO, "Input/output error")]
)
def test_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    def fails(_descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(NotSaved, match=words) as error:
        save(tmp_path, received("photo.png"))
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_nothing_larger_than_the_limit_is_written(tmp_path: Path) -> None:
    with pytest.raises(NotSaved, match="larger than 30 MB"):
        save(tmp_path, received("photo.png", bytes(30 * 1024 * 1024 + 1)))
    assert list(tmp_path.iterdir()) == []


def test_a_download_folder_that_is_the_home_itself_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AGENTIQ_HOME", str(tmp_path / "agentiq"))
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "user-dirs.dirs").write_text('XDG_DOWNLOAD_DIR="$HOME"\n')
    assert download_folder({}) == tmp_path / "agentiq" / "files"
    assert download_folder({"XDG_DOWNLOAD_DIR": str(tmp_path / "gone")}) == tmp_path / "agentiq" / "files"


def test_a_viewer_is_asked_only_where_somebody_sits_before_the_screen(tmp_path: Path) -> None:
    pipe, viewer = tmp_path / "opened", tmp_path / "bin" / "xdg-open"
    os.mkfifo(pipe)
    viewer.parent.mkdir()
    viewer.write_text(f'#!/bin/sh\necho "$1" > "{pipe}"\n')
    viewer.chmod(0o755)
    desktop = {"DISPLAY": ":0", "PATH": f"{viewer.parent}:/bin:/usr/bin"}
    assert not show(tmp_path, {"PATH": desktop["PATH"]})
    assert not show(tmp_path, desktop | {"SSH_CONNECTION": "10.0.0.1 22"})
    assert not show(tmp_path, desktop | {"PATH": str(tmp_path)})
    photo = tmp_path / "a photo; rm.png"
    assert show(photo, desktop)
    assert pipe.read_text() == f"{photo}\n"


def test_a_dropped_file_is_understood_however_the_terminal_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    photo, other = tmp_path / "мой снимок.png", tmp_path / "it's.pdf"
    for path in (photo, other):
        path.write_bytes(PNG)
    for line in (
        str(photo),
        f"'{photo}' ",
        f'"{photo}"',
        str(photo).replace(" ", "\\ "),
        photo.as_uri(),
        f"{photo.as_uri()}\r",
        "~/мой снимок.png",
    ):
        assert paths_in(line) == [photo], line
    assert paths_in(str(other)) == [other]
    assert paths_in(f"'{photo}' {other.as_uri()}") == [photo, other]
    assert paths_in(f"{other.as_uri()} {photo.as_uri()}") == [other, photo]
    assert paths_in("   ") == []


@given(st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_line_is_too_strange_to_be_looked_at(line: str) -> None:
    try:
        paths = paths_in(line)
    except ValueError:
        pytest.fail(line)
    for path in paths:
        with pytest.raises((UnreadableFile, FileNotTaken, FileTooLarge)):
            read_file(path, RULES)
    completed(line)


def test_a_path_is_completed_as_far_as_it_is_certain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for name in ("photos/one.png", "photos/only.png", "photos/.hidden", "receipt.pdf"):
        (tmp_path / name).touch()
    assert completed("ph") == ("photos/", [])
    assert completed("~") == ("~/", [])
    assert completed("~/photos/o") == ("~/photos/on", ["one.png", "only.png"])
    assert completed("'~/photos/one") == ("'~/photos/one.png", [])
    assert completed("photos/.h") == ("photos/.hidden", [])
    assert completed("zzz") == ("zzz", [])
    assert completed((tmp_path / "rec").as_uri()) == (str(tmp_path / "receipt.pdf"), [])


def test_a_file_is_held_against_the_rules_by_its_bytes(tmp_path: Path) -> None:
    good, disguised, large = tmp_path / "a.bin", tmp_path / "b.png", tmp_path / "c.png"
    good.write_bytes(PNG)
    disguised.write_bytes(b"GIF89a")
    large.write_bytes(PNG + bytes(100))
    assert read_file(good, RULES).content_type == "image/png"
    with pytest.raises(FileNotTaken):
        read_file(disguised, RULES)
    with pytest.raises(FileTooLarge):
        read_file(large, RULES)
    os.mkfifo(tmp_path / "pipe")
    for path, words in (
        (tmp_path / "gone", "no such file"),
        (tmp_path, "directory"),
        (tmp_path / "pipe", "not a file"),
    ):
        with pytest.raises(UnreadableFile, match=words):
            read_file(path, RULES)
