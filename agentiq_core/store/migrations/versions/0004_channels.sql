alter table messages
    drop constraint messages_origin_check,
    add constraint messages_origin_check check (origin in ('buyer', 'rating', 'api', 'cabinet', 'untold', 'automatic')),
    -- the buyer has seen it, where a marketplace tells
    add column read      boolean not null default false,
    -- its text came again and was another
    add column edited_at timestamptz;
grant update (outbox_id, author, origin, body, attachments, read, edited_at) on messages to agentiq_app;

alter table chats
    add column stars      smallint check (stars between 1 and 5),
    -- how far a marketplace that lists conversations was read in this one
    add column mark       text,
    -- nothing can be written there any more
    add column shut       boolean not null default false,
    -- until when the seller may write whatever the buyer does
    add column open_until timestamptz,
    -- the marketplace's own limit for a reply; after a hard one it takes none
    add column closes_at  timestamptz,
    add column closes_hard boolean not null default false;
create index chats_by_order on chats (seller_id, order_id) where order_id is not null;
create index chats_by_product on chats (seller_id, product_id, last_at) where product_id is not null;
create index chats_closing on chats (seller_id, closes_at) where queue is not null and closes_hard;

-- whose conversation is on somebody's screen: no trigger, so that looking wakes nobody
create table watches (
    seller_id bigint      not null,
    chat_id   bigint      not null,
    until     timestamptz not null,
    primary key (seller_id, chat_id),
    foreign key (seller_id, chat_id) references chats on delete cascade
) with (fillfactor = 50);

-- what a marketplace is to be told of a conversation beside replies; telling it twice changes nothing
create table errands (
    seller_id bigint      not null,
    chat_id   bigint      not null,
    kind      text        not null check (kind in ('read', 'dismiss', 'decline')),
    through   text        not null default '',
    due_at    timestamptz not null default now(),
    attempts  integer     not null default 0,
    primary key (seller_id, chat_id, kind),
    foreign key (seller_id, chat_id) references chats on delete cascade
);

create table products (
    seller_id   bigint      not null references sellers on delete cascade,
    external_id text        not null,
    title       text,
    brand       text,
    vendor_code text,
    photo_url   text,
    description text        not null default '',
    facts       jsonb       not null default '[]',
    asked_at    timestamptz not null default now(),
    primary key (seller_id, external_id)
);

alter table sla_rules
    -- null: every channel
    add column channels   text[],
    -- only conversations with at most so many stars
    add column most_stars smallint check (most_stars between 1 and 5);

do $$
declare
    place text;
begin
    foreach place in array array['watches', 'errands', 'products']
    loop
        execute format('alter table %I enable row level security', place);
        execute format('alter table %I force row level security', place);
        execute format('create policy seen on %I for select to agentiq_app using (seller_id = any((select my_sellers())::bigint[]))', place);
        execute format('create policy added on %I for insert to agentiq_app with check (seller_id = any((select my_sellers(2))::bigint[]))', place);
        execute format('create policy changed on %I for update to agentiq_app using (seller_id = any((select my_sellers(2))::bigint[]))', place);
    end loop;
end $$;
create policy dropped on errands for delete to agentiq_app using (seller_id = any((select my_sellers(2))::bigint[]));
grant select, insert, update on watches, errands, products to agentiq_app;
grant delete on errands to agentiq_app;

-- forced row security hides every row from an owner who is no superuser
alter table sellers no force row level security;
alter table seller_credentials no force row level security;
alter table sync_state no force row level security;
alter table sla_rules no force row level security;

-- rules about a buyer's words were made for chats
update sla_rules set channels = array['chat'] where phrases <> '[]' or pattern is not null;

-- sellers that were connected before there were channels
insert into sync_state (seller_id, channel)
select k.seller_id, c.channel from seller_credentials k
join sellers s on s.id = k.seller_id and s.marketplace = 'wildberries'
join (values ('review', 'feedbacks'), ('question', 'feedbacks'), ('claim', 'returns')) as c(channel, scope) on c.scope = any(k.scopes)
on conflict do nothing;

-- the deadlines of the new channels, as a seller that is connected today gets them; a rule of its own at that place stays
insert into sla_rules (seller_id, position, name, priority, minutes, channels, most_stars)
select s.id, r.position, r.name, r.priority, r.minutes, array[r.channel], r.most_stars from sellers s
cross join (values (900, 'низкая оценка', 1, 480, 'review', 3), (910, 'вопрос о товаре', 0, 720, 'question', null),
    (920, 'заявка на возврат', 1, 1440, 'claim', null)) as r(position, name, priority, minutes, channel, most_stars)
on conflict do nothing;

alter table sellers force row level security;
alter table seller_credentials force row level security;
alter table sync_state force row level security;
alter table sla_rules force row level security;
