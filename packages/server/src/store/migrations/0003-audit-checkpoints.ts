import type { Migration } from './Migration.ts'

/** Signed heads of the audit record, and a number over all events that only ever rises. */
export const migration: Migration = {
  id: 3,
  sql: [
    `create table audit_checkpoints (
      app text not null, size bigint not null, root text not null, frontier text not null, note text not null,
      at_ms bigint not null, primary key (app, size))`,
    // Other processes on the same store follow the events by it; AUTOINCREMENT never gives a number twice.
    `create table events_numbered (
      id integer primary key autoincrement,
      sid text not null references sessions (sid) on delete cascade, seq bigint not null, kind text not null,
      body text not null, at_ms bigint not null, unique (sid, seq))`,
    `insert into events_numbered (sid, seq, kind, body, at_ms)
      select sid, seq, kind, body, at_ms from events order by at_ms, sid, seq`,
    `drop table events`,
    `alter table events_numbered rename to events`,
    `create index sessions_in_turn on sessions (sid) where turn_id is not null`,
  ],
}
