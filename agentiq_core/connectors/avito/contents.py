"""What a message shows, by its type: readable words, or files (Avito API, messenger, MessageContent)."""

from __future__ import annotations

import re
from typing import Final

from agentiq_core.connectors.avito import wire
from agentiq_core.connectors.fetching import attached
from agentiq_core.connectors.mapping import present, word
from agentiq_core.domain.messages import Attachment, AttachmentKind

VOICE: Final = "voice:"
"""In front of the id in a `download_id`: a voice message has no link of its own."""

_SIZE: Final = re.compile(r"(\d{1,6})\D(\d{1,6})")
_BARE: Final = {
    "deleted": "Сообщение удалено",
    "call": "Звонок",
    "appCall": "Звонок через Авито",
    "file": "Файл: Авито не передаёт его через API, он есть в кабинете",
    "video": "Видео: Авито не передаёт его через API, оно есть в кабинете",
    "voice": "Голосовое сообщение",
    "image": "Изображение",
    "location": "Место на карте",
    "item": "Объявление",
    "link": "Ссылка",
}
"""What is said where nothing else is there to show. Types beside these are not documented."""


def shown(kind: str | None, content: wire.Content | None) -> tuple[str, tuple[Attachment, ...]]:
    """The text and the files of a message; of an unknown type its text, or a line that says so."""
    held = content or wire.Content.model_validate({})
    text, files = _by_type(kind, held)
    if text or files or kind in (None, "text", "system"):
        return text, files
    unknown = f"Сообщение вида {word(kind)}: AgentIQ его не показывает, оно есть в кабинете"
    return held.text or _BARE.get(kind or "", unknown), ()


def largest(sizes: list[tuple[str | None, str | None]]) -> str | None:
    """The link to the largest picture of (size, link); sizes are written "1280x960"."""
    links = [(_pixels(size), link) for size, link in sizes if present(link)]
    return max(links, key=lambda one: one[0])[1] if links else None


def _by_type(kind: str | None, held: wire.Content) -> tuple[str, tuple[Attachment, ...]]:
    match kind:
        case "image" if held.image is not None:
            link = largest(list((held.image.sizes or {}).items()))
            return "", () if link is None else (attached(link, image=True),)
        case "voice" if held.voice is not None and (voice := present(held.voice.voice_id)):
            return "", (_voice(voice),)
        case "link" if held.link is not None:
            return _link(held.link), ()
        case "item" if held.item is not None:
            item = held.item
            return _lines(_joined(item.title, item.price_string), item.item_url, before="Объявление: "), ()
        case "location" if held.location is not None:
            return _location(held.location), ()
        case "call" if held.call is not None and held.call.status == "missed":
            return "Пропущенный звонок", ()
        case None | "text" | "system":
            return held.text or "", ()
    return "", ()


def _voice(voice_id: str) -> Attachment:
    # opus in a container of MPEG-4 (Avito API, getVoiceFiles)
    return Attachment(
        AttachmentKind.FILE,
        download_id=f"{VOICE}{voice_id}",
        name="Голосовое сообщение.mp4",
        content_type="audio/mp4",
    )


def _link(link: wire.Link) -> str:
    told = present(link.text) or present(link.url) or ""
    title = present(link.preview.title) if link.preview is not None else None
    rest = link.url if present(link.url) and (link.url or "") not in told else None
    return _lines(told, rest, title if title and title not in told else None)


def _location(place: wire.Location) -> str:
    told = present(place.text) or present(place.title)
    at = f"{place.lat:.6f}, {place.lon:.6f}" if place.lat is not None and place.lon is not None else None
    return _lines(told or at, at if told else None, before="Место на карте: ")


def _lines(first: str | None, *others: str | None, before: str = "") -> str:
    told = [line for line in (first, *others) if line and not line.isspace()]
    return before + "\n".join(told) if told else ""


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part and not part.isspace())


def _pixels(size: str | None) -> int:
    found = _SIZE.search(size or "")
    return int(found[1]) * int(found[2]) if found else 0
