import type { Migration } from './Migration.ts'

/**
 * Which chains each process serves (JSON), so that two on one store never mean two chains by one id; and what the gate staged
 * for a batch that ended half done. `proposal_id` is null where there was nothing to stage.
 */
export const migration: Migration = {
  id: 17,
  sql: [
    `alter table instances add column serves text not null default '[]'`,
    `create table remedies (
      of_proposal text not null,
      kind text not null check (kind in ('continue', 'revoke')),
      proposal_id text,
      primary key (of_proposal, kind)
    )`,
    `create index remedies_by_proposal on remedies (proposal_id)`,
  ],
}
