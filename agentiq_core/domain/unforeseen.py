"""What may be logged of an error that nobody foresaw."""

from __future__ import annotations

import traceback


def kind_and_place(error: BaseException) -> str:
    """The error's kinds, down to the first cause, and where it came from; never its words, which may quote a buyer."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 10:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__
    return f"{' from '.join(kinds)}\n{''.join(traceback.format_tb(error.__traceback__))}".rstrip()
