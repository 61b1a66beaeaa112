"""Makes a picture of a stranger small and plain, in a process of its own: `python -I reduce.py FORM WIDTH HEIGHT`.

The picture comes on stdin; on stdout a line of JSON ({"width", "height"} of the result, {"from": [width, height]}), then
its bytes. Imports nothing of AgentIQ, so that it starts fast and holds no secret; a decoder that dies or eats memory
takes nobody with it. Exit codes: `BROKEN`, `TOO_LARGE`, `NO_LIBRARY`.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

BROKEN, TOO_LARGE, NO_LIBRARY = 3, 4, 5
PIXELS = 64_000_000
"""Pixels that are decoded at most: no telephone makes more."""
MEMORY = 1024 * 1024 * 1024
SECONDS = 15
COLOURS = 128
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
PNG, JPEG, SIXEL, RGB = "png", "jpeg", "sixel", "rgb"

_RUN = re.compile(rb"(.)\1{3,}", re.DOTALL)
_EMPTY = 63


def reduced(
    content: bytes, form: str, width: int, height: int
) -> tuple[bytes, tuple[int, int], tuple[int, int]]:
    """The first frame in this form, no larger than this, upright: its bytes, its size, the size it had.

    Raises `OSError` and others for what is no picture, `OverflowError` for too many pixels.
    """
    from PIL import Image, ImageOps

    # judged below, before anything is decoded
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(BytesIO(content), formats=FORMATS) as source:
        before = source.size
        if before[0] * before[1] > PIXELS:
            raise OverflowError(before)
        # a JPEG can be decoded at a fraction of its size
        source.draft("RGB", (width * 2, height * 2))
        source.load()
        picture = ImageOps.exif_transpose(source) or source
        if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
            clear = picture.convert("RGBA")
            picture = Image.new("RGB", clear.size, "white")
            picture.paste(clear, mask=clear.getchannel("A"))
        picture = picture.convert("RGB")
        picture.thumbnail((width, height))
    return _written(picture, form), picture.size, before


def _written(picture: Image, form: str) -> bytes:
    if form == RGB:
        return picture.tobytes()
    if form == SIXEL:
        return sixel(picture)
    buffer = BytesIO()
    # nothing of the original but its pixels: no place, no telephone, no profile
    picture.save(buffer, "PNG" if form == PNG else "JPEG")
    return buffer.getvalue()


def sixel(picture: Image) -> bytes:
    """The picture as DEC sixels: six rows at a time, one colour after another."""
    plain = picture.quantize(COLOURS)
    width, height = plain.size
    pixels, palette = plain.tobytes(), plain.getpalette() or []
    out = [b'"1;1;%d;%d' % (width, height)]
    for number in range(len(palette) // 3):
        parts = (round(level * 100 / 255) for level in palette[number * 3 : number * 3 + 3])
        out.append(b"#%d;2;%d;%d;%d" % (number, *parts))
    # for each row of a band and each colour: the table that turns the row into its bits
    tables = [
        [bytes(1 << row if index == number else 0 for index in range(256)) for number in range(COLOURS)]
        for row in range(6)
    ]
    drawn = bytes((bits + _EMPTY) & 0xFF for bits in range(256))
    for top in range(0, height, 6):
        rows = [pixels[place * width : (place + 1) * width] for place in range(top, min(top + 6, height))]
        for number in sorted(set(b"".join(rows))):
            bits = 0
            for row, line in enumerate(rows):
                bits |= int.from_bytes(line.translate(tables[row][number]))
            band = bits.to_bytes(width).translate(drawn)
            short = _RUN.sub(lambda run: b"!%d%b" % (len(run[0]), run[1]), band)
            out.append(b"#%d%b$" % (number, short))
        out.append(b"-")
    return b"".join(out)


def main() -> int:
    """Read, judge, write; the exit code says what was wrong."""
    form, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        return NO_LIBRARY
    try:
        content, size, before = reduced(sys.stdin.buffer.read(), form, width, height)
    except (OverflowError, MemoryError):
        return TOO_LARGE
    except (OSError, ValueError, SyntaxError, ArithmeticError, LookupError, TypeError, zlib.error):
        # Pillow's readers raise all of these for broken files
        return BROKEN
    told = {"width": size[0], "height": size[1], "from": before}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
