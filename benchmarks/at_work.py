"""A worker as a team runs it, `agentiq worker` in a process of its own, and what it costs, read from /proc from outside."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection

from agentiq_core.connectors.base import Credentials
from agentiq_core.connectors.wildberries import WILDBERRIES
from agentiq_core.engine.access import Access
from agentiq_core.engine.opening import utc_now
from agentiq_core.engine.sellers import default_rules
from agentiq_core.identity.vault import Vault
from agentiq_core.store import sellers
from agentiq_core.store.database import Door, Store
from agentiq_core.store.sellers import NewSeller
from benchmarks.parts import RunningSandbox
from benchmarks.processes import Process

_AT_ONCE = 50


async def connect_sellers(
    dsn: str,
    token: str,
    vault: Vault,
    market: RunningSandbox,
    count: int,
    *,
    chats: int = 0,
    events: int = 0,
) -> list[str]:
    """So many sellers of the sandbox in the database, each with so long a history; their names there, in the order of
    their ids here.

    Keys are sealed as `seller add` does, and not tried: that they work is what the run is about.
    """
    door = Door(dsn, pool_size=1)
    store = Store(door, Access(door, given=token))
    made = [market.seller(f"Магазин {number}") for number in range(count)]
    if events:
        for seller in made:
            market.fill(seller["id"], chats=chats, events=events)
    for start in range(0, count, _AT_ONCE):
        async with store.transaction() as session:
            for seller in made[start : start + _AT_ONCE]:
                report = WILDBERRIES.inspect_key(Credentials(secret=seller["token"]), utc_now())
                new = NewSeller(
                    name=seller["name"],
                    marketplace=WILDBERRIES.id,
                    account_id=report.account_id or "",
                    ciphertext=vault.seal(seller["token"]),
                    base_url=seller["base_url"],
                    kind=report.kind,
                    scopes=sorted(report.scopes),
                    expires_at=report.expires_at,
                )
                await sellers.add(session, new, default_rules())
    await store.aclose()
    return [seller["id"] for seller in made]


@dataclass(frozen=True, slots=True)
class RunningWorker(Process):
    """`agentiq worker`; what it says is kept in a file."""

    log: Path

    def complaints(self) -> list[str]:
        """Warnings and errors it logged."""
        return [
            line
            for line in self.log.read_text("utf-8").splitlines()
            if " WARNING " in line or " ERROR " in line
        ]


@contextlib.contextmanager
def agentiq_worker(dsn: str, token: str, vault: Vault, *, core: int | None = None) -> Iterator[RunningWorker]:
    """The command of the product with everything in its environment, as a service has it; ended by SIGTERM."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="agentiq-bench-worker-") as directory:
        environment = kept | {
            "AGENTIQ_HOME": directory,
            "AGENTIQ_DATABASE_URL": dsn,
            "AGENTIQ_TOKEN": token,
            "AGENTIQ_TEAM_KEY": vault.packed(),
            "AGENTIQ_LANGUAGE": "en",
            "LANG": "C.UTF-8",
        }
        log = Path(directory) / "worker.log"
        with log.open("wb") as said:
            process = subprocess.Popen(
                [*_command(), "worker"], env=environment, stdout=subprocess.DEVNULL, stderr=said
            )
            worker = RunningWorker(process.pid, log)
            if core is not None:
                worker.pin(core)
            try:
                yield worker
                assert process.poll() is None, log.read_text("utf-8")[-2000:]
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _command() -> list[str]:
    """`AGENTIQ_BENCH_PROFILE=file` keeps a profile of the worker."""
    profile = os.environ.get("AGENTIQ_BENCH_PROFILE")
    if profile:
        return [sys.executable, "-m", "cProfile", "-o", profile, "-m", "agentiq_tui"]
    return [sys.executable, "-m", "agentiq_tui"]


def connections(connection: Connection[tuple[object, ...]]) -> int:
    """Connections to this database but the one that asks."""
    row = connection.execute(
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        " and backend_type = 'client backend'"
    ).fetchone()
    assert row is not None
    return int(str(row[0]))


def postgres_cpu_seconds(connection: Connection[tuple[object, ...]]) -> float:
    """Processor time of the server and every process of it, gone ones too (it must run on this machine)."""
    row = connection.execute("select pg_backend_pid()").fetchone()
    assert row is not None
    backend = Path(f"/proc/{row[0]}/stat").read_text().rpartition(")")[2].split()
    server = int(backend[1])
    children = Path(f"/proc/{server}/task/{server}/children")
    pids = children.read_text().split() if children.exists() else []
    return Process(server).cpu_seconds(of_the_gone=True) + sum(
        Process(int(pid)).cpu_seconds() for pid in pids
    )


def last_core() -> int | None:
    """A core to keep the worker on while everything else uses the others; None where there is only one."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return cores[-1] if len(cores) > 1 else None
