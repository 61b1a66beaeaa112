"""From a chat's words to the desk's (Ozon API, chat/list and chat/history)."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from agentiq_core.connectors.mapping import Outcome, known_id, moment, present, read_again
from agentiq_core.connectors.ozon import feedback, wire
from agentiq_core.connectors.ozon.files import Moderated, attachment_of, is_file
from agentiq_core.connectors.ozon.markdown import bare_link, links_of, plain
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

_BUYERS: Final = "buyer_seller"
_CLOSED: Final = {"closed": True, "opened": False}


def chat_of(item: object) -> tuple[IncomingChat, str | None] | Unreadable | None:
    """A line of the list with the id of its newest message; None for a conversation that is not with a buyer.

    A line without a kind is taken: whatever support writes there is automatic anyway.
    """
    try:
        listed = wire.ListedChat.model_validate(item)
    except ValidationError as error:
        return Unreadable(raw=raw(item), reason=flaws(error))
    chat = listed.chat
    if chat.chat_type is not None and not chat.chat_type.startswith(_BUYERS):
        return None
    closed = _CLOSED.get(chat.chat_status or "")
    return IncomingChat(chat.chat_id, closed=closed), present(listed.last_message_id)


def message_of(item: object, chat: str) -> IncomingMessage | Unreadable:
    """A message of a history, or why it cannot be read; the reason repeats nothing a buyer wrote."""
    try:
        told = wire.Message.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, chat, flaws(error))
    sent_at = moment(told.created_at)
    if sent_at is None:
        return _unreadable(item, chat, "no usable created_at")
    if told.user.type is None:
        return _unreadable(item, chat, "no user.type")
    author, origin = speaker_of(told.user.type)
    text, attachments = _content(told, chat, author)
    return IncomingMessage(
        chat_external_id=chat,
        message=Message(
            external_id=told.message_id,
            author=author,
            origin=origin,
            sent_at=sent_at,
            text=text,
            attachments=attachments,
            read=author is Author.SELLER and told.is_read is True,
        ),
        product=product_of(told.context),
    )


def speaker_of(kind: str) -> tuple[Author, Origin]:
    """Who a message speaks for. Ozon does not tell the API from the cabinet; everybody but the two parties is a machine or
    a person of Ozon's: crm, courier, support, notificationuser, and whatever comes."""
    if kind == "customer":
        return Author.BUYER, Origin.BUYER
    if kind == "seller":
        return Author.SELLER, Origin.UNTOLD
    return Author.MARKETPLACE, Origin.AUTOMATIC


def product_of(context: wire.MessageContext | None) -> Product | None:
    """The good and the order; zeros stand for none."""
    if context is None:
        return None
    sku, order = _number(context.sku), _number(context.order_number)
    return Product(external_id=sku or "", order_id=order) if sku or order else None


def reread(kept: Unreadable) -> Outcome:
    """An item that was kept raw, read as it would be read now. A line of a list, once readable, has nothing to show: the
    next look through the list finds its conversation."""

    def read(item: object) -> Outcome:
        if kept.channel == Channel.REVIEW:
            return feedback.reread_review(item, kept)
        if kept.channel == Channel.QUESTION:
            return feedback.reread_question(item, kept)
        if kept.chat_external_id is None:
            listed = chat_of(item)
            return listed if isinstance(listed, Unreadable) else ()
        outcome = message_of(item, kept.chat_external_id)
        return outcome if isinstance(outcome, Unreadable) else (outcome,)

    return read_again(kept, read)


def _content(told: wire.Message, chat: str, author: Author) -> tuple[str, tuple[Attachment, ...]]:
    lines = [line for line in told.data or () if line]
    urls: list[tuple[str, bool]] = []
    for line in lines:
        if told.is_image and (bare := bare_link(line)) is not None:
            urls.append((bare, True))
        urls += [(link.url, link.image) for link in links_of(line) if link.image or is_file(link.url)]
    files = tuple(dict.fromkeys(urls))
    shown = frozenset(url for url, _ in files)
    texts = [
        plain(line, without=shown, emphasis=author is Author.MARKETPLACE)
        for line in lines
        if bare_link(line) not in shown
    ]
    attachments = [attachment_of(url, image=image) for url, image in files]
    if told.is_image and not attachments:
        attachments = [Attachment(AttachmentKind.IMAGE)]
    if told.is_image:
        attachments = [
            _moderated(told, chat, number, attachment) for number, attachment in enumerate(attachments)
        ]
    return "\n".join(text for text in texts if text.strip()), tuple(attachments)


def _moderated(told: wire.Message, chat: str, number: int, attachment: Attachment) -> Attachment:
    """A picture in moderation is asked for by its message, one that was refused is not handed out."""
    status = told.moderate_image_status
    if status == "moderation":
        later = Moderated(chat, told.message_id, number).download_id
        return Attachment(attachment.kind, download_id=later, name=attachment.name)
    if status == "failed":
        return Attachment(attachment.kind, name=attachment.name)
    return attachment


def _number(text: str | None) -> str | None:
    shown = present(text)
    return shown.strip() if shown is not None and shown.strip("0 ") else None


def _unreadable(item: object, chat: str, reason: str) -> Unreadable:
    fields = item if isinstance(item, dict) else {}
    return Unreadable(
        raw=raw(item),
        reason=reason,
        chat_external_id=chat,
        message_external_id=known_id(fields.get("message_id")),
    )
