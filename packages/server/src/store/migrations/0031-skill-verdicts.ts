import type { Migration } from './Migration.ts'

/** What the scanner said of skills, by the digest of their files. */
export const migration: Migration = {
  id: 31,
  sql: [
    `create table skill_verdicts (
      digest text not null,
      scanner text not null,
      is_pass integer not null,
      because text,
      at_ms integer not null,
      primary key (digest, scanner)
    )`,
  ],
}
