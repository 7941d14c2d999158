import type { Rule } from '../Rule.ts'
import { SUPPLY_RULES } from '../supply/rules.ts'

/** Every rule, in the order of their names. */
export const RULES: readonly Rule[] = [...SUPPLY_RULES].toSorted((a, b) => (a.name < b.name ? -1 : 1))
