"""A database's address as it may be shown: where it is, without who connects and how."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit


def place(dsn: str) -> str:
    """Host, port and database, without user, password and options."""
    parts = urlsplit(dsn)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    where = options.get("hostaddr") or options.get("host")
    if where is None:
        where = unquote(parts.netloc.rpartition("@")[2])
    elif "port" in options:
        where += f":{options['port']}"
    return f"{where or 'localhost'}{unquote(parts.path)}"
