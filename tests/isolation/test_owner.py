"""The owner of the database, who is no superuser, on a server that never saw AgentIQ."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from agentiq_core.store import schema
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.schema import migrate, sqlalchemy_url
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


BEFORE_THERE_WERE_CHANNELS = """
insert into sellers (name, marketplace, account_id) values ('Дом и чай', 'wildberries', '1'), ('Лес', 'wildberries', '2');
insert into seller_credentials (seller_id, ciphertext, scopes) values (1, '', '{chats,feedbacks,returns}'), (2, '', '{chats}');
insert into sync_state (seller_id) values (1), (2);
insert into sla_rules (seller_id, position, name, phrases, priority, minutes) values
    (1, 1, 'брак', '[["брак"]]', 2, 30), (1, 999, 'остальное', '[]', 0, 1440);
insert into chats (seller_id, external_id) values (1, 'chat');
insert into messages (seller_id, chat_id, external_id, author, origin, sent_at, body)
    values (1, 1, 'm1', 'buyer', 'buyer', now(), 'Где заказ?')
"""
OF_CHANNELS = """
insert into chats (seller_id, channel, external_id) values (1, 'review', 'chat');
insert into messages (seller_id, chat_id, external_id, author, origin, sent_at) values
    (1, 1, 'm2', 'seller', 'untold', now()), (1, 2, 'm1', 'buyer', 'rating', now());
insert into errands (seller_id, chat_id, kind) values (1, 1, 'read');
insert into watches (seller_id, chat_id, until) values (1, 1, now());
insert into products (seller_id, external_id) values (1, 'good')
"""


@pytest.mark.slow
def test_an_owner_upgrades_a_desk_with_sellers_to_channels_and_takes_it_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = Path(tmp_path_factory.mktemp("older"))
    server = EmbeddedPostgres(home)
    admin_dsn = server.start()
    try:
        with psycopg.connect(admin_dsn, autocommit=True) as admin:
            admin.execute("create role desk_owner login createrole password 'desk_owner'")
            admin.execute("create database desk owner desk_owner")
        dsn = named(admin_dsn, "desk")
        owners = as_user(dsn, "desk_owner")
        move(owners, "0003")
        with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as superuser:
            for statement in BEFORE_THERE_WERE_CHANNELS.split(";"):
                superuser.execute(statement)  # type: ignore[arg-type]
            for _ in range(2):
                assert migrate(owners) is True
                feeds = superuser.execute(
                    "select seller_id, channel from sync_state order by 1, 2"
                ).fetchall()
                assert feeds == [(1, "chat"), (1, "claim"), (1, "question"), (1, "review"), (2, "chat")]
                rules = superuser.execute(
                    "select channels from sla_rules where seller_id = 1 order by position"
                )
                assert [row[0] for row in rules] == [["chat"], ["review"], ["question"], ["claim"], None]
                assert list(faults(superuser)) == []
                for statement in OF_CHANNELS.split(";"):
                    superuser.execute(statement)  # type: ignore[arg-type]
                move(owners, "0003", back=True)
                assert superuser.execute("select channel from sync_state").fetchall() == [("chat",)] * 2
                left = superuser.execute("select position from sla_rules order by 1").fetchall()
                assert left == [(1,), (999,)], "a rule of reviews would be one of chats now"
                kept = superuser.execute("delete from messages where external_id = 'm2' returning origin")
                assert kept.fetchall() == [("api",)]
                assert superuser.execute("select external_id, channel from chats").fetchall() == [
                    ("chat", "chat")
                ]
                superuser.execute("alter sequence chats_id_seq restart with 2")
    finally:
        server.leave()


def move(dsn: str, revision: str, *, back: bool = False) -> None:
    """Bring a database to a revision, as `agentiq init` brings it to the newest."""
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    engine = create_engine(sqlalchemy_url(dsn), poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema if not exists agentiq")
        connection.exec_driver_sql("create schema if not exists procrastinate")
        connection.exec_driver_sql("set local search_path = agentiq, procrastinate")
        config.attributes["connection"] = connection
        (command.downgrade if back else command.upgrade)(config, revision)
