"""Every refusal is one clear line, names its cause, and leaves the stored data as it was."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.embedded.failures import Reason


def refusal(server: EmbeddedPostgres) -> StoreUnavailable:
    with pytest.raises(StoreUnavailable) as refused:
        server.start()
    assert "\n" not in str(refused.value)
    return refused.value


@pytest.fixture
def small_disk(make_home):
    """Makes a home on a file system of its own of so many megabytes."""
    mounted: list[Path] = []

    def mount(megabytes: int) -> Path:
        home = make_home("small")
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=711", "tmpfs", str(home)]
        if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
            pytest.skip("a small file system takes root and the right to mount")
        mounted.append(home)
        return home

    yield mount
    for home in mounted:
        subprocess.run(["umount", "--lazy", str(home)], check=True)


@pytest.mark.parametrize("megabytes", [1, 20, 45, 70])
def test_a_disk_too_small_for_a_new_database_is_explained_and_can_be_mended(small_disk, ask, megabytes):
    home = small_disk(megabytes)

    error = refusal(EmbeddedPostgres(home))

    assert error.params["reason"] == Reason.DISK_FULL
    assert str(home) in str(error)
    subprocess.run(["mount", "-o", "remount,size=300m", str(home)], check=True)
    server = EmbeddedPostgres(home)
    assert ask(server.start(), "SELECT 1") == 1
    assert server.leave() is True


def test_a_disk_that_filled_up_later_is_explained_and_loses_nothing(small_disk, used_home, ask):
    home = small_disk(300)
    subprocess.run(["cp", "-a", f"{used_home}/.", str(home)], check=True)
    ballast = home / "ballast"
    subprocess.run(["dd", "if=/dev/zero", f"of={ballast}", "bs=64k"], check=False, capture_output=True)

    error = refusal(EmbeddedPostgres(home))

    assert error.params["reason"] == Reason.DISK_FULL
    ballast.unlink()
    server = EmbeddedPostgres(home)
    assert ask(server.start(), "SELECT current_database()") == "agentiq"
    assert server.leave() is True


def test_a_database_of_another_major_version_is_not_touched(used_home):
    version = used_home / "postgres" / "data" / "PG_VERSION"
    version.write_text("12\n")

    error = refusal(EmbeddedPostgres(used_home))

    assert error.params["reason"] == Reason.OTHER_VERSION
    assert "made by Postgres 12" in str(error)
    assert not (used_home / "postgres" / "data" / "postmaster.pid").exists()


def test_missing_programs_are_explained(home, tmp_path):
    error = refusal(EmbeddedPostgres(home, bin_dir=tmp_path))

    assert error.params["reason"] == Reason.NO_BINARIES
    assert str(tmp_path) in str(error)


@pytest.mark.parametrize("content", ["", "#!/bin/sh\necho something else\n", "#!/no/such/shell\n"])
def test_programs_that_are_no_postgres_are_explained(make_home, content):
    programs = make_home("programs")
    for name in ("postgres", "initdb"):
        (programs / name).write_text(content)
        (programs / name).chmod(0o755)

    error = refusal(EmbeddedPostgres(make_home("home"), bin_dir=programs))

    assert error.params["reason"] == Reason.NO_BINARIES


def test_a_server_that_does_not_answer_in_time_names_the_log(server, used_home, running_pid, ask):
    server.start()
    pid = running_pid(used_home)
    os.kill(pid, signal.SIGSTOP)

    error = refusal(EmbeddedPostgres(used_home, start_timeout=0.5))

    os.kill(pid, signal.SIGCONT)
    assert error.params["reason"] == Reason.TIMED_OUT
    assert str(used_home / "postgres" / "server.log") in str(error)
    assert ask(EmbeddedPostgres(used_home).start(), "SELECT 1") == 1


def test_waiting_for_a_stuck_process_ends(used_home, app, until):
    stuck = app(used_home)
    (used_home / "postgres.lock").touch()
    holder = subprocess.Popen(
        ["flock", str(used_home / "postgres.lock"), "sleep", "60"], start_new_session=True
    )
    try:
        until(
            lambda: (
                subprocess.run(
                    ["flock", "-n", str(used_home / "postgres.lock"), "true"], check=False
                ).returncode
            )
        )
        error = refusal(EmbeddedPostgres(used_home, start_timeout=0.2))
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.wait()

    assert error.params["reason"] == Reason.TIMED_OUT
    assert stuck.ask("start").startswith("postgresql://")


def test_a_lost_password_file_is_explained(used_home):
    (used_home / "postgres" / "password").unlink()

    error = refusal(EmbeddedPostgres(used_home))

    assert error.params["reason"] == Reason.FILES_MISSING


def test_a_wrong_password_file_is_explained_and_not_repeated_in_the_message(used_home):
    (used_home / "postgres" / "password").write_text("guessed-wrong")

    error = refusal(EmbeddedPostgres(used_home))

    assert error.params["reason"] == Reason.FILES_MISSING
    assert "guessed-wrong" not in str(error)


def test_a_server_that_refuses_its_files_says_why_and_names_the_log(used_home):
    shutil.rmtree(used_home / "postgres" / "data" / "global")

    error = refusal(EmbeddedPostgres(used_home))

    assert error.params["reason"] == Reason.FAILED
    assert "global" in str(error)
    assert str(used_home / "postgres" / "server.log") in str(error)
