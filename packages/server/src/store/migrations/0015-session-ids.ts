import type { Migration } from './Migration.ts'

/**
 * The id of a session is kept as a keyed digest and encrypted. SQL has no secret: here the columns get their names, and
 * `sealSessionIds` fills them when the server starts. A row without `id_sealed` still has the id where its digest goes.
 */
export const migration: Migration = {
  id: 15,
  sql: [
    'alter table sessions rename column public_id to id_digest',
    'alter table sessions add column id_sealed text',
    `alter table sessions add column handle text not null default ''`,
    `update events set body = json_remove(body, '$.proposal.session_id') where kind = 'proposal_changed'`,
  ],
}
