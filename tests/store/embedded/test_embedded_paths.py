"""Homes in awkward places."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
import sqlalchemy

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.embedded.account import account_for
from agentiq_core.store.embedded.failures import Reason
from agentiq_core.store.embedded.layout import Layout

AWKWARD = [
    "Мои документы/склад № 1",
    "with spaces",
    'it\'s "quoted" $HOME `id` %41',
    "colon:5432",
    "comma,separated",
    "deep/" + "a" * 90,
    "глубоко/" + "щ" * 60,
]


@pytest.mark.parametrize("name", AWKWARD)
def test_a_server_starts_and_stops_wherever_its_home_lies(make_home, ask, name):
    home = make_home(name)
    server = EmbeddedPostgres(home)

    dsn = server.start()

    assert ask(dsn, "SELECT current_database()") == "agentiq"
    engine = sqlalchemy.create_engine(sqlalchemy.make_url(dsn).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("SELECT 1")) == 1
    engine.dispose()
    assert server.leave() is True


@pytest.fixture
def long_home(make_home):
    return make_home("a" * 100)


def far_directory(home: Path) -> Path:
    return Path(tempfile.gettempdir()) / Layout(home / "postgres").far_socket_name


def test_a_long_path_puts_the_socket_into_a_private_directory_under_the_temp_directory(long_home):
    server = EmbeddedPostgres(long_home)
    server.start()
    directory = far_directory(long_home)

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert directory.stat().st_uid == account_for(long_home / "postgres" / "data").uid
    assert (directory / ".s.PGSQL.5432").is_socket()
    assert server.leave() is True
    assert not directory.exists()


def test_a_terminal_with_another_temp_directory_still_finds_the_server(long_home, app, tmp_path):
    server = EmbeddedPostgres(long_home)
    dsn = server.start()

    other = app(long_home, env={"TMPDIR": str(tmp_path)})

    assert other.ask("start") == dsn
    assert other.ask("leave") == "False"
    assert server.leave() is True


@pytest.mark.parametrize("trap", ["link", "file", "foreign"])
def test_a_trap_at_the_sockets_place_is_refused_and_left_alone(long_home, tmp_path, trap):
    if trap == "foreign" and os.geteuid() != 0:
        pytest.skip("only root can make another user's directory")
    server = EmbeddedPostgres(long_home)
    server.start()
    assert server.leave() is True
    directory = far_directory(long_home)
    if trap == "link":
        directory.symlink_to(tmp_path)
    elif trap == "file":
        directory.touch()
    else:
        directory.mkdir()
        os.chown(directory, 12345, 12345)

    try:
        with pytest.raises(StoreUnavailable, match="remove it") as refused:
            EmbeddedPostgres(long_home).start()
        assert refused.value.params["reason"] == Reason.SOCKET_PATH
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["rm", "-rf", str(directory)], check=True)


def test_a_relative_home_is_the_same_home(used_home, monkeypatch, ask):
    absolute = EmbeddedPostgres(used_home)
    dsn = absolute.start()
    monkeypatch.chdir(used_home.parent)

    relative = EmbeddedPostgres(Path("home"))

    assert relative.start() == dsn
    assert relative.leave() is False
    assert absolute.leave() is True


def test_a_link_to_a_home_is_the_same_home(used_home, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(used_home)
    direct, linked = EmbeddedPostgres(used_home), EmbeddedPostgres(link)

    assert direct.start() == linked.start()
    assert linked.leave() is False
    assert direct.leave() is True
