"""Error answers of the buyer chat API, with the texts and shapes its specification prints."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

_STATUS_TEXT: Final = {401: "Unauthorized", 403: "Forbidden", 429: "Too Many Requests"}
_TITLE: Final = {401: "unauthorized", 403: "access denied", 429: "too many requests"}
PROBLEM: Final = "application/problem+json"
PLAIN: Final = "application/json"


def _request_id() -> str:
    return uuid.uuid4().hex


def gateway_problem(
    status: int, detail: str, now: float, headers: Mapping[str, str] | None = None
) -> web.Response:
    """401, 403 and 429: answered by the gateway in front of the chat service."""
    identity = _request_id()
    body = {
        "title": _TITLE[status],
        "detail": detail,
        "code": f"{identity[:8]}-{identity[8:20]}-[UK-{identity[20:]}]",
        "requestId": identity,
        "origin": "s2s-api-auth-catalog",
        "status": status,
        "statusText": _STATUS_TEXT[status],
        "timestamp": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return web.json_response(body, status=status, content_type=PROBLEM, headers=headers)


def bad_request(detail: str, *, title: str = "Bad Request", content_type: str = PLAIN) -> web.Response:
    """400 of the chat service. The reads answer application/json, sending problem+json (the spec)."""
    body = {
        "status": 400,
        "title": title,
        "origin": "proxy-chats",
        "detail": detail,
        "requestId": _request_id(),
        "error": detail,
    }
    return web.json_response(body, status=400, content_type=content_type)


def fq_error(status: int, text: str) -> web.Response:
    """An error of the service of reviews and questions."""
    body = {
        "data": None,
        "error": True,
        "errorText": text,
        "additionalErrors": None,
        "requestId": str(uuid.uuid4()),
    }
    return web.json_response(body, status=status)


def fq_problem(detail: str) -> web.Response:
    """400 of the answers to reviews."""
    body = {"title": "bad request", "detail": detail, "origin": "fbapi", "requestId": _request_id()}
    return web.json_response(body, status=400)


def claims_error(detail: str) -> web.Response:
    """400 of the claims."""
    body = {"title": "Invalid query params", "detail": detail, "requestId": str(uuid.uuid4())}
    return web.json_response(body, status=400, content_type=PROBLEM)


def failed_moderation() -> web.Response:
    """451: the file did not pass moderation."""
    body = {
        "status": 451,
        "title": "Unavailable for Legal Reasons",
        "origin": "proxy-chats",
        "detail": "moderation error",
        "requestId": _request_id(),
    }
    return web.json_response(body, status=451, content_type=PROBLEM)


def server_error(status: int, body: str) -> web.Response:
    """5xx: a page of the proxy, or a JSON body of the service; neither is in the specification."""
    if body == "html":
        reason = {502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}
        head = f"{status} {reason.get(status, 'Internal Server Error')}"
        page = f"<html>\r\n<head><title>{head}</title></head>\r\n<body><center><h1>{head}</h1></center></body>\r\n</html>\r\n"
        return web.Response(status=status, text=page, content_type="text/html")
    answer: dict[str, Any] = {
        "status": status,
        "title": "internal server error",
        "origin": "proxy-chats",
        "detail": "internal error",
        "requestId": _request_id(),
    }
    return web.json_response(answer, status=status, content_type=PROBLEM)


def refused_file_code(rng: random.Random) -> str:
    """The eleven hexadecimal digits with which texts about files begin ("A24FA09844E: ...")."""
    return f"{rng.getrandbits(44):011X}"
