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

-- the log is the guard's, whom the migrating user is for this moment only
do $$ begin execute format('grant agentiq_guard to %I', current_user); end $$;
create trigger audited after insert or update or delete on guard_rules for each row execute function agentiq_private.note('guard_rules');
do $$ begin execute format('revoke agentiq_guard from %I', current_user); end $$;
