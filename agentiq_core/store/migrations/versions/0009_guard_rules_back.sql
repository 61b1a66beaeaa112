drop table guard_rules;
do $$ begin execute format('grant agentiq_guard to %I', current_user); end $$;
grant create on schema agentiq_private to agentiq_guard;
do $$ begin execute replace(pg_get_functiondef('agentiq_private.note()'::regprocedure), ', ''guard_rules''', ''); end $$;
revoke create on schema agentiq_private from agentiq_guard;
do $$ begin execute format('revoke agentiq_guard from %I', current_user); end $$;
