"""What a provider's status stands for."""

from __future__ import annotations

from agentiq_core.ai.model import Failure, ModelBusy, ModelFailed, ModelRefused, ModelUnreachable

_REFUSED = {
    401: ("the provider does not accept the key", Failure.WRONG_KEY),
    403: ("the provider does not let this key in", Failure.WRONG_KEY),
    402: ("the account has no money left", Failure.NO_MONEY),
    404: ("the provider knows no such model or address", Failure.NOT_FOUND),
    405: ("nothing there takes questions: look at the address", Failure.NOT_FOUND),
    410: ("the provider has this model no more", Failure.NOT_FOUND),
    413: ("the provider finds the question too long", Failure.REFUSED),
    451: ("the provider does not serve this place", Failure.REFUSED),
}
_PASSING = frozenset({408, 409, 423, 425})


def failure_of(status: int, wait: float | None = None, *, out_of_money: bool = False) -> ModelFailed:
    """The error for a status other than 2xx. `wait` is the delay it asks for; `out_of_money`: a 429 that waiting will not cure."""
    if 300 <= status < 400:
        # a key never follows to another host
        return ModelRefused(
            f"the address leads elsewhere (HTTP {status}): name where it leads", Failure.NOT_FOUND
        )
    if status == 429 and out_of_money:
        return ModelRefused("the account has no money left", Failure.NO_MONEY)
    if status == 429 or (status == 503 and wait is not None):
        return ModelBusy(f"too many requests (HTTP {status})", wait)
    if status in _REFUSED:
        words, failure = _REFUSED[status]
        return ModelRefused(f"{words} (HTTP {status})", failure)
    if status >= 500 or status in _PASSING:
        return ModelUnreachable(f"the provider has trouble (HTTP {status})")
    return ModelRefused(f"the provider does not take the request (HTTP {status})")
