import type { Migration } from './Migration.ts'

/**
 * In whose name a turn runs; what is stored, counted where it is written; and a number that rises whenever any
 * credential that something long-lived may have been opened with was changed or forgotten, whichever code did it.
 */
export const migration: Migration = {
  id: 12,
  sql: [
    `alter table sessions add column turn_authority text`,
    `alter table sessions add column awaiting_authority text`,
    `alter table sessions add column message_count integer not null default 0`,
    `alter table sessions add column message_bytes integer not null default 0`,
    `alter table sessions add column event_bytes integer not null default 0`,
    `update sessions set
      message_count = (select count(*) from messages where messages.sid = sessions.sid),
      message_bytes = (select coalesce(sum(length(body)), 0) from messages where messages.sid = sessions.sid),
      event_bytes = (select coalesce(sum(length(body)), 0) from events where events.sid = sessions.sid)`,
    `create table stored (scope text primary key, messages integer not null, bytes integer not null)`,
    `insert into stored select 'store', coalesce(sum(message_count), 0), coalesce(sum(message_bytes), 0) from sessions`,
    `insert into stored select 'app:' || app, sum(message_count), sum(message_bytes) from sessions group by app`,
    `insert into stored select 'owner:' || owner, sum(message_count), sum(message_bytes) from sessions group by owner`,
    // What has to be delivered once is found without reading past everything else that a session logged.
    `create index events_system on events (sid, seq)
      where kind in ('wallet_tx_request', 'wallet_eip712_request', 'system_error', 'system_notice')`,
    `create table authority_epoch (id integer primary key check (id = 1), epoch integer not null)`,
    `insert into authority_epoch (id, epoch) values (1, 1)`,
    `create trigger authority_keys after update of revoked_ms, expires_ms, not_after_ms, activate_by_ms, quarantine,
      scopes, networks on keys begin update authority_epoch set epoch = epoch + 1; end`,
    `create trigger authority_keys_gone after delete on keys begin update authority_epoch set epoch = epoch + 1; end`,
    `create trigger authority_tokens after delete on session_tokens when old.kind = 'token'
      begin update authority_epoch set epoch = epoch + 1; end`,
    `create trigger authority_browsers after delete on browsers
      begin update authority_epoch set epoch = epoch + 1; end`,
    `create trigger authority_sessions after update of owner, public_id, wallet_address, ended_ms on sessions
      begin update authority_epoch set epoch = epoch + 1; end`,
  ],
}
