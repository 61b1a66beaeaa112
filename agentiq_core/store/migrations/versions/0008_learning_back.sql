drop trigger outbox_without_operator on outbox;
drop trigger outbox_delivered on outbox;
drop trigger chats_wait_ended on chats;
drop table automation_log, automation_switches, automations, delivered_replies, ended_waits, service_days, suggestion_outcomes;
drop index suggestions_newest, sla_breaches_by_time;
alter table outbox drop column automatic;
drop function agentiq_private.outcome_signed(), agentiq_private.wait_ended(), agentiq_private.reply_delivered(), agentiq_private.outbox_without_operator();
