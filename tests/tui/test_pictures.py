"""A stranger's picture becomes small and plain in a process of its own, and what is none becomes one line."""

from __future__ import annotations

import asyncio
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from agentiq_tui.locale import use
from agentiq_tui.pictures import reduce, reducing
from agentiq_tui.pictures.reducing import NotShown, reduced
from agentiq_tui.pictures.terminal import PICTURE, Shows, Way, drawn, taken_away, understood, wanted


def photo(kind: str = "JPEG", size: tuple[int, int] = (400, 300), **facts: object) -> bytes:
    buffer = BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(buffer, kind, **facts)
    return buffer.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that would be gigabytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(autouse=True)
def _english() -> None:
    use("en")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("form", [reduce.PNG, reduce.JPEG])
async def test_every_kind_of_picture_becomes_one_that_the_terminal_takes(kind: str, form: str) -> None:
    small = await reduced(photo(kind), form, 100, 100)
    assert (small.width, small.height, small.before) == (100, 75, (400, 300))
    with Image.open(BytesIO(small.content)) as picture:
        assert (picture.format, picture.size) == (form.upper(), (100, 75))


async def test_a_small_picture_keeps_its_size_and_a_telephones_stands_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    small = await reduced(photo(size=(40, 30), exif=turned), reduce.PNG, 1_000, 1_000)
    assert (small.width, small.height) == (30, 40)


async def test_nothing_but_pixels_is_left_of_it() -> None:
    told = Image.Exif()
    told[0x010E] = "secret place"
    small = await reduced(photo(exif=told), reduce.JPEG, 100, 100)
    assert b"secret" not in small.content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no picture"),
        (b"MZ" + bytes(1_000), "no picture"),
        (photo("PNG")[:200], "no picture"),
        (photo("PNG").replace(b"IDAT", b"IDAX"), "no picture"),
        (b"GIF89a" + b"\xff" * 500, "no picture"),
        (b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 500, "no picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n(x) run", "no picture"),
        (png_that_claims(2_000_000_000, 2), "too many pixels"),
        (png_that_claims(60_000, 60_000), "too many pixels"),
        (png_that_claims(0, 7), "no picture"),
        (bytes(reducing.LARGEST + 1), "larger than 20 MB"),
    ],
)
async def test_what_cannot_be_shown_is_one_line(content: bytes, words: str) -> None:
    with pytest.raises(NotShown, match=words):
        await reduced(content, reduce.PNG, 100, 100)


async def test_a_decoder_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reducing, "PATIENCE", 0.0)
    with pytest.raises(NotShown, match="too long"):
        await reduced(photo(), reduce.PNG, 100, 100)


async def test_who_goes_on_leaves_no_decoder_behind() -> None:
    going = asyncio.ensure_future(reduced(photo(size=(4_000, 3_000)), reduce.SIXEL, 1_000, 800))
    await asyncio.sleep(0.05)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going


async def test_the_decoder_is_given_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    seen: dict[str, str] = {}
    begin = asyncio.create_subprocess_exec

    async def watched(*command: str, **how: object) -> object:
        seen.update(how["env"])  # type: ignore[call-overload]
        return await begin(*command, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    monkeypatch.setenv("AGENTIQ_TOKEN", "secret")
    await reduced(photo(), reduce.PNG, 10, 10)
    assert "AGENTIQ_TOKEN" not in seen


def test_sixels_are_the_pixels() -> None:
    picture = Image.new("RGB", (9, 7), "red")
    picture.putpixel((0, 6), (0, 0, 255))
    code = reduce.sixel(picture).decode("ascii")
    head, body = code.split("#", 1)
    assert head == '"1;1;9;7'
    red = next(part[0] for part in code.split("#") if part.endswith(";2;100;0;0"))
    blue = next(part[0] for part in code.split("#") if part.endswith(";2;0;0;100"))
    first, second = body[body.index(f"#{red}!") :].split("-")[:2]
    assert first == f"#{red}!9~$", "six full rows"
    assert set(second.split("$")) == {f"#{blue}@!8?", f"#{red}?!8@", ""}


OK = f"\x1b_Gi={PICTURE};OK\x1b\\"


@pytest.mark.parametrize(
    ("answers", "shows"),
    [
        ([], Shows(None)),
        (["\x1b[?62;22c"], Shows(None)),
        (["\x1b[?4;22c"], Shows(None)),
        (["\x1b[?62;4;22c"], Shows(Way.SIXEL)),
        ([OK, "\x1b[6;18;9t", "\x1b[?62;4c"], Shows(Way.KITTY, (9, 18))),
        ([f"\x1b_Gi={PICTURE};ENOTSUP:no\x1b\\", "\x1b[?62c"], Shows(None)),
        (["\x1b_Gi=1;OK\x1b\\", "\x1b[?62c"], Shows(None)),
        (["\x1bP>|iTerm2 3.5.4\x1b\\", "\x1b[?62;4c"], Shows(Way.FILE)),
        (["\x1bP>|WezTerm 20240203\x1b\\", "\x1b[?65;4c"], Shows(Way.FILE)),
        (["\x1bP>|tmux 3.5\x1b\\", "\x1b[?1;2;4c"], Shows(Way.SIXEL)),
        (["\x1bP>|XTerm(390)\x1b\\", "\x1b[6;0;0t", "\x1b[?64;1c"], Shows(None)),
    ],
)
def test_only_what_the_terminal_says_counts(answers: list[str], shows: Shows) -> None:
    assert understood(answers) == shows


def test_over_ssh_pictures_are_off_unless_asked_for() -> None:
    far = {"SSH_CONNECTION": "1 2 3 4"}
    assert [wanted(setting, {}) for setting in ("auto", "on", "off")] == [True, True, False]
    assert [wanted(setting, far) for setting in ("auto", "on", "off")] == [False, True, False]


def test_a_long_picture_reaches_kitty_in_pieces_that_it_takes() -> None:
    sequence = drawn(Way.KITTY, bytes(range(256)) * 64, (3, 4), (10, 5))
    pieces = sequence.removeprefix("\x1b7\x1b[5;4H").removesuffix("\x1b8").split("\x1b\\")[:-1]
    assert all(piece.startswith("\x1b_G") and len(piece.partition(";")[2]) <= 4_096 for piece in pieces)
    assert ["m=1" in piece for piece in pieces] == [True] * (len(pieces) - 1) + [False]
    assert f"i={PICTURE}" in taken_away(Way.KITTY)
    assert taken_away(Way.SIXEL) == ""
