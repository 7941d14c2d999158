import type { Rule } from '../Rule.ts'

/** The rules of the `supply` check, in the order of their names. */
export const SUPPLY_RULES: readonly Rule[] = []
