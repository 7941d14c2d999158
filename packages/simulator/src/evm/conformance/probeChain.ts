import type { Hex } from '@countersign/base'
import { familyByCode, TELLTALES, type ProbeAnswer } from '../../chain/Engine.ts'
import type { Chain, Profile } from '../../chain/Chain.ts'
import { expectResult } from '../../chain/rpc/Rpc.ts'
import type { Header } from '../../model/Block.ts'
import { nextBaseFee } from '../BlockEnv.ts'
import { readTransactions, type MinedBlock } from './readTransactions.ts'
import { replayBlock, type Difference, type ReplayTools } from './replayBlock.ts'

/** What came of comparing a chain with the engine that is to judge it. */
export interface Probed {
  readonly answer: ProbeAnswer
  /** The first thing on which they part; null where they do not. */
  readonly difference: Difference | null
  /** In words for people; null where there is nothing to say. */
  readonly note: string | null
  /** Transactions that were replayed and came out the same. */
  readonly replayed: number
}

/** Accounts that nobody has: a chain that says that they all hold the same has no coin of its own. */
const NOBODIES = [
  '0x61c3a5e70b2f48d99ce1f7a02d5b86437f1e9c0d',
  '0xb7d04e92c81a3f65208e9bd1470f6ac53e8d21b4',
  '0x2f96d8b01e7c43aa58f6027bc9d4e1835a0c7fe6',
]

/**
 * Whether a chain is what its record says: the code at places that give a family away, and recent transactions, which
 * are replayed in the local engine and compared with what the chain recorded (design: chains, section 4).
 */
export async function probeChain(
  tools: Omit<ReplayTools, 'profile'>,
  { chain, profile, head }: { chain: Chain; profile: Profile; head: Header },
): Promise<Probed> {
  const telltale = await compareTelltales(tools, { profile, blockHash: head.hash })
  if (telltale !== null) return differs(telltale, 0)
  const { busy, seen } = await readTransactions(tools.upstream, {
    head: BigInt(head.number),
    finalAfter: chain.blocks.finalAfter,
    blocks: chain.probe.blocks,
  })
  const headers = compareHeaders(seen)
  if (headers !== null) return differs(headers, 0)
  let replayed = 0
  for (const [i, { block, receipts }] of busy.entries()) {
    const most = Math.ceil((chain.probe.transactions - replayed) / (busy.length - i))
    const found = await replayBlock({ ...tools, profile }, { block, receipts, most })
    replayed += found.replayed
    if (found.difference !== null) return differs(found.difference, replayed)
  }
  if (replayed === 0) {
    // Nothing was compared. Without a record, what looks like Ethereum everywhere is taken for it.
    const answer = chain.record === null ? 'conforms' : 'not-asked'
    return { answer, difference: null, note: noteOf(chain) ?? 'there was no transaction to replay', replayed }
  }
  const fee = compareBaseFees(seen, profile)
  return fee === null
    ? { answer: 'conforms', difference: null, note: noteOf(chain), replayed }
    : { answer: 'conforms-except', difference: fee, note: 'the base fee follows a rule of its own', replayed }
}

function noteOf({ record }: Chain): string | null {
  return record === null ? 'no record for this chain' : null
}

function differs(difference: Difference, replayed: number): Probed {
  const { field, transaction, chain_says: chain, engine_says: engine } = difference
  const at = transaction === null ? '' : ` in transaction ${transaction}`
  return {
    answer: 'differs',
    difference,
    note: `${field}${at}: the chain says ${chain}, the engine says ${engine}`,
    replayed,
  }
}

function differ(field: string, chain: string, engine: string): Difference {
  return { field, transaction: null, chain_says: chain, engine_says: engine }
}

/** What the code at well-known places, and the balances of nobody, say against the profile. */
async function compareTelltales(
  { upstream }: Pick<ReplayTools, 'upstream'>,
  { profile, blockHash }: { profile: Profile; blockHash: Hex.Hex },
): Promise<Difference | null> {
  const at = { blockHash }
  const answers = await upstream.batch([
    ...TELLTALES.map((address) => ({ method: 'eth_getCode', params: [address, at] })),
    ...NOBODIES.map((address) => ({ method: 'eth_getBalance', params: [address, at] })),
  ])
  const codes = TELLTALES.map((_, i) => expectResult<string>(answers[i], 'eth_getCode'))
  const family = familyByCode(codes)
  const expected = profile === 'op' || profile === 'scroll' ? profile : null
  // Contracts of the OP Stack may stand on any chain; what a profile needs must be there, and nothing of another kind.
  if (expected !== null && family !== expected)
    return differ(
      'telltale',
      family === null ? 'no code at the fee oracle' : `a chain of the family ${family}`,
      `profile ${profile}`,
    )
  if (expected === null && family !== null)
    return differ('telltale', `a chain of the family ${family}`, `profile ${profile}`)
  const [first, ...others] = NOBODIES.map((_, i) =>
    BigInt(expectResult<string>(answers[TELLTALES.length + i], 'eth_getBalance')),
  )
  if (first !== undefined && first > 0n && others.every((balance) => balance === first))
    return differ('balances', `accounts that nobody has all hold ${first}`, 'they hold nothing')
  return null
}

/** Times that run backwards, and randomness that never changes. */
function compareHeaders(seen: readonly MinedBlock[]): Difference | null {
  const ordered = seen.toSorted((a, b) => Number(BigInt(a.number) - BigInt(b.number)))
  for (const [i, block] of ordered.entries()) {
    const next = ordered[i + 1]
    if (next !== undefined && BigInt(next.timestamp) < BigInt(block.timestamp))
      return differ('timestamp', `block ${BigInt(next.number)} is older than the one before`, 'times that grow')
  }
  const randoms = new Set(ordered.map(({ mixHash }) => mixHash))
  const [random] = randoms
  if (ordered.length >= 3 && randoms.size === 1 && random !== undefined)
    return differ('PREVRANDAO', `${random} in ${ordered.length} blocks`, 'another value in each block')
  return null
}

/** EIP-1559 from parent to child. Chains of the OP Stack, Scroll and Linea have rules of their own, which are known. */
function compareBaseFees(seen: readonly MinedBlock[], profile: Profile): Difference | null {
  if (profile !== 'ethereum') return null
  const byNumber = new Map(seen.map((block) => [BigInt(block.number), block]))
  for (const child of seen) {
    const parent = byNumber.get(BigInt(child.number) - 1n)
    if (parent?.baseFeePerGas === undefined || child.baseFeePerGas === undefined) continue
    const expected = nextBaseFee(parent)
    if (BigInt(child.baseFeePerGas) !== expected)
      return differ('base fee', `${BigInt(child.baseFeePerGas)} in block ${BigInt(child.number)}`, String(expected))
  }
  return null
}
