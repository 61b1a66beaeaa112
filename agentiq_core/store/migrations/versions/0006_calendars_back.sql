drop table calendars;
update chats set queue = case priority when 2 then 'work' else 'waiting' end, snoozed_until = null where snoozed_until is not null;
drop index chats_closing, chats_snoozed;
alter table chats drop constraint chats_queue_needs_reply, drop column snoozed_until, drop column snoozed_for, drop column pauses,
    add constraint chats_queue_needs_reply check ((queue is not null) = needs_reply);
create index chats_closing on chats (seller_id, closes_at) where queue is not null and closes_hard;
