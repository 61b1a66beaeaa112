"""What the pipeline asks of a language model, whoever runs it, and what may go wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

OnText = Callable[[str], Awaitable[None]]
"""Told of all text so far while it streams."""


class Role(StrEnum):
    """Who speaks in a request. Words of buyers, cards and files never stand in `SYSTEM`."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a request."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What is asked. What all requests of a seller share comes first, so that providers can cache it.

    `schema` is the JSON schema that the answer shall follow, None for free text; `max_tokens` bounds the answer.
    """

    turns: tuple[Turn, ...]
    schema: Mapping[str, object] | None = None
    max_tokens: int = 900
    temperature: float = 0.3


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back. `latency` is in seconds, `cost` in the currency of the profile; `cut`: stopped at `max_tokens`."""

    text: str
    model: str
    tokens_in: int
    tokens_out: int
    latency: float
    cost: Decimal = Decimal(0)
    cut: bool = False
    tokens_cached: int = 0
    """Of `tokens_in`, those that the provider had kept from an earlier request."""
    estimated: bool = False
    """The provider told no usage: tokens and cost are guessed from lengths."""


class Model(Protocol):
    """A language model behind some address."""

    @property
    def name(self) -> str:
        """What is shown to operators and stored beside a suggestion."""
        ...

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None) -> Completion:
        """Ask it. Raises `ModelFailed` and its kinds; nothing else for whatever the network or the model does."""
        ...


@runtime_checkable
class Bounded(Protocol):
    """A model that knows how much it reads at once, in tokens, its answer included."""

    @property
    def context_tokens(self) -> int:
        """That number."""
        ...


USUAL_CONTEXT = 32_000
"""Tokens, for a model that does not tell."""


def context_of(model: Model) -> int:
    """How much a model reads at once, in tokens."""
    return model.context_tokens if isinstance(model, Bounded) else USUAL_CONTEXT


class Failure(StrEnum):
    """Why a model gave no reply that may be offered: what is stored, counted and explained to people."""

    UNREACHABLE = "unreachable"
    """No answer in time, a broken connection, the provider's own trouble."""
    INSECURE = "insecure"
    """The server did not prove who it is: a root certificate is missing (GigaChat)."""
    BUSY = "busy"
    """Too many requests."""
    WRONG_KEY = "wrong_key"
    NO_MONEY = "no_money"
    NOT_FOUND = "not_found"
    """No such model, or no such address."""
    FILTERED = "filtered"
    """A filter of the provider's own."""
    REFUSED = "refused"
    """The provider does not take the request."""
    UNREADABLE = "unreadable"
    """An answer that says nothing that can be used."""
    BROKE_RULES = "broke_rules"
    """The reply broke a guardrail, and so did its repair."""


class ModelFailed(Exception):
    """The model gave nothing that can be used; `retry` says whether asking again may help.

    ModelFailed
    ├── ModelUnreachable   no answer in time, a broken connection, the provider's own trouble
    ├── ModelRefused       wrong key, no money, unknown model, a filter
    ├── ModelBusy          too many requests
    └── ModelUnreadable    an answer that cannot be understood

    No message holds a key, nor anything of what was asked or answered.
    """

    retry = False

    def __init__(self, message: str, failure: Failure) -> None:
        super().__init__(message)
        self.failure = failure


class ModelUnreachable(ModelFailed):
    """No answer in time, a broken connection, or the provider's own trouble."""

    retry = True

    def __init__(self, message: str) -> None:
        super().__init__(message, Failure.UNREACHABLE)


class ModelRefused(ModelFailed):
    """The provider refused: wrong key, no money there, unknown model, a filter of its own."""

    def __init__(self, message: str, failure: Failure = Failure.REFUSED) -> None:
        super().__init__(message, failure)


class ModelBusy(ModelFailed):
    """Too many requests: ask again after `wait` seconds."""

    retry = True

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message, Failure.BUSY)
        self.wait = wait


class ModelUnreadable(ModelFailed):
    """The answer is none: a page instead of data, no text, no JSON where JSON was asked for."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Failure.UNREADABLE)
