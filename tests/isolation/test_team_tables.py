"""Notes, drafts, tags, presence, views, counters: raw statements of whoever holds the address, and of colleagues."""

from __future__ import annotations

import psycopg
import pytest

from tests.isolation.team import Team


def does(team: Team, by: str, statement: str, *values: object) -> str | None:
    """Run a statement as somebody and keep what it did; the error state it ended with, None when it did not."""
    try:
        with team.acting(by) as connection:
            connection.execute(statement, values)  # type: ignore[arg-type]
    except psycopg.Error as error:
        return error.sqlstate
    return None


TABLES = (
    "notes",
    "mentions",
    "tags",
    "chat_tags",
    "assignment",
    "assignment_turns",
    "presence",
    "views",
    "counters",
    "drafts",
)
KEYS = {
    "notes": "id",
    "mentions": "note_id",
    "views": "id",
    "counters": "id",
    "tags": "name",
    "chat_tags": "chat_id",
}


@pytest.mark.parametrize("table", TABLES)
def test_nobody_without_a_token_sees_a_row(shared_team: Team, table: str) -> None:
    assert shared_team.said(f"select count(*) from {table}") == 0


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("who", ["viewer", "operator", "admin"])
def test_nobody_sees_or_changes_a_row_of_another_seller(attacked: Team, table: str, who: str) -> None:
    assert attacked.said(f"select count(*) from {table} where seller_id = 2", by=who) == 0
    for statement in (f"delete from {table}", f"update {table} set seller_id = 1"):
        # what is granted at all meets the own rows only; the fixture looks at the others'
        with attacked.connect() as connection:
            connection.execute("select enter(%s)", [attacked.token(who)])
            try:
                connection.execute(f"{statement} where seller_id = 2")  # type: ignore[arg-type]
            except psycopg.errors.InsufficientPrivilege:
                connection.rollback()
            else:
                connection.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "insert into notes (seller_id, chat_id, body) values (2, 2, 'x')",
        "insert into tags (seller_id, name) values (2, 'x')",
        "insert into assignment (seller_id) values (2)",
        "insert into assignment_turns (seller_id, operator_id) values (2, 1)",
        "insert into presence (seller_id, operator_id, seen_until) values (2, operator_id(), now())",
        "insert into views (seller_id, operator_id, name, filter) values (2, operator_id(), 'x', '{}')",
        # in somebody else's name
        "insert into presence (seller_id, operator_id, seen_until) select 1, id, now() from operators where role = 'admin'",
        "insert into views (operator_id, name, filter) select id, 'x', '{}' from operators where role = 'admin'",
        "insert into mentions (seller_id, operator_id, note_id) values (1, operator_id(), 1)",
        "insert into counters (seller_id, work) values (1, 100)",
        "update counters set work = 100",
        "insert into chat_tags (seller_id, chat_id, tag, channel) values (1, 1, 'x', 'chat')",
        "update chat_tags set tag = 'x'",
        "delete from chat_tags",
        "update notes set operator_id = operator_id()",
        "update notes set handover = true",
        "update views set seller_id = 1",
        "insert into notes (seller_id, chat_id, body, operator_id) values (1, 1, 'x', 1)",
        "select agentiq_private.add_counts(1, work => 1)",
    ],
)
def test_what_an_operator_may_not_write_is_refused(attacked: Team, statement: str) -> None:
    assert does(attacked, "operator", statement) in ("42501", "23505")


def test_a_note_is_signed_by_who_wrote_it_and_names_no_stranger(team: Team) -> None:
    note = team.said(
        "insert into notes (seller_id, chat_id, body) values (1, 1, 'x') returning operator_id", by="operator"
    )
    assert note == team.person_id("operator")
    for stranger in ("their_operator", "viewer"):
        named = team.person_id(stranger)
        statement = (
            "insert into notes (seller_id, chat_id, body, mentions) values (1, 1, 'x', array[%s::bigint])"
        )
        assert does(team, "operator", statement, named) == "AQ422"


def test_a_colleagues_note_stays_as_it_is_even_for_an_owner(team: Team) -> None:
    for who in ("admin", "owner"):
        assert (
            team.said(
                "with gone as (delete from notes where seller_id = 1 returning id) select count(*) from gone",
                by=who,
            )
            == 0
        )
        assert (
            team.said(
                "with new as (update notes set body = 'x' where seller_id = 1 returning id) select count(*) from new",
                by=who,
            )
            == 0
        )


def test_who_is_named_sees_it_and_nobody_else(team: Team) -> None:
    seen = {
        who: team.said("select count(*) from mentions", by=who)
        for who in ("admin", "operator", "owner", "viewer")
    }
    assert seen == {"admin": 1, "operator": 0, "owner": 0, "viewer": 0}


def test_numbers_of_ones_own_are_nobody_elses(team: Team) -> None:
    with team.superuser() as superuser:
        superuser.execute(
            "update chats set needs_reply = true, queue = 'work', assignee = (select id from operators where email like 'operator%') where id = 1"
        )
    shown = {
        who: team.said(
            "select array[sum(work), sum(unsent), sum(quarantined), sum(mine), sum(mentions)]::integer[] from counters",
            by=who,
        )
        for who in ("operator", "admin", "viewer", "their_operator", "their_admin", "owner")
    }
    assert shown == {
        "operator": [1, 1, 1, 1, 0],
        "admin": [1, 1, 1, 0, 1],
        "viewer": [1, 1, 1, 0, 0],
        "their_operator": [0, 1, 1, 0, 0],
        "their_admin": [0, 1, 1, 0, 1],
        # of both sellers
        "owner": [1, 2, 2, 0, 0],
    }
    for who in shown:
        strangers = "select count(*) from counters where operator_id not in (0, operator_id())"
        assert team.said(strangers, by=who) == 0
    assert team.said("select count(*) from counters") == 0


def test_a_conversation_is_given_to_nobody_who_may_not_work_on_it(team: Team) -> None:
    give = "update chats set assignee = %s where seller_id = 1"
    for stranger in ("viewer", "their_operator", "their_admin"):
        for by in ("operator", "admin", "owner"):
            assert does(team, by, give, team.person_id(stranger)) == "AQ422"
    me = team.person_id("operator")
    assert does(team, "operator", give, me) is None
    assert does(team, "owner", "select disable_operator('operator@team.example')") is None
    assert does(team, "admin", "update chats set assignee = null where seller_id = 1") is None
    assert does(team, "admin", give, me) == "AQ422"


def test_a_claim_is_not_cut_short_by_a_colleague(team: Team) -> None:
    with team.superuser() as superuser:
        superuser.execute(
            "update chats set assignee = %s, claimed_until = now() + interval '1 hour' where seller_id = 1",
            [team.person_id("admin")],
        )
    for statement in (
        "claimed_until = now()",
        "claimed_until = null",
        "assignee = null, claimed_until = null",
    ):
        assert does(team, "operator", f"update chats set {statement} where seller_id = 1") == "AQ403"
    with team.superuser() as superuser:
        superuser.execute("update chats set claimed_until = now() - interval '1 second' where seller_id = 1")
    assert (
        does(
            team,
            "operator",
            "update chats set assignee = operator_id(), claimed_until = null where seller_id = 1",
        )
        is None
    )


def test_what_is_decided_is_logged_with_who_and_without_a_word_of_a_note(team: Team) -> None:
    decided = "update chats set assignee = operator_id(), assigned_by = 'person', tags = '{брак}' where seller_id = 1"
    assert does(team, "operator", decided) is None
    assert (
        does(team, "operator", "insert into notes (seller_id, chat_id, body) values (1, 1, 'тайна')") is None
    )
    with team.superuser() as superuser:
        lines = superuser.execute(
            "select operator_id, action, change::text from audit_log where action like 'chats.%' order by id"
        ).fetchall()
    me = team.person_id("operator")
    assert [(who, action) for who, action, _ in lines] == [(me, "chats.assign"), (me, "chats.tag")]
    with team.superuser() as superuser:
        assert superuser.execute(
            "select count(*) from audit_log where change::text like '%тайна%'"
        ).fetchone() == (0,)


def test_notifications_of_a_team_carry_numbers_only(team: Team) -> None:
    with team.superuser() as listening:
        for feed in ("aiq_first", "aiq_second"):
            listening.execute(f'listen "{feed}"')  # type: ignore[arg-type]
        for statement in (
            "insert into notes (seller_id, chat_id, body) values (1, 1, 'тайна')",
            "update chats set assignee = operator_id(), tags = '{тайна}' where seller_id = 1",
            "insert into tags (seller_id, name) values (1, 'тайна')",
            "insert into views (seller_id, operator_id, name, filter) values (1, operator_id(), 'тайна', '{}')",
            "update presence set chat_id = null where operator_id = operator_id()",
        ):
            assert does(team, "operator", statement) is None
        heard = [(one.channel, one.payload) for one in listening.notifies(timeout=0.5)]
    assert {channel for channel, _ in heard} == {"aiq_first"}
    assert {payload for _, payload in heard} == {"1:1", f"1:1:{team.person_id('operator')}"}


def test_a_draft_is_its_writers_and_an_admin_writes_in_nobodys(team: Team) -> None:
    her = team.person_id("operator")
    for by in ("admin", "owner"):
        forged = (
            "insert into drafts (seller_id, chat_id, operator_id, field, body) values (1, 1, %s, 'note', 'x')"
        )
        assert does(team, by, forged, her) == "42501"
        assert (
            does(team, by, "update drafts set operator_id = %s where operator_id = operator_id()", her)
            == "42501"
        )
        for statement in ("update drafts set body = 'x'", "delete from drafts"):
            with team.acting(by) as connection:
                done = connection.execute(f"{statement} where operator_id = %s", [her])  # type: ignore[arg-type]
                assert done.rowcount == 0, (by, statement)
    assert does(team, "viewer", "insert into drafts (seller_id, chat_id, body) values (1, 1, 'x')") == "42501"
    # no key of hers, but her own words: the rest of the statement cannot choose another writer
    assert does(team, "operator", "update drafts set body = 'моё' where chat_id = 1 and body <> ''") is None
    with team.superuser() as superuser:
        assert superuser.execute(
            "select count(*) from drafts where body = 'моё' and operator_id <> %s", [her]
        ).fetchone() == (0,)


def test_a_half_typed_note_is_read_by_nobody_else(team: Team) -> None:
    assert (
        does(
            team,
            "operator",
            "insert into drafts (seller_id, chat_id, field, body) values (1, 1, 'note', 'про начальство')",
        )
        is None
    )
    count = "select count(*) from drafts where body = 'про начальство'"
    assert team.said(count, by="operator") == 1
    for by in ("viewer", "admin", "owner"):
        assert team.said(count, by=by) == 0
    for field in ("", "note:x", "reply "):
        statement = "insert into drafts (seller_id, chat_id, field, body) values (1, 1, %s, 'x')"
        assert does(team, "operator", statement, field) == "23514"


def test_whose_the_conversation_is_throws_a_colleagues_draft_away_and_nothing_else_of_theirs(
    team: Team,
) -> None:
    her = team.person_id("operator")
    does(team, "operator", "insert into drafts (seller_id, chat_id, field, body) values (1, 1, 'note', 'x')")
    gone = "delete from drafts where operator_id = %s returning field"
    with team.acting("admin") as connection:
        assert connection.execute(gone, [her]).fetchall() == []
    assert (
        does(team, "admin", "update chats set assignee = operator_id(), assigned_by = 'person' where id = 1")
        is None
    )
    with team.acting("admin") as connection:
        assert connection.execute("update drafts set body = '' where operator_id = %s", [her]).rowcount == 0
        assert connection.execute(gone, [her]).fetchall() == [("reply",)]
    with team.superuser() as superuser:
        assert superuser.execute("select field from drafts where operator_id = %s", [her]).fetchall() == [
            ("note",)
        ]
