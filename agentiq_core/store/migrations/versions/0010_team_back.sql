drop index chats_by_stars, chats_stars_waiting, chats_unread;
drop trigger assignment_guarded on chats;
drop trigger assignment_guarded_from_the_start on chats;
drop trigger decision_noted on chats;
drop trigger tags_kept_insert on chats;
drop trigger tags_kept_update on chats;
drop trigger chats_counted_insert on chats;
drop trigger chats_counted_update on chats;
drop trigger chats_counted_delete on chats;
drop trigger outbox_counted on outbox;
drop trigger outbox_counted_update on outbox;
drop trigger quarantine_counted on quarantine;
drop table counters, views, presence, assignment_turns, assignment, chat_tags, tags, mentions, notes;
drop function works_for(bigint, bigint), notes_counted(), notify_presence();
-- the guard's, whom the migrating user is for this moment only
do $$ begin execute format('grant agentiq_guard to %I', current_user); end $$;
drop function agentiq_private.assignment_guarded(), agentiq_private.decision_noted(), agentiq_private.tags_kept(),
    agentiq_private.notes_signed(), agentiq_private.mentions_kept(), agentiq_private.counted_insert(),
    agentiq_private.counted_update(), agentiq_private.counted_delete(), agentiq_private.reply_counted(), agentiq_private.quarantine_counted(),
    agentiq_private.mention_counted(),
    agentiq_private.add_counts(bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint);
do $$ begin execute format('revoke agentiq_guard from %I', current_user); end $$;
alter table outbox drop column seen_reply;
alter table chats drop column tags, drop column assignee, drop column assigned_at, drop column assigned_by, drop column claimed_until,
    drop column closed_at, drop column notes;
