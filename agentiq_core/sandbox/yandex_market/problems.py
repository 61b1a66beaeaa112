"""Error answers of the Partner API, with the texts that its documentation prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from agentiq_core.sandbox.gateway import proxy_page

NO_CREDENTIALS: Final = "Credentials are not specified"
INVALID_KEY: Final = "Api-Key token is invalid"
REVOKED_KEY: Final = "Api-Key token is revoked"
INVALID_OAUTH: Final = "OAuth token is invalid"
NO_SCOPE: Final = "Token does not have any of the scopes to access the API method"
DENIED: Final = "Access denied"
INACTIVE: Final = "Restrict access for business '{business}' because it is not active"
PARALLEL: Final = "Hit rate limit of {count} parallel requests"
HOURLY: Final = "Hit rate limit of {count} requests per 1 hour for resource"
FINISHED: Final = "Chat is finished"
"""Invented: what the Market says to a late message was found nowhere."""

_CODES: Final = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    420: "LIMIT_EXCEEDED",
    423: "LOCKED",
}


def problem(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """An error in the shape that all of them have."""
    code = _CODES.get(status, "INTERNAL_SERVER_ERROR")
    body = {"status": "ERROR", "errors": [{"code": code, "message": message}]}
    return web.json_response(body, status=status, headers=headers)


def bad_request(message: str) -> web.Response:
    """400."""
    return problem(400, message)


def not_found(what: str) -> web.Response:
    """404."""
    return problem(404, f"{what} not found")


def server_error(status: int, body: str) -> web.Response:
    """5xx as JSON or as a proxy's page."""
    if body == "html":
        return proxy_page(status)
    words = "Service temporarily unavailable. Please, try again later" if status == 503 else "Internal error"
    return problem(status, words)
