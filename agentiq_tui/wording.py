"""Codes of the core in the operator's words. An unknown code is shown as it is, never hidden."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from agentiq_core.domain.chats import ChatStatus, Priority, Queue
from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.files import MEBIBYTE, FileState
from agentiq_core.domain.messages import Attachment, AttachmentKind, Author, Channel, Origin
from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_core.domain.text import inert_line
from agentiq_core.domain.views import ReplayReport, SellerStatus
from agentiq_tui.files import FileNote
from agentiq_tui.locale import _, mark, ngettext
from agentiq_tui.shown import short
from agentiq_tui.timing import clock_time

if TYPE_CHECKING:
    from agentiq_core.connectors.base import Marketplace

ERRORS: dict[str, str] = {
    "error": mark("Something went wrong"),
    "misconfigured": mark("The settings cannot be used; `agentiq doctor` shows which"),
    "not_found": mark("This chat is no longer there or not yours"),
    "rejected": mark("Refused: nothing was changed"),
    "guardrail_blocked": mark("The text breaks a rule"),
    "duplicate_reply": mark("The same text went to this buyer minutes ago"),
    "no_working_hours": mark("The calendar has no working hours"),
    "bad_filter": mark("This word means nothing in a filter: {word}"),
    "stale_conversation": mark("Somebody wrote here while you were answering"),
    "duplicate_account": mark("This marketplace account is already connected"),
    "no_model": mark("This shop has no language model, so there are templates only"),
    "store_unavailable": mark("No connection to the database; what was queued is kept"),
    "took_too_long": mark(
        "This took too long and was given up: ask for less, fewer days or a narrower filter"
    ),
    "insecure": mark("The database's server did not prove who it is; nothing was sent to it"),
    "schema_too_new": mark("The database belongs to a newer AgentIQ: update this one"),
    "schema_too_old": mark("The database must be upgraded by its owner: `agentiq init`"),
    "vault_locked": mark("A secret of this machine cannot be opened: `agentiq doctor` says which"),
    "marketplace_error": mark("The marketplace failed"),
    "not_delivered": mark("not delivered, will be repeated"),
    "unreachable": mark("no connection"),
    "insecure_connection": mark("no secure connection"),
    "rate_limited": mark("too many requests, waiting"),
    "outcome_unknown": mark("outcome unknown"),
    "no_answer": mark("no answer"),
    "server_failed": mark("the marketplace's server failed"),
    "refused": mark("refused"),
    "key_refused": mark("key refused"),
    "unintelligible": mark("unreadable answer"),
    "forbidden": mark("Your role does not allow this"),
    "wrong_password": mark("E-mail and password do not match, or the invitation is spent"),
    "sign_in_delayed": mark("Too many wrong passwords: wait {seconds} s"),
    "sign_in_needed": mark("Nobody has signed in on this machine: `agentiq login`"),
    "signed_out": mark("The sign-in has ended: sign in again"),
    "empty_reply": mark("There is nothing to send"),
    "text_too_long": mark("The text is longer than the marketplace takes"),
    "no_file": mark("The marketplace does not hand this file out"),
    "file_too_large": mark("{name} has {size} MB, at most {limit} MB can be sent"),
    "file_not_taken": mark("{name} is not a kind of file the marketplace takes ({kinds})"),
    "unheard": mark("The language model gave no answer"),
    "no_reply_there": mark("This is decided in the marketplace's cabinet: no reply can be sent from here"),
    "window_closed": mark("The marketplace takes no reply here any more"),
    "channel_closed": mark(
        "The account has no right to this channel: a subscription or a right of the key is missing"
    ),
    "several_accounts": mark("The key opens several accounts, choose one: {choices}"),
}
KEY_PROBLEMS: dict[str, str] = {
    "malformed": mark("this is not a key: copy it whole from the marketplace's cabinet"),
    "expired": mark("the key has expired: make a new one in the marketplace's cabinet"),
    "no_chat_scope": mark("the key opens no chats, reviews or questions: make one with these rights"),
    "no_client_id": mark("the second part of the key is missing: Client-Id, or client_id"),
    "test_key": mark("this is a test key: chats need a personal one"),
}
REASONS: dict[str, str] = {
    Undelivered.TEXT_REFUSED: mark("the marketplace refused the text"),
    Undelivered.FILE_REFUSED: mark("the marketplace refused the file"),
    Undelivered.SIGNATURE_REFUSED: mark("the chat's signature was refused"),
    Undelivered.CHAT_GONE: mark("the chat is closed or gone"),
    Undelivered.KEY_REFUSED: mark("the key was refused"),
    Undelivered.READ_ONLY_KEY: mark("the key may only read"),
    Undelivered.PAYMENT_REQUIRED: mark("the marketplace wants a subscription"),
    Undelivered.NEW_MESSAGE: mark("a new message came meanwhile"),
    Undelivered.REFUSED: mark("refused by the marketplace"),
    Undelivered.NO_ANSWER: mark("no answer came"),
    Undelivered.SERVER_ERROR: mark("the marketplace's server failed"),
    Undelivered.WORKER_DIED: mark("the program stopped while sending"),
    Undelivered.CONNECT_FAILED: mark("no connection"),
    Undelivered.RATE_LIMITED: mark("too many requests, waiting"),
    Undelivered.NO_ECHO: mark("it did not appear in the chat"),
    Undelivered.SLOW_MODE: mark("this key reads too rarely to make sure"),
    Undelivered.SELLER_UNAVAILABLE: mark("the marketplace is out of reach, waiting"),
    Undelivered.TEXT_NOT_SENT: mark("its text was not sent"),
    Undelivered.NO_SUBSCRIPTION: mark("this account has no right to write here: a subscription is missing"),
    Undelivered.WINDOW_CLOSED: mark("the marketplace takes no reply here any more"),
    Undelivered.ALREADY_ANSWERED: mark("it is answered already, and the answer can no longer be edited"),
}
DELIVERY: dict[OutboxState, tuple[str, str]] = {
    OutboxState.QUEUED: ("…", mark("queued")),
    OutboxState.SENDING: ("→", mark("being sent")),
    OutboxState.SENT: ("✓", mark("sent")),
    OutboxState.CONFIRMED: ("✓✓", mark("delivered")),
    OutboxState.FAILED: ("✗", mark("not sent")),
    OutboxState.UNKNOWN: ("?", mark("unclear, being checked")),
    OutboxState.NEEDS_OPERATOR: ("?", mark("unclear: decide")),
    OutboxState.CANCELLED: ("–", mark("taken back")),
}
QUEUES: dict[Queue, str] = {
    Queue.WORK: mark("Urgent"),
    Queue.WAITING: mark("Waiting for a reply"),
    Queue.ALL: mark("All conversations"),
}
STATUSES: dict[ChatStatus, str] = {
    ChatStatus.WAITING: mark("waits for the first reply"),
    ChatStatus.CLIENT_REPLIED: mark("the buyer wrote again"),
    ChatStatus.RESPONDED: mark("answered"),
    ChatStatus.AUTO_RESPONSE: mark("only automatic messages"),
    ChatStatus.CLOSED: mark("no reply needed"),
}
PRIORITIES: dict[Priority, str] = {
    Priority.NORMAL: mark("normal"),
    Priority.HIGH: mark("high"),
    Priority.URGENT: mark("urgent"),
}
AUTHORS: dict[tuple[Author, Origin], str] = {
    (Author.BUYER, Origin.BUYER): mark("buyer"),
    (Author.BUYER, Origin.RATING): mark("buyer"),
    (Author.SELLER, Origin.API): mark("you"),
    (Author.SELLER, Origin.CABINET): mark("you, in the cabinet"),
    (Author.SELLER, Origin.UNTOLD): mark("shop"),
    (Author.SELLER, Origin.AUTOMATIC): mark("automatic message"),
    (Author.MARKETPLACE, Origin.AUTOMATIC): mark("marketplace"),
}
"""Who speaks, by the pairs that a marketplace's messages are read as."""
INTENTS: dict[str, str] = {
    "where_is_order": mark("where is the order"),
    "late_delivery": mark("late delivery"),
    "defect": mark("defect"),
    "wrong_item": mark("wrong item"),
    "incomplete": mark("something is missing"),
    "refund_status": mark("where is the money"),
    "return_request": mark("return"),
    "exchange": mark("exchange"),
    "size_advice": mark("size"),
    "product_question": mark("question about the product"),
    "how_to_use": mark("how to use it"),
    "receipt": mark("receipt"),
    "price": mark("price"),
    "cancel": mark("cancellation"),
    "address_change": mark("change of address"),
    "thanks": mark("thanks"),
    "complaint": mark("complaint"),
    "greeting": mark("greeting"),
    "other": mark("other"),
}
SENTIMENTS: dict[str, str] = {
    "negative": mark("negative"),
    "neutral": mark("neutral"),
    "positive": mark("positive"),
}
SOURCES: dict[str, str] = {
    "template": mark("template"),
    "model": mark("model"),
    "snippet": mark("snippet"),
}
MODEL_FAILURES: dict[str, str] = {
    "over_budget": mark("the day's money for the model is spent"),
    "worker_lost": mark("the workers that asked the model were lost"),
    "misconfigured": mark("the model's settings cannot be used"),
    "broken": mark("something went wrong while the model was asked"),
    "unreachable": mark("the model did not answer"),
    "insecure": mark("the model's server did not prove who it is"),
    "busy": mark("the model takes no more questions just now"),
    "wrong_key": mark("the model's provider refused the key"),
    "no_money": mark("there is no money on the account at the model's provider"),
    "not_found": mark("the provider has no such model or address"),
    "filtered": mark("a filter of the model's provider stopped it"),
    "refused": mark("the model's provider refused the question"),
    "unreadable": mark("the model's answer could not be read"),
    "broke_rules": mark("the model's reply broke the rules twice"),
}
"""Why a template stands where a model was asked."""
STOP_CLASSES: dict[str, str] = {
    "health": mark("health or allergy"),
    "law": mark("court or authority"),
    "counterfeit": mark("counterfeit"),
    "threat": mark("threat"),
    "minor": mark("minors"),
    "personal_data": mark("personal data"),
}
RULES: dict[str, str] = {
    "ai_mention": mark("mention of a machine"),
    "promise": mark("promise"),
    "blame": mark("blame"),
    "dismissive": mark("brush-off"),
    "admission": mark("admission of guilt"),
    "contacts": mark("contacts"),
    "return_unasked": mark("return nobody asked for"),
    "unsupported_fact": mark("unsupported fact"),
    "ignored_complaint": mark("ignored complaint"),
    "length": mark("length"),
    "language": mark("language"),
    "leak": mark("leak"),
}
SEVERITIES: dict[str, str] = {
    "error": mark("stops the reply"),
    "warning": mark("warns"),
}
"""What a guardrail does, by its severity."""
ROLES: dict[str, str] = {
    "viewer": mark("viewer"),
    "operator": mark("operator"),
    "admin": mark("admin"),
    "owner": mark("owner"),
}
SECRET_PLACES: dict[str, str] = {
    "keyring": mark("the keyring of this system"),
    "encrypted file": mark("an encrypted file in AgentIQ's home"),
    "file": mark("a file in AgentIQ's home that you alone may read"),
    "environment": mark("the environment (AGENTIQ_TOKEN)"),
    "embedded": mark("nowhere: the database of this machine serves its owner"),
    "nowhere": mark("nowhere: the address of the database's owner signs in by itself"),
}
"""By the `kind` of a secret store, and what takes its place."""
CHANNELS: dict[str, str] = {
    Channel.CHAT: mark("chat"),
    Channel.REVIEW: mark("review"),
    Channel.QUESTION: mark("question"),
    Channel.CLAIM: mark("return claim"),
}
_MOST_STARS = 5
_REFUSED: dict[str, str] = {
    "forbidden": mark("a colleague's"),
    "rejected": mark("nobody waits there, or the marketplace would take no reply by then"),
    "not_found": mark("no longer there"),
}


def said(words: dict[str, str], code: str) -> str:
    """The word for a code in the language of the screen; a code we have no word for is shown as it is."""
    return _(words[code]) if code in words else inert_line(code)


def refusal_line(code: str) -> str:
    """Why some of many conversations stayed as they were."""
    return said(_REFUSED, code)


def error_line(error: AgentIQError) -> str:
    """One clear line about an error, by its code; one we have no words for speaks for itself."""
    if error.code not in ERRORS:
        return inert_line(str(error))
    line = _(ERRORS[error.code])
    return line.format(**error.params) if "{" in line else line


def replay_line(report: ReplayReport) -> str:
    """What became of items that were read again."""
    if not report.tried:
        return _("Nothing was left to read")
    parts = []
    if report.replayed:
        read = ngettext("{n} item read", "{n} items read", report.replayed).format(n=report.replayed)
        new = ngettext("{n} new message", "{n} new messages", report.new).format(n=report.new)
        parts.append(f"{read}: {new}")
    if report.unreadable:
        parts.append(_("still unreadable: {n}").format(n=report.unreadable))
    return "; ".join(parts)


def marketplace_short(code: str) -> str:
    """Two letters that fit a line of the queue."""
    known = _marketplace(code)
    return code[:2].upper() if known is None else known.short


def marketplace_name(code: str) -> str:
    """The marketplace's own name."""
    known = _marketplace(code)
    return inert_line(code) if known is None else known.title


def _marketplace(code: str) -> Marketplace | None:
    # loaded with the first line of the queue: the first frame does not need it
    from agentiq_core.connectors.registry import MARKETPLACES

    return MARKETPLACES.get(code)


def channel_line(channel: str, stars: int | None = None) -> str:
    """The kind of a conversation in a word, a review with its stars; nothing for a chat, which most of them are."""
    if channel == Channel.CHAT:
        return ""
    word = said(CHANNELS, channel)
    return word if stars is None else f"{word} {stars_line(stars)}"


def where_in_trouble(seller: SellerStatus) -> str:
    """The channel that a seller's trouble is about, to stand before it; nothing for chats, or where none goes on."""
    troubled = [one.channel for one in seller.channels if one.trouble is not None]
    kind = channel_line(troubled[0]) if troubled and len(troubled) < len(seller.channels) else ""
    return f"{kind}: " if kind else ""


def stars_line(stars: int) -> str:
    """A rating: full stars, then empty ones."""
    full = max(0, min(stars, _MOST_STARS))
    return "★" * full + "☆" * (_MOST_STARS - full)


def size_line(size: int) -> str:
    """A file's size as people say it; never less than it is."""
    if size < MEBIBYTE // 10:
        return _("{n} KB").format(n=math.ceil(size / 1024))
    return _("{n} MB").format(n=f"{math.ceil(size / MEBIBYTE * 10) / 10:g}")


def note_line(note: FileNote) -> str:
    """What is known of a buyer's file."""
    if note.state is FileState.REFUSED:
        return _("moderation refused it")
    if note.state is FileState.IN_MODERATION:
        at = clock_time(note.again_at) if note.again_at else "—"
        return _("in moderation, try again at {time}").format(time=at)
    if note.path is not None:
        return _("saved: {path}").format(path=short(note.path))
    return _("being fetched…")


def attachment_line(attachment: Attachment, number: int) -> str:
    """An attachment as a line of text."""
    if attachment.kind is AttachmentKind.IMAGE:
        return "[" + _("photo {n}").format(n=number) + "]"
    name = inert_line(attachment.name or "")
    return "[" + _("file {n}").format(n=number) + (f": {name}" if name else "") + "]"
