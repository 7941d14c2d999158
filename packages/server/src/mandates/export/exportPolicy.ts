import type { Address } from '@countersign/base'
import { parsePolicy } from '../policy/readPolicy.ts'
import { partsOf } from './Part.ts'
import { toCaveats } from './toCaveats.ts'
import { toRoles } from './toRoles.ts'
import { toSafe } from './toSafe.ts'

export const EXPORTS = ['erc7715', 'safe', 'roles'] as const
export type ExportKind = (typeof EXPORTS)[number]

export interface Exported {
  readonly terms: object
  readonly not_expressed: readonly string[]
}

/**
 * A mandate in terms that a chain enforces: caveats of delegations (ERC-7715, ERC-7710), allowances of a Safe, or a role of Zodiac
 * Roles. What the terms cannot say is listed; a rule that they would loosen is left out.
 *
 * @param of.policy - The canonical form, as `GET /api/mandates/{id}` has it.
 */
export function exportPolicy({
  policy: canonical,
  as,
  owner,
  nowMs,
}: {
  policy: Readonly<Record<string, unknown>>
  as: ExportKind
  owner: Address.Address
  nowMs: number
}): Exported {
  // Who is told is no matter of the chain.
  const { notify: _told, ...spent } = canonical
  const policy = parsePolicy(JSON.stringify(spent), {
    format: 'json',
    vocabulary: { token: () => null, targets: new Map(), tools: null },
    isStored: true,
  })
  const parts = partsOf(policy, owner)
  const { terms, notExpressed } =
    as === 'safe'
      ? toSafe(parts)
      : as === 'roles'
        ? toRoles(parts, { owner, nowMs })
        : toCaveats(policy, parts, { owner, nowMs })
  return { terms, not_expressed: [...notExpressed, ...parts.notExpressed] }
}
