-- What a seller forbids beside the built-in guardrails; a seller without a row forbids nothing more.
create table guard_rules (
    seller_id bigint primary key references sellers on delete cascade,
    -- as in the file of `agentiq guard rules set` (docs/guardrails.md)
    rules     jsonb not null check (jsonb_typeof(rules) = 'array'),
    -- whoever has read rules of this revision need not read them again
    revision  text  generated always as (md5(rules::text)) stored
);
alter table guard_rules enable row level security;
alter table guard_rules force row level security;
create policy seen on guard_rules for select to agentiq_app using (seller_id = any((select my_sellers())::bigint[]));
create policy written on guard_rules to agentiq_app using (seller_id = any((select my_sellers(3))::bigint[]));
grant select, insert, update, delete on guard_rules to agentiq_app;

-- A change of them is its writer's, as that of a calendar. The function is the guard's, whom the migrating user is for this
-- moment only; what other migrations made of it stays.
do $$ begin execute format('grant agentiq_guard to %I', current_user); end $$;
grant create on schema agentiq_private to agentiq_guard;
do $$
declare
    known text := pg_get_functiondef('agentiq_private.note()'::regprocedure);
    told text := replace(known, '''calendars''', '''calendars'', ''guard_rules''');
begin
    if told = known then
        raise exception 'the audit log knows no calendars';
    end if;
    execute told;
end $$;
create trigger audited after insert or update or delete on guard_rules for each row execute function agentiq_private.note('guard_rules');
revoke create on schema agentiq_private from agentiq_guard;
do $$ begin execute format('revoke agentiq_guard from %I', current_user); end $$;
