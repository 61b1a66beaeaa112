drop trigger search_new on messages;
drop trigger search_edited on messages;
drop trigger search_described on chats;
do $$ begin execute format('grant agentiq_guard to %I', current_user); end $$;
drop function find_words(text, bigint[], timestamptz, bigint, text, integer);
do $$ begin execute format('revoke agentiq_guard from %I', current_user); end $$;
drop table search_pending, search_words, search_index;
drop function search_later(), search_message_later(), search_chat_later();
