import type { Migration } from './Migration.ts'

/** Signatures of documents were kept as they were, in proposals and in events; a backup could be used to act on them. */
export const migration: Migration = {
  id: 14,
  sql: [
    `update proposals set settlement = json_remove(settlement, '$.signature')
      where settlement is not null and json_extract(settlement, '$.signature') is not null`,
    `update events set body = json_remove(body, '$.proposal.settlement.signature')
      where json_extract(body, '$.proposal.settlement.signature') is not null`,
  ],
}
