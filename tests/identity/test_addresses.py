"""Over a network the server proves who it is, unless somebody said otherwise; on this machine nothing is asked."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.identity.addresses import hosts, is_local, secured, weak_tls

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
    options = psycopg.conninfo.conninfo_to_dict(secured(dsn))
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "system")
    assert {**options, "sslmode": None, "sslrootcert": None} == {
        **psycopg.conninfo.conninfo_to_dict(dsn),
        "sslmode": None,
        "sslrootcert": None,
    }, "nothing else changes"
    assert secured(secured(dsn)) == secured(dsn)
    assert not weak_tls(secured(dsn))


def test_a_teams_own_certificate_is_kept() -> None:
    assert "sslrootcert=%2Fetc%2Fteam.crt" in secured(
        "postgresql://db.example.org/shop?sslrootcert=/etc/team.crt"
    )


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
