/** The table of skill verdicts. */
export interface SkillTables {
  skill_verdicts: {
    /** Of the files of the skill. */
    digest: string
    /** The scanner and its rules. */
    scanner: string
    is_pass: number
    because: string | null
    at_ms: number
  }
}

declare module '../../store/Schema.ts' {
  interface Schema extends SkillTables {}
}
