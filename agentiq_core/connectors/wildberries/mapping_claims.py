"""Claims for returns as conversations: what the buyer complains of, then what was decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from pydantic import ValidationError

from agentiq_core.connectors.mapping import Outcome, known_id, moment, present, read_again
from agentiq_core.connectors.wildberries import wire_claims as wire
from agentiq_core.connectors.wildberries.mapping import digest
from agentiq_core.connectors.wire import flaws, raw
from agentiq_core.domain.messages import (
    Attachment,
    AttachmentKind,
    Author,
    Channel,
    IncomingChat,
    IncomingMessage,
    Message,
    Origin,
    Product,
    Unreadable,
)

MOSCOW: Final = timezone(timedelta(hours=3))

_LATER: Final = timedelta(milliseconds=1)
_UNDER_REVIEW: Final = 0
_DECISIONS: Final = {1: "Заявка на возврат отклонена.", 2: "Заявка на возврат одобрена."}
_GOODS: Final = {
    1: "Товар остаётся у покупателя.",
    2: "Покупатель сдаёт товар Wildberries, товар будет утилизирован.",
    5: "Товар остаётся у покупателя.",
    8: "Товар вернётся в продажу после проверки Wildberries.",
    10: "Товар возвращается продавцу.",
}


@dataclass(frozen=True, slots=True)
class ReadClaim:
    """A claim as a conversation. `print` changes whenever anything of it does."""

    id: str
    created: datetime
    print: str
    messages: tuple[IncomingMessage, ...]
    chat: IncomingChat


def claim_of(item: object, archived: bool = False) -> ReadClaim | Unreadable:
    """A claim, or why it cannot be read; the reason repeats nothing a buyer wrote."""
    try:
        claim = wire.Claim.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, flaws(error))
    created = moment(claim.created, zone=MOSCOW)
    if created is None:
        return _unreadable(item, "no usable dt")
    words = Message(
        external_id=claim.id,
        author=Author.BUYER,
        origin=Origin.BUYER,
        sent_at=created,
        text=claim.user_comment or "",
        attachments=tuple(_attachments(claim)),
    )
    decision = _decision(claim, created)
    product = _product(claim)
    messages = (words,) if decision is None else (words, decision)
    seen: list[Any] = [words.text, [file.url for file in words.attachments], archived]
    seen += [decision and decision.external_id, claim.nm_id, claim.srid]
    return ReadClaim(
        id=claim.id,
        created=created,
        print=digest(json.dumps(seen)),
        messages=tuple(
            IncomingMessage(claim.id, message, channel=Channel.CLAIM.value, product=product)
            for message in messages
        ),
        chat=IncomingChat(
            external_id=claim.id,
            channel=Channel.CLAIM.value,
            product=product,
            settled_through=messages[-1].sent_at if archived or decision is not None else None,
            closed=archived,
        ),
    )


def reread(kept: Unreadable) -> Outcome:
    """A claim that was kept raw, read as claims are read now."""

    def messages(item: object) -> Outcome:
        outcome = claim_of(item)
        return outcome if isinstance(outcome, Unreadable) else outcome.messages

    return read_again(kept, messages)


def _decision(claim: wire.Claim, created: datetime) -> Message | None:
    """What was decided, in the words of the cabinet; None while the claim is under review."""
    told = present(claim.wb_comment)
    if claim.status in (None, _UNDER_REVIEW) and told is None:
        return None
    lines = [_DECISIONS.get(claim.status or 0, ""), _GOODS.get(claim.goods_status or 0, "")]
    text = " ".join(line for line in lines if line)
    if told is not None:
        text = f"{text}\nОтвет покупателю: {told}".lstrip()
    text = text or f"Решение по заявке: {claim.status}"
    decided = moment(claim.updated, zone=MOSCOW) or created
    return Message(
        # a claim may be decided anew: another decision is another message
        external_id=f"decision:{digest(text)}",
        author=Author.MARKETPLACE,
        origin=Origin.AUTOMATIC,
        sent_at=max(decided, created + _LATER),
        text=text,
    )


def _attachments(claim: wire.Claim) -> Iterator[Attachment]:
    for kind, paths in ((AttachmentKind.IMAGE, claim.photos), (AttachmentKind.FILE, claim.videos)):
        for path in paths or ():
            if isinstance(path, str) and present(path):
                yield Attachment(kind=kind, url=f"https:{path}" if path.startswith("//") else path)


def _product(claim: wire.Claim) -> Product | None:
    """The good and its order: `srid` equals the `rid` of chats (WB API, claims)."""
    if not claim.nm_id and not present(claim.srid):
        return None
    return Product(
        external_id=str(claim.nm_id or ""), title=present(claim.title), order_id=present(claim.srid)
    )


def _unreadable(item: object, reason: str) -> Unreadable:
    name = known_id(item.get("id")) if isinstance(item, dict) else None
    return Unreadable(
        raw=raw(item),
        reason=reason,
        chat_external_id=name,
        message_external_id=name,
        channel=Channel.CLAIM.value,
    )
