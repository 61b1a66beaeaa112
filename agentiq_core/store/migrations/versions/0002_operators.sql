-- Operators, invitations and sellers: every change goes through a function that looks at the role of who asks.

-- Who may manage whom: an owner everybody, an admin operators and viewers.
create function agentiq_private.manager(of_role text) returns operators language plpgsql stable
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    who operators := agentiq_private.asking();
begin
    if who.role = 'owner' or who.role = 'admin' and agentiq_private.rank(of_role) < 3 then
        return who;
    end if;
    raise exception 'not allowed for this role' using errcode = 'AQ403';
end $$;

-- The operator behind an e-mail. Owners are locked first, in order, so that two who end one another's role wait for each other.
create function agentiq_private.managed(email text) returns operators language plpgsql volatile
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    found operators;
begin
    -- whoever manages nobody does not learn who exists
    perform agentiq_private.manager('viewer');
    perform from operators o where o.role = 'owner' order by o.id for update;
    select o.* into found from operators o where o.email = lower(btrim(managed.email)) for update;
    if found.id is null then
        raise exception 'no such operator' using errcode = 'AQ404';
    end if;
    perform agentiq_private.manager(found.role);
    return found;
end $$;

-- Whether this colleague may hold a key to the operator's account: an owner of everybody's, an admin of those who are no
-- admins and work for none but the admin's sellers. Else an admin would come to other sellers by way of their operators.
create function agentiq_private.may_hold(holder bigint, operator_id bigint) returns boolean language sql stable
set search_path = pg_catalog, agentiq, pg_temp as $$
    select exists (select from operators h where h.id = holder and h.disabled_at is null and (h.role = 'owner' or h.role = 'admin'
        and exists (select from operators o where o.id = may_hold.operator_id and agentiq_private.rank(o.role) < 3)
        and not exists (select m.seller_id from memberships m where m.operator_id = may_hold.operator_id
            except select m.seller_id from memberships m where m.operator_id = h.id)))
$$;

create function agentiq_private.must_hold(operator operators) returns void language plpgsql stable
set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    if not agentiq_private.may_hold(agentiq.operator_id(), operator.id) then
        raise exception 'this operator works for other sellers too: ask an owner' using errcode = 'AQ403';
    end if;
end $$;

-- An operator rose, or got a seller: invitations and machines' tokens end that their maker could not make now.
create function agentiq_private.end_lesser_keys(operator_id bigint) returns void language plpgsql volatile
set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    delete from agentiq_private.invitations i
    where i.operator_id = end_lesser_keys.operator_id and not agentiq_private.may_hold(i.invited_by, i.operator_id);
    update agentiq_private.sessions s set revoked_at = now()
    from operators o
    where s.operator_id = end_lesser_keys.operator_id and o.id = s.operator_id and s.kind = 'service' and s.revoked_at is null
      and (agentiq_private.rank(o.role) > 2 or not agentiq_private.may_hold(s.made_by, s.operator_id));
end $$;

-- Who leaves a seller has known the name of its channel.
create function agentiq_private.rename_feeds(sellers bigint[]) returns void language sql volatile
set search_path = pg_catalog, agentiq, pg_temp as $$
    update sellers s set feed = 'aiq_' || replace(gen_random_uuid()::text, '-', '') where s.id = any(sellers)
$$;

-- The operator's sellers become these. An admin gives and takes only what the admin has; an owner has all.
create function agentiq_private.assign(operator operators, sellers bigint[]) returns void language plpgsql volatile
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    mine bigint[] := agentiq.my_sellers(3);
    had bigint[] := array(select m.seller_id from memberships m where m.operator_id = operator.id);
    taken bigint[];
begin
    if operator.role = 'owner' then
        insert into memberships (seller_id, operator_id) select s.id, operator.id from sellers s on conflict do nothing;
    elsif sellers is not null then
        if not sellers <@ mine then
            raise exception 'no such seller' using errcode = 'AQ404';
        end if;
        if not sellers <@ had then
            perform agentiq_private.must_hold(operator);
        end if;
        with gone as (
            delete from memberships m where m.operator_id = operator.id and m.seller_id = any(mine) and m.seller_id <> all(sellers)
            returning m.seller_id)
        select array_agg(g.seller_id) into taken from gone g;
        insert into memberships (seller_id, operator_id) select distinct s, operator.id from unnest(sellers) s on conflict do nothing;
        perform agentiq_private.rename_feeds(taken);
    end if;
    perform agentiq_private.end_lesser_keys(operator.id);
end $$;

create function agentiq_private.keep_one_owner() returns void language plpgsql stable
set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    if not exists (select from operators where role = 'owner' and disabled_at is null) then
        raise exception 'the last owner stays' using errcode = 'AQ409';
    end if;
end $$;

create function add_operator(email text, name text, role text, sellers bigint[]) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    made operators;
begin
    perform agentiq_private.manager(role);
    insert into operators as o (email, name, role) values (lower(btrim(add_operator.email)), add_operator.name, add_operator.role)
    on conflict do nothing returning o.* into made;
    if made.id is null then
        raise exception 'this e-mail is taken' using errcode = 'AQ409';
    end if;
    perform agentiq_private.assign(made, coalesce(sellers, '{}'));
    return made.id;
end $$;

-- A role, sellers, or both; null leaves as it is.
create function change_operator(email text, role text, sellers bigint[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    found operators := agentiq_private.managed(email);
begin
    perform agentiq_private.manager(coalesce(change_operator.role, found.role));
    if change_operator.role <> found.role then
        perform agentiq_private.must_hold(found);
    end if;
    update operators o set role = coalesce(change_operator.role, o.role) where o.id = found.id returning o.* into found;
    perform agentiq_private.keep_one_owner();
    perform agentiq_private.assign(found, sellers);
end $$;

-- A disabled operator is out at once: every sign-in ends.
create function disable_operator(email text, disabled boolean default true) returns void
language plpgsql volatile security definer set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    found operators := agentiq_private.managed(email);
begin
    perform agentiq_private.must_hold(found);
    if disabled and found.id = agentiq.operator_id() then
        raise exception 'nobody disables themselves' using errcode = 'AQ409';
    end if;
    update operators o set disabled_at = case when disabled then coalesce(o.disabled_at, now()) end where o.id = found.id;
    perform agentiq_private.keep_one_owner();
    if disabled then
        perform agentiq_private.rename_feeds(array(select m.seller_id from memberships m where m.operator_id = found.id));
        update agentiq_private.sessions s set revoked_at = now() where s.operator_id = found.id and s.revoked_at is null;
        delete from agentiq_private.invitations i where i.operator_id = found.id;
    end if;
end $$;

-- A code that sets the operator's password, once, within three days; an older one ends.
create function invite_operator(email text) returns text language plpgsql volatile security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    found operators := agentiq_private.managed(email);
    code text := agentiq_private.base64url(agentiq_private.fresh_secret());
begin
    perform agentiq_private.must_hold(found);
    if found.disabled_at is not null then
        raise exception 'this operator is disabled' using errcode = 'AQ409';
    end if;
    delete from agentiq_private.invitations i where i.operator_id = found.id or i.expires_at < now();
    insert into agentiq_private.invitations (code, operator_id, invited_by, expires_at)
    values (sha256(convert_to(code, 'UTF8')), found.id, agentiq.operator_id(), now() + interval '3 days');
    return code;
end $$;

-- A token for a machine without a person (AGENTIQ_TOKEN): it does not rotate, and ends when revoked or disabled.
create function service_token(email text, client text) returns text language plpgsql volatile security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    found operators := agentiq_private.managed(email);
begin
    perform agentiq_private.must_hold(found);
    if found.disabled_at is not null or agentiq_private.rank(found.role) > 2 then
        raise exception 'a machine works as an operator or a viewer' using errcode = 'AQ409';
    end if;
    return agentiq_private.begin_session(found, 'service', client, agentiq.operator_id()) ->> 'refresh';
end $$;

-- Connects a seller for who asks and for every owner; null when the account is connected already.
create function connect_seller(name text, marketplace text, account_id text, base_url text, feed text) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    who operators := agentiq_private.asking();
    made bigint;
begin
    if coalesce(agentiq_private.rank(who.role), 0) < 3 then
        raise exception 'not allowed for this role' using errcode = 'AQ403';
    end if;
    insert into sellers as s (name, marketplace, account_id, base_url, feed)
    values (connect_seller.name, connect_seller.marketplace, connect_seller.account_id, connect_seller.base_url, connect_seller.feed)
    on conflict on constraint sellers_account do nothing returning s.id into made;
    insert into memberships (seller_id, operator_id)
    select made, o.id from operators o where made is not null and (o.role = 'owner' or o.id = who.id);
    return made;
end $$;

-- For the server's owner alone (agentiq init, the embedded server): the first owner, whose password may come later.
create function agentiq_private.first_owner(email text, parameters jsonb default null, proof bytea default null) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    made operators;
begin
    insert into operators as o (email, role) values (lower(btrim(first_owner.email)), 'owner')
    on conflict on constraint operators_email do update set role = 'owner', disabled_at = null returning o.* into made;
    if proof is not null then
        perform agentiq_private.keep_password(made.id, parameters, proof);
    end if;
    insert into memberships (seller_id, operator_id) select s.id, made.id from sellers s on conflict do nothing;
    return made.id;
end $$;

-- The sign-in of whoever owns the server: the embedded one, or a database that nobody has signed in to yet.
create function agentiq_private.local_session(client text, embedded boolean) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    who operators;
begin
    if not embedded and exists (select from agentiq_private.passwords) then
        return jsonb_build_object('status', 'refused');
    end if;
    select o.* into who from operators o where o.role = 'owner' and o.disabled_at is null order by o.id limit 1;
    if who.id is null then
        perform agentiq_private.first_owner('owner@localhost');
        select o.* into who from operators o where o.email = 'owner@localhost';
    end if;
    return agentiq_private.begin_session(who, 'local', client);
end $$;
