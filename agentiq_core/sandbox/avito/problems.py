"""How Avito words its problems: in four shapes (Avito API, all sections)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

SHAPES: Final = ("nested", "flat", "list", "result")


def problem(
    status: int, message: str, shape: str = "nested", headers: Mapping[str, str] | None = None
) -> web.Response:
    """An error answer."""
    told: dict[str, Any] = {"code": status, "message": message}
    body = {
        "nested": {"error": told},
        # strings only in listings' errors (Avito API, FieldError)
        "flat": {"code": str(status), "message": message},
        "list": {"errors": [told]},
        "result": {"result": {**told, "status": False}},
    }[shape]
    return web.json_response(body, status=status, headers=headers)


def review_problem(message: str) -> web.Response:
    """400 of the ratings (Avito API, ReviewError)."""
    return web.json_response({"error": {"code": "validation", "message": message}}, status=400)


def server_error(status: int, body: str) -> web.Response:
    """5xx as JSON or as a proxy's page."""
    if body == "html":
        page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
        return web.Response(text=page, status=status, content_type="text/html")
    return problem(status, "Error while processing request. Please, contact support")
