"""Pages by token, and what a request may ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from aiohttp import web

from agentiq_core.sandbox.gateway import Call
from agentiq_core.sandbox.yandex_market import problems
from agentiq_core.sandbox.yandex_market.seller import YandexSeller

T = TypeVar("T")


class Unusable(Exception):
    """The request asks for what there is not; the text is what the Market answers."""


def page_of(
    call: Call[YandexSeller],
    items: Sequence[T],
    key: Callable[[T], object],
    *,
    usual: int,
    most: int,
    on_page: int,
) -> tuple[list[T], str | None]:
    """The items behind the token, and the token of the next page. Raises Unusable for a limit out of bounds.

    A token names the item before it by its `key`, so that a list may grow at either end meanwhile.
    """
    query = call.request.query
    limit = query.get("limit", str(usual))
    if not limit.isdigit() or not 1 <= int(limit) <= most:
        raise Unusable(f"Value of limit ({limit}) must be between 1 and {most}")
    token = query.get("pageToken") or query.get("page_token")
    start = 0
    if token is not None:
        start = next((place + 1 for place, item in enumerate(items) if _token(key(item)) == token), 0)
        if not start:
            raise Unusable("Invalid page token")
    end = start + min(int(limit), on_page)
    return list(items[start:end]), _token(key(items[end - 1])) if end < len(items) else None


def listed(name: str, items: list[Any], token: str | None, **more: Any) -> web.Response:
    """A page as it is answered."""
    paging = {} if token is None else {"nextPageToken": token}
    return web.json_response({"status": "OK", "result": {name: items, "paging": paging, **more}})


def number(value: object, name: str) -> str:
    """An id out of a body or a query. Raises Unusable for what is none."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdigit():
        raise Unusable(f"Missing field: {name}" if value is None else f"Value of {name} is not a number")
    return text


def numbers(value: object, name: str, most: int) -> list[str]:
    """Several ids. Raises Unusable for none, too many, or what is none."""
    if not isinstance(value, list) or not value:
        raise Unusable(f"Collection of {name} must not be empty")
    if len(value) > most:
        raise Unusable("Limit exceeded")
    return [number(each, name) for each in value]


def words(value: object, name: str, most: int) -> str:
    """A text to be published. Raises Unusable for none, or a longer one."""
    if not isinstance(value, str) or not 1 <= len(value) <= most or not value.strip():
        raise Unusable(f"Value / length of field ({name}) must be between 1 and {most}")
    return value


def checked(
    perform: Callable[[Call[YandexSeller]], web.Response],
) -> Callable[[Call[YandexSeller]], web.Response]:
    """The operation with 400 for whatever is Unusable."""

    def guarded(call: Call[YandexSeller]) -> web.Response:
        try:
            return perform(call)
        except Unusable as flaw:
            return problems.bad_request(str(flaw))

    return guarded


def _token(key: object) -> str:
    return f"after-{key}"
