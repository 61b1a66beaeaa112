"""Names and kinds of files that other people choose."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentiq_core.domain.files import NAME_BYTES, UNKNOWN, VIEWABLE, safe_name, sniffed
from agentiq_core.domain.outbox import file_client_id, new_client_id

KINDS = st.sampled_from([*sorted(VIEWABLE), UNKNOWN, "application/zip"])
HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from('./\\:~-*?"<>|\x00\n\x1b\u202e\u200b `$(){};&')), max_size=400
)


@given(HOSTILE, KINDS, HOSTILE)
@example("../../etc/passwd", UNKNOWN, "")
@example("..", UNKNOWN, "..")
@example("C:\\Windows\\con.png", "image/png", "x")
@example("a" * 400 + "." + "b" * 400, "image/png", "x")
@example("-rf", UNKNOWN, "")
def test_a_safe_name_is_one_visible_component_of_its_folder(name: str, kind: str, otherwise: str) -> None:
    safe = safe_name(name, kind, otherwise=otherwise)
    folder = Path("/folder")
    assert (folder / safe).resolve().parent == folder
    assert safe == PurePosixPath(safe).name == PureWindowsPath(safe).name
    assert safe.strip(" .")
    assert safe[0] not in ".-~ "
    assert safe[-1] not in ". "
    assert not any(unicodedata.category(char)[0] == "C" for char in safe)
    assert len(safe.encode()) <= NAME_BYTES


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("чек.pdf", "application/pdf", "чек.pdf"),
        ("IMG_1.JPG", "image/jpeg", "IMG_1.JPG"),
        ("invoice.exe", "application/pdf", "invoice.exe.pdf"),
        ("gpj.\u202eexe", UNKNOWN, "gpj.exe"),
        ("/etc/passwd", UNKNOWN, "passwd"),
        ("..\\..\\boot.ini", UNKNOWN, "boot.ini"),
        (".bashrc", UNKNOWN, "bashrc"),
        ("con", UNKNOWN, "_con"),
        (None, "image/jpeg", "chat-7-1.jpg"),
        ("\x1b]0;x\x07", "image/png", "\ufffd]0;x\ufffd.png"),
    ],
)
def test_names_stay_as_far_as_they_are_harmless(name: str | None, kind: str, safe: str) -> None:
    assert safe_name(name, kind, otherwise="chat-7-1") == safe


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xef\xbb\xbf%PDF-1.4", "application/pdf"),
        (b"RIFF1234WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"PK\x03\x04", "application/zip"),
        (b"#!/bin/sh", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_a_kind_is_told_by_the_bytes(content: bytes, kind: str) -> None:
    assert sniffed(content) == kind


@given(st.binary(max_size=64))
def test_no_bytes_are_too_strange_to_be_told(content: bytes) -> None:
    assert sniffed(content)


@given(st.uuids(), st.integers(1, 255), st.integers(1, 255))
def test_files_of_one_press_share_all_but_the_last_byte(client_id: UUID, one: int, other: int) -> None:
    first, second = file_client_id(client_id, one), file_client_id(client_id, other)
    assert (first == second) == (one == other)
    assert str(first)[:34] == str(second)[:34] == str(client_id)[:34]
    assert new_client_id().int & 0xFF == 0
