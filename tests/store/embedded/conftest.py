"""Homes that the server's own user can reach, and AgentIQ processes to start, kill and ask."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from agentiq_core.store.embedded import EmbeddedPostgres, postmaster

REPOSITORY = Path(__file__).parents[3]
APP = """
import sys
from pathlib import Path
from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.store.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
for command in sys.stdin:
    try:
        print(getattr(server, command.strip())(), flush=True)
    except StoreUnavailable as error:
        print("refused:", error, flush=True)
"""


class App:
    """A process that uses the embedded server, as AgentIQ does; `ask("start")` and `ask("leave")` call the doors."""

    def __init__(self, home: Path, **options: object) -> None:
        python = options.pop("python", sys.executable)
        environment = {
            **os.environ,
            "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
            **options.pop("env", {}),
        }  # type: ignore[dict-item]
        self._process = subprocess.Popen(
            [str(python), "-c", APP, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env=environment,
            **options,  # type: ignore[call-overload]
        )
        self.pid: int = self._process.pid

    def tell(self, command: str) -> None:
        """Calls a door without waiting for its answer."""
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        """What the last call returned, as text."""
        return str(self._process.stdout.readline()).strip()

    def ask(self, command: str) -> str:
        """Calls a door and returns its answer as text."""
        self.tell(command)
        return self.answer()

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Ends the process as the system would, giving it no chance to tidy."""
        self._process.send_signal(number)
        self._process.wait()

    def close(self) -> None:
        """Ends a process that may still run, and its pipes."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


def end_server(home: Path) -> None:
    """Stops whatever still serves `home`, at once."""
    data = home / "postgres" / "data"
    running = postmaster.living_postmaster(data) if data.exists() else None
    if running is not None:
        os.kill(running.pid, signal.SIGCONT)
        os.kill(running.pid, signal.SIGQUIT)
        wait_until(lambda: not postmaster.serves(running.pid, data))


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Polls a condition of the real world, and fails when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def make_home() -> Iterator[Callable[[str], Path]]:
    """Makes homes below a directory that everybody may enter: pytest's own is root's alone."""
    top = Path(tempfile.mkdtemp(prefix="aiq-", dir="/tmp"))
    top.chmod(0o711)
    homes: list[Path] = []

    def make(name: str = "home") -> Path:
        home = top / name
        home.mkdir(parents=True)
        for made in [home, *home.parents]:
            if made == top:
                break
            made.chmod(0o711)
        homes.append(home)
        return home

    yield make
    for home in homes:
        end_server(home)
        link = home / "postgres"
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
    shutil.rmtree(top)


@pytest.fixture
def home(make_home: Callable[[str], Path]) -> Path:
    """An empty $AGENTIQ_HOME."""
    return make_home("home")


@pytest.fixture(scope="session")
def _made_cluster() -> Iterator[Path]:
    top = Path(tempfile.mkdtemp(prefix="aiq-made-", dir="/tmp"))
    top.chmod(0o711)
    server = EmbeddedPostgres(top / "home")
    server.start()
    server.leave()
    yield top / "home"
    shutil.rmtree(top)


def copy_home(source: Path, target: Path) -> None:
    """Copies a home with its owners and modes; root's copy of the programs is linked, it is the bulk."""
    binaries = source / "postgres" / "binaries"
    if binaries.exists():
        (target / "postgres").mkdir()
        subprocess.run(["cp", "-al", str(binaries), str(target / "postgres")], check=True)
    subprocess.run(["cp", "-a", "--no-clobber", f"{source}/.", str(target)], check=True)


@pytest.fixture
def used_home(home: Path, _made_cluster: Path) -> Path:
    """A home with a cluster that was made and properly stopped: it saves each test the second that initdb takes."""
    copy_home(_made_cluster, home)
    return home


@pytest.fixture(scope="module")
def shared_dsn(_made_cluster: Path) -> Iterator[str]:
    """A running server for tests that only look."""
    top = Path(tempfile.mkdtemp(prefix="aiq-shared-", dir="/tmp"))
    copy_home(_made_cluster, top)
    server = EmbeddedPostgres(top)
    yield server.start()
    assert server.leave()
    shutil.rmtree(top)


@pytest.fixture
def app() -> Iterator[Callable[..., App]]:
    """Starts AgentIQ processes, which end with the test."""
    apps: list[App] = []

    def launch(home: Path, **options: object) -> App:
        apps.append(App(home, **options))
        return apps[-1]

    yield launch
    for each in apps:
        with suppress(ProcessLookupError):
            each.close()


@pytest.fixture
def server(used_home: Path) -> EmbeddedPostgres:
    """One user of the server of `used_home`."""
    return EmbeddedPostgres(used_home)


@pytest.fixture
def running_pid() -> Callable[[Path], int | None]:
    """The process id of a home's living server, None when there is none."""

    def find(home: Path) -> int | None:
        found = postmaster.living_postmaster(home / "postgres" / "data")
        return found.pid if found is not None else None

    return find


@pytest.fixture
def until() -> Callable[..., None]:
    """Polls a condition, with a deadline."""
    return wait_until


@pytest.fixture
def ask() -> Callable[..., object]:
    """Runs one statement on a session of its own and returns the first column of its first row."""

    def run(dsn: str, query: str) -> object:
        with psycopg.connect(dsn) as session:
            row = session.execute(query).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None

    return run
