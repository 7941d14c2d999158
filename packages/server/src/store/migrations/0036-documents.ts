import type { Migration } from './Migration.ts'

/** Documents of apps, what was decided of them, and the index that is searched. The app is part of every key. */
export const migration: Migration = {
  id: 36,
  sql: [
    `create table documents (
      app text not null,
      path text not null,
      id text not null,
      sha256 text not null,
      state text not null,
      reviewer text,
      review text,
      chain_findings text,
      stale_at_ms integer,
      is_stale_on_chain integer not null,
      decided_by text,
      at_ms integer not null,
      primary key (app, path)
    )`,
    `create table document_chunks (
      app text not null,
      path text not null,
      n integer not null,
      heading text not null,
      text text not null,
      length integer not null,
      primary key (app, path, n)
    )`,
    `create table document_terms (
      app text not null,
      term text not null,
      path text not null,
      n integer not null,
      tf integer not null,
      primary key (app, term, path, n)
    )`,
  ],
}
