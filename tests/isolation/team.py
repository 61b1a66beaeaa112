"""A team with two sellers on a real server, and a raw connection for whoever holds the team's address."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

Row = tuple[Any, ...]

HERS = 1
"""The seller of the people who attack here."""
THEIRS = 2
"""The seller that they must neither see nor change."""
SECRET = "секрет второго магазина"


@dataclass(frozen=True)
class Person:
    """Somebody with a password; `sellers` as the owner gave them."""

    name: str
    role: str
    sellers: tuple[int, ...]

    @property
    def email(self) -> str:
        """Where invitations go."""
        return f"{self.name}@team.example"

    @property
    def proof(self) -> bytes:
        """What their machine makes of the password."""
        return hashlib.sha256(self.name.encode()).digest()


PEOPLE = {
    person.name: person
    for person in (
        Person("owner", "owner", (HERS, THEIRS)),
        Person("admin", "admin", (HERS,)),
        Person("operator", "operator", (HERS,)),
        Person("viewer", "viewer", (HERS,)),
        Person("their_admin", "admin", (THEIRS,)),
        Person("their_operator", "operator", (THEIRS,)),
        Person("their_viewer", "viewer", (THEIRS,)),
    )
}
HASHING = json.dumps({"salt": "00" * 16, "time_cost": 3, "memory_kib": 65536, "lanes": 1})


@dataclass
class Team:
    """One database of the team. `login` is the database user that all operators share."""

    dsn: str
    login: str
    owner: str
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def app_dsn(self) -> str:
        """The address that every operator's machine holds."""
        return as_user(self.dsn, self.login)

    def superuser(self) -> psycopg.Connection[Row]:
        """Whom nothing holds back, to look and to prepare; each statement commits."""
        return psycopg.connect(self.dsn, autocommit=True, options="-c search_path=agentiq,procrastinate")

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection[Row]:
        """A connection with the shared address and no token."""
        connection = psycopg.connect(
            self.app_dsn, autocommit=autocommit, options="-c search_path=agentiq,procrastinate"
        )
        connection.execute("set role agentiq_app")
        if not autocommit:
            connection.commit()
        return connection

    @contextmanager
    def acting(self, name: str) -> Iterator[psycopg.Connection[Row]]:
        """A transaction of this person's, committed at the end."""
        with self.connect() as connection:
            connection.execute("select enter(%s)", [self.token(name)])
            yield connection

    def said(self, statement: str, *values: object, by: str | None = None) -> Any:
        """The first value that a statement returns, committed."""
        with self.connect() if by is None else self.acting(by) as connection:
            row = connection.execute(statement, values).fetchone()
        return row[0] if row else None

    def sign_in(self, name: str) -> dict[str, Any]:
        """A new sign-in of this person's."""
        person = PEOPLE[name]
        return sign_in(self, person.email, person.proof)

    def token(self, name: str) -> str:
        """An access token of this person's."""
        if name not in self._tokens:
            self._tokens[name] = self.sign_in(name)["access"]
        return self._tokens[name]

    def person_id(self, name: str) -> int:
        """The operator's id."""
        with self.superuser() as connection:
            found = connection.execute("select id from operators where email = %s", [PEOPLE[name].email])
            return int(found.fetchone()[0])  # type: ignore[index]

    def signing_key(self) -> bytes:
        """The HMAC key, read back from its inner pad as only the superuser can."""
        with self.superuser() as connection:
            pad = connection.execute("select inner_pad from agentiq_private.signing_key").fetchone()[0]  # type: ignore[index]
        return bytes(byte ^ 0x36 for byte in pad)


def sign_in(team: Team, email: str, proof: bytes) -> dict[str, Any]:
    """Sign in as a client does; what the database said."""
    tried: dict[str, Any] = team.said("select try_password(%s, %s)", email, proof)
    if tried["status"] != "tried":
        return tried
    said: dict[str, Any] = team.said("select sign_in(%s::uuid, 'test')", tried["ticket"])
    return said


def refusal(team: Team, by: str | None, statement: str, *values: object) -> str | None:
    """The error state that a statement of this person's ends with; None when it does not."""
    try:
        team.said(statement, *values, by=by)
    except psycopg.Error as error:
        return error.sqlstate
    return None


def as_user(dsn: str, user: str) -> str:
    """The same database, another user (every user's password here is their name)."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{user}@{host}"))


def named(dsn: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def settle(team: Team) -> None:
    """Fill a migrated database: the people, two sellers, and a row of each seller in every table of a seller."""
    with psycopg.connect(
        as_user(team.dsn, team.owner), autocommit=True, options="-c search_path=agentiq"
    ) as connection:
        connection.execute(
            "select agentiq_private.first_owner(%s, %s, %s)",
            [PEOPLE["owner"].email, HASHING, PEOPLE["owner"].proof],
        )
    for account in ("first", "second"):
        team.said(
            "select connect_seller(%s, 'wildberries', %s, null, %s)",
            account,
            account,
            f"aiq_{account}",
            by="owner",
        )
    for person in PEOPLE.values():
        if person.role != "owner":
            team.said(
                "select add_operator(%s, '', %s, %s)",
                person.email,
                person.role,
                list(person.sellers),
                by="owner",
            )
            code = team.said("select invite_operator(%s)", person.email, by="owner")
            team.said("select accept_invitation(%s, %s, %s)", code, HASHING, person.proof)
    with team.superuser() as connection:
        for seller, text in ((HERS, "свой текст"), (THEIRS, SECRET)):
            for statement in _ROWS_OF_A_SELLER:
                connection.execute(statement, {"seller": seller, "text": text})
        connection.execute("analyze")


# one row in each table of a seller; the conversation and the reply get the seller's number too
_ROWS_OF_A_SELLER = (
    "update sellers set detail = %(text)s where id = %(seller)s",
    "insert into seller_credentials (seller_id, ciphertext, client_id) values (%(seller)s, convert_to(%(text)s, 'UTF8'), %(text)s)",
    "insert into chats (seller_id, external_id, buyer_name, preview, tags) values (%(seller)s, %(text)s, %(text)s, %(text)s,"
    " array[replace(%(text)s, ' ', '_')])",
    "insert into messages (seller_id, chat_id, external_id, author, origin, sent_at, body)"
    " values (%(seller)s, %(seller)s, %(text)s, 'buyer', 'buyer', now(), %(text)s)",
    "insert into outbox (seller_id, chat_id, client_id, body)"
    " values (%(seller)s, %(seller)s, md5(%(text)s)::uuid, %(text)s)",
    "insert into sync_state (seller_id, detail) values (%(seller)s, %(text)s)",
    "insert into budgets (seller_id, method) values (%(seller)s, %(text)s)",
    "insert into quarantine (seller_id, digest, raw, reason) values (%(seller)s, '\\x00', %(text)s, %(text)s)",
    "insert into suggestions (seller_id, chat_id, asked, body, intent, sentiment, confidence, source, guardrails)"
    " values (%(seller)s, %(seller)s, %(text)s, %(text)s, '', '', 1, '', '')",
    "insert into sla_rules (seller_id, position, name, priority, minutes) values (%(seller)s, 1, %(text)s, 1, 60)",
    "insert into calendars (seller_id, zone, week, holidays) values (%(seller)s, %(text)s, '[[], [], [], [], [], [], []]', %(text)s)",
    "insert into guard_rules (seller_id, rules) values (%(seller)s, jsonb_build_array(jsonb_build_object('reason', %(text)s::text)))",
    "insert into sla_breaches (seller_id, chat_id, episode, due_at) values (%(seller)s, %(seller)s, %(text)s, now())",
    # everybody who may write has begun an answer
    "insert into drafts (seller_id, chat_id, operator_id, body) select %(seller)s, %(seller)s, id, %(text)s from operators"
    " where role <> 'viewer' and (role = 'owner' or (email like 'their%%') = (%(seller)s = 2))",
    "insert into watches (seller_id, chat_id, until) values (%(seller)s, %(seller)s, now() + interval '1 day')",
    "insert into errands (seller_id, chat_id, kind, through) values (%(seller)s, %(seller)s, 'read', %(text)s)",
    "insert into products (seller_id, external_id, title, description) values (%(seller)s, %(text)s, %(text)s, %(text)s)",
    "insert into notes (seller_id, chat_id, operator_id, body, mentions) values (%(seller)s, %(seller)s,"
    " (select min(id) from operators where email like case %(seller)s when 1 then 'operator%%' else 'their_operator%%' end), %(text)s,"
    " array(select id from operators where email like case %(seller)s when 1 then 'admin%%' else 'their_admin%%' end))",
    "insert into tags (seller_id, name) values (%(seller)s, replace(%(text)s, ' ', '_'))",
    "insert into assignment (seller_id, mode) values (%(seller)s, 'load')",
    "insert into assignment_turns (seller_id, operator_id) select %(seller)s, min(operator_id) from notes where seller_id = %(seller)s",
    "insert into presence (seller_id, operator_id, seen_until, chat_id, looking_until) select %(seller)s, min(operator_id),"
    " now() + interval '1 day', %(seller)s, now() + interval '1 day' from notes where seller_id = %(seller)s",
    "insert into views (seller_id, operator_id, name, filter) select %(seller)s, min(operator_id), %(text)s, '{}'"
    " from notes where seller_id = %(seller)s",
    "insert into views (operator_id, name, filter) select min(operator_id), %(text)s, '{}' from notes where seller_id = %(seller)s",
    "insert into search_index (seller_id, chat_id, message_id, sent_at, words)"
    " values (%(seller)s, %(seller)s, '', now(), array_to_tsvector(array['тайна']))",
    "insert into search_words (seller_id, word) values (%(seller)s, %(text)s)",
    # the conversation waits already, by the trigger of its message
    "update search_pending set mark = mark + 1 where seller_id = %(seller)s",
    "insert into suggestion_outcomes (seller_id, suggestion_id, chat_id, outcome, reason, words, intent, model)"
    " values (%(seller)s, %(seller)s, %(seller)s, 'rejected', 'other', %(text)s, '', '')",
    "insert into service_days (seller_id, day, first_waits) values (%(seller)s, current_date, '{7}')",
    "insert into ended_waits (seller_id, chat_id, episode, since) values (%(seller)s, %(seller)s, %(text)s, now())",
    "insert into delivered_replies (seller_id, outbox_id) values (%(seller)s, %(seller)s)",
    "insert into automations (seller_id, intent, mode) values (%(seller)s, %(text)s, 'shadow')",
    "insert into automation_switches (seller_id) values (%(seller)s)",
    "insert into automation_log (seller_id, chat_id, asked, suggestion_id, intent, mode, body)"
    " values (%(seller)s, %(seller)s, %(text)s, %(seller)s, '', 'shadow', %(text)s)",
    "insert into model_settings (seller_id, profile, tone) values (%(seller)s, 'deepseek', %(text)s)",
    "insert into model_spending (seller_id, day, model, cost) values (%(seller)s, current_date, %(text)s, 1)",
    "insert into snippets (seller_id, kind, name, body) values (%(seller)s, 'knowledge', %(text)s, %(text)s)",
    "insert into examples (seller_id, chat_id, outbox_id, channel, intent, question, reply, lemmas)"
    " values (%(seller)s, %(seller)s, %(seller)s, 'chat', '', %(text)s, %(text)s, %(text)s)",
    # alive however long ago the team was made: a worker that fell silent is anybody's to clear away
    "insert into procrastinate.procrastinate_workers (last_heartbeat) values (now() + interval '1 day')",
    "insert into procrastinate.procrastinate_jobs (queue_name, task_name, queueing_lock, args, worker_id, scheduled_at)"
    " values ('default', 'pull', 'pull:' || %(seller)s || ':now', jsonb_build_object('seller_id', %(seller)s::bigint),"
    " (select max(id) from procrastinate.procrastinate_workers), now() + interval '1 day')",
)


def snapshot(team: Team) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with team.superuser() as connection:
        return {table: sorted(rows) for table, rows in _every_row(connection, "true")}


def theirs(team: Team) -> dict[str, list[str]]:
    """Every row of the other seller: of its tables, its people and its jobs; and the key that signs tokens."""
    with team.superuser() as connection:
        people = "(select o.id from agentiq.operators o where o.email like 'their_%' or o.role = 'owner')"
        jobs = "(select j.id from procrastinate.procrastinate_jobs j where j.args ->> 'seller_id' = '2')"
        workers = (
            "(select j.worker_id from procrastinate.procrastinate_jobs j where j.args ->> 'seller_id' = '2')"
        )
        return {
            table: sorted(rows)
            for table, rows in _every_row(
                connection,
                f"""
                to_jsonb(r) ->> 'seller_id' = '2' or to_jsonb(r) -> 'args' ->> 'seller_id' = '2'
                or t.name = 'agentiq.sellers' and to_jsonb(r) ->> 'id' = '2'
                or t.name = 'agentiq.operators' and (to_jsonb(r) ->> 'id')::bigint in {people}
                or (to_jsonb(r) ->> 'operator_id')::bigint in {people} and to_jsonb(r) ->> 'seller_id' is distinct from '1'
                or (to_jsonb(r) ->> 'job_id')::bigint in {jobs}
                or t.name = 'procrastinate.procrastinate_workers' and (to_jsonb(r) ->> 'id')::bigint in {workers}
                or t.name = 'agentiq_private.signing_key'
                """,
            )
        }


def _every_row(connection: psycopg.Connection[Row], where: str) -> Iterator[tuple[str, list[str]]]:
    tables = connection.execute(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in ('agentiq', 'agentiq_private', 'procrastinate') and c.relkind in ('r', 'p') order by 1, 2"
    ).fetchall()
    assert len(tables) > 20
    for schema, table in tables:
        name = f"{schema}.{table}"
        rows = connection.execute(
            f"select to_jsonb(r)::text from {name} r, (select '{name}') t (name) where {where}"
        ).fetchall()
        yield name, [row for (row,) in rows]


def visible(connection: psycopg.Connection[Row]) -> dict[str, int]:
    """How many rows of each readable table this transaction sees."""
    with connection.cursor(row_factory=dict_row) as cursor:
        tables = cursor.execute(
            "select n.nspname as schema, c.relname as table from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname in ('agentiq', 'procrastinate') and c.relkind in ('r', 'p')"
            " and has_table_privilege(c.oid, 'select') and c.relname <> 'alembic_version'"
        ).fetchall()
    seen = {}
    for found in tables:
        name = sql.Identifier(found["schema"], found["table"])
        seen[found["table"]] = connection.execute(sql.SQL("select count(*) from {}").format(name)).fetchone()[
            0
        ]  # type: ignore[index]
    return seen


def encoded(part: object) -> str:
    """A part of a token made by hand."""
    raw = part if isinstance(part, bytes) else json.dumps(part, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
