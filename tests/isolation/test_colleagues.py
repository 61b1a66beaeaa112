"""Nobody comes to a seller by way of a colleague: who manages whom, and what ends when somebody rises."""

from __future__ import annotations

import threading

import psycopg
import pytest

from tests.isolation.team import HASHING, HERS, PEOPLE, THEIRS, Team, refusal, sign_in

MANAGING = (
    "select invite_operator(%s)",
    "select service_token(%s, 'machine')",
    "select disable_operator(%s)",
    "select disable_operator(%s, false)",
    "select change_operator(%s, 'viewer', null)",
    "select change_operator(%s, 'operator', '{1}')",
)


@pytest.mark.parametrize("statement", MANAGING)
@pytest.mark.parametrize("whom", ["their_operator", "their_viewer"])
def test_an_admin_gets_no_key_to_an_operator_of_another_seller(
    attacked: Team, statement: str, whom: str
) -> None:
    if whom == "their_viewer" and "viewer" in statement:
        statement = "select change_operator(%s, 'operator', null)"
    assert refusal(attacked, "admin", statement, PEOPLE[whom].email) == "AQ403"


@pytest.mark.parametrize("statement", MANAGING)
@pytest.mark.parametrize("whom", ["owner", "their_admin", "admin"])
def test_an_admin_manages_no_admin_and_no_owner(attacked: Team, statement: str, whom: str) -> None:
    assert refusal(attacked, "admin", statement, PEOPLE[whom].email) == "AQ403"


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_an_admin_makes_no_admin(attacked: Team, role: str) -> None:
    assert refusal(attacked, "admin", "select add_operator('x@team.example', '', %s, '{}')", role) == "AQ403"
    assert (
        refusal(attacked, "admin", "select change_operator('operator@team.example', %s, null)", role)
        == "AQ403"
    )


def test_an_admin_gives_away_only_sellers_the_admin_has(attacked: Team) -> None:
    for statement in (
        "select add_operator('x@team.example', '', 'operator', '{2}')",
        "select add_operator('x@team.example', '', 'operator', '{1, 2}')",
        "select change_operator('operator@team.example', null, '{1, 2}')",
        "select change_operator('operator@team.example', null, '{3}')",
    ):
        assert refusal(attacked, "admin", statement) == "AQ404"


def test_an_admin_may_take_the_own_seller_from_whoever_works_elsewhere_too(team: Team) -> None:
    team.said("select change_operator('their_operator@team.example', null, '{1, 2}')", by="owner")
    assert refusal(team, "admin", "select invite_operator('their_operator@team.example')") == "AQ403"
    team.said("select change_operator('their_operator@team.example', null, '{}')", by="admin")
    with team.acting("their_operator") as connection:
        assert connection.execute("select my_sellers()").fetchone() == ([THEIRS],)


@pytest.mark.parametrize("statement", [*MANAGING, "select add_operator(%s, '', 'viewer', '{}')"])
@pytest.mark.parametrize("by", [None, "viewer", "operator"])
def test_whoever_manages_nobody_does_not_learn_who_exists(
    attacked: Team, statement: str, by: str | None
) -> None:
    for email in ("owner@team.example", "their_operator@team.example", "nobody@team.example"):
        assert refusal(attacked, by, statement, email) == "AQ403"


@pytest.mark.parametrize(("role", "sellers"), [(None, [1, 2]), ("admin", None), ("owner", None)])
def test_keys_that_an_admin_made_end_when_their_operator_rises_above_the_admin(
    team: Team, role: str | None, sellers: list[int] | None
) -> None:
    machine = team.said("select service_token('operator@team.example', 'machine')", by="admin")
    code = team.said("select invite_operator('operator@team.example')", by="admin")
    access = team.said("select refresh(%s)", machine)["access"]
    team.said("select change_operator('operator@team.example', %s, %s)", role, sellers, by="owner")
    assert team.said("select refresh(%s)", machine) == {"status": "refused"}
    assert team.said("select accept_invitation(%s, %s, %s)", code, HASHING, b"x" * 32) == {
        "status": "refused"
    }
    assert refusal(team, None, "select enter(%s)", access) == "AQ401"
    assert team.sign_in("operator")["status"] == "ok"


def test_a_machines_token_of_an_owner_lasts_when_its_operator_gets_another_seller(team: Team) -> None:
    machine = team.said("select service_token('operator@team.example', 'machine')", by="owner")
    team.said("select change_operator('operator@team.example', null, '{1, 2}')", by="owner")
    assert team.said("select refresh(%s)", machine)["status"] == "ok"
    # but a machine never works as an admin
    team.said("select change_operator('operator@team.example', 'admin', null)", by="owner")
    assert team.said("select refresh(%s)", machine) == {"status": "refused"}


@pytest.mark.parametrize("whom", ["admin", "their_admin", "owner"])
def test_a_machine_works_as_an_operator_or_a_viewer(attacked: Team, whom: str) -> None:
    assert refusal(attacked, "owner", "select service_token(%s, '')", PEOPLE[whom].email) == "AQ409"


def test_the_last_owner_stays(team: Team) -> None:
    assert refusal(team, "owner", "select disable_operator('owner@team.example')") == "AQ409"
    assert refusal(team, "owner", "select change_operator('owner@team.example', 'admin', null)") == "AQ409"
    team.said("select change_operator('admin@team.example', 'owner', null)", by="owner")
    team.said("select disable_operator('owner@team.example')", by="admin")
    assert refusal(team, "admin", "select change_operator('admin@team.example', 'viewer', null)") == "AQ409"


def test_two_owners_who_end_one_another_at_the_same_time_do_not_both_go(team: Team) -> None:
    team.said("select change_operator('admin@team.example', 'owner', null)", by="owner")
    outcome: list[str | None] = []
    with team.connect() as connection:
        connection.execute("select enter(%s)", [team.token("owner")])
        token = team.token("admin")
        connection.execute("select change_operator('admin@team.example', 'viewer', null)")
        other = threading.Thread(
            target=lambda: outcome.append(
                refusal(team, "admin", "select change_operator('owner@team.example', 'viewer', null)")
            )
        )
        assert token
        other.start()
        other.join(0.3)
        assert other.is_alive(), "it waits for the first"
        connection.commit()
    other.join(10)
    assert outcome == ["AQ403"]
    with team.superuser() as superuser:
        assert superuser.execute("select count(*) from operators where role = 'owner'").fetchone() == (1,)


def test_an_owner_has_every_seller_also_those_connected_later(team: Team) -> None:
    team.said("select change_operator('operator@team.example', 'owner', null)", by="owner")
    with team.acting("operator") as connection:
        assert connection.execute("select my_sellers()").fetchone() == ([HERS, THEIRS],)
    third = team.said("select connect_seller('third', 'ozon', '3', null, 'aiq_third')", by="admin")
    for name, sees in (
        ("owner", True),
        ("operator", True),
        ("admin", True),
        ("their_admin", False),
        ("viewer", False),
    ):
        with team.acting(name) as connection:
            found = connection.execute("select count(*) from sellers where id = %s", [third]).fetchone()
        assert found == (int(sees),), name


def test_colleagues_see_those_they_work_with_and_an_admin_everybodys_name(attacked: Team) -> None:
    def seen(by: str) -> set[str]:
        with attacked.acting(by) as connection:
            return {email.partition("@")[0] for (email,) in connection.execute("select email from operators")}

    hers = {"owner", "admin", "operator", "viewer"}
    assert seen("viewer") == seen("operator") == hers
    assert seen("admin") == seen("owner") == set(PEOPLE)
    with attacked.acting("admin") as connection:
        assert connection.execute("select array_agg(distinct seller_id) from memberships").fetchone() == (
            [HERS],
        )


def test_an_operator_removed_from_everything_signs_in_and_sees_nobody_but_themselves(team: Team) -> None:
    team.said("select change_operator('viewer@team.example', null, '{}')", by="admin")
    assert sign_in(team, PEOPLE["viewer"].email, PEOPLE["viewer"].proof)["status"] == "ok"
    with team.acting("viewer") as connection:
        assert connection.execute("select email from operators").fetchall() == [("viewer@team.example",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("insert into drafts (seller_id, chat_id, body) values (1, 1, 'x')")
