-- When a seller works; a seller without a row has deadlines that go on day and night.
create table calendars (
    seller_id bigint primary key references sellers on delete cascade,
    -- IANA name
    zone      text   not null,
    -- seven days, Monday first, each a list of [begin, end] in minutes from its midnight
    week      jsonb  not null check (jsonb_typeof(week) = 'array' and jsonb_array_length(week) = 7),
    -- a country whose public holidays are closed
    holidays  text,
    -- own days by date: their hours, [] when closed, null for the hours of the weekday
    days      jsonb  not null default '{}' check (jsonb_typeof(days) = 'object')
);
alter table calendars enable row level security;
alter table calendars force row level security;
create policy seen on calendars for select to agentiq_app using (seller_id = any((select my_sellers())::bigint[]));
create policy written on calendars to agentiq_app using (seller_id = any((select my_sellers(3))::bigint[]));
grant select, insert, update, delete on calendars to agentiq_app;

alter table chats
    -- out of the queue until then, or until the buyer writes something newer than what was put off
    add column snoozed_until timestamptz,
    add column snoozed_for   text,
    -- stretches in which our clock stands, [begin, end] each; those of this waiting episode are kept
    add column pauses        jsonb not null default '[]',
    drop constraint chats_queue_needs_reply,
    add constraint chats_queue_needs_reply check ((queue is not null) = (needs_reply and snoozed_until is null));
create index chats_snoozed on chats (seller_id, snoozed_until) where snoozed_until is not null;
-- the marketplace's clock goes on while a conversation is put off
drop index chats_closing;
create index chats_closing on chats (seller_id, closes_at) where needs_reply and closes_hard;

-- A change of a calendar is its writer's, as that of a rule. The function is the guard's, whom the migrating user is for this
-- moment only.
do $$ begin execute format('grant agentiq_guard to %I', current_user); end $$;
grant create on schema agentiq_private to agentiq_guard;
create or replace function agentiq_private.note() returns trigger language plpgsql security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    hidden text[] := array['ciphertext', 'feed', 'body', 'file_name', 'file_type', 'file_content', 'detail', 'worker_id', 'lease_until', 'seen_id', 'seen_at', 'not_before',
        'attempted_at', 'ahead', 'attempt', 'polls', 'settled_at'];
    -- told by the trigger: on a partition the name of the table would be another
    place text := tg_argv[0];
    was jsonb := case when tg_op = 'INSERT' then '{}' else to_jsonb(old) - hidden end;
    now_is jsonb := case when tg_op = 'DELETE' then '{}' else to_jsonb(new) - hidden end;
    fields jsonb;
    kept jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
    seller bigint := coalesce((kept ->> 'seller_id')::bigint, case place when 'sellers' then (kept ->> 'id')::bigint end, 0);
    who bigint := agentiq.operator_id();
begin
    if (who is null or seller <> all(agentiq.my_sellers(2))
            and (tg_op <> 'DELETE' and place in ('seller_credentials', 'sla_rules', 'calendars', 'outbox') or tg_op = 'UPDATE' and place = 'sellers'))
        and not pg_has_role(session_user, (select n.nspowner from pg_namespace n where n.nspname = 'agentiq'), 'member') then
        raise exception 'not signed in' using errcode = 'AQ401';
    end if;
    select coalesce(jsonb_object_agg(key, case when tg_op = 'UPDATE' then jsonb_build_array(was -> key, now_is -> key)
        else coalesce(now_is -> key, was -> key) end), '{}') into fields
    from jsonb_object_keys(was || now_is) key where was -> key is distinct from now_is -> key
        and (tg_op = 'UPDATE' or coalesce(now_is -> key, was -> key) <> 'null');
    if fields = '{}' and not (tg_op = 'UPDATE' and place = 'seller_credentials') then
        return null;
    end if;
    insert into audit_log (seller_id, operator_id, action, subject, change)
    values (seller, who, place || '.' || lower(tg_op),
        coalesce(kept ->> 'id', kept ->> 'position', kept ->> 'operator_id', kept ->> 'seller_id'), fields);
    return null;
end $$;
create trigger audited after insert or update or delete on calendars for each row execute function agentiq_private.note('calendars');
revoke create on schema agentiq_private from agentiq_guard;
do $$ begin execute format('revoke agentiq_guard from %I', current_user); end $$;
