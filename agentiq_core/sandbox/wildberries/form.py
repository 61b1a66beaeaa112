"""The multipart body of POST /api/v1/seller/message, read within its limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from aiohttp import BodyPartReader, web

from agentiq_core.sandbox.asked import Asked, BadBody
from agentiq_core.sandbox.wildberries.signs import chat_id_of

MAX_FILE: Final = 5 * 1024 * 1024


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


async def read_form(request: web.Request) -> Asked:
    """Read the whole body. Unknown fields are ignored, as the marketplace ignores them."""
    if request.content_type != "multipart/form-data":
        raise BadBody("request Content-Type isn't multipart/form-data")
    form = MessageForm()
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise BadBody("multipart: nested parts")
            if part.name == "file":
                form.files.append(await _read_file(part))
            elif part.name == "replySign":
                form.sign = await part.text(encoding="utf-8")
            elif part.name == "message":
                form.text = await part.text(encoding="utf-8")
            else:
                await part.release()
    except ValueError as error:
        raise BadBody("multipart: NextPart: EOF") from error
    return Asked(form, chat=chat_id_of(form.sign), text=form.text)


async def _read_file(part: BodyPartReader) -> SentFile:
    kept, size = bytearray(), 0
    while chunk := await part.read_chunk(65536):
        size += len(chunk)
        if len(kept) <= MAX_FILE:
            kept += chunk
    return SentFile(name=part.filename or "file", content=bytes(kept), size=size)
