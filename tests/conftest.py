"""Real parts for every test: a Postgres shared by the run, a database of its own for each test."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agentiq_core.store.database import Store
from agentiq_core.store.owner import local_session
from tests.databases import EMBEDDED, Server, embedded_server
from tests.signed import signed_store

# a screen that is drawn makes objects by the hundred thousand: the defaults spend two fifths of a test's time here
gc.set_threshold(20_000, 20, 20)

GIVEN = os.environ.get("AGENTIQ_TEST_DATABASE_URL")


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
def _embedded_server() -> Iterator[Server]:
    """The embedded Postgres, one for the whole run."""
    with embedded_server(Path(os.environ["AGENTIQ_TEST_HOME"]) / "server") as server:
        yield server


@pytest.fixture(scope="session", params=[EMBEDDED, "given"] if GIVEN else [EMBEDDED])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each Postgres that this run tests on: the embedded one, and AGENTIQ_TEST_DATABASE_URL when it is set."""
    if request.param == EMBEDDED:
        server: Server = request.getfixturevalue("_embedded_server")
    else:
        assert GIVEN is not None
        server = Server("given", GIVEN)
    server.prepare(Path(os.environ["AGENTIQ_TEST_HOME"]))
    yield server
    server.drop_unused()


@pytest.fixture
def dsn(server: Server) -> Iterator[str]:
    """The address of a database of this test's own, with the current schema."""
    dsn = server.take()
    yield dsn
    server.give_back(dsn)


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
