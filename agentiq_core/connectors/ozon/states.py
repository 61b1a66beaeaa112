"""How a review or a question stood when it was last read: what its list is compared with next time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agentiq_core.domain.messages import Channel, IncomingChat, IncomingMessage

SETTLED: Final = frozenset({"viewed", "processed"})
"""Statuses that want no reply any more. In v1 and in the samples "unprocessed" stands for what v2 calls new."""


@dataclass(frozen=True, slots=True)
class State:
    """`replies` are the comments or answers that the list counts; `about` what its further reading needs to know (the
    number of a review's pictures, a question's SKU); `sign` changes with the words."""

    replies: int
    status: str
    about: str
    sign: str

    def __str__(self) -> str:
        return f"{self.replies} {self.status} {self.about} {self.sign}"

    @classmethod
    def of(cls, text: str | None) -> State | None:
        """A state of this version; None for any other."""
        match (text or "").split(" "):
            case [replies, status, about, sign] if replies.isascii() and replies.isdigit():
                return cls(int(replies), status, about, sign)
        return None

    def settles(self, before: State | None) -> bool:
        """Whether the seller put it aside since it was read last: then what was said so far wants no reply."""
        return self.status in SETTLED and (before is None or before.status not in SETTLED)


def word_of(status: str | None) -> str:
    """A status as part of a state, which is split at spaces."""
    return "".join((status or "").split())[:40] or "-"


def settled(
    chat: str,
    channel: Channel,
    messages: Sequence[IncomingMessage],
    state: State | None,
    before: State | None,
) -> tuple[IncomingChat, ...]:
    """What is known of a conversation whose comments were read: settled through the newest of them, if it was put aside
    since the last time. Later ones ask again."""
    if state is None or not messages or not state.settles(before):
        return ()
    newest = max(item.message.sent_at for item in messages)
    return (IncomingChat(chat, channel, settled_through=newest),)
