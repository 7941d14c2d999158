import type { Facts } from '../Fact.ts'
import type { Skill } from '../Skill.ts'
import type { View } from '../View.ts'
import type { SupplyFacts } from './SupplyFacts.ts'

/** Reads manifests, locks, images and inline install commands. Pure: everything was read before. */
export function readSupply(_material: {
  readonly skill: Skill
  readonly views: readonly View[]
  readonly facts: Facts
}): SupplyFacts {
  return {}
}
