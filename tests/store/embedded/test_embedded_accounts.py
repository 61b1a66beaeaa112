"""Who the server runs as: root hands it to an unprivileged user, anybody else runs it himself."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.embedded.failures import Reason

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def owner(path: Path) -> str:
    return pwd.getpwuid(path.stat().st_uid).pw_name


@root_only
def test_roots_server_runs_as_an_unprivileged_user_on_its_own_copy_of_the_programs(
    server, used_home, running_pid
):
    server.start()
    process = Path(f"/proc/{running_pid(used_home)}")

    status = dict(
        line.split(":\t") for line in (process / "status").read_text().splitlines() if ":\t" in line
    )
    assert "0" not in status["Uid"].split() + status["Gid"].split()
    assert status["Groups"].strip() == ""
    assert int(status["CapEff"], 16) == 0
    assert (process / "exe").readlink().is_relative_to(used_home / "postgres" / "binaries")
    assert server.leave() is True


@root_only
def test_a_home_that_only_root_may_enter_keeps_its_mode_and_links_to_where_the_data_is(make_home, ask):
    closed = make_home("root")
    closed.chmod(0o700)
    home = closed / "agentiq"
    home.mkdir(mode=0o700)
    server = EmbeddedPostgres(home)

    try:
        assert ask(server.start(), "SELECT 1") == 1

        place = home / "postgres"
        assert place.is_symlink()
        assert place.resolve().parent == Path("/var/lib")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert stat.S_IMODE((place / "data").stat().st_mode) == 0o700
        assert EmbeddedPostgres(home).start() == server.start()
        assert ask(server.start(), "SELECT 1") == 1
    finally:
        data = (home / "postgres").resolve()
        EmbeddedPostgres(home).leave()
        server.leave()
        subprocess.run(["rm", "-rf", str(data)], check=True)

    with pytest.raises(StoreUnavailable, match="is gone") as refused:
        EmbeddedPostgres(home).start()
    assert refused.value.params["reason"] == Reason.FILES_MISSING


@root_only
def test_root_leaves_another_users_database_alone(used_home):
    os.chown(used_home / "postgres", 12345, 12345)

    with pytest.raises(StoreUnavailable, match="belongs to user 12345") as refused:
        EmbeddedPostgres(used_home).start()

    assert refused.value.params["reason"] == Reason.FOREIGN_FILES


@root_only
def test_a_home_that_was_closed_later_is_explained(used_home):
    used_home.chmod(0o700)

    with pytest.raises(StoreUnavailable, match="can no longer enter") as refused:
        EmbeddedPostgres(used_home).start()

    assert refused.value.params["reason"] == Reason.UNREADABLE


@pytest.fixture
def ordinary_python() -> str:
    """An interpreter of this version that the user nobody may run: a virtual environment's may lie in root's home."""
    tag = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{tag}", f"/usr/local/bin/{tag}"):
        try:
            found = subprocess.run([candidate, "-c", "import psycopg"], user="nobody", group=65534, extra_groups=[],
                                   env={"PYTHONPATH": sysconfig.get_path("purelib")}, cwd="/", check=False)  # fmt: skip
        except OSError:
            continue
        if found.returncode == 0:
            return candidate
    pytest.skip("no interpreter that the user nobody may run")


@root_only
def test_an_ordinary_user_runs_the_server_himself(home, app, ordinary_python, running_pid):
    os.chown(home, 65534, 65534)
    paths = f"{Path(__file__).parents[3]}:{sysconfig.get_path('purelib')}"
    ordinary = {
        "python": ordinary_python,
        "user": 65534,
        "group": 65534,
        "extra_groups": [],
        "env": {"PYTHONPATH": paths, "HOME": "/nonexistent"},
    }
    first, second = app(home, **ordinary), app(home, **ordinary)

    dsn = first.ask("start")

    assert dsn.startswith("postgresql://"), dsn
    assert second.ask("start") == dsn
    assert owner(home / "postgres" / "data") == "nobody"
    assert not (home / "postgres" / "binaries").exists()
    assert stat.S_IMODE((home / "postgres").stat().st_mode) == 0o700
    first.kill()
    assert running_pid(home) is not None
    assert second.ask("leave") == "True"
    assert running_pid(home) is None


def test_a_home_that_cannot_be_written_is_explained(make_home):
    blocked = make_home("blocked") / "file"
    blocked.touch()

    with pytest.raises(StoreUnavailable, match="cannot use") as refused:
        EmbeddedPostgres(blocked / "home").start()

    assert refused.value.params["reason"] == Reason.UNREADABLE
