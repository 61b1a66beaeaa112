-- Who set an item of the quarantine aside, or took that back. What was kept of it is a buyer's and goes into no log.
create function agentiq_private.dismissal_noted() returns trigger language plpgsql security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    who bigint := agentiq.operator_id();
    was timestamptz := case tg_op when 'UPDATE' then old.dismissed_at end;
begin
    if (who is null or new.seller_id <> all(agentiq.my_sellers(2)))
        and not pg_has_role(session_user, (select n.nspowner from pg_namespace n where n.nspname = 'agentiq'), 'member') then
        raise exception 'not signed in' using errcode = 'AQ401';
    end if;
    insert into audit_log (seller_id, operator_id, action, subject, change)
    values (new.seller_id, who, 'quarantine.' || lower(tg_op), new.id,
        jsonb_build_object('dismissed_at', jsonb_build_array(was, new.dismissed_at)));
    return null;
end $$;
create trigger dismissal_noted after update on quarantine for each row
    when (old.dismissed_at is distinct from new.dismissed_at) execute function agentiq_private.dismissal_noted();
create trigger dismissed_from_the_start after insert on quarantine for each row
    when (new.dismissed_at is not null) execute function agentiq_private.dismissal_noted();

-- As every function that decides: nobody's to call, and the guard's, whom the migrating user is for this moment only.
revoke all on function agentiq_private.dismissal_noted() from public;
do $$ begin execute format('grant agentiq_guard to %I', current_user); end $$;
grant create on schema agentiq_private to agentiq_guard;
alter function agentiq_private.dismissal_noted() owner to agentiq_guard;
revoke create on schema agentiq_private from agentiq_guard;
do $$ begin execute format('revoke agentiq_guard from %I', current_user); end $$;
