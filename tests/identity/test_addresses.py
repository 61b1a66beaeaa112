"""Over a network the server proves who it is, unless somebody said otherwise; on this machine nothing is asked."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.errors import Misconfigured
from agentiq_core.identity.addresses import hosts, is_local, secured, weak_tls


def libpq(dsn: str) -> dict[str, Any]:
    """What libpq makes of an address: the judge here."""
    return psycopg.conninfo.conninfo_to_dict(dsn)


@pytest.fixture(autouse=True)
def _no_postgres_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSSLROOTCERT"):
        monkeypatch.delenv(name, raising=False)


LOCAL = [
    "postgresql:///shop",
    "postgresql://me@/shop",
    "postgresql://me:secret@localhost/shop",
    "postgresql://127.0.0.1:5433/shop",
    "postgresql://[::1]:5433/shop",
    "postgresql://me@%2Fvar%2Frun/shop",
    "postgresql:///shop?host=/tmp/run",
    "postgresql:///shop?host=/tmp/run,localhost",
    "postgresql://db.example.org/shop?hostaddr=127.0.0.1",
]
FAR = [
    "postgresql://db.example.org/shop",
    "postgresql://me:p%40ss@10.0.0.7:6432/shop?connect_timeout=3",
    "postgresql://localhost,db.example.org/shop",
    "postgresql:///shop?host=db.example.org",
    "postgres://[2001:db8::1]/shop",
    "postgresql://localhost.example.org/shop",
]


@pytest.mark.parametrize("dsn", LOCAL)
def test_an_address_on_this_machine_stays_as_it_is(dsn: str) -> None:
    assert is_local(dsn)
    assert secured(dsn) == dsn
    assert not weak_tls(dsn)


@pytest.mark.parametrize("dsn", FAR)
def test_an_address_over_a_network_checks_the_server(dsn: str) -> None:
    options = libpq(secured(dsn))
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "system")
    assert {**options, "sslmode": None, "sslrootcert": None} == {
        **libpq(dsn),
        "sslmode": None,
        "sslrootcert": None,
    }, "nothing else changes"
    assert secured(secured(dsn)) == secured(dsn)
    assert not weak_tls(secured(dsn))


def test_a_teams_own_certificate_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    said = libpq(secured("postgresql://db.example.org/shop?sslrootcert=/etc/team.crt"))
    assert (said["sslmode"], said["sslrootcert"]) == ("verify-full", "/etc/team.crt")
    monkeypatch.setenv("PGSSLROOTCERT", "/etc/team.crt")
    assert "sslrootcert" not in secured("postgresql://db.example.org/shop")


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://localhost#@db.example.org/shop",
        "postgresql://localhost?a=@db.example.org/shop",
        "postgresql://me:local?host=localhost@db.example.org/shop",
        "postgresql:///shop?host=localhost&host=db.example.org",
        "postgresql:///shop?host=localhost&hostaddr=203.0.113.5",
        "postgresql:///shop?host=localhost,localhost&hostaddr=,203.0.113.5",
        "postgresql://localhost%2Cdb.example.org/shop",
        "postgresql:///shop?host=localhost&service=team",
    ],
)
def test_an_address_that_only_looks_local_checks_the_server(dsn: str) -> None:
    assert not is_local(dsn)
    assert libpq(secured(dsn))["sslmode"] == "verify-full"


@pytest.mark.parametrize("name", ["PGHOST", "PGHOSTADDR", "PGSERVICE"])
def test_a_host_that_the_environment_names_is_no_local_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "203.0.113.5")
    assert libpq(secured("postgresql:///shop"))["sslmode"] == "verify-full"


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://me:p#w@db.example.org/shop",
        "postgresql://me:p?w@db.example.org/shop",
        "postgresql://db.example.org/shop?options=-c%20work_mem%3D4MB",
        "postgresql://db.example.org/shop?password=a+b%2Bc",
        "postgresql://db.example.org?user=me",
        "postgresql://db.example.org/shop?",
        "postgresql://db.example.org/shop?user=me&",
    ],
)
def test_what_an_address_says_is_not_written_anew(dsn: str) -> None:
    assert secured(dsn).startswith(dsn)
    added = {"sslmode": "verify-full", "sslrootcert": "system"}
    assert libpq(secured(dsn)) == libpq(dsn) | added


def test_the_short_form_of_a_mode_is_a_mode() -> None:
    dsn = "postgresql://db.example.org/shop?ssl=true"
    assert secured(dsn) == dsn
    assert weak_tls(dsn), "libpq reads it as require, which takes any certificate"


@pytest.mark.parametrize("text", ["", "mysql://me:secret@x/y", "host=db password=secret", "POSTGRESQL://x"])
def test_what_is_no_address_is_refused_without_being_repeated(text: str) -> None:
    for question in (secured, weak_tls, is_local, hosts):
        with pytest.raises(Misconfigured) as refused:
            question(text)
        assert "secret" not in f"{refused.value} {refused.value.params}"


PIECES = [
    "localhost",
    "db.example.org",
    "127.0.0.1",
    "[::1]",
    "%2Ftmp",
    "me",
    ":",
    "@",
    ",",
    "/",
    "?",
    "#",
    "&",
]
NAMES = ["host=", "hostaddr=", "sslmode=", "ssl=true", "user=", "&", "prefer", "%2C", "+", "%20", " "]


@given(st.lists(st.sampled_from(PIECES + NAMES), max_size=12).map("".join))
def test_libpq_itself_agrees_on_where_it_goes(rest: str) -> None:
    dsn = f"postgresql://{rest}"
    try:
        before = libpq(dsn)
    except psycopg.ProgrammingError:
        return
    reached = (before.get("hostaddr") or before.get("host") or "").split(",")
    named = (before.get("host") or "").split(",")
    if before.get("hostaddr") and len(named) in (1, len(reached)):
        reached = [at or (named[place] if place < len(named) else "") for place, at in enumerate(reached)]
        assert hosts(dsn) == reached
    elif not before.get("hostaddr"):
        assert hosts(dsn) == reached
    after = libpq(secured(dsn))
    if "sslmode" in before or is_local(dsn):
        assert after == before
    else:
        assert after == {"sslrootcert": "system"} | before | {"sslmode": "verify-full"}


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_a_weaker_mode_is_respected_and_told(mode: str) -> None:
    dsn = f"postgresql://db.example.org/shop?sslmode={mode}"
    assert secured(dsn) == dsn
    assert weak_tls(dsn)


@given(st.text("abc0123456789.-:[]%/@,", max_size=30))
def test_no_host_makes_it_fail_or_lose_the_database(place: str) -> None:
    dsn = f"postgresql://me:secret@db.example.org/shop?host={place.replace('%', '%25').replace('@', '%40')}"
    assert isinstance(secured(dsn), str)
    assert "secret" not in "".join(hosts(dsn)) or "secret" in place
