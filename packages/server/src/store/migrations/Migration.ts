/** One step of the schema. What has shipped is never edited: a later step changes it. */
export interface Migration {
  /** Unique; steps run in this order. */
  readonly id: number
  readonly sql: readonly string[]
  /** For PostgreSQL, where `sql` says something that `postgres/schemaOf.ts` does not translate. */
  readonly postgres?: readonly string[]
}
