"""What is left by a killed process, and who may take it over."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess

import psycopg

from agentiq_core.store.embedded import EmbeddedPostgres, postmaster


def test_four_processes_racing_on_an_empty_home_share_one_server(home, app, ask, running_pid):
    racers = [app(home) for _ in range(4)]
    for racer in racers:
        racer.tell("start")

    addresses = {racer.answer() for racer in racers}

    assert len(addresses) == 1
    assert ask(addresses.pop(), "SELECT count(*) FROM pg_database WHERE datname = 'agentiq'") == 1
    assert [racer.ask("leave") for racer in racers] == ["False", "False", "False", "True"]
    assert running_pid(home) is None


def test_a_killed_users_server_lives_on_and_stops_when_the_last_leaves(used_home, app, running_pid):
    starter, colleague = app(used_home), app(used_home)
    starter.ask("start")
    colleague.ask("start")
    pid = running_pid(used_home)
    starter.kill()

    late = EmbeddedPostgres(used_home)
    late.start()

    assert running_pid(used_home) == pid
    assert colleague.ask("leave") == "False"
    assert late.leave() is True
    assert not postmaster.exists(pid)


def test_a_server_that_its_killed_user_left_alone_is_found_and_stopped(used_home, app, running_pid):
    starter = app(used_home)
    starter.ask("start")
    pid = running_pid(used_home)
    starter.kill()

    later = EmbeddedPostgres(used_home)
    later.start()

    assert running_pid(used_home) == pid
    assert later.leave() is True


def test_a_killed_server_is_recovered_with_all_that_was_committed(server, used_home, ask, running_pid, until):
    with psycopg.connect(server.start(), autocommit=True) as session:
        session.execute("CREATE TABLE replies (text text)")
        session.execute("INSERT INTO replies VALUES ('отправлено')")
    killed = running_pid(used_home)
    os.kill(killed, signal.SIGKILL)
    until(lambda: not postmaster.exists(killed))
    assert (used_home / "postgres" / "data" / "postmaster.pid").exists()
    assert (used_home / "postgres" / "run" / ".s.PGSQL.5432.lock").exists()

    dsn = EmbeddedPostgres(used_home).start()

    assert running_pid(used_home) not in (None, killed)
    assert ask(dsn, "SELECT text FROM replies") == "отправлено"
    assert server.leave() is False
    assert ask(dsn, "SELECT 1") == 1


def test_a_killed_server_is_recovered_once_its_orphaned_backends_are_gone(
    server, used_home, app, running_pid, until
):
    log = used_home / "postgres" / "server.log"
    with psycopg.connect(server.start()) as session:
        orphan = session.info.backend_pid
        os.kill(orphan, signal.SIGSTOP)
        os.kill(running_pid(used_home), signal.SIGKILL)
        late = app(used_home)
        late.tell("start")
        until(lambda: "pre-existing shared memory block" in log.read_text())
        os.kill(orphan, signal.SIGCONT)

        assert late.answer().startswith("postgresql://")


def test_a_stale_pid_that_another_program_has_now_is_no_server(server, used_home, ask, running_pid):
    data = used_home / "postgres" / "data"
    run = used_home / "postgres" / "run"
    server.start()
    os.kill(running_pid(used_home), signal.SIGKILL)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        for path in (data / "postmaster.pid", run / ".s.PGSQL.5432.lock"):
            lines = path.read_text().splitlines()
            path.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")

        dsn = EmbeddedPostgres(used_home).start()

        assert ask(dsn, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_an_empty_pid_file_is_no_server(server, used_home, ask):
    (used_home / "postgres" / "data" / "postmaster.pid").touch()

    assert ask(server.start(), "SELECT 1") == 1


def test_a_server_that_lost_its_pid_file_is_replaced_by_a_sound_one(server, used_home, ask, running_pid):
    server.start()
    pid = running_pid(used_home)
    (used_home / "postgres" / "data" / "postmaster.pid").unlink()

    dsn = EmbeddedPostgres(used_home).start()

    assert running_pid(used_home) not in (None, pid)
    assert not postmaster.exists(pid)
    assert ask(dsn, "SELECT 1") == 1


def test_a_server_whose_socket_was_swept_away_is_restarted(server, used_home, ask, running_pid):
    server.start()
    pid = running_pid(used_home)
    shutil.rmtree(used_home / "postgres" / "run")

    dsn = EmbeddedPostgres(used_home).start()

    assert running_pid(used_home) not in (None, pid)
    assert ask(dsn, "SELECT 1") == 1


def test_a_foreign_socket_at_our_path_is_replaced(server, used_home, ask):
    run = used_home / "postgres" / "run"
    path = run / ".s.PGSQL.5432"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as foreign:
        foreign.bind(str(path))
        foreign.listen()
        path.with_name(f"{path.name}.lock").write_text(f"{os.getpid()}\n")

        assert ask(server.start(), "SELECT 1") == 1

    assert server.leave() is True


def test_a_start_that_was_killed_in_initdb_is_begun_anew(home, app, ask, until):
    unlucky = app(home)
    unlucky.tell("start")
    until(lambda: (home / "postgres" / "data.new" / "base").exists())
    unlucky.kill()
    assert not (home / "postgres" / "data").exists()

    server = EmbeddedPostgres(home)

    assert ask(server.start(), "SELECT 1") == 1
    assert not (home / "postgres" / "data.new").exists()
    assert not (home / "postgres" / "password.initdb").exists()
    assert server.leave() is True


def test_a_start_that_was_killed_before_its_database_was_made_makes_it_now(server, used_home, ask):
    dsn = server.start()
    with psycopg.connect(dsn.replace("/agentiq?", "/postgres?"), autocommit=True) as session:
        session.execute("DROP DATABASE agentiq")

    assert ask(EmbeddedPostgres(used_home).start(), "SELECT current_database()") == "agentiq"


def test_a_copy_of_a_running_home_gets_a_server_of_its_own(server, used_home, make_home, ask, running_pid):
    original = server.start()
    copy = make_home("copy")
    subprocess.run(["cp", "-a", f"{used_home}/.", str(copy)], check=True)

    dsn = EmbeddedPostgres(copy).start()

    assert dsn != original
    assert running_pid(copy) != running_pid(used_home)
    assert ask(dsn, "SELECT 1") == ask(original, "SELECT 1")


def test_a_home_that_was_moved_under_a_running_server_still_attaches(
    server, used_home, make_home, ask, running_pid, until
):
    server.start()
    pid = running_pid(used_home)
    moved = make_home("moved") / "home"
    used_home.rename(moved)

    user = EmbeddedPostgres(moved)
    dsn = user.start()

    assert running_pid(moved) == pid
    assert ask(dsn, "SELECT 1") == 1
    os.kill(pid, signal.SIGQUIT)
    # a server that still tidies up would race with the removal of its files
    until(lambda: not postmaster.exists(pid))
