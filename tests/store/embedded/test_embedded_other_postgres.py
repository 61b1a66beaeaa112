"""Another Postgres than the bundled one, named by its bin directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.embedded.cluster import locale_attempts
from agentiq_core.store.embedded.failures import Reason

SYSTEM = sorted(
    (path for path in Path("/usr/lib/postgresql").glob("*/bin") if int(path.parent.name) >= 15),
    key=lambda path: int(path.parent.name),
)


@pytest.fixture(params=SYSTEM or [None], ids=str)
def system_bin(request):
    if request.param is None:
        pytest.skip("no Postgres 15 or newer in /usr/lib/postgresql")
    return request.param


def test_the_systems_postgres_understands_russian_too(home, ask, system_bin):
    server = EmbeddedPostgres(home, bin_dir=system_bin)
    dsn = server.start()

    assert str(ask(dsn, "SHOW server_version")).startswith(system_bin.parent.name)
    assert ask(dsn, "SELECT lower('ЁЛКА') || ('Заказ' ILIKE 'зАКАЗ')::text") == "ёлкаtrue"
    assert ask(dsn, "SELECT min(name) FROM (VALUES ('б'), ('а'), ('Я')) AS names(name)") == "Я"
    assert ask(dsn, "SHOW fsync") == "on"
    assert server.leave() is True
    assert not (home / "postgres" / "binaries").exists()


def test_a_database_of_the_systems_postgres_is_not_opened_by_the_bundled_one(home, system_bin):
    other = EmbeddedPostgres(home, bin_dir=system_bin)
    other.start()
    assert other.leave() is True
    if system_bin.parent.name == "18":
        pytest.skip("both are the same major version")

    with pytest.raises(StoreUnavailable, match=f"made by Postgres {system_bin.parent.name}") as refused:
        EmbeddedPostgres(home).start()

    assert refused.value.params["reason"] == Reason.OTHER_VERSION


@pytest.mark.parametrize(
    ("major", "first"),
    [
        (15, "--locale-provider=libc"),
        (16, "--locale-provider=libc"),
        (17, "--builtin-locale=C.UTF-8"),
        (18, "--builtin-locale=PG_UNICODE_FAST"),
    ],
)
def test_each_version_is_asked_only_for_a_locale_it_knows(major, first):
    attempts = locale_attempts(major)

    assert first in attempts[0]
    assert all(("builtin" in " ".join(attempt)) == (major >= 17) for attempt in attempts)
