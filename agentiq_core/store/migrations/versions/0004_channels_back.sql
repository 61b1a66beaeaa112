-- forced row security hides every row from an owner who is no superuser
alter table sync_state no force row level security;
alter table chats no force row level security;
alter table messages no force row level security;
alter table sla_rules no force row level security;
delete from sync_state where channel <> 'chat';
delete from chats where channel <> 'chat';
delete from sla_rules where not channels @> array['chat'];
alter table sla_rules drop column channels, drop column most_stars;
drop table products, errands, watches;
drop index chats_closing, chats_by_product, chats_by_order;
alter table chats drop column stars, drop column mark, drop column shut, drop column open_until, drop column closes_at,
    drop column closes_hard;
revoke update (author, origin, body, attachments, read, edited_at) on messages from agentiq_app;
update messages set origin = 'api' where origin = 'untold';
update messages set origin = 'buyer' where origin = 'rating';
alter table messages drop column read, drop column edited_at, drop constraint messages_origin_check,
    add constraint messages_origin_check check (origin in ('buyer', 'api', 'cabinet', 'automatic'));
alter table sync_state force row level security;
alter table chats force row level security;
alter table messages force row level security;
alter table sla_rules force row level security;
