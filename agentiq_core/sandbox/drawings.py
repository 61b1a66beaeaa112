"""Files of conversations: recognised by content, and drawn as real small PNG and PDF files."""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import Final

from agentiq_core.sandbox.conversation import Attachment

_SIDE: Final = 48
_SIGNATURES: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)


def recognise(content: bytes) -> str | None:
    """Content type of a JPEG, PNG, PDF, GIF or BMP, None for any other file."""
    return next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), None)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def draw_photo(name: str) -> bytes:
    """A small PNG, a slanting gradient whose colours follow from the name."""
    red, green, blue = hashlib.sha256(name.encode()).digest()[:3]
    rows = bytearray()
    for y in range(_SIDE):
        rows.append(0)
        for x in range(_SIDE):
            shade = (x + y) * 255 // (2 * _SIDE)
            rows += bytes(((red + shade) % 256, (green + shade) % 256, (blue + shade) % 256))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows)))
        + _chunk(b"IEND", b"")
    )


def draw_receipt(name: str) -> bytes:
    """A one-page PDF with a line of text, its cross-reference table right."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    text = f"BT /F1 14 Tf 20 100 Td (Receipt No {number}) Tj ET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 240 140] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(body)
    body += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in offsets)
    body += b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(body)


def content_of(file: Attachment) -> bytes:
    """What a file holds; one without content is drawn once."""
    if file.content is None:
        file.content = (draw_photo if file.is_image else draw_receipt)(file.download_id)
    return file.content
