"""The owner of the database, who is no superuser, on a server that never saw AgentIQ."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.schema import migrate
from tests.isolation.team import PEOPLE, THEIRS, Team, as_user, named, refusal, settle
from tests.isolation.test_catalog import faults


@pytest.mark.slow
def test_an_owner_with_createrole_makes_everything_and_keeps_out_of_what_decides(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = Path(tmp_path_factory.mktemp("fresh"))
    home.chmod(0o711)
    for parent in home.parents[:2]:
        parent.chmod(0o711)
    server = EmbeddedPostgres(home)
    admin_dsn = server.start()
    try:
        with psycopg.connect(admin_dsn, autocommit=True) as admin:
            admin.execute("create role desk_owner login createrole password 'desk_owner'")
            admin.execute("create role desk_app login password 'desk_app'")
            admin.execute("create database desk owner desk_owner")
        team = Team(named(admin_dsn, "desk"), "desk_app", "desk_owner")
        assert migrate(as_user(team.dsn, "desk_owner")) is True
        with psycopg.connect(as_user(team.dsn, "desk_owner"), autocommit=True) as owner:
            owner.execute("grant agentiq_app to desk_app")
        settle(team)
        with team.superuser() as superuser:
            assert list(faults(superuser)) == []
        with team.acting("operator") as connection:
            assert connection.execute("select count(*) from messages").fetchone() == (1,)
        assert (
            refusal(
                team, "operator", "insert into drafts (seller_id, chat_id, body) values (%s, 2, 'x')", THEIRS
            )
            == "42501"
        )
        with psycopg.connect(as_user(team.dsn, "desk_owner"), autocommit=True) as owner:
            # forced row security binds the owner of the tables too, by accident at least
            assert owner.execute("select count(*) from agentiq.messages").fetchone() == (0,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute("select * from agentiq_private.signing_key")
            assert owner.execute(
                "select agentiq_private.local_session('x', false) ->> 'status'"
            ).fetchone() == ("refused",)
            assert owner.execute("select agentiq_private.first_owner(%s)", [PEOPLE["admin"].email]).fetchone()
    finally:
        server.leave()
