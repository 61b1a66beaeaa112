-- What no client can leave out: who wrote a reply, what a role may change of a seller, and the audit log.

-- Only an admin changes what a seller is; whoever pulls may stop it when its key is refused.
create function agentiq_private.sellers_guarded() returns trigger language plpgsql
set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    if row_security_active('agentiq.sellers') and old.id <> all(agentiq.my_sellers(3)) and (
        (new.id, new.name, new.marketplace, new.account_id, new.base_url, new.timezone, new.feed, new.created_at)
            is distinct from (old.id, old.name, old.marketplace, old.account_id, old.base_url, old.timezone, old.feed, old.created_at)
        or new.state is distinct from old.state and new.state <> 'stopped') then
        raise exception 'not allowed for this role' using errcode = 'AQ403';
    end if;
    return new;
end $$;
create trigger sellers_guarded before update on sellers for each row execute function agentiq_private.sellers_guarded();

-- A reply is its writer's, whatever the client says.
create function agentiq_private.outbox_signed() returns trigger language plpgsql
set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    new.operator_id := agentiq.operator_id();
    return new;
end $$;
create trigger outbox_signed before insert on outbox for each row execute function agentiq_private.outbox_signed();

-- Who did what, written by the database itself. Never a secret, a text of a buyer or of a reply. A statement that put the
-- token away while it ran, or took another's, fails here: only the owner of the database acts without a name.
create function agentiq_private.note() returns trigger language plpgsql security definer
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
            and (tg_op <> 'DELETE' and place in ('seller_credentials', 'sla_rules', 'outbox') or tg_op = 'UPDATE' and place = 'sellers'))
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
create trigger audited after insert or update or delete on sellers for each row execute function agentiq_private.note('sellers');
create trigger audited after insert or update or delete on seller_credentials for each row execute function agentiq_private.note('seller_credentials');
create trigger audited after insert or update or delete on sla_rules for each row execute function agentiq_private.note('sla_rules');
create trigger audited after insert or update or delete on operators for each row execute function agentiq_private.note('operators');
create trigger audited after insert or delete on memberships for each row execute function agentiq_private.note('memberships');
create trigger audited after insert or update of state or delete on outbox for each row execute function agentiq_private.note('outbox');
