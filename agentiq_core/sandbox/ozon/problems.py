"""Error answers of the Seller API: rpcStatus with the texts that its documentation and live calls show."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from agentiq_core.sandbox.gateway import proxy_page

INVALID: Final = 3
NOT_FOUND: Final = 5
DENIED: Final = 7
EXHAUSTED: Final = 8
INTERNAL: Final = 13
UNAUTHENTICATED: Final = 16

NO_SUBSCRIPTION: Final = "rpc error: code = PermissionDenied desc = not available with existing subscription"
NO_ROLE: Final = "Api-Key is missing a required role for a method"
INVALID_KEY: Final = "Invalid Api-Key, please contact support"
DEACTIVATED: Final = "Api-key is deactivated, use another one or generate a new one"
NO_HEADERS: Final = "Client-Id and Api-Key headers are required"
RATE: Final = "You have reached request rate limit per second"
CIRCUIT: Final = "Circle is open"
TOO_LATE: Final = "rpc error: code = PermissionDenied desc = the reply window of 48 hours is over"
"""Invented: what Ozon says to a late reply was found nowhere."""


def problem(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """An rpcStatus without `details`, which are a list here and a text in what questions answer."""
    body = {"code": code, "message": message}
    return web.json_response(body, status=status, headers=headers)


def bad_request(message: str) -> web.Response:
    """400."""
    return problem(400, INVALID, message)


def not_found(what: str) -> web.Response:
    """404."""
    return problem(404, NOT_FOUND, f"{what} not found")


def denied(message: str) -> web.Response:
    """403."""
    return problem(403, DENIED, message)


def server_error(status: int, body: str) -> web.Response:
    """5xx as JSON or as a proxy's page."""
    if body == "html":
        return proxy_page(status)
    return problem(status, INTERNAL, "internal error")
