"""Operators of one seller try to see or change the other seller's rows, with everything SQL has. Raw psycopg."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.isolation.team import HERS, PEOPLE, SECRET, THEIRS, Team

ATTACKERS = (None, "viewer", "operator", "admin")
"""With their rights, or with none, nobody gets to the other seller."""
Denied = psycopg.errors.InsufficientPrivilege
REFUSALS = (
    Denied,
    psycopg.errors.ActiveSqlTransaction,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.ObjectNotInPrerequisiteState,
    psycopg.errors.UndefinedFile,
    psycopg.errors.UndefinedObject,
    psycopg.errors.WrongObjectType,
)


class Attack:
    """A connection of somebody's that remembers everything the server ever said to it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.heard: list[str] = []
        connection.add_notice_handler(
            lambda notice: self.heard.append(f"{notice.message_primary} {notice.message_detail}")
        )

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]] | psycopg.Error:
        """What a statement gave, committed; or its error. Never a word of the other seller."""
        try:
            with self.connection.transaction():
                cursor = self.connection.execute(statement, values or None)  # type: ignore[arg-type]
                rows = cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            self.heard.append(
                f"{error} {error.diag.message_detail} {error.diag.message_hint} {error.diag.context}"
            )
            assert SECRET not in self.heard[-1], statement
            return error
        assert SECRET not in repr(rows), statement
        assert SECRET not in "".join(self.heard), statement
        return rows

    def denied(self, statement: str, *values: object) -> None:
        """The statement is refused, whatever it would have found."""
        error = self.run(statement, *values)
        assert isinstance(error, Denied | psycopg.errors.WrongObjectType), f"{statement}: {error}"

    def copied(self, statement: str) -> str:
        """What COPY TO STDOUT sends."""
        with self.connection.cursor().copy(statement) as copy:  # type: ignore[arg-type]
            text = b"".join(copy).decode()
        assert SECRET not in text
        return text


@contextmanager
def attack(team: Team, by: str | None = "operator") -> Iterator[Attack]:
    """A connection that holds this person's token until it is closed."""
    with team.connect(autocommit=True) as connection:
        if by is not None:
            connection.execute("select set_config('agentiq.token', %s, false)", [team.token(by)])
        yield Attack(connection)


def tables_of_sellers(team: Team) -> list[str]:
    with team.superuser() as connection:
        rows = connection.execute(
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'agentiq'"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'seller_id' where c.relkind in ('r', 'p')"
        ).fetchall()
    assert len(rows) >= 13
    return [name for (name,) in rows]


@pytest.mark.parametrize("by", ATTACKERS)
def test_no_way_of_reading_shows_the_other_seller(attacked: Team, by: str | None) -> None:
    with attack(attacked, by) as she:
        for table in [*tables_of_sellers(attacked), "sellers"]:
            key = "id" if table == "sellers" else "seller_id"
            for statement in (
                f"select * from agentiq.{table} where {key} = 2",
                f"select t from agentiq.{table} t",
                f"select ctid, xmin, t.* from only agentiq.{table} t",
                f"select * from agentiq.{table} where ctid = any(array(select format('(0,%s)', n)::tid from generate_series(1, 40) n))",
                f"select * from agentiq.{table} tablesample system (100)",
                f"select * from agentiq.{table} for update",
                f"select * from agentiq.{table} for key share",
                f"select jsonb_agg(t) from agentiq.{table} t",
                f"select table_to_xml('agentiq.{table}', true, true, '')::text",
                f"select query_to_xml('select * from agentiq.{table}', true, true, '')::text",
                f"table agentiq.{table}",
            ):
                she.run(statement)
            rows = she.run(f"select * from agentiq.{table} where {key} = 2")
            assert rows == [] or isinstance(rows, Denied), table
        she.run("select schema_to_xml('agentiq', true, true, '')::text")
        she.run("select * from ts_stat('select to_tsvector(body) from agentiq.messages')")
        she.run("select * from pg_stats where schemaname in ('agentiq', 'procrastinate')")
        she.run("select * from pg_stats_ext")
        she.denied("select * from pg_statistic")
        assert (
            she.run("select * from procrastinate.procrastinate_jobs where args ->> 'seller_id' = '2'") == []
        )
        assert she.run("select * from procrastinate.procrastinate_events where job_id = 2") == []


@pytest.mark.parametrize("by", ATTACKERS)
def test_copy_carries_only_what_select_would(attacked: Team, by: str | None) -> None:
    with attack(attacked, by) as she:
        for table in tables_of_sellers(attacked):
            for source in (f"agentiq.{table}", f"(select * from agentiq.{table} where seller_id = 2)"):
                try:
                    she.copied(f"copy {source} to stdout")
                except Denied:
                    continue
        for statement in (
            "copy agentiq.messages to '/tmp/messages'",
            "copy agentiq.messages to program 'cat > /tmp/messages'",
            "copy agentiq.drafts from '/etc/passwd'",
            "copy agentiq.drafts from program 'id'",
            "select pg_read_file('postgresql.conf')",
            "select pg_ls_dir('base')",
            "select lo_import('/etc/passwd')",
            "select lo_export(1, '/tmp/x')",
        ):
            she.denied(statement)
        # rows cannot come in past the policies
        with (
            pytest.raises((psycopg.errors.FeatureNotSupported, Denied)),
            she.connection.cursor().copy("copy agentiq.drafts from stdin") as copy,
        ):
            copy.write(f"{THEIRS}\t{THEIRS}\tчужое\tnow\n".encode())


@pytest.mark.parametrize("by", ATTACKERS)
def test_no_way_of_writing_reaches_the_other_seller(attacked: Team, by: str | None) -> None:
    with attack(attacked, by) as she:
        for table in tables_of_sellers(attacked):
            # refused before any constraint could tell something
            she.denied(f"insert into agentiq.{table} (seller_id) values (2)")
            she.denied(f"insert into agentiq.{table} (seller_id) values (2) on conflict do nothing")
            she.denied(
                f"insert into agentiq.{table} (seller_id) select 2 from generate_series(1, 3) returning *"
            )
            for statement in (
                f"delete from agentiq.{table} where seller_id = 2 returning *",
                f"update agentiq.{table} set seller_id = seller_id where seller_id = 2 returning *",
            ):
                done = she.run(statement)
                assert done == [] or isinstance(done, Denied), statement
        if by is None:
            return
        for statement in (
            "update chats set seller_id = 2 where seller_id = 1",
            "update drafts set seller_id = 2 where seller_id = 1",
            "update sla_rules set seller_id = 2 where seller_id = 1",
            "update calendars set seller_id = 2 where seller_id = 1",
            "insert into calendars (seller_id, zone, week) values (2, 'UTC', '[[], [], [], [], [], [], []]')"
            " on conflict (seller_id) do update set zone = 'UTC' returning *",
            "update guard_rules set seller_id = 2 where seller_id = 1",
            "insert into guard_rules (seller_id, rules) values (2, '[]') on conflict (seller_id) do update set rules = '[]' returning *",
            "update procrastinate_jobs set args = '{\"seller_id\": 2}'",
            "insert into drafts (seller_id, chat_id, body) values (2, 2, 'x') on conflict (seller_id, chat_id, operator_id, field) do update set body = 'x'",
            "insert into chats (seller_id, external_id) values (2, 'секрет второго магазина') on conflict on constraint chats_external"
            " do update set preview = excluded.preview returning *",
            "merge into drafts d using (values (2::bigint)) v (s) on d.seller_id = v.s"
            " when not matched then insert (seller_id, chat_id, body) values (2, 2, 'x')",
        ):
            done = she.run(statement)
            assert isinstance(done, Denied) or done == [], statement
        for statement in (
            "merge into drafts d using (values (2::bigint)) v (s) on d.seller_id = v.s when matched then update set body = 'x'",
            "merge into drafts d using (values (2::bigint)) v (s) on d.seller_id = v.s when matched then delete",
            "with x as (update chats set preview = 'x' where seller_id = 2 returning *) select * from x",
            "update chats c set preview = m.body from messages m where m.seller_id = 2 returning m.*",
            "delete from drafts d using messages m where m.seller_id = 2 returning m.*",
            "delete from sellers where id = 2 returning *",
            "update sellers set name = 'x' where id = 2 returning *",
        ):
            done = she.run(statement)
            assert done == [] or isinstance(done, Denied), statement


def test_leaky_functions_and_casts_never_get_a_value_of_the_other_seller(attacked: Team) -> None:
    with attack(attacked) as she:
        she.run("""
            create function pg_temp.told(value anyelement) returns boolean language plpgsql cost 0.0000001 as $$
            begin raise notice 'told %', value; return true; end $$""")
        she.run("""
            create function pg_temp.both(text, text) returns boolean language plpgsql cost 0.0000001 as $$
            begin raise notice 'told % %', $1, $2; return true; end $$""")
        # an operator whose selectivity is looked up in the statistics, which hold everybody's values
        she.run(
            "create operator pg_temp.<<< (function = pg_temp.both, leftarg = text, rightarg = text, restrict = scalarltsel, join = scalarltjoinsel)"
        )
        she.run(
            "create operator pg_temp.=== (function = pg_temp.both, leftarg = text, rightarg = text, restrict = eqsel, join = eqjoinsel)"
        )
        with attacked.superuser() as superuser:
            superuser.execute("analyze")
        for table in tables_of_sellers(attacked):
            she.run(f"select count(*) from agentiq.{table} t where pg_temp.told(t)")
        for condition in (
            "pg_temp.told(body)",
            "pg_temp.told(body) and seller_id = 2",
            "body operator(pg_temp.<<<) 'я'",
            "body operator(pg_temp.===) 'я'",
            "body::integer = 1",
            "body::jsonb is null",
            "1 / (body like 'свой%')::integer = 1",
            "exists (select where pg_temp.told(body))",
            "case when pg_temp.told(body) then true end",
            "(select pg_temp.told(body))",
            "pg_temp.told(body) or seller_id = any(my_sellers())",
        ):
            for statement in (
                f"select count(*) from messages where {condition}",
                f"explain analyze select * from messages where {condition}",
                f"update messages set outbox_id = outbox_id where {condition}",
                f"delete from drafts where {condition}",
            ):
                she.run(statement)
        for statement in (
            "select count(*) from messages group by body having pg_temp.told(body)",
            "select * from messages order by pg_temp.told(body)",
            "select * from messages m join chats c on pg_temp.told(m.body) and pg_temp.told(c.preview)",
            "select * from messages m join outbox o on m.body operator(pg_temp.===) o.body",
            "select * from chats c left join lateral (select pg_temp.told(c.preview)) x on true",
            "insert into drafts (seller_id, chat_id, body) select 1, 1, body from messages where pg_temp.told(body)"
            " on conflict (seller_id, chat_id, operator_id, field) do update set body = excluded.body where pg_temp.told(drafts.body)",
        ):
            she.run(statement)
        she.run("create view pg_temp.peep as select * from agentiq.messages where pg_temp.told(body)")
        she.run("select * from pg_temp.peep where seller_id = 2")
        assert any("told свой текст" in heard for heard in she.heard), "the functions do run, on her own rows"
        assert not [heard for heard in she.heard if SECRET in heard]


def test_explain_tells_no_value_and_counts_only_in_its_own_numbers(attacked: Team) -> None:
    with attack(attacked) as she:
        for statement in (
            "select * from messages",
            "select * from messages where seller_id = 2",
            "select * from messages where body like 'секрет%'",
            "select * from procrastinate_jobs",
            "delete from drafts where seller_id = 2",
        ):
            for options in (
                "verbose",
                "analyze, verbose, buffers, settings, format json",
                "analyze, format xml",
            ):
                plan = she.run(f"explain ({options}) {statement}")
                assert isinstance(plan, list), plan
                if "json" in options:
                    assert plan[0][0][0]["Plan"]["Actual Rows"] <= 2


def test_references_and_unique_keys_answer_the_same_whether_a_row_exists(attacked: Team) -> None:
    missing = 987_654_321
    with attacked.superuser() as superuser:
        taken = superuser.execute("select client_id from outbox where seller_id = 2").fetchone()[0]  # type: ignore[index]
    with attack(attacked) as she:

        def same(statement: str, exists: object, does_not: object) -> None:
            answers = [she.run(statement, value) for value in (exists, does_not)]
            first, second = (
                str(answer).replace(str(value), "?")
                for answer, value in zip(answers, (exists, does_not), strict=True)
            )
            assert first == second, statement
            assert type(answers[0]) is type(answers[1])

        she.run("insert into procrastinate_periodic_defers (task_name, defer_timestamp) values ('hers', 1)")
        # their conversation, job, worker, and one that nobody has
        for statement in (
            "insert into outbox (seller_id, chat_id, client_id, body) values (1, %s, gen_random_uuid(), 'x')",
            "insert into messages (seller_id, chat_id, external_id, author, origin, sent_at) values (1, %s, 'x', 'buyer', 'buyer', now())",
            "insert into suggestions (seller_id, chat_id, asked, body, intent, sentiment, confidence, source, guardrails)"
            " values (1, %s, 'x', 'x', '', '', 1, '', '')",
            "insert into drafts (seller_id, chat_id, body) values (1, %s, 'x')",
            "insert into sla_breaches (seller_id, chat_id, episode, due_at) values (1, %s, 'x', now())",
            "insert into procrastinate_events (job_id, type) values (%s, 'failed')",
            "insert into procrastinate_periodic_defers (task_name, defer_timestamp, job_id) values ('x', 1, %s)",
            "update procrastinate_periodic_defers set job_id = %s",
            "insert into procrastinate_jobs (id, queue_name, task_name) values (%s, 'x', 'x')",
            "insert into procrastinate_workers (id) overriding system value values (%s)",
            "update procrastinate_jobs set id = %s",
            "insert into memberships (seller_id, operator_id) values (%s, 1)",
            "insert into sellers (id, name, marketplace, account_id) values (%s, 'x', 'x', 'x')",
        ):
            same(statement, THEIRS, missing)
        same(
            "insert into sellers (name, marketplace, account_id) values ('x', 'wildberries', %s)",
            "second",
            "nobodys",
        )
        same("select connect_seller('x', 'wildberries', %s, null, 'x')", "second", "nobodys")
        same("update sellers set account_id = %s", "second", "nobodys")
        same(
            "insert into procrastinate_jobs (queue_name, task_name, queueing_lock) values ('x', 'x', %s)",
            "pull:2:now",
            "pull:3:now",
        )
        same(
            "insert into procrastinate_jobs (queue_name, task_name, args, queueing_lock) values ('x', 'x', '{\"seller_id\": 1}', %s)",
            "pull:2:now",
            "pull:3:now",
        )
        # a key of theirs is free for her: every key begins with the seller
        mine = she.run(
            "insert into outbox (seller_id, chat_id, client_id, body) values (1, 1, %s, 'x') returning seller_id",
            taken,
        )
        assert mine == [(HERS,)]
        mine = she.run(
            "insert into chats (seller_id, id, channel, external_id) values (1, 2, 'chat', %s) returning preview",
            SECRET,
        )
        assert mine == [("",)]
        she.run("delete from drafts where chat_id = 2")


def test_jobs_of_the_other_seller_are_neither_seen_nor_taken_nor_made(besieged: Team) -> None:
    with attack(besieged) as she:
        for args in (
            {"seller_id": 2},
            {"seller_id": "2"},
            {"seller_id": " 2"},
            {"seller_id": "+2"},
            {"seller_id": 2, "chat_id": 2},
        ):
            she.denied(
                "insert into procrastinate_jobs (queue_name, task_name, args) values ('x', 'pull', %s)",
                json.dumps(args),
            )
        for args in ({"seller_id": [2]}, {"seller_id": "2; 1"}, {"seller_id": 2.5}, {"seller_id": {"a": 2}}):
            assert isinstance(
                she.run(
                    "insert into procrastinate_jobs (queue_name, task_name, args) values ('x', 'pull', %s)",
                    json.dumps(args),
                ),
                psycopg.Error,
            )
        # a job without a seller runs in anybody's worker: none that does more than look at what is due
        she.denied(
            "insert into procrastinate_jobs (queue_name, task_name, args)"
            " values ('default', 'builtin:procrastinate.builtin_tasks.remove_old_jobs', '{\"max_hours\": 0, \"remove_failed\": true}')"
        )
        she.denied(
            "insert into procrastinate_jobs (queue_name, task_name, lock) values ('default', 'pull', 'held')"
        )
        fetched = she.run("select (procrastinate_fetch_job_v2(null, null)).id")
        assert fetched in ([(1,)], [(None,)])
        for call in (
            "procrastinate_finish_job_v1(2, 'failed', true)",
            "procrastinate_finish_job_v1(2, 'succeeded', false)",
            "procrastinate_retry_job_v1(2, now(), 1, 'x', 'x')",
            "procrastinate_retry_job_v2(2, now(), 1, 'x', 'x')",
        ):
            assert isinstance(she.run(f"select {call}"), psycopg.Error), call
        assert she.run("select procrastinate_cancel_job_v1(2, true, true)") == [(None,)]
        # other people's workers: theirs are set free only once they fell silent
        assert she.run("delete from procrastinate_workers returning id") == []
        assert (
            she.run("update procrastinate_workers set last_heartbeat = now() - interval '1 day' returning id")
            == []
        )
        assert she.run("select procrastinate_prune_stalled_workers_v1(0)") == []
        she.denied("insert into procrastinate_workers (operator_id) values (1)")
        assert she.run("delete from procrastinate_events where job_id = 2 returning id") == []
        she.denied("truncate procrastinate_events")


def test_a_worker_may_still_do_its_work_through_procrastinates_functions(team: Team) -> None:
    with attack(team) as she:
        with team.superuser() as superuser:
            superuser.execute("delete from procrastinate_jobs")
            superuser.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
        [(worker,)] = she.run("select worker_id from procrastinate_register_worker_v1()")  # type: ignore[misc]
        job = """select unnest(procrastinate_defer_jobs_v1(array[row('default', 'pull', 0, null, 'pull:1:now',
            '{"seller_id": 1}', null)::procrastinate_job_to_defer_v1]))"""
        [(first,)] = she.run(job)  # type: ignore[misc]
        assert isinstance(she.run(job), psycopg.errors.UniqueViolation)
        assert she.run("select (procrastinate_fetch_job_v2(null, %s)).id", worker) == [(first,)]
        assert she.run("select procrastinate_update_heartbeat_v1(%s)", worker) == [("",)]
        assert she.run("select procrastinate_retry_job_v2(%s, now(), null, null, null)", first) == [("",)]
        assert she.run("select (procrastinate_fetch_job_v2(null, %s)).id", worker) == [(first,)]
        assert she.run("select procrastinate_finish_job_v1(%s, 'succeeded', true)", first) == [("",)]
        tick = (
            "select procrastinate_defer_periodic_job_v2('default', null, 'tick', 'tick', 0, 'tick', %s, '{}')"
        )
        [(second,)] = she.run(tick, 1)  # type: ignore[misc]
        assert second is not None
        assert she.run(tick, 1) == [(None,)]
        assert she.run("select procrastinate_cancel_job_v1(%s, false, true)", second) == [(second,)]
        assert she.run("select count(*) from procrastinate_prune_stalled_workers_v1(60)") == [(2,)]
        assert she.run("select procrastinate_unregister_worker_v1(%s)", worker) == [("",)]


@pytest.mark.parametrize("by", ATTACKERS)
def test_nothing_private_can_be_read_or_called(attacked: Team, by: str | None) -> None:
    with attacked.superuser() as superuser:
        tables = superuser.execute(
            "select tablename from pg_tables where schemaname = 'agentiq_private'"
        ).fetchall()
        functions = superuser.execute(
            "select p.proname, array(select format_type(t, null) from unnest(p.proargtypes) t)"
            " from pg_proc p where p.pronamespace = 'agentiq_private'::regnamespace"
        ).fetchall()
    assert len(tables) >= 5
    assert len(functions) >= 15
    with attack(attacked, by) as she:
        for (table,) in tables:
            for statement in (
                "select * from {}",
                "delete from {}",
                "truncate {}",
                "lock {}",
                "insert into {} default values",
                "copy {} to stdout",
            ):
                she.denied(statement.format(f"agentiq_private.{table}"))
        for name, types in functions:
            she.denied(f"select agentiq_private.{name}({', '.join(f'null::{kind}' for kind in types)})")
        for statement in (
            "select has_schema_privilege('agentiq_private', 'usage')",
            "select has_table_privilege('agentiq_private.signing_key', 'select')",
            "select has_function_privilege('agentiq_private.local_session(text, boolean)', 'execute')",
        ):
            answer = she.run(statement)
            assert answer == [(False,)] or isinstance(answer, Denied)
        # a trigger of a table of one's own would write the audit log
        she.run("create temp table sellers (id bigint, seller_id bigint)")
        for function in ("note", "sellers_guarded", "outbox_signed"):
            she.denied(
                f"create trigger forged after insert on pg_temp.sellers for each row execute function agentiq_private.{function}()"
            )


SHADOWED = (
    "operators", "memberships", "sellers", "sessions", "passwords", "signing_key", "tries", "invitations", "audit_log", "chats",
    "messages", "outbox", "procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers",
)  # fmt: skip


def set_traps(she: Attack, schema: str) -> None:
    """In a schema of the attacker's, what functions without a fixed search path would find first."""
    for table in SHADOWED:
        she.run(
            f"create {'temp ' if schema == 'pg_temp' else ''}table {schema}.{table} (id bigint, seller_id bigint, operator_id bigint, role text, feed text,"
            " disabled_at timestamptz, job_id bigint, type text, at timestamptz, email text)"
        )
        she.run(f"grant all on {schema}.{table} to public")
    she.run(
        f"insert into {schema}.operators (id, role, email) select n, 'owner', 'operator@team.example' from generate_series(1, 9) n"
    )
    she.run(
        f"insert into {schema}.memberships (seller_id, operator_id) select s, o from generate_series(1, 2) s, generate_series(1, 9) o"
    )
    she.run(f"create {'temp ' if schema == 'pg_temp' else ''}table {schema}.caught (who text, what text)")
    she.run(f"grant all on {schema}.caught to public")
    she.run(f"""
        create function {schema}.trap() returns trigger language plpgsql as $$
        begin
            insert into {schema}.caught values (current_user, (select string_agg(body, ' ') from agentiq.messages));
            return null;
        end $$""")
    for table in SHADOWED:
        she.run(
            f"create trigger trap after insert or update or delete on {schema}.{table} for each row execute function {schema}.trap()"
        )
    for function in (
        "operator_id() returns bigint language sql as 'select 1::bigint'",
        "my_rank() returns integer language sql as 'select 4'",
        "my_sellers(integer default 1) returns bigint[] language sql as $$select '{1,2}'::bigint[]$$",
        "sha256(bytea) returns bytea language sql as $$select '\\x00'::bytea$$",
        "current_setting(text, boolean) returns text language sql as $$select 'x'$$",
        "clock_timestamp() returns timestamptz language sql as $$select '-infinity'::timestamptz$$",
        "pg_current_xact_id() returns xid8 language sql as $$select '0'::xid8$$",
        "pg_notify(text, text) returns void language sql as 'select'",
        "eq(bigint, bigint) returns boolean language sql as 'select true'",
        "eq(text, text) returns boolean language sql as 'select true'",
        "eq(bytea, bytea) returns boolean language sql as 'select true'",
        "minus(jsonb, text[]) returns jsonb language sql as 'select $1'",
    ):
        she.run(f"create function {schema}.{function}")
    for kind in ("bigint", "text", "bytea"):
        she.run(f"create operator {schema}.= (function = {schema}.eq, leftarg = {kind}, rightarg = {kind})")
        she.run(f"create operator {schema}.<> (function = {schema}.eq, leftarg = {kind}, rightarg = {kind})")
    she.run(f"create operator {schema}.- (function = {schema}.minus, leftarg = jsonb, rightarg = text[])")


@pytest.mark.parametrize("schema", ["pg_temp", "public"])
@pytest.mark.parametrize("by", ["operator", "admin"])
def test_names_in_a_schema_of_her_own_are_never_found_by_what_decides(
    besieged: Team, schema: str, by: str
) -> None:
    with besieged.superuser() as superuser:
        # as a database that was upgraded from before Postgres 15 still has it
        superuser.execute("grant create on schema public to public")
    with attack(besieged, by) as she:
        set_traps(she, schema)
        for path in (
            f"{schema}, pg_catalog, agentiq, procrastinate",
            f"{schema}, agentiq, procrastinate, pg_catalog",
            schema,
        ):
            she.run(f"set search_path = {path}")
            rank = 2 if by == "operator" else 3
            assert she.run("select agentiq.operator_id(), agentiq.my_rank(), agentiq.my_sellers()") == [
                (besieged.person_id(by), rank, [HERS])
            ]
            for table in ("messages", "chats", "outbox", "memberships"):
                assert she.run(f"select distinct t.seller_id from agentiq.{table} t") == [(HERS,)]
            for name in ("owner", "their_operator"):
                answer = she.run("select agentiq.disable_operator(%s)", PEOPLE[name].email)
                assert isinstance(answer, psycopg.Error)
                assert answer.sqlstate == "AQ403"
            for statement in (
                "insert into agentiq.outbox (seller_id, chat_id, client_id, body) values (1, 1, gen_random_uuid(), 'x')",
                "update agentiq.chats set unread = unread + 1",
                "update agentiq.sellers set detail = 'x'",
                "insert into agentiq.drafts (seller_id, chat_id, body) values (2, 2, 'x')",
                "update agentiq.outbox set state = 'cancelled' where state = 'queued'",
                "select agentiq.try_password('operator@team.example', '\\x00')",
                "select * from agentiq.follow()",
                "insert into procrastinate.procrastinate_workers default values",
                "update procrastinate.procrastinate_jobs set scheduled_at = now() + interval '1 day', status = 'todo',"
                " worker_id = (select max(w.id) from procrastinate.procrastinate_workers w)",
                # the job's worker goes: a foreign key changes the job as the owner of the table, and that fires triggers
                "delete from procrastinate.procrastinate_workers",
                "delete from procrastinate.procrastinate_jobs",
                "select agentiq.add_operator('new@team.example', '', 'operator', '{1}')",
            ):
                she.run(statement)
        if by == "admin":
            she.run("delete from agentiq.sellers")
        caught = she.run(f"select distinct who from {schema}.caught")
        assert isinstance(caught, list)
        assert {who for (who,) in caught} <= {"agentiq_app"}, "her code ran as somebody else"
    with besieged.superuser() as superuser:
        if by == "admin":
            assert superuser.execute(
                "select count(*) from agentiq.operators where email = 'new@team.example'"
            ).fetchone() == (1,)
        assert superuser.execute(
            "select array_agg(distinct operator_id) from outbox where seller_id = 1 and body = 'x'"
        ).fetchone() == (([besieged.person_id("operator")],) if by == "operator" else (None,))


def test_row_security_cannot_be_switched_off(attacked: Team) -> None:
    with attack(attacked) as she:
        she.run("set row_security = off")
        for table in tables_of_sellers(attacked):
            error = she.run(f"select * from agentiq.{table}")
            assert isinstance(error, Denied), table
        for statement in (
            "select my_sellers()",
            "update chats set preview = 'x'",
            "delete from drafts",
            "select disable_operator('their_operator@team.example')",
            "select * from procrastinate_jobs",
        ):
            she.denied(statement)


@pytest.mark.parametrize("by", ATTACKERS)
def test_nothing_can_be_altered_created_granted_emptied_or_owned(attacked: Team, by: str | None) -> None:
    with attack(attacked, by) as she:
        for role in ("agentiq_app", "none"):
            she.run(f"set role {role}")
            for statement in (
                "truncate messages",
                "truncate sellers cascade",
                "alter table messages disable row level security",
                "alter table messages no force row level security",
                "alter table messages owner to agentiq_app",
                "alter table messages disable trigger all",
                "alter table messages add column x text",
                "drop table messages",
                "drop policy seen on messages",
                "create policy mine on messages using (true)",
                "alter policy seen on messages using (true)",
                "create index on messages (body)",
                "create trigger x after insert on messages for each row execute function notify_sellers()",
                "create rule x as on select to messages do instead select 1",
                "create table agentiq.x (a int)",
                "create function agentiq.x() returns int language sql as 'select 1'",
                "create or replace function agentiq.my_rank() returns integer language sql as 'select 4'",
                "alter function my_rank() owner to agentiq_app",
                "alter function my_rank() security invoker",
                "alter function my_rank() reset all",
                "drop function my_sellers(integer)",
                "create schema x",
                "create extension pgcrypto",
                "create publication x for table messages",
                "create language plpython3u",
                "create cast (text as integer) with function length(text)",
                "create event trigger x on ddl_command_start execute function notify_sellers()",
                "create role x",
                "create role x superuser",
                "alter role agentiq_guard login",
                "alter role agentiq_app superuser",
                "grant agentiq_guard to agentiq_app",
                "drop role agentiq_guard",
                "alter schema agentiq owner to agentiq_app",
                "alter system set row_security = off",
                "comment on table messages is 'x'",
                "create temp table x () inherits (agentiq.messages)",
                "cluster messages using messages_pkey",
                "reindex table messages",
                "lock messages in access exclusive mode",
                "lock audit_log in share mode",
            ):
                error = she.run(statement)
                assert isinstance(error, REFUSALS), f"{statement}: {error!r}"
        with attacked.superuser() as superuser:
            she.run("set role agentiq_app")
            she.run("grant select on messages to public")
            she.run("grant execute on all functions in schema agentiq to public")
            she.run("grant usage on schema agentiq_private to public")
            open_to_all = superuser.execute(
                "select c.relname from pg_class c, aclexplode(c.relacl) a where a.grantee = 0 and c.relnamespace = 'agentiq'::regnamespace"
            ).fetchall()
            assert open_to_all == []


@pytest.mark.parametrize("by", ATTACKERS)
def test_sequences_tell_nothing_of_sellers_and_cannot_be_moved(attacked: Team, by: str | None) -> None:
    with attacked.superuser() as superuser:
        sequences = superuser.execute(
            "select schemaname, sequencename from pg_sequences where schemaname in ('agentiq', 'procrastinate')"
        ).fetchall()
    assert sequences
    with attack(attacked, by) as she:
        for schema, name in sequences:
            she.denied(f"select last_value from {schema}.{name}")
            she.denied(f"select setval('{schema}.{name}', 1000000)")
            if schema == "agentiq":
                she.denied(f"select nextval('agentiq.{name}')")
        assert (
            she.run("select * from pg_sequences where schemaname = 'agentiq' and last_value is not null")
            == []
        )


def test_large_objects_hold_nothing_of_ours_and_stay_their_makers(attacked: Team) -> None:
    with attack(attacked) as she:
        assert she.run("select count(*) from pg_largeobject_metadata") == [(0,)]
        she.denied("select * from pg_largeobject")


def test_a_channel_is_known_only_to_those_who_follow_the_seller(attacked: Team) -> None:
    feed = "aiq_second"
    with attack(attacked, "their_operator") as they, attack(attacked) as she:
        they.connection.execute("select follow()")
        assert they.connection.execute("select * from pg_listening_channels()").fetchall() == [(feed,)]
        assert they.connection.execute("select seller_id from follow()").fetchall() == [(THEIRS,)]
        assert she.run("select seller_id from follow()") == [(HERS,)]
        assert she.run("select * from pg_listening_channels()") == [("aiq_first",)]
        for role in ("agentiq_app", "none"):
            she.run(f"set role {role}")
            activity = str(she.run("select * from pg_stat_activity"))
            assert "follow" in activity or role == "agentiq_app"
            assert feed not in activity
            for statement in (
                "select feed from sellers where id = 2",
                "select * from pg_stats where attname = 'feed'",
                "select * from pg_locks",
            ):
                assert feed not in str(she.run(statement))


def test_who_leaves_a_seller_no_longer_knows_its_channel(team: Team) -> None:
    def feeds() -> list[str]:
        with team.superuser() as superuser:
            return [feed for (feed,) in superuser.execute("select feed from sellers order by id")]

    first, second = feeds()
    team.said("select change_operator('their_operator@team.example', null, '{}')", by="owner")
    assert feeds()[0] == first
    assert feeds()[1] != second
    team.said("select disable_operator('operator@team.example')", by="admin")
    assert feeds()[0] != first


def test_plans_and_cursors_belong_to_the_token_of_their_use(attacked: Team) -> None:
    with attacked.connect(autocommit=True) as connection:
        for mode in ("force_generic_plan", "force_custom_plan", "auto"):
            connection.execute(sql.SQL("set plan_cache_mode = {}").format(mode))
            connection.execute(
                "select set_config('agentiq.token', %s, false)", [attacked.token("their_operator")]
            )
            connection.execute("prepare mine as select seller_id from messages")
            assert connection.execute("execute mine").fetchall() == [(THEIRS,)]
            connection.execute("select set_config('agentiq.token', %s, false)", [attacked.token("operator")])
            assert connection.execute("execute mine").fetchall() == [(HERS,)]
            connection.execute("select set_config('agentiq.token', '', false)")
            assert connection.execute("execute mine").fetchall() == []
            connection.execute("reset role")
            assert connection.execute("execute mine").fetchall() == []
            connection.execute("set role agentiq_app")
            connection.execute("deallocate mine")
        # what a cursor took along, its own transaction had seen; another connection has no part in it
        with connection.transaction():
            connection.execute("select enter(%s)", [attacked.token("operator")])
            connection.execute("declare kept cursor with hold for select seller_id from messages")
        assert connection.execute("fetch all from kept").fetchall() == [(HERS,)]
        connection.execute("declare late cursor with hold for select seller_id from messages")
        with connection.transaction():
            connection.execute("select enter(%s)", [attacked.token("their_operator")])
        assert connection.execute("fetch all from late").fetchall() == []
        with attacked.connect(autocommit=True) as other:
            assert other.execute("select count(*) from pg_cursors").fetchone() == (0,)


def test_functions_that_run_as_the_guard_take_values_not_code(attacked: Team) -> None:
    nasty = "x'); drop table agentiq.sellers; --"
    with attack(attacked, None) as she:
        for call in (
            "try_password(%s, '\\x00')", "password_parameters(%s)", "refresh(%s)", "accept_invitation(%s, '{}', '\\x00')", "enter(%s)",
            "add_operator(%s, 'x', 'owner', '{2}')", "invite_operator(%s)", "connect_seller(%s, 'x', 'x', null, 'x')",
        ):  # fmt: skip
            she.run(f"select agentiq.{call}", nasty)
    with attacked.superuser() as superuser:
        assert superuser.execute("select count(*) from sellers").fetchone() == (2,)
        # names in statements that are put together are quoted
        dynamic = superuser.execute(
            "select proname from pg_proc where pronamespace in ('agentiq'::regnamespace, 'agentiq_private'::regnamespace)"
            " and prosrc ~* '\\mexecute\\M' and prosrc !~ 'format\\(''listen %I'''"
        ).fetchall()
    assert dynamic == []
