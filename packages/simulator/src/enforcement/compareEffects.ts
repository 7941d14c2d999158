import type { Report } from '../model/Report.ts'

/**
 * What a guarded run does differently from the unguarded one, in words; empty when the effects are the same. Balances and
 * authority only: which contracts are called differs by the account and the guard.
 */
export function compareEffects(unguarded: Report, guarded: Report): readonly string[] {
  if (guarded.willRevert !== unguarded.willRevert)
    return [guarded.willRevert ? 'the guarded batch fails' : 'only the batch without guard calls fails']
  return [
    ...differing('balance', moves(unguarded), moves(guarded)),
    ...differing('authority', rights(unguarded), rights(guarded)),
  ]
}

function moves({ tokenChanges }: Report): ReadonlyMap<string, bigint> {
  return new Map(
    tokenChanges
      .filter(({ delta }) => delta !== 0n)
      .map(({ account, token, tokenId, delta }) => [`${account} ${token ?? 'coin'} ${tokenId ?? ''}`.trim(), delta]),
  )
}

function rights({ authorityChanges }: Report): ReadonlyMap<string, bigint> {
  return new Map(
    authorityChanges.map(({ owner, kind, contract, subject, after }) => [
      `${kind} ${owner} ${contract} ${subject}`,
      after,
    ]),
  )
}

function differing(what: string, a: ReadonlyMap<string, bigint>, b: ReadonlyMap<string, bigint>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => a.get(key) !== b.get(key))
    .map((key) => `${what} ${key}: ${a.get(key) ?? 0n} without guard calls, ${b.get(key) ?? 0n} with them`)
}
