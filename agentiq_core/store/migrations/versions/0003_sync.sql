alter table sync_state
    -- seconds that the marketplace's clock is ahead of this server's
    add column ahead         double precision not null default 0,
    -- when the newest message was sent: a seller that is quiet is asked less often
    add column newest_at     timestamptz,
    -- the oldest message that there is; null where nobody looked
    add column begins_at     timestamptz,
    -- everything sent from here on is stored; null when nothing older is to be read
    add column read_from     timestamptz,
    -- the older stretch that is being read: where it begins, and how far it was read
    add column window_from   timestamptz,
    add column window_cursor text;

-- what sync_state.ahead was when the attempt began: its echo carries the marketplace's time
alter table outbox add column ahead double precision not null default 0;
-- a person has looked: the item stays and may still be read, but waits no longer
alter table quarantine add column dismissed_at timestamptz;

-- every statement asks it whose sellers these are; a thousand rows of one import stay unvacuumed by the defaults
alter table memberships set (autovacuum_vacuum_insert_threshold = 100, autovacuum_vacuum_insert_scale_factor = 0);

grant update (ahead) on outbox to agentiq_app;
