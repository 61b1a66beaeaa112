"""How a team's database is reached: encrypted and with a checked certificate, unless it is on this very machine.

An address is read as libpq reads it, not as a URL: where the two differ, a URL parser sees another host than the one
that is spoken to (`postgresql://localhost#@db.example.org/` leads to db.example.org).
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import unquote

from agentiq_core.domain.errors import Misconfigured

SCHEMES = ("postgresql://", "postgres://")
_WEAK = frozenset({"disable", "allow", "prefer", "require", "verify-ca"})
"""libpq's modes that do not check whom they speak to (libpq, "SSL Mode Descriptions")."""

_AMBIGUOUS = re.compile("[@/?]|%(?![0-9A-Fa-f]{2})")


class _Parts(NamedTuple):
    hosts: str
    query: str | None


def secured(dsn: str) -> str:
    """The address with `sslmode=verify-full`, unless it names a mode itself or leads to this machine only.

    Nothing that it says is written anew. Raises `Misconfigured` for what is no postgresql:// address.
    """
    named = parameters(dsn)
    if "sslmode" in named or is_local(dsn):
        return dsn
    added = "sslmode=verify-full"
    # the certificates that this system trusts, unless the team has its own
    if "sslrootcert" not in named and not os.environ.get("PGSSLROOTCERT"):
        added += "&sslrootcert=system"
    query = _parts(dsn).query
    if query is None:
        return f"{dsn}?{added}"
    return f"{dsn}{added}" if query == "" or query.endswith("&") else f"{dsn}&{added}"


def ambiguous(dsn: str) -> bool:
    """Whether libpq would cut this address in another place than who wrote it: its error would quote a piece of the password."""
    credentials = dsn.partition("://")[2].rpartition("@")[0]
    return _AMBIGUOUS.search(credentials) is not None


def weak_tls(dsn: str) -> bool:
    """Whether this address goes over a network without checking whom it speaks to, because it was told so."""
    return not is_local(dsn) and parameters(dsn).get("sslmode", "verify-full") in _WEAK


def is_local(dsn: str) -> bool:
    """Whether every host of the address is a socket or a loopback address."""
    # a service is a file that may name any host
    service = parameters(dsn).get("service") or os.environ.get("PGSERVICE")
    return not service and all(map(_is_local_host, hosts(dsn)))


def hosts(dsn: str) -> list[str]:
    """Where libpq connects to; an empty name is its default, a local socket. Never with user or password.

    What the address leaves open is taken from PGHOST and PGHOSTADDR, as libpq does.
    """
    named = parameters(dsn)
    place = _decoded(_parts(dsn).hosts) or os.environ.get("PGHOST", "")
    # an empty name that was written down is the default, whatever the environment says
    names = named.get("host", place).split(",")
    numbers = named.get("hostaddr", os.environ.get("PGHOSTADDR", ""))
    if not numbers:
        return names
    # the number is what is connected to, the name only what its certificate must say
    listed = numbers.split(",")
    return [number or (names[index] if index < len(names) else "") for index, number in enumerate(listed)]


def parameters(dsn: str) -> dict[str, str]:
    """What the address says behind its question mark; of a repeated name the last counts. Raises `Misconfigured`."""
    found: dict[str, str] = {}
    for part in (_parts(dsn).query or "").split("&"):
        name, value = map(_decoded, (part.partition("=")[0], part.partition("=")[2]))
        if (name, value) == ("ssl", "true"):
            name, value = "sslmode", "require"
        found[name] = value
    found.pop("", None)
    return found


def _parts(dsn: str) -> _Parts:
    """libpq's conninfo_uri_parse_options: user and password end at the first @ before any slash, hosts at / or ?."""
    if not dsn.startswith(SCHEMES):
        raise Misconfigured("the database's address must start with postgresql://", fields="database address")
    rest = dsn.partition("://")[2]
    before, at, after = rest.partition("@")
    if at and "/" not in before:
        rest = after
    query = rest.partition("?")[2] if "?" in rest else None
    place = rest.partition("?")[0].partition("/")[0]
    return _Parts(",".join(map(_without_port, place.split(","))), query)


def _decoded(text: str) -> str:
    """libpq leaves out the white space around a word that was not written as %20, and keeps a plus."""
    return unquote(text.strip(" \t\n\v\f\r"))


def _without_port(place: str) -> str:
    if place.startswith("["):
        return place[1:].partition("]")[0]
    return place.partition(":")[0]


def _is_local_host(host: str) -> bool:
    if host == "" or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
