"""The database and the settings behind the commands: absent, wrong, newer, embedded."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest

from agentiq_core.identity.plain_file import PlainFile
from agentiq_core.store.embedded import EmbeddedPostgres
from tests.cli.conftest import Cli, Result

PASSWORD = "korova-i-sputnik-42"


def refused(result: Result, *words: str) -> None:
    assert result.code == 1, result
    assert len(result.lines) == 1, result.err
    for word in words:
        assert word in result.err, result.err


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_database_is_one_line_that_says_what_is_kept(language: str, bare: Cli) -> None:
    bare.secrets.append(PASSWORD)
    bare.monkeypatch.setenv("AGENTIQ_LANGUAGE", language)
    bare.monkeypatch.setenv("AGENTIQ_DATABASE_URL", f"postgresql://desk:{PASSWORD}@127.0.0.1:1/agentiq")
    for command in (("init",), ("seller", "list"), ("sync",), ("worker", "--for", "1"), ("chats", "list")):
        refused(bare(*command), "127.0.0.1", "AGENTIQ_DATABASE_URL" if language == "en" else "127.0.0.1")
    as_json = bare("chats", "list", "--json")
    assert (as_json.code, as_json.json["error"]) == (1, "store_unavailable")
    found = bare("doctor", "--json")
    assert (found.code, found.json["error"]) == (1, "unwell")
    assert [finding["state"] for finding in found.json["findings"]][-1] == "failed"


def test_a_wrong_password_is_not_echoed(bare: Cli, dsn: str) -> None:
    bare.secrets.append(PASSWORD)
    parts = urlsplit(dsn)
    user = parts.username or "postgres"
    wrong = urlunsplit(parts._replace(netloc=f"{user}:{PASSWORD}@{parts.netloc.rpartition('@')[2]}"))
    bare.monkeypatch.setenv("AGENTIQ_DATABASE_URL", wrong)
    refused(bare("seller", "list"), "password authentication failed")
    found = bare("doctor")
    assert (found.code, len(found.lines)) == (1, 1)


@pytest.mark.parametrize("password", ["korova@sputnik", "korova/sputnik", "korova?sputnik", "korova%sputnik"])
def test_a_password_that_must_be_escaped_is_explained_before_any_piece_of_it_is_quoted(
    password: str, bare: Cli
) -> None:
    bare.secrets += ["korova", "sputnik"]
    bare.monkeypatch.setenv("AGENTIQ_DATABASE_URL", f"postgresql://desk:{password}@127.0.0.1:1/agentiq")
    for command in (("seller", "list"), ("doctor",)):
        refused(bare(*command), "percent-encoded")
    escaped = f"postgresql://desk:{quote(password, safe='')}@127.0.0.1:1/agentiq"
    bare.monkeypatch.setenv("AGENTIQ_DATABASE_URL", escaped)
    refused(bare("seller", "list"), "No connection to the database")


def test_an_address_of_another_database_is_refused_without_its_password(bare: Cli) -> None:
    bare.secrets.append(PASSWORD)
    bare.monkeypatch.setenv("AGENTIQ_DATABASE_URL", f"mysql://desk:{PASSWORD}@127.0.0.1/agentiq")
    refused(bare("doctor"), "database_url", "postgresql://")


def test_a_newer_database_is_left_alone(cli: Cli, dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("update agentiq.alembic_version set version_num = '9999'")
    for command in (("init",), ("seller", "list")):
        refused(cli(*command), "9999", "newer AgentIQ")
    assert cli("init", "--json").json["error"] == "schema_too_new"
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select version_num from agentiq.alembic_version").fetchone()
    assert row == ("9999",)


def test_an_empty_database_is_made_ready_once(bare: Cli, empty_dsn: str) -> None:
    bare.monkeypatch.setenv("AGENTIQ_DATABASE_URL", empty_dsn)
    first = bare("init")
    assert first.code == 0
    assert "agentiq init --email" in first.err, "whoever only upgrades is told how a team gets its owner"
    assert bare("init", "--json").code == 0
    assert not bare.home.exists(), "an upgrade keeps no secret here"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('language = "en"\npoll_seconds = ', "config.toml"),
        ("poll_seconds = -5\n", "poll_seconds"),
        ('log_level = "LOUD"\n', "log_level"),
        (b"language = '\xff\xfe'\n", "config.toml"),
    ],
)
def test_settings_that_cannot_be_used_are_named(written: str | bytes, said: str, bare: Cli) -> None:
    bare.home.mkdir(parents=True)
    file = bare.home / "config.toml"
    file.write_bytes(written if isinstance(written, bytes) else written.encode())
    for command in (("seller", "list"), ("doctor",), ("init",)):
        refused(bare(*command), said)
    assert bare("doctor", "--json").json["error"] == "misconfigured"


def test_a_team_key_that_is_none_is_refused(cli: Cli) -> None:
    cli.monkeypatch.setenv("AGENTIQ_TEAM_KEY", "short-key-of-nobody")
    cli.secrets.append("short-key-of-nobody")
    refused(cli("seller", "list"), "team key")
    found = cli("doctor")
    assert (found.code, len(found.lines)) == (1, 1)


def test_a_machine_with_another_team_key_says_so_and_reads_on(cli: Cli) -> None:
    chat = str(cli.chat())
    other = "bm90LXRoZS1zYW1lLWtleS1hcy1iZWZvcmUtMTIzNDU="
    cli.secrets.append(other)
    cli.monkeypatch.setenv("AGENTIQ_TEAM_KEY", other)
    assert cli("chats", "show", chat).code == 0
    refused(cli("sync"), "AGENTIQ_TEAM_KEY")


def test_without_settings_the_embedded_server_serves_and_is_stopped_at_the_end(bare: Cli) -> None:
    made = bare("init", "--json")
    assert made.code == 0, made.err
    assert made.json["embedded"] is True
    bare.secrets.append(json.loads((bare.home / PlainFile.NAME).read_text())["team-key"])
    listed = bare("seller", "list", "--json")
    assert (listed.code, listed.json) == (0, [])
    assert not list(bare.home.rglob("postmaster.pid")), "nobody is left behind"
    assert not _processes_in(bare.home)
    # without a start of its own there is nothing to stop
    assert EmbeddedPostgres(bare.home).leave() is False


def _processes_in(home: Path) -> list[str]:
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if str(home) in line and "postgres" in line]
