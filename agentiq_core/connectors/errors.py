"""What can go wrong with a marketplace, sorted by what delivery may do about it (docs/delivery.md, rule 3).

MarketplaceError
├── NotDelivered         surely did not arrive: repeating is safe
│   ├── Unreachable      DNS or connect failure
│   ├── InsecureConnection  TLS failure
│   └── RateLimited      429; `retry_after` seconds
│       └── BudgetSpent  this program's own share of the limit; nothing was asked
├── OutcomeUnknown       nobody can say whether it arrived: never repeated without a person's word
│   ├── NoAnswer         timeout, reset or end of stream after the request was written
│   └── ServerFailed     5xx, or a 2xx that cannot be read
├── Refused              a definite no for this request; `reason` says which
├── KeyRefused           401, 402 or 403: this seller stops until its key is replaced
├── ChannelClosed        the key is good, but not for this channel (subscription, scope): only the channel waits
├── SeveralAccounts      the key opens more than one account, and nobody said which
└── Unintelligible       an answer to a read that cannot be understood
"""

from __future__ import annotations

from typing import ClassVar

from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.outbox import Undelivered


class NotDelivered(MarketplaceError):
    """The request surely did not reach the marketplace's logic; it may be repeated."""

    code = "not_delivered"
    reason: ClassVar[Undelivered] = Undelivered.CONNECT_FAILED


class Unreachable(NotDelivered):
    """The host has no address or refuses connections."""

    code = "unreachable"


class InsecureConnection(NotDelivered):
    """TLS could not be agreed; nothing was written."""

    code = "insecure_connection"


class RateLimited(NotDelivered):
    """Too many requests. `retry_after` is the marketplace's own delay in seconds, if it gave one."""

    code = "rate_limited"
    reason = Undelivered.RATE_LIMITED

    def __init__(self, message: str, *, retry_after: float | None = None, **params: object) -> None:
        super().__init__(message, retry_after=retry_after, **params)
        self.retry_after = retry_after


class BudgetSpent(RateLimited):
    """The seller's budget of requests has no place now: the marketplace was not even asked."""


class OutcomeUnknown(MarketplaceError):
    """The request may or may not have been carried out."""

    code = "outcome_unknown"
    reason: ClassVar[Undelivered] = Undelivered.NO_ANSWER


class NoAnswer(OutcomeUnknown):
    """The connection broke or time ran out after the request was written."""

    code = "no_answer"


class ServerFailed(OutcomeUnknown):
    """5xx, or a success that cannot be read. `status` is the HTTP status."""

    code = "server_failed"
    reason = Undelivered.SERVER_ERROR

    def __init__(self, message: str, *, status: int, **params: object) -> None:
        super().__init__(message, status=status, **params)
        self.status = status


class Refused(MarketplaceError):
    """A definite refusal of this request; `reason` is its kind, `detail` the marketplace's own words."""

    code = "refused"

    def __init__(
        self, message: str, *, reason: Undelivered = Undelivered.REFUSED, detail: str = "", **params: object
    ) -> None:
        super().__init__(message, reason=reason.value, detail=detail, **params)
        self.reason = reason
        self.detail = detail


class KeyRefused(MarketplaceError):
    """The key does not work (expired, revoked, wrong scope, read-only, unpaid). Nothing else will until it is replaced."""

    code = "key_refused"

    def __init__(
        self,
        message: str,
        *,
        reason: Undelivered = Undelivered.KEY_REFUSED,
        detail: str = "",
        **params: object,
    ) -> None:
        super().__init__(message, reason=reason.value, detail=detail, **params)
        self.reason = reason
        self.detail = detail


class Unintelligible(MarketplaceError):
    """A read was answered with something that is not the documented shape."""

    code = "unintelligible"


class ChannelClosed(MarketplaceError):
    """The account has no right to this channel (Ozon subscription, Avito tariff, a key without the category).

    Other channels of the seller go on. `detail` is the marketplace's own words.
    """

    code = "channel_closed"
    reason: ClassVar[Undelivered] = Undelivered.NO_SUBSCRIPTION

    def __init__(self, message: str, *, detail: str = "", **params: object) -> None:
        super().__init__(message, detail=detail, **params)
        self.detail = detail


class SeveralAccounts(MarketplaceError):
    """A key for several accounts (Yandex Market: businesses). `choices` are their ids with their names."""

    code = "several_accounts"

    def __init__(self, message: str, *, choices: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message, choices=", ".join(f"{id} ({name})" for id, name in choices))
        self.choices = choices
