/** Names of the contracts that were called. A derived name says what it rests on, and vouches for nothing beyond that. */
import type { Proposal } from '@countersign/sdk'
import { shownSymbol } from '../words.ts'
import { flat, framesOf } from './Frame.ts'
import { t } from '../text/text.ts'

export interface Contract {
  readonly address: string
  /** From the server's registry, or derived; null where nobody vouches for it. */
  readonly name: string | null
  /** What a derived name rests on; null for the registry's own. */
  readonly basis: string | null
  readonly functions: readonly string[]
}

/** What a pool is asked by its router, and by nothing else. */
const POOL_CALLS = new Set(['getReserves', 'swap', 'slot0'])

/** Each contract once, in the order in which it was called first. */
export function contractsOf(proposal: Proposal): readonly Contract[] {
  const frames = flat(framesOf(proposal))
  const found = new Map<string, { address: string; name: string | null; functions: Set<string> }>()
  for (const { address, name, signature } of proposal.report?.contract_calls ?? []) {
    const entry = found.get(address) ?? { address, name, functions: new Set<string>() }
    if (signature !== null) entry.functions.add(signature.split('(')[0] ?? '')
    found.set(address, entry)
  }
  const named = new Map([...found.values()].map(({ address, name }) => [address.toLowerCase(), name]))
  return [...found.values()].map(({ address, name, functions }) => {
    const derived = name === null ? derive(address, frames, named, proposal) : null
    return { address, name: name ?? derived?.name ?? null, basis: derived?.basis ?? null, functions: [...functions] }
  })
}

/** The same names, by address in lower case. */
export function namesOf(proposal: Proposal): ReadonlyMap<string, string> {
  return new Map(
    contractsOf(proposal).flatMap(({ address, name }) => (name === null ? [] : [[address.toLowerCase(), name]])),
  )
}

function derive(
  address: string,
  frames: ReturnType<typeof flat>,
  named: ReadonlyMap<string, string | null>,
  proposal: Proposal,
): { readonly name: string; readonly basis: string } | null {
  const to = frames.filter((frame) => frame.to.toLowerCase() === address.toLowerCase())
  const callers = new Set(to.map(({ from }) => from.toLowerCase()))
  const [only] = callers
  const caller = only === undefined ? undefined : named.get(only)
  // The code behind a known proxy: that proxy alone runs it, and only as its own code.
  if (caller != null && callers.size === 1 && to.every(({ type }) => type === 'DELEGATECALL'))
    return { name: t().details.code(caller), basis: t().details.codeBasis(caller) }
  const router = to
    .filter(({ type, name }) => type !== 'DELEGATECALL' && POOL_CALLS.has(name))
    .map(({ from }) => named.get(from.toLowerCase()))
    .find((name) => name != null && / router$/i.test(name))
  if (router == null) return null
  const tokens = (proposal.report?.token_changes ?? [])
    .filter(({ account, token }) => account.toLowerCase() === address.toLowerCase() && token !== null)
    .map(({ symbol }) => shownSymbol(symbol) ?? t().sides.unknownToken)
  const pair = tokens.length === 2 ? tokens.join('/') : ''
  return { name: t().details.pool(router.replace(/ router$/i, ''), pair), basis: t().details.poolBasis(router) }
}

/** The result in one line: how many, and how many of them nobody vouches for. */
export function contractsLine(contracts: readonly Contract[]): string {
  if (contracts.length === 0) return t().details.noContractsLine
  const unknown = contracts.filter(({ name }) => name === null).length
  return unknown === 0
    ? t().details.contractsKnown(contracts.length)
    : t().details.contractsUnknown(contracts.length, unknown)
}
