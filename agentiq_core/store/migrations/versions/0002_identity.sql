-- Operators, sign-in, row security and the audit log.
--
-- agentiq_guard owns what decides who may see what; nobody logs in as it. agentiq_app is what the team's database user
-- is a member of. Roles belong to the whole server: another AgentIQ database on it may have made them already.
do $$
begin
    if not exists (select from pg_roles where rolname = 'agentiq_guard') then
        create role agentiq_guard nologin noinherit;
    end if;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
    if not exists (select from pg_roles where rolname = 'agentiq_app') then
        create role agentiq_app nologin;
    end if;
exception when duplicate_object or unique_violation then null;
end $$;
-- every connection of AgentIQ takes the role agentiq_app, the owner's too: then nobody works around the policies by accident
do $$ begin execute format('grant agentiq_guard, agentiq_app to %I', current_user); end $$;

create schema agentiq_private;
revoke all on schema agentiq_private from public;

create table operators (
    id          bigint      generated always as identity primary key,
    email       text        not null check (email = lower(btrim(email)) and email like '%_@_%' and length(email) <= 254),
    name        text        not null default '',
    role        text        not null check (role in ('viewer', 'operator', 'admin', 'owner')),
    created_at  timestamptz not null default now(),
    disabled_at timestamptz,
    constraint operators_email unique (email)
);

create table memberships (
    seller_id   bigint      not null references sellers on delete cascade,
    operator_id bigint      not null references operators on delete cascade,
    created_at  timestamptz not null default now(),
    primary key (seller_id, operator_id)
);
create index memberships_by_operator on memberships (operator_id, seller_id);

-- seller_id 0 is the team itself; rows outlive what they tell of
create table audit_log (
    seller_id   bigint      not null,
    id          bigint      not null generated always as identity,
    at          timestamptz not null default clock_timestamp(),
    operator_id bigint,
    action      text        not null,
    subject     text        not null,
    change      jsonb       not null default '{}',
    primary key (seller_id, id)
);
create index audit_log_by_time on audit_log (seller_id, at desc);

-- One signing key of HMAC-SHA256, as its inner and outer pads: a signature is two calls of sha256 (RFC 2104).
create table agentiq_private.signing_key (
    only_one boolean primary key default true check (only_one),
    inner_pad bytea  not null,
    outer_pad bytea  not null,
    salt      bytea  not null
);

-- The password never comes here: argon2id runs on the operator's machine, and this is the sha256 of its result.
create table agentiq_private.passwords (
    operator_id bigint  primary key references operators on delete cascade,
    salt        bytea   not null,
    time_cost   integer not null,
    memory_kib  integer not null,
    lanes       integer not null,
    verifier    bytea   not null,
    changed_at  timestamptz not null default now()
);

-- A sign-in and its rotating refresh token. The token handed out last takes effect when it is first used, so that a
-- machine that died before it could keep it may ask again; a token that was replaced by a used one ends the session.
create table agentiq_private.sessions (
    id          uuid        primary key default gen_random_uuid(),
    operator_id bigint      not null references operators on delete cascade,
    kind        text        not null check (kind in ('person', 'service', 'local')),
    client      text        not null default '',
    made_by     bigint,
    token       bytea       not null,
    next_token  bytea,
    created_at  timestamptz not null default now(),
    used_at     timestamptz not null default now(),
    expires_at  timestamptz not null,
    revoked_at  timestamptz
);
create index sessions_by_operator on agentiq_private.sessions (operator_id);

create table agentiq_private.invitations (
    code        bytea       primary key,
    operator_id bigint      not null references operators on delete cascade,
    invited_by  bigint,
    expires_at  timestamptz not null
);
create index invitations_by_operator on agentiq_private.invitations (operator_id);

-- Passwords that were tried and did not sign in, by e-mail, known or not: account is the e-mail's sha256.
create table agentiq_private.tries (
    id       uuid        primary key default gen_random_uuid(),
    account  bytea       not null,
    verifier bytea       not null,
    at       timestamptz not null default clock_timestamp(),
    made_in  xid8        not null default pg_current_xact_id()
);
create index tries_by_account on agentiq_private.tries (account, at);

create function agentiq_private.fresh_secret() returns bytea language sql volatile
set search_path = pg_catalog, pg_temp as $$
    -- a random UUID has 122 random bits from the server's strong source; four of them fill the hash
    select sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text
        || gen_random_uuid()::text, 'UTF8'))
$$;

create function agentiq_private.xored(key bytea, pad integer) returns bytea language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
declare
    block bytea := decode(repeat('00', 64), 'hex');
begin
    for place in 0..63 loop
        block := set_byte(block, place, pad # case when place < length(key) then get_byte(key, place) else 0 end);
    end loop;
    return block;
end $$;

do $$
declare
    key bytea := agentiq_private.fresh_secret();
begin
    insert into agentiq_private.signing_key (inner_pad, outer_pad, salt)
    values (agentiq_private.xored(key, 54), agentiq_private.xored(key, 92), agentiq_private.fresh_secret());
end $$;

create function agentiq_private.base64url(value bytea) returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
    select translate(encode(value, 'base64'), E'+/=\n', '-_')
$$;

create function agentiq_private.signature(signed text) returns text language sql stable
set search_path = pg_catalog, pg_temp as $$
    select agentiq_private.base64url(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(signed, 'UTF8'))))
    from agentiq_private.signing_key k
$$;

-- The claims of an access token, or null. Only our own header is taken, so no other algorithm can be asked for; and no
-- isolation but the default, whose every statement sees a sign-out of a moment ago.
-- It runs for every table of every statement: one function without calls of others costs half.
create function agentiq_private.claims(token text) returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
    header constant text := 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.';
    -- a signature has 43 characters, and a dot before it
    last_dot integer := length(token) - 43;
    key agentiq_private.signing_key;
    body text;
    payload jsonb;
begin
    if token is null or last_dot <= length(header) or not starts_with(token, header)
        or current_setting('transaction_isolation') <> 'read committed' then
        return null;
    end if;
    select * into key from agentiq_private.signing_key;
    if substr(token, last_dot) is distinct from '.' || rtrim(translate(encode(sha256(key.outer_pad
        || sha256(key.inner_pad || convert_to(left(token, last_dot - 1), 'UTF8'))), 'base64'), '+/', '-_'), '=') then
        return null;
    end if;
    body := translate(substr(token, length(header) + 1, last_dot - length(header) - 1), '-_', '+/');
    payload := convert_from(decode(rpad(body, (length(body) + 3) / 4 * 4, '='), 'base64'), 'UTF8');
    if (payload ->> 'exp')::bigint > extract(epoch from clock_timestamp()) then
        return payload;
    end if;
    return null;
end $$;

create function agentiq_private.rank(role text) returns integer language sql immutable
set search_path = pg_catalog, pg_temp as $$
    select case role when 'owner' then 4 when 'admin' then 3 when 'operator' then 2 when 'viewer' then 1 else 0 end
$$;

-- Who asks: the operator of the transaction's token while that sign-in lasts and nobody has disabled the operator.
create function agentiq_private.asking() returns operators language plpgsql stable security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    claims jsonb := agentiq_private.claims(current_setting('agentiq.token', true));
    found operators;
begin
    if claims is not null then
        select o.* into found from agentiq_private.sessions s join operators o on o.id = s.operator_id
        where s.id = (claims ->> 'sid')::uuid and s.revoked_at is null and o.disabled_at is null;
    end if;
    return found;
end $$;

create function operator_id() returns bigint language sql stable security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
    select (agentiq_private.asking()).id
$$;

-- 1 viewer, 2 operator, 3 admin, 4 owner; 0 for nobody
create function my_rank() returns integer language sql stable security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
    select agentiq_private.rank((agentiq_private.asking()).role)
$$;

-- The sellers that the asking operator may see, if the operator's role ranks at least so.
create function my_sellers(at_least integer default 1) returns bigint[] language plpgsql stable security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    claims jsonb := agentiq_private.claims(current_setting('agentiq.token', true));
begin
    if claims is null then
        return '{}';
    end if;
    return coalesce((
        select array_agg(m.seller_id) from agentiq_private.sessions s
        join operators o on o.id = s.operator_id join memberships m on m.operator_id = o.id
        where s.id = (claims ->> 'sid')::uuid and s.revoked_at is null and o.disabled_at is null
          and at_least <= case o.role when 'owner' then 4 when 'admin' then 3 when 'operator' then 2 when 'viewer' then 1 else 0 end), '{}');
end $$;

-- The door of every transaction: the token holds until its end. An error says that it is no longer good.
create function enter(token text) returns bigint language plpgsql volatile
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    who bigint;
begin
    perform set_config('agentiq.token', token, true);
    who := agentiq.operator_id();
    if who is null then
        raise exception 'not signed in' using errcode = 'AQ401';
    end if;
    return who;
end $$;

create function agentiq_private.access_token(session_id uuid, operator operators) returns text language sql volatile
set search_path = pg_catalog, pg_temp as $$
    select signed || '.' || agentiq_private.signature(signed) from (
        select 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.' || agentiq_private.base64url(convert_to(jsonb_build_object(
            'iss', 'agentiq', 'sub', operator.id::text, 'sid', session_id, 'email', operator.email, 'role', operator.role,
            'iat', floor(extract(epoch from clock_timestamp()))::bigint,
            'exp', floor(extract(epoch from clock_timestamp()))::bigint + 900)::text, 'UTF8')) as signed) made
$$;

-- Begins a session; what the client keeps. `made_by` is whoever else holds it.
create function agentiq_private.begin_session(who operators, kind text, client text, made_by bigint default null) returns jsonb language plpgsql volatile
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    secret bytea := agentiq_private.fresh_secret();
    made uuid;
begin
    delete from agentiq_private.sessions s where s.operator_id = who.id and (s.expires_at < now() or s.revoked_at < now() - interval '30 days');
    insert into agentiq_private.sessions (operator_id, kind, client, made_by, token, expires_at)
    values (who.id, kind, left(client, 200), begin_session.made_by, sha256(secret), now() + case kind when 'service' then interval '100 years'
        when 'local' then interval '1 day' else interval '30 days' end)
    returning id into made;
    return jsonb_build_object('status', 'ok', 'access', agentiq_private.access_token(made, who),
        'refresh', made || '.' || agentiq_private.base64url(secret), 'operator', who.id, 'email', who.email, 'role', who.role);
end $$;

-- How to hash this account's password. An unknown e-mail gets a salt that stays the same, like a known one. Everybody's
-- parameters are read and both salts made each time, so that the time it takes tells nothing either.
create function password_parameters(email text) returns jsonb language sql stable security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
    select jsonb_build_object('salt', encode(case when p.known then p.salt else unknown.salt end, 'hex'),
        'time_cost', case when p.known then p.time_cost else 3 end, 'memory_kib', case when p.known then p.memory_kib else 65536 end,
        'lanes', case when p.known then p.lanes else 1 end)
    from (select substr(sha256(k.salt || convert_to(lower(btrim($1)), 'UTF8')), 1, 16) as salt from agentiq_private.signing_key k offset 0) unknown
    left join (select p.*, o.email = lower(btrim($1)) as known from operators o join agentiq_private.passwords p on p.operator_id = o.id
        order by known desc limit 1) p on true
$$;

-- When an account's next password may be tried: at once five times, then 1, 2, 4 … 300 seconds after the last try.
create function agentiq_private.next_try(of_account bytea, but_for uuid) returns timestamptz language sql volatile
set search_path = pg_catalog, pg_temp as $$
    select case when count(*) >= 5 then max(t.at) + make_interval(secs => least(power(2, least(count(*) - 5, 16)), 300)) else '-infinity' end
    from agentiq_private.tries t where t.account = of_account and t.id is distinct from but_for and t.at > clock_timestamp() - interval '1 day'
$$;

-- Signing in takes two transactions. The first one leaves the try behind, for otherwise whoever undoes it could try without
-- end; the second one tells whether the password was right. `proof` is the argon2id hash of the password.
create function try_password(email text, proof bytea) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    account bytea := sha256(convert_to(lower(btrim(email)), 'UTF8'));
    allowed timestamptz := agentiq_private.next_try(account, null);
    ticket uuid;
begin
    if allowed > clock_timestamp() then
        return jsonb_build_object('status', 'wait', 'seconds', ceil(extract(epoch from allowed - clock_timestamp())));
    end if;
    insert into agentiq_private.tries (account, verifier) values (account, sha256(proof)) returning id into ticket;
    return jsonb_build_object('status', 'tried', 'ticket', ticket);
end $$;

-- What became of a try of an earlier transaction: ok, refused, or wait when others were made beside it.
create function agentiq_private.judged(ticket uuid, out status text, out who operators) language plpgsql volatile
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    tried agentiq_private.tries;
begin
    status := 'refused';
    select t.* into tried from agentiq_private.tries t
    where t.id = ticket and t.made_in <> pg_current_xact_id() and t.at > clock_timestamp() - interval '1 minute';
    if tried.id is null then
        return;
    end if;
    if agentiq_private.next_try(tried.account, tried.id) > tried.at then
        status := 'wait';
        return;
    end if;
    select o.* into who from operators o join agentiq_private.passwords p on p.operator_id = o.id
    where sha256(convert_to(o.email, 'UTF8')) = tried.account and o.disabled_at is null and p.verifier = tried.verifier;
    if who.id is not null then
        status := 'ok';
        -- with those of yesterday; what another transaction holds is left to the next
        delete from agentiq_private.tries t where t.id in (select d.id from agentiq_private.tries d
            where d.account = tried.account or d.at < now() - interval '1 day' for update skip locked);
    end if;
end $$;

create function sign_in(ticket uuid, client text default '') returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    verdict record;
begin
    select * into verdict from agentiq_private.judged(ticket);
    if verdict.status <> 'ok' then
        return jsonb_build_object('status', verdict.status, 'seconds', 1);
    end if;
    return agentiq_private.begin_session(verdict.who, 'person', client);
end $$;

-- Exchanges a refresh token for an access token and the next refresh token.
create function refresh(refresh_token text) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    presented bytea;
    secret bytea := agentiq_private.fresh_secret();
    held agentiq_private.sessions;
    who operators;
begin
    if refresh_token is null or refresh_token !~ '^[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}$' then
        return jsonb_build_object('status', 'refused');
    end if;
    presented := sha256(decode(translate(split_part(refresh_token, '.', 2), '-_', '+/') || '=', 'base64'));
    select s.* into held from agentiq_private.sessions s where s.id = split_part(refresh_token, '.', 1)::uuid for update;
    select o.* into who from operators o where o.id = held.operator_id and o.disabled_at is null;
    if held.id is null or held.revoked_at is not null or held.expires_at < now() or who.id is null then
        return jsonb_build_object('status', 'refused');
    end if;
    if held.token <> presented and held.next_token is distinct from presented then
        update agentiq_private.sessions s set revoked_at = now() where s.id = held.id;
        return jsonb_build_object('status', 'revoked');
    end if;
    if held.kind <> 'person' then
        update agentiq_private.sessions s set used_at = now() where s.id = held.id;
        return jsonb_build_object('status', 'ok', 'access', agentiq_private.access_token(held.id, who), 'refresh', refresh_token,
            'operator', who.id, 'email', who.email, 'role', who.role);
    end if;
    update agentiq_private.sessions s set token = presented, next_token = sha256(secret), used_at = now(),
        expires_at = now() + interval '30 days' where s.id = held.id;
    return jsonb_build_object('status', 'ok', 'access', agentiq_private.access_token(held.id, who),
        'refresh', held.id || '.' || agentiq_private.base64url(secret), 'operator', who.id, 'email', who.email, 'role', who.role);
end $$;

-- Ends the sign-in of the transaction's token, or every one of its operator.
create function sign_out(everywhere boolean default false) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    who operators := agentiq_private.asking();
    claims jsonb := agentiq_private.claims(current_setting('agentiq.token', true));
    ended integer;
begin
    update agentiq_private.sessions s set revoked_at = now()
    where s.revoked_at is null and s.operator_id = who.id and (everywhere and s.kind <> 'service' or s.id = (claims ->> 'sid')::uuid);
    get diagnostics ended = row_count;
    return ended;
end $$;

create function agentiq_private.keep_password(who bigint, parameters jsonb, proof bytea) returns void language plpgsql volatile
set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    -- as long as the salt of an unknown e-mail
    if length(proof) <> 32 or (parameters ->> 'memory_kib')::integer < 19456 or length(decode(parameters ->> 'salt', 'hex')) <> 16 then
        raise exception 'weak password hash' using errcode = 'AQ422';
    end if;
    insert into agentiq_private.passwords (operator_id, salt, time_cost, memory_kib, lanes, verifier)
    values (who, decode(parameters ->> 'salt', 'hex'), (parameters ->> 'time_cost')::integer, (parameters ->> 'memory_kib')::integer,
        (parameters ->> 'lanes')::integer, sha256(proof))
    on conflict (operator_id) do update set salt = excluded.salt, time_cost = excluded.time_cost, memory_kib = excluded.memory_kib,
        lanes = excluded.lanes, verifier = excluded.verifier, changed_at = now();
end $$;

-- Takes an invitation once: sets the password and signs in.
create function accept_invitation(code text, parameters jsonb, proof bytea, client text default '') returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    who operators;
begin
    with taken as (
        delete from agentiq_private.invitations i
        where i.code = sha256(convert_to(accept_invitation.code, 'UTF8')) and i.expires_at > now() returning i.operator_id)
    select o.* into who from taken join operators o on o.id = taken.operator_id and o.disabled_at is null;
    if who.id is null then
        return jsonb_build_object('status', 'refused');
    end if;
    perform agentiq_private.keep_password(who.id, parameters, proof);
    update agentiq_private.sessions s set revoked_at = now() where s.operator_id = who.id and s.revoked_at is null;
    return agentiq_private.begin_session(who, 'person', client);
end $$;

-- Replaces the password of who asks, after a try of the old one; every other sign-in of the account ends.
create function change_password(ticket uuid, parameters jsonb, proof bytea) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    asking operators := agentiq_private.asking();
    claims jsonb := agentiq_private.claims(current_setting('agentiq.token', true));
    verdict record;
begin
    select * into verdict from agentiq_private.judged(ticket);
    if asking.id is null or verdict.status <> 'ok' or (verdict.who).id <> asking.id then
        return false;
    end if;
    perform agentiq_private.keep_password(asking.id, parameters, proof);
    update agentiq_private.sessions s set revoked_at = now()
    where s.operator_id = asking.id and s.revoked_at is null and s.id <> (claims ->> 'sid')::uuid;
    return true;
end $$;

-- Begins to LISTEN to the channel of each of the asking operator's sellers. By name it would be told to every colleague:
-- they share a database user, and pg_stat_activity shows a user the statements of all its connections.
create function follow() returns table (seller_id bigint, version text) language plpgsql volatile
set search_path = pg_catalog, agentiq, pg_temp as $$
declare
    place record;
begin
    for place in select s.id, s.feed, s.xmin from sellers s loop
        execute format('listen %I', place.feed);
        seller_id := place.id;
        version := place.xmin;
        return next;
    end loop;
end $$;
