"""The multipart body of POST /api/v1/seller/message, read within its limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from agentiq_core.sandbox.wildberries.files import MAX_FILE


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it came. content is cut at the size limit, size is the whole."""

    name: str
    content: bytes
    size: int


@dataclass(slots=True)
class MessageForm:
    """The fields of the body; absent ones are empty."""

    sign: str = ""
    text: str = ""
    files: list[SentFile] = field(default_factory=list)


class NotMultipart(Exception):
    """The body is of another type, or broken; the text is what the marketplace answers."""


async def read_form(request: web.Request) -> MessageForm:
    """Read the whole body. Unknown fields are ignored, as the marketplace ignores them."""
    if request.content_type != "multipart/form-data":
        raise NotMultipart("request Content-Type isn't multipart/form-data")
    form = MessageForm()
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise NotMultipart("multipart: nested parts")
            if part.name == "file":
                form.files.append(await _read_file(part))
            elif part.name == "replySign":
                form.sign = await part.text(encoding="utf-8")
            elif part.name == "message":
                form.text = await part.text(encoding="utf-8")
            else:
                await part.release()
    except ValueError as error:
        raise NotMultipart("multipart: NextPart: EOF") from error
    return form


async def _read_file(part: BodyPartReader) -> SentFile:
    kept, size = bytearray(), 0
    while chunk := await part.read_chunk(65536):
        size += len(chunk)
        if len(kept) <= MAX_FILE:
            kept += chunk
    return SentFile(name=part.filename or "file", content=bytes(kept), size=size)
