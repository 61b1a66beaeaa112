-- What people made of suggestions: one line a suggestion and reply, outbox_id 0 for a word of rejection without one.
create table suggestion_outcomes (
    seller_id     bigint      not null,
    suggestion_id bigint      not null,
    outbox_id     bigint      not null default 0,
    chat_id       bigint      not null,
    operator_id   bigint,
    outcome       text        not null check (outcome in ('accepted', 'edited', 'rejected')),
    reason        text        check (reason in ('misunderstood', 'wrong_fact', 'wrong_tone', 'unhelpful', 'unsafe', 'other')),
    words         text        not null default '',
    -- of words, not of letters: [kept] and [taken out, put in instead], in the order of the text
    difference    jsonb,
    -- as they were then: a suggestion may be made anew
    intent        text        not null,
    model         text        not null,
    at            timestamptz not null default now(),
    primary key (seller_id, outbox_id, suggestion_id),
    foreign key (seller_id, chat_id) references chats on delete cascade,
    constraint outcomes_whole check ((outcome = 'rejected') = (reason is not null) and (outcome = 'rejected') = (outbox_id = 0))
);
create index suggestion_outcomes_by_time on suggestion_outcomes (seller_id, at);
-- a word on a suggestion is its speaker's, whatever the client says
create function agentiq_private.outcome_signed() returns trigger language plpgsql
set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    new.operator_id := agentiq.operator_id();
    return new;
end $$;
create trigger outcome_signed before insert or update on suggestion_outcomes
    for each row execute function agentiq_private.outcome_signed();

-- Figures by day of the seller's zone. Waits are in seconds, of working time where a calendar says so; they are kept one by
-- one, so that a median over many days is that of all their waits. Operator 0: nobody of the team here.
create table service_days (
    seller_id     bigint    not null references sellers on delete cascade,
    day           date      not null,
    operator_id   bigint    not null default 0,
    first_waits   integer[] not null default '{}',
    next_waits    integer[] not null default '{}',
    first_in_time integer   not null default 0,
    next_in_time  integer   not null default 0,
    replies       integer   not null default 0,
    untouched     integer   not null default 0,
    edited        integer   not null default 0,
    automatic     integer   not null default 0,
    -- answers of which the marketplace counts a share, by the clock, and those within what it allows
    counted        integer  not null default 0,
    counted_within integer  not null default 0,
    primary key (seller_id, day, operator_id)
);

-- What is not counted into the figures yet: triggers put it here, a worker's tick takes it away.
create table ended_waits (
    seller_id bigint      not null,
    chat_id   bigint      not null,
    episode   text        not null,
    since     timestamptz not null,
    due_at    timestamptz,
    pauses    jsonb       not null default '[]',
    ended_at  timestamptz not null default now(),
    primary key (seller_id, chat_id, episode),
    foreign key (seller_id, chat_id) references chats on delete cascade
);
create table delivered_replies (
    seller_id    bigint      not null,
    outbox_id    bigint      not null,
    delivered_at timestamptz not null default now(),
    primary key (seller_id, outbox_id),
    foreign key (seller_id, outbox_id) references outbox on delete cascade
);
create function agentiq_private.wait_ended() returns trigger language plpgsql
set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    insert into ended_waits (seller_id, chat_id, episode, since, due_at, pauses)
    values (old.seller_id, old.id, old.episode, old.waiting_since, old.due_at, old.pauses) on conflict do nothing;
    return null;
end $$;
-- an answer and the buyer's next question may arrive together
create trigger chats_wait_ended after update of needs_reply, episode on chats for each row
    when (old.needs_reply and old.episode is not null and old.waiting_since is not null
        and (not new.needs_reply or new.episode is distinct from old.episode))
    execute function agentiq_private.wait_ended();
create function agentiq_private.reply_delivered() returns trigger language plpgsql
set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    insert into delivered_replies (seller_id, outbox_id) values (new.seller_id, new.id) on conflict do nothing;
    return null;
end $$;
create trigger outbox_delivered after update of state on outbox for each row
    when (new.state in ('sent', 'confirmed') and old.state not in ('sent', 'confirmed') and new.file_name is null)
    execute function agentiq_private.reply_delivered();
create index sla_breaches_by_time on sla_breaches (seller_id, noted_at);

-- Replies that leave by themselves. Nothing does where there is no row.
create table automations (
    seller_id        bigint  not null references sellers on delete cascade,
    intent           text    not null,
    mode             text    not null default 'off' check (mode in ('off', 'shadow', 'on')),
    -- most that may leave in a day of the seller's zone
    daily_cap        integer not null default 20 check (daily_cap between 0 and 10000),
    least_confidence real    not null default 0.8 check (least_confidence between 0 and 1),
    -- whether a template may leave, and not only what a model wrote
    templates        boolean not null default false,
    primary key (seller_id, intent)
);
-- One switch for all of a seller's; no row: not stopped.
create table automation_switches (
    seller_id bigint  primary key references sellers on delete cascade,
    stopped   boolean not null default false,
    per_chat  integer not null default 2 check (per_chat between 1 and 20)
);
-- What was decided of a buyer's question, once: what would have left or did, and why the rest did not.
create table automation_log (
    seller_id     bigint      not null,
    chat_id       bigint      not null,
    asked         text        not null,
    suggestion_id bigint      not null,
    intent        text        not null,
    mode          text        not null check (mode in ('shadow', 'on')),
    body          text        not null,
    -- empty: nothing spoke against it
    reasons       text[]      not null default '{}',
    -- of the reply that was queued
    client_id     uuid,
    at            timestamptz not null default now(),
    primary key (seller_id, chat_id, asked),
    foreign key (seller_id, chat_id) references chats on delete cascade,
    constraint log_sends_when_on check (client_id is null or mode = 'on' and reasons = '{}')
);
create index automation_log_newest on automation_log (seller_id, at);
create index suggestions_newest on suggestions (seller_id, created_at);

alter table outbox add column automatic boolean not null default false;
create index outbox_automatic on outbox (seller_id, chat_id) where automatic and state = 'queued';
-- The database itself lets none out that nobody allowed; whose worker it was, the log tells.
create function agentiq_private.outbox_without_operator() returns trigger language plpgsql
set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    if new.overridden is not null or new.anyway or not exists (
            select from automations a join suggestions g on g.seller_id = a.seller_id and g.intent = a.intent
            where a.seller_id = new.seller_id and a.mode = 'on' and g.id = new.suggestion_id and g.chat_id = new.chat_id)
        or exists (select from automation_switches s where s.seller_id = new.seller_id and s.stopped) then
        raise exception 'no reply leaves by itself here' using errcode = 'AQ409';
    end if;
    new.operator_id := null;
    return new;
end $$;
-- its name comes behind outbox_signed
create trigger outbox_without_operator before insert on outbox for each row when (new.automatic)
    execute function agentiq_private.outbox_without_operator();

do $$
declare
    place text;
begin
    foreach place in array array['suggestion_outcomes', 'service_days', 'ended_waits', 'delivered_replies', 'automations', 'automation_switches',
        'automation_log']
    loop
        execute format('alter table %I enable row level security', place);
        execute format('alter table %I force row level security', place);
        execute format('create policy seen on %I for select to agentiq_app using (seller_id = any((select my_sellers())::bigint[]))', place);
    end loop;
    foreach place in array array['suggestion_outcomes', 'service_days', 'ended_waits', 'delivered_replies', 'automation_log']
    loop
        execute format('create policy added on %I for insert to agentiq_app with check (seller_id = any((select my_sellers(2))::bigint[]))', place);
    end loop;
    foreach place in array array['suggestion_outcomes', 'service_days']
    loop
        execute format('create policy changed on %I for update to agentiq_app using (seller_id = any((select my_sellers(2))::bigint[]))', place);
    end loop;
    foreach place in array array['ended_waits', 'delivered_replies']
    loop
        execute format('create policy dropped on %I for delete to agentiq_app using (seller_id = any((select my_sellers(2))::bigint[]))', place);
    end loop;
end $$;
create policy written on automations to agentiq_app using (seller_id = any((select my_sellers(3))::bigint[]));
-- whoever works for a seller may stop everything; only an admin lets it go on
create policy added on automation_switches for insert to agentiq_app
    with check (seller_id = any((select my_sellers(3))::bigint[]) or stopped and seller_id = any((select my_sellers(2))::bigint[]));
create policy changed on automation_switches for update to agentiq_app using (seller_id = any((select my_sellers(2))::bigint[]))
    with check (seller_id = any((select my_sellers(3))::bigint[]) or stopped and seller_id = any((select my_sellers(2))::bigint[]));
-- a word of rejection may be taken back; what a reply made of a suggestion stays
create policy dropped on suggestion_outcomes for delete to agentiq_app
    using (outbox_id = 0 and seller_id = any((select my_sellers(2))::bigint[]));
grant select, insert, update (reason, words, at), delete on suggestion_outcomes to agentiq_app;
grant select, insert, update on service_days to agentiq_app;
grant select, insert, delete on ended_waits, delivered_replies to agentiq_app;
grant select, insert, update, delete on automations to agentiq_app;
grant select, insert, update (stopped, per_chat) on automation_switches to agentiq_app;
grant select, insert on automation_log to agentiq_app;

-- the log is the guard's, whom the migrating user is for this moment only
do $$ begin execute format('grant agentiq_guard to %I', current_user); end $$;
create trigger audited after insert or update or delete on automations for each row execute function agentiq_private.note('automations');
create trigger audited after insert or update or delete on automation_switches
    for each row execute function agentiq_private.note('automation_switches');
do $$ begin execute format('revoke agentiq_guard from %I', current_user); end $$;
revoke all on function agentiq_private.outcome_signed(), agentiq_private.wait_ended(), agentiq_private.reply_delivered(), agentiq_private.outbox_without_operator() from public;
