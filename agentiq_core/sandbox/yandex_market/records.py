"""What Yandex Market adds to conversations and messages, and how a seller's part behaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agentiq_core.sandbox import behaviour, conversation


class Moderation(StrEnum):
    """What the Market thinks of words below a review or a question."""

    PUBLISHED = "PUBLISHED"
    UNMODERATED = "UNMODERATED"
    BANNED = "BANNED"
    DELETED = "DELETED"


class Context(StrEnum):
    """What a chat is about; DIRECT: about nothing."""

    ORDER = "ORDER"
    RETURN = "RETURN"
    DIRECT = "DIRECT"


@dataclass(slots=True)
class Behaviour(behaviour.Behaviour):
    """Switches of one seller's account. Delays are seconds of the sandbox's clock.

    parallel: requests that may be under way at once. history_delay: a message is in its history that much later than the
    list tells of it. whole_seconds: the list tells whole seconds. newest_first: the order of a history, which nobody
    documents. moderation: what becomes of the seller's next words below a review or a question. comments_ask: a buyer's
    comment makes its review want a reaction again, which nobody documents either. old_fields: the fields that were to
    be switched off in October 2026 are still there. files_open: the token opens files of chats.
    chats_on_page, messages_on_page, goods_on_page: the most of a page, whatever is asked for.
    quirks: ids as strings, a sender BUYER, nanoseconds, an unknown status, all of which a client must bear.
    """

    parallel: int = 2
    history_delay: float = 0.0
    whole_seconds: bool = True
    newest_first: bool = True
    moderation: Moderation = Moderation.PUBLISHED
    comments_ask: bool = True
    old_fields: bool = False
    files_open: bool = True
    chats_on_page: int = 20
    messages_on_page: int = 100
    goods_on_page: int = 50


@dataclass(slots=True, eq=False, kw_only=True)
class YandexConversation(conversation.Conversation):
    """A chat, a review or a question. `context`, `arbitrage` and `finished` are a chat's, `needs_reaction` a review's."""

    context: Context = Context.ORDER
    arbitrage: bool = False
    finished: bool = False
    needs_reaction: bool = True


@dataclass(slots=True, eq=False, kw_only=True)
class YandexMessage(conversation.Message):
    """A message with what moderation made of it."""

    status: Moderation = Moderation.PUBLISHED
