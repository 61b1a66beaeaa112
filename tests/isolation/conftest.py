"""A team of two sellers, migrated by an owner of the database who is no superuser; copies of it for tests that change it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from agentiq_core.store.schema import migrate
from tests.isolation.team import PEOPLE, Team, as_user, named, settle, theirs

_number = count(1)


@pytest.fixture(scope="session")
def template(server: Any) -> Iterator[Team]:
    """The team as every test finds it; nobody is connected to it."""
    mark = f"{os.getpid()}_{uuid4().hex[:8]}"
    team = Team(named(server.admin_dsn, f"team_{mark}"), f"team_app_{mark}", f"team_owner_{mark}")
    with psycopg.connect(server.admin_dsn, autocommit=True) as admin:
        for role in (team.login, team.owner):
            admin.execute(
                sql.SQL("create role {} login password {}").format(sql.Identifier(role), sql.Literal(role))
            )
        admin.execute(sql.SQL("alter role {} createrole").format(sql.Identifier(team.owner)))
        admin.execute(f"create database team_{mark} owner {team.owner} template template0 encoding 'UTF8'")
        # the roles of AgentIQ belong to the server: another database's migration has made them already
        admin.execute(f"grant agentiq_guard, agentiq_app to {team.owner} with admin option")
        try:
            migrate(as_user(team.dsn, team.owner))
            admin.execute(f"grant agentiq_app to {team.login}")
            settle(team)
            yield team
        finally:
            admin.execute(f"drop database team_{mark} with (force)")
            for role in (team.login, team.owner):
                admin.execute(f"drop owned by {role}")
                admin.execute(f"drop role {role}")


def _copied(server: Any, template: Team) -> Iterator[Team]:
    name = f"team{os.getpid()}_{next(_number)}"
    source = template.dsn.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(server.admin_dsn, autocommit=True) as admin:
        admin.execute(f"create database {name} template {source} owner {template.owner}")
        try:
            yield Team(named(server.admin_dsn, name), template.login, template.owner)
        finally:
            admin.execute(f"drop database {name} with (force)")


@pytest.fixture
def team(server: Any, template: Team) -> Iterator[Team]:
    """A team of this test's own."""
    yield from _copied(server, template)


@pytest.fixture(scope="session")
def shared_team(server: Any, template: Team) -> Iterator[Team]:
    """One team for all tests that change nothing, because nothing lets them."""
    yield from _copied(server, template)


@pytest.fixture(scope="session")
def larger_team(server: Any, template: Team) -> Iterator[Team]:
    """A team that colleagues are added to for longer than one test: nobody who counts people may meet them."""
    yield from _copied(server, template)


@pytest.fixture
def attacked(shared_team: Team) -> Iterator[Team]:
    """The shared team; afterwards every row of the other seller is what it was."""
    yield from _watched(shared_team)


@pytest.fixture
def besieged(team: Team) -> Iterator[Team]:
    """A team of this test's own; afterwards every row of the other seller is what it was."""
    yield from _watched(team)


def _watched(team: Team) -> Iterator[Team]:
    for name in PEOPLE:
        team.token(name)
    before = theirs(team)
    assert all(
        before[f"agentiq.{table}"] for table in ("sellers", "messages", "outbox", "seller_credentials")
    )
    yield team
    assert theirs(team) == before
