"""A database's address as it may be shown: where it is, without who connects and how."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote

from agentiq_core.identity.addresses import hosts


def place(dsn: str) -> str:
    """Hosts, port and database, without user, password and options."""
    address, _, query = dsn.partition("?")
    behind_credentials = address.rpartition("@")[2].rpartition("://")[2]
    server, _, database = behind_credentials.partition("/")
    port = re.search(r":(\d+)$", server)
    number = port[1] if port else parse_qs(query).get("port", [""])[0]
    where = ",".join(hosts(dsn)) or "localhost"
    return f"{where}{number and f':{number}'}/{unquote(database)}"
