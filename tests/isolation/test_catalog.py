"""What the catalogue says about every table and function, those of tomorrow too: nobody can forget a policy unnoticed."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.isolation.team import Row, Team

TABLES = """
select n.nspname || '.' || c.relname as name, c.oid, c.relrowsecurity, c.relforcerowsecurity,
    exists (select from pg_policy p where p.polrelid = c.oid and 'agentiq_app'::regrole = any(p.polroles)) as has_policy,
    exists (select from unnest(array['select', 'insert', 'update', 'references']) privilege
        where has_any_column_privilege('agentiq_app', c.oid, privilege))
        or has_table_privilege('agentiq_app', c.oid, 'delete, truncate, trigger') as granted,
    c.relkind
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('agentiq', 'procrastinate') and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname <> 'alembic_version'
"""
KEYS = """
select t.relname, i.relname, a.attname
from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
join pg_namespace n on n.oid = t.relnamespace and n.nspname = 'agentiq'
left join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
where x.indisunique and exists (select from pg_attribute s where s.attrelid = t.oid and s.attname = 'seller_id' and not s.attisdropped)
"""
FUNCTIONS = """
select p.oid::regprocedure::text, n.nspname, p.prosecdef, pg_get_userbyid(p.proowner), p.proleakproof,
    coalesce((select substr(setting, 13) from unnest(p.proconfig) setting where setting like 'search_path=%'), ''),
    exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0 and a.privilege_type = 'EXECUTE'),
    has_function_privilege('agentiq_app', p.oid, 'execute')
from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('agentiq', 'agentiq_private', 'procrastinate')
"""


def faults(connection: psycopg.Connection[Row]) -> Iterator[str]:
    """Everything in the catalogue that would let somebody past the policies."""
    yield from _of_tables(connection)
    yield from _of_keys(connection)
    yield from _of_functions(connection)
    yield from _of_privileges(connection)
    yield from _of_roles(connection)


def _of_tables(connection: psycopg.Connection[Row]) -> Iterator[str]:
    for name, _, secured, forced, has_policy, granted, kind in connection.execute(TABLES).fetchall():
        if kind not in ("r", "p"):
            # a view reads as its owner; none is needed so far
            yield f"{name} is no plain table"
        elif not (secured and forced):
            yield f"{name} has no row security, or its owner is free of it"
        if granted and not has_policy:
            yield f"{name} is granted to agentiq_app without a policy"
    for name, role in connection.execute(
        "select p.polrelid::regclass::text || '.' || p.polname, r from pg_policy p, unnest(p.polroles) r"
        " where r not in ('agentiq_app'::regrole, 'agentiq_guard'::regrole)"
    ).fetchall():
        yield f"policy {name} is for role {role}"
    for table, policy in connection.execute(
        "select c.relname, p.polname from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace"
        " where 'agentiq_app'::regrole = any(p.polroles) and coalesce(pg_get_expr(p.polqual, p.polrelid), '')"
        " || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') !~ 'my_sellers|my_rank|operator_id|procrastinate_jobs'"
    ).fetchall():
        yield f"policy {policy} of {table} asks nobody who comes"


def _of_keys(connection: psycopg.Connection[Row]) -> Iterator[str]:
    keys = connection.execute(KEYS).fetchall()
    for table, index, first in keys:
        if first != "seller_id":
            yield f"{index} of {table} does not begin with seller_id"
    keyed = {table for table, _, _ in keys}
    for (table,) in connection.execute(
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'seller_id'"
        " where c.relnamespace = 'agentiq'::regnamespace and c.relkind in ('r', 'p')"
    ).fetchall():
        if table not in keyed:
            yield f"{table} has no key"


def _of_functions(connection: psycopg.Connection[Row]) -> Iterator[str]:
    for name, schema, definer, owner, leakproof, path, public, app in connection.execute(
        FUNCTIONS
    ).fetchall():
        if not path.startswith("pg_catalog, ") or not path.endswith(", pg_temp") or "public" in path:
            yield f"{name} finds names by the caller's search path ({path})"
        if definer and owner != "agentiq_guard":
            yield f"{name} runs as {owner}"
        if public:
            yield f"{name} is everybody's"
        if schema == "agentiq_private" and app:
            yield f"{name} is private and the app's"
        if leakproof:
            yield f"{name} says it is leakproof"


def _of_privileges(connection: psycopg.Connection[Row]) -> Iterator[str]:
    for schema in ("agentiq", "agentiq_private", "procrastinate"):
        for role in ("agentiq_app", "public"):
            if connection.execute(
                "select has_schema_privilege(%s, %s, 'create')", [role, schema]
            ).fetchone() != (False,):
                yield f"{role} may create in {schema}"
        if connection.execute("select has_schema_privilege('public', %s, 'usage')", [schema]).fetchone() != (
            False,
        ):
            yield f"everybody may use {schema}"
    if connection.execute(
        "select has_schema_privilege('agentiq_app', 'agentiq_private', 'usage')"
    ).fetchone() != (False,):
        yield "agentiq_app may use agentiq_private"
    for name, grantee, privilege in connection.execute(
        "select c.oid::regclass::text, a.grantee::regrole::text, a.privilege_type"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a"
        " where n.nspname = 'agentiq_private' and a.grantee <> 'agentiq_guard'::regrole"
        " or n.nspname in ('agentiq', 'procrastinate') and a.grantee = 0"
    ).fetchall():
        yield f"{grantee} has {privilege} on {name}"
    for name, owner in connection.execute(
        "select c.oid::regclass::text, pg_get_userbyid(c.relowner) from pg_class c"
        " where c.relnamespace = 'agentiq_private'::regnamespace and c.relkind in ('r', 'S') and c.relowner <> 'agentiq_guard'::regrole"
    ).fetchall():
        yield f"{name} belongs to {owner}"
    for name, owner in connection.execute(
        "select c.oid::regclass::text, pg_get_userbyid(c.relowner) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in ('agentiq', 'procrastinate') and c.relowner in ('agentiq_guard'::regrole, 'agentiq_app'::regrole)"
    ).fetchall():
        yield f"{name} belongs to {owner}"


def _of_roles(connection: psycopg.Connection[Row]) -> Iterator[str]:
    for name, login, superuser, bypass, create_role, create_db, replication in connection.execute(
        "select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
        " from pg_roles where rolname in ('agentiq_guard', 'agentiq_app')"
    ).fetchall():
        if login or superuser or bypass or create_role or create_db or replication:
            yield f"{name} may do more than decide"
    # whoever may administer the role (its maker, since Postgres 16) does not have it: the server's owners' matter
    can_use = "(to_jsonb(m) ->> 'inherit_option' is distinct from 'false' or to_jsonb(m) ->> 'set_option' is distinct from 'false')"
    for (member,) in connection.execute(
        "select m.member::regrole::text from pg_auth_members m join pg_roles r on r.oid = m.member"
        f" where m.roleid = 'agentiq_guard'::regrole and not m.admin_option and {can_use}"
    ).fetchall():
        yield f"{member} is a member of agentiq_guard"
    for (role,) in connection.execute(
        "select m.roleid::regrole::text from pg_auth_members m where m.member in ('agentiq_guard'::regrole, 'agentiq_app'::regrole)"
    ).fetchall():
        yield f"agentiq's roles are members of {role}"


def test_nothing_in_the_catalogue_lets_anybody_past_the_policies(shared_team: Team) -> None:
    with shared_team.superuser() as connection:
        assert list(faults(connection)) == []
        assert len(connection.execute(TABLES).fetchall()) > 15
        assert len(connection.execute(FUNCTIONS).fetchall()) > 60


def test_a_database_that_a_superuser_migrated_is_as_closed(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert list(faults(connection)) == []


@pytest.mark.parametrize(
    ("mistake", "fault"),
    [
        ("create table agentiq.remarks (seller_id bigint, id bigint, primary key (seller_id, id))", "agentiq.remarks has no row security, or its owner is free of it"),
        ("create table agentiq.remarks (seller_id bigint, id bigint primary key)", "remarks_pkey of remarks does not begin with seller_id"),
        ("create table agentiq.remarks (seller_id bigint)", "remarks has no key"),
        ("create table agentiq.remarks (a int); grant select (a) on agentiq.remarks to agentiq_app", "agentiq.remarks is granted to agentiq_app without a policy"),
        ("create table agentiq.remarks (a int); create policy p on agentiq.remarks to agentiq_app using (true)", "policy p of remarks asks nobody who comes"),
        ("create table agentiq.remarks (a int); create policy p on agentiq.remarks using (my_rank() > 1)", "policy agentiq.remarks.p is for role 0"),
        ("create view agentiq.peep as select * from agentiq.messages", "agentiq.peep is no plain table"),
        ("create unique index peep on agentiq.outbox (client_id, id, seller_id)", "peep of outbox does not begin with seller_id"),
        ("alter table agentiq.chats no force row level security", "agentiq.chats has no row security, or its owner is free of it"),
        ("alter table procrastinate.procrastinate_events disable row level security", "procrastinate.procrastinate_events has no row security, or its owner is free of it"),
        ("create function agentiq.peep() returns int language sql as 'select 1'", "agentiq.peep() is everybody's"),
        ("create function agentiq.peep() returns int language sql as 'select 1'", "agentiq.peep() finds names by the caller's search path ()"),
        ("create function agentiq.peep() returns int language sql security definer set search_path = pg_catalog, agentiq, pg_temp as 'select 1'", "agentiq.peep() runs as"),
        ("alter function agentiq.my_rank() set search_path = agentiq, pg_temp", "agentiq.my_rank() finds names by the caller's search path (agentiq, pg_temp)"),
        ("grant execute on function agentiq.my_rank() to public", "agentiq.my_rank() is everybody's"),
        ("grant execute on function agentiq_private.note() to agentiq_app", "agentiq_private.note() is private and the app's"),
        ("grant usage on schema agentiq_private to agentiq_app", "agentiq_app may use agentiq_private"),
        ("grant create on schema agentiq to public", "public may create in agentiq"),
        ("grant select on agentiq_private.signing_key to agentiq_app", "agentiq_app has SELECT on agentiq_private.signing_key"),
        ("create table agentiq_private.more (a int)", "agentiq_private.more belongs to"),
    ],
)  # fmt: skip
def test_a_mistake_of_a_later_migration_is_reported(shared_team: Team, mistake: str, fault: str) -> None:
    with shared_team.superuser() as connection, connection.transaction(force_rollback=True):
        connection.execute("set local search_path = pg_catalog")
        for statement in mistake.split("; "):
            connection.execute(
                statement.replace("my_rank()", "agentiq.my_rank()").replace("agentiq.agentiq.", "agentiq.")
            )  # type: ignore[arg-type]
        assert [found for found in faults(connection) if found.startswith(fault)]
