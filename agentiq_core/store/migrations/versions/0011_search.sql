-- The words of a message, in their dictionary forms; the message '' is the conversation itself: its buyer, good and order.
create table search_index (
    seller_id  bigint      not null,
    chat_id    bigint      not null,
    message_id text        collate "C" not null,
    sent_at    timestamptz not null,
    words      tsvector    not null,
    -- of the edit that these words are of
    edited_at  timestamptz,
    primary key (seller_id, chat_id, message_id),
    foreign key (seller_id, chat_id) references chats on delete cascade
);
create index search_index_words on search_index using gin (words);
create index search_index_by_time on search_index (seller_id, sent_at desc, chat_id desc, message_id desc);

-- every word of a seller once: what a mistyped one may have meant
create table search_words (
    seller_id bigint not null references sellers on delete cascade,
    word      text   collate "C" not null,
    primary key (seller_id, word)
);

-- conversations with words that are not in the index yet; each new message raises the mark, so that none is missed
create table search_pending (
    seller_id     bigint      not null,
    chat_id       bigint      not null,
    mark          bigint      not null default 1,
    claimed_until timestamptz not null default '-infinity',
    primary key (seller_id, chat_id),
    foreign key (seller_id, chat_id) references chats on delete cascade
) with (fillfactor = 50);

-- in id order, so that two never wait in a ring
create function search_later() returns trigger language plpgsql set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    insert into search_pending (seller_id, chat_id) select seller_id, chat_id from fresh group by seller_id, chat_id order by 1, 2
    on conflict (seller_id, chat_id) do update set mark = search_pending.mark + 1;
    return null;
end $$;
create function search_message_later() returns trigger language plpgsql set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    insert into search_pending (seller_id, chat_id) values (new.seller_id, new.chat_id)
    on conflict (seller_id, chat_id) do update set mark = search_pending.mark + 1;
    return null;
end $$;
-- of all that a statement describes at once: each look at the table costs a check of the token
create function search_chat_later() returns trigger language plpgsql set search_path = pg_catalog, agentiq, pg_temp as $$
begin
    insert into search_pending (seller_id, chat_id) select n.seller_id, n.id
    from changed_rows n join gone_rows o on o.seller_id = n.seller_id and o.id = n.id
    where (o.buyer_name, o.product_title, o.order_id) is distinct from (n.buyer_name, n.product_title, n.order_id) order by 1, 2
    on conflict (seller_id, chat_id) do update set mark = search_pending.mark + 1;
    return null;
end $$;
revoke all on function search_later(), search_message_later(), search_chat_later() from public;
create trigger search_new after insert on messages referencing new table as fresh for each statement execute function search_later();
create trigger search_edited after update of body on messages for each row when (old.body <> new.body)
    execute function search_message_later();
create trigger search_described after update on chats referencing old table as gone_rows new table as changed_rows
    for each statement execute function search_chat_later();

do $$
declare
    place text;
begin
    foreach place in array array['search_index', 'search_words', 'search_pending']
    loop
        execute format('alter table %I enable row level security', place);
        execute format('create policy seen on %I for select to agentiq_app using (seller_id = any((select my_sellers())::bigint[]))', place);
        execute format('create policy added on %I for insert to agentiq_app with check (seller_id = any((select my_sellers(2))::bigint[]))', place);
        execute format('create policy changed on %I for update to agentiq_app using (seller_id = any((select my_sellers(2))::bigint[]))', place);
    end loop;
end $$;
create policy dropped on search_pending for delete to agentiq_app using (seller_id = any((select my_sellers(2))::bigint[]));
create policy guard on search_index for select to agentiq_guard using (true);
grant select, insert, update on search_index, search_words, search_pending to agentiq_app;
grant delete on search_pending to agentiq_app;
grant select on search_index to agentiq_guard;

-- what was read before there was an index; forced row security would hide it from an owner who is no superuser
alter table chats no force row level security;
insert into search_pending (seller_id, chat_id) select seller_id, id from chats;
alter table chats force row level security;
alter table search_index force row level security;
alter table search_words force row level security;
alter table search_pending force row level security;

-- An index of words is never read under a policy: @@ may not look at a row before the policy has. So this one function asks
-- who comes by itself and reads the words of those sellers only, newest first, behind (at, chat, message). Each time it is
-- planned for these words: rare ones are looked up, common ones met soon among the newest messages.
do $$ begin execute format('grant agentiq_guard to %I', current_user); end $$;
grant create on schema agentiq to agentiq_guard;
create function find_words(wanted text, sellers bigint[], at timestamptz, chat bigint, message text, most integer)
returns table (seller_id bigint, chat_id bigint, message_id text, sent_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, agentiq, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    seller bigint;
    query tsquery := wanted::tsquery;
begin
    for seller in select unnest(my_sellers()) loop
        continue when sellers is not null and seller <> all(sellers);
        return query select i.seller_id, i.chat_id, i.message_id, i.sent_at from search_index i
            where i.seller_id = seller and i.words @@ query and (i.sent_at, i.chat_id, i.message_id) < (at, chat, message)
            order by i.sent_at desc, i.chat_id desc, i.message_id desc limit most;
    end loop;
end $$;
alter function find_words(text, bigint[], timestamptz, bigint, text, integer) owner to agentiq_guard;
revoke all on function find_words(text, bigint[], timestamptz, bigint, text, integer) from public;
grant execute on function find_words(text, bigint[], timestamptz, bigint, text, integer) to agentiq_app;
revoke create on schema agentiq from agentiq_guard;
do $$ begin execute format('revoke agentiq_guard from %I', current_user); end $$;
