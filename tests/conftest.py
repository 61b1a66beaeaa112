"""Real parts for every test: a Postgres shared by the run, a database of its own for each test."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

from agentiq_core.store.database import Store
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.owner import local_session
from agentiq_core.store.schema import migrate
from tests.signed import signed_store

GIVEN = os.environ.get("AGENTIQ_TEST_DATABASE_URL")
TEMPLATE = "agentiq_test_template"
_number = count(1)


@dataclass(frozen=True)
class Server:
    """A Postgres that tests may make databases on."""

    name: str
    admin_dsn: str

    def create(self) -> str:
        """A fresh database with the current schema; its address."""
        name = f"t{os.getpid()}_{next(_number)}"
        with psycopg.connect(self.admin_dsn, autocommit=True) as connection:
            connection.execute(f"create database {name} template {TEMPLATE}")
        return named(self.admin_dsn, name)

    def create_empty(self) -> str:
        """A fresh database without any schema."""
        name = f"e{os.getpid()}_{next(_number)}"
        with psycopg.connect(self.admin_dsn, autocommit=True) as connection:
            connection.execute(f"create database {name} template template0 encoding 'UTF8'")
        return named(self.admin_dsn, name)

    def drop(self, dsn: str) -> None:
        """Forget a database, whoever is still connected."""
        with psycopg.connect(self.admin_dsn, autocommit=True) as connection:
            connection.execute(f"drop database if exists {urlsplit(dsn).path[1:]} with (force)")


def named(dsn: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def pytest_configure(config: pytest.Config) -> None:
    """One home for the run's server, shared by all workers; removed by whoever started the run."""
    # no setting of the developer's machine may leak into a test
    for name in [
        name for name in os.environ if name.startswith("AGENTIQ_") and not name.startswith("AGENTIQ_TEST")
    ]:
        if name != "AGENTIQ_SPECS_DIR":
            del os.environ[name]
    if "AGENTIQ_TEST_HOME" not in os.environ:
        home = Path(tempfile.mkdtemp(prefix="agentiq-tests-"))
        # the server may run as another user than root
        home.chmod(0o711)
        os.environ["AGENTIQ_TEST_HOME"] = str(home)
        config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ["AGENTIQ_HOME"] = os.environ["AGENTIQ_TEST_HOME"] + "/home"


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[Server]:
    """The embedded Postgres, one for the whole run."""
    home = Path(os.environ["AGENTIQ_TEST_HOME"]) / "server"
    home.mkdir(mode=0o711, exist_ok=True)
    embedded = EmbeddedPostgres(home)
    server = Server("embedded", embedded.start())
    try:
        _prepare(server)
        yield server
    finally:
        embedded.leave()


@pytest.fixture(scope="session", params=["embedded", "given"] if GIVEN else ["embedded"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each Postgres that this run tests on: the embedded one, and AGENTIQ_TEST_DATABASE_URL when it is set."""
    if request.param == "embedded":
        embedded: Server = request.getfixturevalue("embedded_server")
        return embedded
    assert GIVEN is not None
    server = Server("given", GIVEN)
    _prepare(server)
    return server


@pytest.fixture
def dsn(server: Server) -> Iterator[str]:
    """The address of a database of this test's own, with the current schema."""
    dsn = server.create()
    yield dsn
    server.drop(dsn)


@pytest.fixture
def empty_dsn(server: Server) -> Iterator[str]:
    """The address of a database of this test's own, without any schema."""
    dsn = server.create_empty()
    yield dsn
    server.drop(dsn)


@pytest.fixture
def owner_token(dsn: str) -> str:
    """The sign-in of the database's owner, for every store of this test."""
    refresh = local_session(dsn, embedded=True, client="test")
    assert refresh is not None
    return refresh


@pytest.fixture
async def store(dsn: str, owner_token: str) -> AsyncIterator[Store]:
    """The store on a database of this test's own, as its owner sees it."""
    store = signed_store(dsn, owner_token)
    yield store
    await store.aclose()


def _prepare(server: Server) -> None:
    """Make the template database once a server, whichever worker comes first."""
    lock = Path(os.environ["AGENTIQ_TEST_HOME"]) / f"{server.name}.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with psycopg.connect(server.admin_dsn, autocommit=True) as connection:
            stamp = Path(os.environ["AGENTIQ_TEST_HOME"]) / f"{server.name}.ready"
            if stamp.exists():
                return
            fresh = f"template_{uuid4().hex}"
            connection.execute(f"create database {fresh} template template0 encoding 'UTF8'")
            migrate(named(server.admin_dsn, fresh))
            connection.execute(f"drop database if exists {TEMPLATE} with (force)")
            connection.execute(f"alter database {fresh} rename to {TEMPLATE}")
            # a test loses nothing when the machine does: its database is dropped at its end
            connection.execute(f"alter database {TEMPLATE} set synchronous_commit = off")
            stamp.touch()
