-- Who may see and change what. Every table is closed to everybody, its owner too (force), and opened by policy to agentiq_app
-- (docs/security.md has the same table in words). A policy's sub-select runs once a statement.

do $$
declare
    place record;
begin
    for place in select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('agentiq', 'procrastinate') and c.relkind in ('r', 'p') and c.relname <> 'alembic_version'
    loop
        execute format('alter table %I.%I enable row level security', place.nspname, place.relname);
        execute format('alter table %I.%I force row level security', place.nspname, place.relname);
    end loop;
end $$;

-- what the functions of agentiq_guard work with
create policy guard on operators to agentiq_guard using (true) with check (true);
create policy guard on memberships to agentiq_guard using (true) with check (true);
create policy guard on sellers to agentiq_guard using (true) with check (true);
create policy guard on audit_log for insert to agentiq_guard with check (true);
grant usage on schema agentiq, agentiq_private to agentiq_guard;
grant select, insert, update on operators to agentiq_guard;
grant select, insert, delete on memberships to agentiq_guard;
grant select, insert, update (feed) on sellers to agentiq_guard;
grant insert on audit_log to agentiq_guard;

grant usage on schema agentiq, procrastinate to agentiq_app;
grant select on alembic_version to agentiq_app;

create policy seen on sellers for select to agentiq_app using (id = any((select my_sellers())::bigint[]));
create policy changed on sellers for update to agentiq_app using (id = any((select my_sellers(2))::bigint[]));
create policy removed on sellers for delete to agentiq_app using (id = any((select my_sellers(3))::bigint[]));
grant select, delete on sellers to agentiq_app;
grant update (name, base_url, timezone, state, reason, detail) on sellers to agentiq_app;

create policy seen on seller_credentials for select to agentiq_app using (seller_id = any((select my_sellers(2))::bigint[]));
create policy added on seller_credentials for insert to agentiq_app with check (seller_id = any((select my_sellers(3))::bigint[]));
create policy changed on seller_credentials for update to agentiq_app using (seller_id = any((select my_sellers(3))::bigint[]));
grant select, insert, update on seller_credentials to agentiq_app;

create policy seen on sla_rules for select to agentiq_app using (seller_id = any((select my_sellers())::bigint[]));
create policy written on sla_rules to agentiq_app using (seller_id = any((select my_sellers(3))::bigint[]));
grant select, insert, update, delete on sla_rules to agentiq_app;

do $$
declare
    place text;
begin
    foreach place in array array['chats', 'messages', 'outbox', 'sync_state', 'budgets', 'quarantine', 'suggestions', 'sla_breaches', 'drafts']
    loop
        execute format('create policy seen on %I for select to agentiq_app using (seller_id = any((select my_sellers())::bigint[]))', place);
        execute format('create policy added on %I for insert to agentiq_app with check (seller_id = any((select my_sellers(2))::bigint[]))', place);
        execute format('create policy changed on %I for update to agentiq_app using (seller_id = any((select my_sellers(2))::bigint[]))', place);
    end loop;
end $$;
grant select, insert, update on chats, sync_state, budgets, quarantine, suggestions, sla_breaches, drafts to agentiq_app;
grant select, insert, update (outbox_id) on messages to agentiq_app;
-- what a reply says, and whose it is, never changes
grant select, insert, update (state, reason, detail, worker_id, lease_until, attempt, attempted_at, polls, not_before, settled_at,
    accepted_at, reference, external_id) on outbox to agentiq_app;
create policy dropped on drafts for delete to agentiq_app using (seller_id = any((select my_sellers(2))::bigint[]));
grant delete on drafts to agentiq_app;

create policy seen on memberships for select to agentiq_app using (seller_id = any((select my_sellers())::bigint[]));
create policy seen on operators for select to agentiq_app
    using (id = (select operator_id()) or (select my_rank()) >= 3 or id in (select m.operator_id from memberships m));
create policy seen on audit_log for select to agentiq_app
    using (seller_id = any((select my_sellers(3))::bigint[]) or (select my_rank()) >= 4);
grant select on memberships, operators, audit_log to agentiq_app;

-- Jobs carry ids of sellers: a worker takes those it may work for. A lock must name the job's own seller, so that it
-- neither tells of another's jobs nor holds them up. A job of no seller runs in anybody's worker: only AgentIQ's own may.
create policy worked on procrastinate.procrastinate_jobs to agentiq_app
    using ((args ->> 'seller_id') is null and (select my_rank()) >= 2
        or (args ->> 'seller_id')::bigint = any((select my_sellers(2))::bigint[]))
    with check (((args ->> 'seller_id') is null and (select my_rank()) >= 2 and (queueing_lock is null or queueing_lock not like '%:%')
            and task_name not like 'builtin:%'
        or (args ->> 'seller_id')::bigint = any((select my_sellers(2))::bigint[])
            and (queueing_lock is null or split_part(queueing_lock, ':', 2) = args ->> 'seller_id')) and lock is null);
create policy worked on procrastinate.procrastinate_events to agentiq_app
    using (job_id in (select j.id from procrastinate.procrastinate_jobs j));
-- volatile, for the statement that it is asked by has made the job itself
create function sees_job(id bigint) returns boolean language plpgsql volatile as $$
begin
    return exists (select from procrastinate.procrastinate_jobs j where j.id = sees_job.id);
end $$;
create policy worked on procrastinate.procrastinate_periodic_defers to agentiq_app using ((select my_rank()) >= 2)
    with check ((select my_rank()) >= 2 and (job_id is null or sees_job(job_id)));
-- a worker is its operator's, until it fell silent
alter table procrastinate.procrastinate_workers add column operator_id bigint default operator_id();
create policy seen on procrastinate.procrastinate_workers for select to agentiq_app using ((select my_rank()) >= 2);
create policy added on procrastinate.procrastinate_workers for insert to agentiq_app
    with check ((select my_rank()) >= 2 and operator_id = (select operator_id()));
create policy beats on procrastinate.procrastinate_workers for update to agentiq_app
    using ((select my_rank()) >= 2 and operator_id = (select operator_id()));
create policy pruned on procrastinate.procrastinate_workers for delete to agentiq_app
    using ((select my_rank()) >= 2 and (operator_id = (select operator_id()) or last_heartbeat < now() - interval '30 seconds'));
-- never an id: its number would be taken from others, or tell that it is taken
grant select, delete on all tables in schema procrastinate to agentiq_app;
grant insert (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at),
    update (queue_name, priority, lock, status, scheduled_at, attempts, abort_requested, worker_id) on procrastinate.procrastinate_jobs to agentiq_app;
grant insert (job_id, type, at) on procrastinate.procrastinate_events to agentiq_app;
grant insert (task_name, periodic_id, defer_timestamp), update (job_id) on procrastinate.procrastinate_periodic_defers to agentiq_app;
grant insert (last_heartbeat), update (last_heartbeat) on procrastinate.procrastinate_workers to agentiq_app;
grant usage on all sequences in schema procrastinate to agentiq_app;

-- Functions: nothing is anybody's by default; what decides belongs to the guard. Each names its schemas: a trigger that a
-- foreign key sets off may run as the owner of the tables (since Postgres 18), and must not find a caller's temporary ones.
do $$
declare
    place record;
begin
    for place in select p.oid::regprocedure as signature, n.nspname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('agentiq', 'agentiq_private', 'procrastinate')
    loop
        execute format('revoke all on function %s from public', place.signature);
        if place.nspname <> 'agentiq_private' then
            execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', place.signature, place.nspname);
            execute format('grant execute on function %s to agentiq_app, agentiq_guard', place.signature);
        end if;
    end loop;
end $$;
grant create on schema agentiq, agentiq_private to agentiq_guard;
do $$
declare
    place record;
begin
    for place in select p.oid::regprocedure as signature from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'agentiq_private' or n.nspname = 'agentiq' and p.prosecdef
    loop
        execute format('alter function %s owner to agentiq_guard', place.signature);
    end loop;
    for place in select c.oid::regclass as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'agentiq_private' and c.relkind = 'r'
    loop
        execute format('alter table %s owner to agentiq_guard', place.name);
        execute format('revoke all on %s from public', place.name);
    end loop;
end $$;
revoke create on schema agentiq, agentiq_private from agentiq_guard;
do $$
declare
    migrating name := current_user;
begin
    set local role agentiq_guard;
    execute format('grant execute on function agentiq_private.first_owner(text, jsonb, bytea), agentiq_private.local_session(text, boolean) to %I',
        migrating);
    reset role;
    execute format('revoke agentiq_guard from %I', migrating);
end $$;
