import type { AuthorityChange } from '../model/Authority.ts'
import type { SignatureRequest } from '../model/Document.ts'

/**
 * The powers that a document hands over, as the report tells powers: those that the run of its uses shows stand there
 * already, the others are added as the document has them.
 *
 * @param played - What the run changed.
 */
export function grantChanges(
  signature: SignatureRequest | null | undefined,
  played: readonly AuthorityChange[],
): AuthorityChange[] {
  const keyOf = ({ kind, owner, subject }: Pick<AuthorityChange, 'kind' | 'owner' | 'subject'>) =>
    `${kind}|${owner}|${subject}`
  const known = new Set(played.map(keyOf))
  return (signature?.grants ?? [])
    .filter((grant) => !known.has(keyOf(grant)) && grant.owner !== grant.subject)
    .filter(({ kind, amount }) => amount > 0n || !COUNTED.has(kind))
    .map(({ kind, owner, contract, subject, token, amount, unlimited, expiresMs }) => ({
      ...{ kind, owner, contract, subject, unlimited, expiresMs, before: 0n },
      after: amount > 0n ? amount : 1n,
      valueAtRisk: token === null || amount === 0n ? [] : [{ token, amount }],
      ...{ symbol: null, decimals: null },
    }))
}

/** Powers over an amount: over none of it they are none. */
const COUNTED: ReadonlySet<string> = new Set(['erc20_allowance', 'permit2_allowance'])
