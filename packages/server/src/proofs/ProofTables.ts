/** The tables of the room `proofs`. */
export interface ProofTables {
  /** Proofs that were seen, until they would be refused for their age anyway. */
  used_proofs: {
    /** SHA-256 of the proof key's thumbprint and the proof's own id. */
    id: string
    until_ms: number
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends ProofTables {}
}
