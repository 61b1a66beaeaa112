drop function similar_examples(bigint, text, text, integer);
drop table examples, snippets, model_spending, model_settings;
drop schema if exists agentiq_trgm cascade;
do $$ begin execute format('grant agentiq_guard to %I', current_user); end $$;
drop function agentiq_private.snippets_signed();
do $$ begin execute format('revoke agentiq_guard from %I', current_user); end $$;
drop index suggestions_wanted;
alter table suggestions drop column model, drop column latency, drop column tokens_in, drop column tokens_out, drop column cost,
    drop column recommendation, drop column categories, drop column urgency, drop column claims, drop column analyzed_at,
    drop column injection, drop column failure, drop column repaired, drop column broken_first, drop column wish,
    drop column language, drop column state, drop column partial, drop column worker_id, drop column lease_until,
    drop column attempts;
