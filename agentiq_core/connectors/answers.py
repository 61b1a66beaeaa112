"""What an answer means whatever the marketplace (docs/delivery.md, rule 3); each adds the rules of its own words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from agentiq_core.connectors.errors import Refused, ServerFailed, Unintelligible
from agentiq_core.connectors.http import Answer
from agentiq_core.connectors.wire import Model, read
from agentiq_core.domain.errors import MarketplaceError

_DETAIL_LIMIT: Final = 300
_NOT_CARRIED_OUT: Final = frozenset({301, 302, 307, 308})
"""Redirects; 303 may follow a reply that was accepted."""
_WORTH_HIDING: Final = 8


def cleaned(words: str, secrets: Iterable[str]) -> str:
    """A marketplace's words as they may be shown and logged: without secrets, on one line, not too long."""
    for secret in secrets:
        if secret:
            words = words.replace(secret, "***")
    return " ".join(words.split())[:_DETAIL_LIMIT]


def hidden(text: str) -> tuple[str, ...]:
    """The secrets of a reply: its text, which a marketplace may repeat; a short one would take other words with it."""
    return (text,) if len(text) >= _WORTH_HIDING else ()


def by_status(said: str, status: int, *, effect: bool, detail: str, **params: Any) -> MarketplaceError | None:
    """The error of a failing server or a redirect; None for 4xx, which the marketplace's own rules sort. `effect`: the
    request changes something. `said` is what the error says, `params` what it carries."""
    if status >= 500:
        return ServerFailed(said, status=status, **params)
    if status >= 400:
        return None
    if not effect:
        return Unintelligible(f"{said}, a redirect", **params)
    if status not in _NOT_CARRIED_OUT:
        return ServerFailed(said, status=status, **params)
    return Refused(said, detail=detail, status=status, **params)


def accepted(asked: str, model: type[Model], answer: Answer) -> Model:
    """What the success of a request that changes something says. One that cannot be read is ServerFailed: nobody knows."""
    try:
        return read(model, answer.body)
    except Unintelligible as error:
        raise ServerFailed(f"{asked}: {error}", status=answer.status) from error
