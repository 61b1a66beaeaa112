"""Who may do what: one test a cell of the table, and the table of docs/security.md is this one."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.isolation.team import PEOPLE, Team

ROLES = ("viewer", "operator", "admin", "owner")
REFUSED = {"42501", "AQ403"}
DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"

# what, the least role that may, and a statement that gives a row exactly when it is done
TABLE = (
    ("read conversations, messages, suggestions", "viewer", "select from chats join messages using (seller_id) join suggestions using (seller_id)"),
    ("read deadlines, rules, the state of synchronisation", "viewer", "select from sla_rules join sync_state using (seller_id)"),
    ("read the calendar of working hours", "viewer", "select from calendars"),
    ("read a seller's own guardrail rules", "viewer", "select from guard_rules"),
    ("read how a model is asked, what it cost, templates and knowledge", "viewer", "select from model_settings join model_spending using (seller_id) join snippets using (seller_id) where profile <> ''"),
    ("have replies that people accepted found again", "viewer", "select from similar_examples(1, 'свой', '', 3)"),
    ("read notes and tags, see who is at the desk", "viewer", "select from notes join tags using (seller_id) join presence using (seller_id)"),
    ("read the figures of service", "viewer", "select from service_days"),
    ("read what may leave by itself, and what was decided", "viewer", "select from automation_log a join automations using (seller_id)"),
    ("see the colleagues of the own sellers", "viewer", "select from operators where email = 'operator@team.example'"),
    ("end the own sign-ins", "viewer", "select where sign_out(true) > 0"),
    ("write a reply", "operator", "insert into outbox (seller_id, chat_id, client_id, body) values (1, 1, gen_random_uuid(), 'x') returning id"),
    ("take a reply back, settle one that is in doubt", "operator", "update outbox set state = 'cancelled' where state = 'queued' returning id"),
    ("save a draft", "operator", "insert into drafts (seller_id, chat_id, body) values (1, 1, 'x') on conflict (seller_id, chat_id, operator_id, field) do update set body = 'x' returning body"),
    ("throw the own draft away", "operator", "delete from drafts returning body"),
    ("read what a colleague began to answer", "viewer", "select from drafts where operator_id <> operator_id()"),
    ("mark a conversation read, close it", "operator", "update chats set unread = 0, closed_through = now() returning id"),
    ("have a conversation on screen read more often", "operator", "insert into watches (seller_id, chat_id, until) values (1, 1, now()) on conflict (seller_id, chat_id) do update set until = now() returning chat_id"),
    ("tell the marketplace that a conversation was seen or wants no reply", "operator", "insert into errands (seller_id, chat_id, kind) values (1, 1, 'dismiss') returning chat_id"),
    ("take such a word back once it was told", "operator", "delete from errands returning chat_id"),
    ("keep the card of a good", "operator", "update products set title = 'x' returning external_id"),
    ("write a template", "operator", "insert into snippets (seller_id, kind, name, body) values (1, 'template', 'x', 'x') returning id"),
    ("count what asking a model costs", "operator", "insert into model_spending (seller_id, day, model, cost) values (1, current_date, 'x', 1) on conflict (seller_id, day, model) do update set cost = 1 returning model"),
    ("keep an accepted reply as an example", "operator", "insert into examples (seller_id, chat_id, outbox_id, channel, intent, question, reply, lemmas) values (1, 1, 9, 'chat', '', '', '', '') returning id"),
    ("put a conversation off", "operator", "update chats set snoozed_until = now() + interval '1 day', pauses = '[]' returning id"),
    ("write a note", "operator", "insert into notes (seller_id, chat_id, body) values (1, 1, 'x') returning id"),
    ("tag a conversation", "operator", "update chats set tags = '{x}' returning id"),
    ("make a tag, give it another colour", "operator", "insert into tags (seller_id, name) values (1, 'x') on conflict (seller_id, name) do update set colour = 'red' returning name"),
    ("take a conversation that is nobody's", "operator", "update chats set assignee = operator_id(), claimed_until = now() + interval '1 hour' where assignee is null returning id"),
    ("show colleagues what one looks at", "operator", "insert into presence (seller_id, operator_id, seen_until) values (1, operator_id(), now()) on conflict (seller_id, operator_id) do update set seen_until = now() returning seller_id"),
    ("save a filter", "operator", "insert into views (operator_id, name, filter) values (operator_id(), 'x', '{}') returning id"),
    ("share a filter with those who work for a seller", "operator", "insert into views (seller_id, operator_id, name, filter) values (1, operator_id(), 'x', '{}') returning id"),
    ("say that a suggestion is no good", "operator", "insert into suggestion_outcomes (seller_id, suggestion_id, chat_id, outcome, reason, intent, model) values (1, 9, 1, 'rejected', 'other', '', '') returning chat_id"),
    ("stop every automatic reply of a seller", "operator", "update automation_switches set stopped = true returning seller_id"),
    ("read again what could not be read, set it aside", "operator", "update quarantine set replayed_at = now() where replayed_at is null returning id"),
    ("run a worker", "operator", "update procrastinate_jobs set status = 'doing' returning id"),
    ("read a seller's sealed key", "operator", "select from seller_credentials where ciphertext is not null"),
    ("stop a seller whose key is refused", "operator", "update sellers set state = 'stopped', reason = 'key_refused' where id = 1 returning id"),
    ("pause and resume a seller", "admin", "update sellers set state = 'paused' where id = 1 returning id"),
    ("rename a seller", "admin", "update sellers set name = 'x' where id = 1 returning id"),
    ("change the address of a seller's marketplace", "admin", "update sellers set base_url = 'http://evil.example' where id = 1 returning id"),
    ("edit rules of deadlines", "admin", "update sla_rules set minutes = 1 returning position"),
    ("add and remove rules of deadlines", "admin", "insert into sla_rules (seller_id, position, name, priority, minutes) values (1, 9, 'x', 1, 1) returning position"),
    ("change the calendar of working hours", "admin", "update calendars set zone = 'UTC' returning zone"),
    ("add and remove a calendar of working hours", "admin", "delete from calendars returning zone"),
    ("change a seller's own guardrail rules", "admin", "update guard_rules set rules = '[]' returning seller_id"),
    ("add and remove guardrail rules of a seller's own", "admin", "delete from guard_rules returning seller_id"),
    ("write knowledge that a suggestion may state", "admin", "update snippets set body = 'x' where kind = 'knowledge' returning id"),
    ("choose a model, its address, tone and money", "admin", "update model_settings set daily_budget = 1000 returning seller_id"),
    ("take a conversation from a colleague", "admin", "update chats set assignee = operator_id() where assignee <> operator_id() returning id"),
    ("say how new conversations are shared out", "admin", "update assignment set mode = 'manual' returning seller_id"),
    ("change and remove a filter that a colleague shared", "admin", "delete from views where seller_id = 1 and operator_id <> operator_id() returning id"),
    ("let replies leave by themselves, and again after they were stopped", "admin", "update automations set mode = 'on' returning intent"),
    ("replace a seller's key", "admin", "update seller_credentials set ciphertext = 'x' returning seller_id"),
    ("connect a seller", "admin", "select where connect_seller('x', 'ozon', '1', null, 'aiq_x') > 0"),
    ("remove a seller", "admin", "delete from sellers where id = 1 returning id"),
    ("read the log of the own sellers", "admin", "select from audit_log where seller_id = 1"),
    ("see every colleague of the team", "admin", "select from operators where email = 'their_operator@team.example'"),
    ("add a viewer", "admin", "select add_operator('x@team.example', '', 'viewer', '{1}')"),
    ("add an operator", "admin", "select add_operator('x@team.example', '', 'operator', '{1}')"),
    ("add an admin", "owner", "select add_operator('x@team.example', '', 'admin', '{1}')"),
    ("add an owner", "owner", "select add_operator('x@team.example', '', 'owner', '{}')"),
    ("invite a viewer", "admin", "select invite_operator('spare_viewer@team.example')"),
    ("invite an operator", "admin", "select invite_operator('spare_operator@team.example')"),
    ("invite an admin", "owner", "select invite_operator('spare_admin@team.example')"),
    ("invite an owner", "owner", "select invite_operator('spare_owner@team.example')"),
    ("disable a viewer", "admin", "select disable_operator('spare_viewer@team.example')"),
    ("disable an operator", "admin", "select disable_operator('spare_operator@team.example')"),
    ("disable an admin", "owner", "select disable_operator('spare_admin@team.example')"),
    ("disable an owner", "owner", "select disable_operator('spare_owner@team.example')"),
    ("make an operator of a viewer", "admin", "select change_operator('spare_viewer@team.example', 'operator', null)"),
    ("make a viewer of an operator", "admin", "select change_operator('spare_operator@team.example', 'viewer', null)"),
    ("make an admin of an operator", "owner", "select change_operator('spare_operator@team.example', 'admin', null)"),
    ("make an operator of an admin", "owner", "select change_operator('spare_admin@team.example', 'operator', null)"),
    ("make an owner of anybody", "owner", "select change_operator('spare_operator@team.example', 'owner', null)"),
    ("make an admin of an owner", "owner", "select change_operator('spare_owner@team.example', 'admin', null)"),
    ("give an operator a seller, and take it", "admin", "select change_operator('spare_operator@team.example', null, '{}')"),
    ("make a machine's token for a viewer or an operator", "admin", "select service_token('spare_operator@team.example', 'x')"),
    ("invite or disable an operator who works for other sellers too", "owner", "select invite_operator('their_operator@team.example')"),
    ("read the log of the team: operators, roles, removed sellers", "owner", "select from audit_log where seller_id = 0"),
)  # fmt: skip


@pytest.fixture(scope="session")
def staffed(larger_team: Team) -> Team:
    """A team with a colleague of each role more; every test undoes what it did."""
    for role in ROLES:
        larger_team.said(
            "select add_operator(%s, '', %s, '{1}')", f"spare_{role}@team.example", role, by="owner"
        )
    with larger_team.superuser() as superuser:
        superuser.execute(
            "insert into chats (seller_id, external_id, assignee)"
            " select 1, 'a colleague''s', id from operators where email = 'spare_owner@team.example'"
        )
    return larger_team


def may(role: str, least: str) -> bool:
    return ROLES.index(role) >= ROLES.index(least)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("what", "least", "statement"), TABLE, ids=[what for what, _, _ in TABLE])
def test_who_may_do_what(staffed: Team, role: str, what: str, least: str, statement: str) -> None:
    done: bool
    with staffed.connect() as connection:
        connection.execute("select enter(%s)", [staffed.token(role)])
        try:
            done = bool(connection.execute(statement).fetchall())  # type: ignore[arg-type]
        except psycopg.Error as error:
            if error.sqlstate not in REFUSED:
                raise
            done = False
        connection.rollback()
    assert done is may(role, least)


def test_the_document_has_the_same_table() -> None:
    lines = ["| | viewer | operator | admin | owner |", "|---|---|---|---|---|"]
    lines += [
        f"| {what} | {' | '.join('✓' if may(role, least) else '–' for role in ROLES)} |"
        for what, least, _ in TABLE
    ]
    text = DOCUMENT.read_text("utf-8")
    written = [line for line in text.splitlines() if line.startswith("|")]
    assert written == lines


def test_everybody_of_the_table_is_on_the_team() -> None:
    assert {PEOPLE[role].role for role in ROLES} == set(ROLES)


@pytest.mark.parametrize(
    "column",
    ["seller_id", "id", "chat_id", "client_id", "operator_id", "body", "file_name", "file_content", "created_at", "anyway", "overridden", "seen_at", "seen_reply", "guardrails"],
)  # fmt: skip
def test_what_a_reply_says_and_whose_it_is_never_changes(attacked: Team, column: str) -> None:
    with attacked.acting("owner") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"update outbox set {column} = {column}")  # type: ignore[arg-type]


@pytest.mark.parametrize("column", ["id", "marketplace", "account_id", "feed", "created_at"])
def test_what_a_seller_is_never_changes(attacked: Team, column: str) -> None:
    with attacked.acting("owner") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"update sellers set {column} = {column}")  # type: ignore[arg-type]


def test_an_operator_stops_a_seller_but_does_not_start_it_again(team: Team) -> None:
    team.said(
        "update sellers set state = 'stopped', reason = 'key_refused' where id = 1 returning id",
        by="operator",
    )
    for statement in (
        "state = 'active'",
        "state = 'paused'",
        "state = 'stopped', name = 'x'",
        "base_url = 'http://evil.example'",
    ):
        with team.acting("operator") as connection, pytest.raises(psycopg.Error) as refused:
            connection.execute(f"update sellers set {statement} where id = 1")  # type: ignore[arg-type]
        assert refused.value.sqlstate == "AQ403"
    with team.superuser() as superuser:
        assert superuser.execute("select state, name, base_url from sellers where id = 1").fetchone() == (
            "stopped",
            "first",
            None,
        )


def test_rights_of_two_tokens_do_not_add_up(team: Team) -> None:
    """An operator of this seller and an admin of another make no admin of this one, even within one statement."""
    swap = "(select set_config('agentiq.token', %s, true) where id > 0)"
    third = team.said("select connect_seller('third', 'ozon', '3', null, 'aiq_third')", by="admin")
    team.said("select change_operator('operator@team.example', null, %s)", [1, third], by="admin")
    for statement in (
        f"update sellers set name = 'x' || left({swap}, 0) where id = 1",
        f"update sellers set state = 'paused', detail = left({swap}, 0) where id = 1",
        # in the second row, when the policies have been asked; and back again before the log looks
        f"update sellers set state = 'stopped', name = case id when 1 then name else 'x' || left({swap}, 0) end"
        f" returning set_config('agentiq.token', '{team.token('operator')}', true)",
    ):
        with team.acting("operator") as connection, pytest.raises(psycopg.Error) as refused:
            connection.execute(statement, [team.token("their_admin")])  # type: ignore[arg-type]
        assert refused.value.sqlstate in REFUSED | {"AQ401"}
