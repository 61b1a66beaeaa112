"""How a team's database is reached: encrypted and with a checked certificate, unless it is on this very machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

_WEAK = frozenset({"disable", "allow", "prefer", "require"})
"""libpq's modes that do not check whom they speak to (libpq, "SSL Mode Descriptions")."""


def secured(dsn: str) -> str:
    """The address with `sslmode=verify-full`, unless it names a mode itself or leads to this machine only."""
    parts = urlsplit(dsn)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "sslmode" in options or is_local(dsn):
        return dsn
    options["sslmode"] = "verify-full"
    # the certificates that this system trusts, unless the team has its own
    options.setdefault("sslrootcert", "system")
    # urlunsplit would drop the two slashes before an empty host
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode(options)}"


def weak_tls(dsn: str) -> bool:
    """Whether this address goes over a network without checking whom it speaks to, because it was told so."""
    options = dict(parse_qsl(urlsplit(dsn).query, keep_blank_values=True))
    return not is_local(dsn) and options.get("sslmode", "verify-full") in _WEAK | {"verify-ca"}


def is_local(dsn: str) -> bool:
    """Whether every host of the address is a socket or a loopback address."""
    return all(map(_is_local_host, hosts(dsn)))


def hosts(dsn: str) -> list[str]:
    """The hosts of an address; an empty name is libpq's default, a local socket. Never with user or password."""
    parts = urlsplit(dsn)
    named = dict(parse_qsl(parts.query, keep_blank_values=True))
    given = named.get("hostaddr") or named.get("host")
    if given is not None:
        return given.split(",")
    place = parts.netloc.rpartition("@")[2]
    return [_without_port(unquote(host)) for host in place.split(",")]


def _without_port(place: str) -> str:
    if place.startswith("["):
        return place[1:].partition("]")[0]
    return place.partition(":")[0]


def _is_local_host(host: str) -> bool:
    if host == "" or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
