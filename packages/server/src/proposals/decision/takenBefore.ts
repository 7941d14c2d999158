import { Address, type Hex } from '@countersign/base'
import type { Chain } from '../../chains/Chain.ts'

/** `Transfer(address,address,uint256)` and `Approval(address,address,uint256)` of EIP-20. */
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const APPROVAL = '0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925'

interface Log {
  readonly transactionHash: string
  readonly topics: readonly string[]
  readonly data: string
  readonly place: readonly [block: bigint, index: bigint]
}

/**
 * How much of a token left its owner between the start of a block and an approval of theirs, by the token's events. State is
 * only known at the ends of blocks, so a `transferFrom` that stands before the approval in its own block is seen here alone.
 * Which spender moved it no event says: each payment of the owner counts.
 *
 * @param of.from - The first block, and `to` the last one of the owner's transactions.
 * @param of.hashes - The owner's transactions, of which one approves.
 * @returns In the token's smallest unit; null where the events cannot be read: then nothing may be given back.
 */
export async function takenBefore(
  chain: Pick<Chain, 'pass'>,
  {
    token,
    owner,
    spender,
    from,
    to,
    hashes,
  }: {
    token: Address.Address
    owner: Address.Address
    spender: Address.Address
    from: bigint
    to: bigint
    hashes: readonly Hex.Hex[]
  },
): Promise<bigint | null> {
  const range = { fromBlock: `0x${from.toString(16)}`, toBlock: `0x${to.toString(16)}` }
  const answer = await chain.pass('eth_getLogs', [
    { ...range, address: token, topics: [[TRANSFER, APPROVAL], wordOf(owner)] },
  ])
  const logs = answer.ok && Array.isArray(answer.result) ? answer.result.map(readLog) : null
  if (logs === null || logs.some((log) => log === null)) return null
  const ordered = (logs as Log[]).toSorted(byPlace)
  const own = new Set(hashes.map((hash) => hash.toLowerCase()))
  const last = ordered.findLast(
    ({ topics, transactionHash }) =>
      topics[0] === APPROVAL && topics[2] === wordOf(spender) && own.has(transactionHash.toLowerCase()),
  )
  const before = last === undefined ? ordered : ordered.slice(0, ordered.indexOf(last))
  return before.filter(({ topics }) => topics[0] === TRANSFER).reduce((sum, { data }) => sum + BigInt(data), 0n)
}

function wordOf(account: Address.Address): string {
  return `0x${account.slice(2).toLowerCase().padStart(64, '0')}`
}

function byPlace({ place: a }: Log, { place: b }: Log): number {
  const order = a[0] === b[0] ? a[1] - b[1] : a[0] - b[0]
  return order < 0n ? -1 : order > 0n ? 1 : 0
}

const QUANTITY = /^0x[0-9a-f]{1,16}$/i
const WORD = /^0x[0-9a-f]{64}$/i

/** Null for what is no log of one amount. */
function readLog(value: unknown): Log | null {
  const { blockNumber, logIndex, transactionHash, topics, data } = (value ?? {}) as Record<string, unknown>
  if (typeof blockNumber !== 'string' || !QUANTITY.test(blockNumber)) return null
  if (typeof logIndex !== 'string' || !QUANTITY.test(logIndex)) return null
  if (typeof transactionHash !== 'string' || typeof data !== 'string' || !WORD.test(data)) return null
  if (!Array.isArray(topics) || !topics.every((topic) => typeof topic === 'string' && WORD.test(topic))) return null
  const lower = (topics as string[]).map((topic) => topic.toLowerCase())
  return { transactionHash, topics: lower, data, place: [BigInt(blockNumber), BigInt(logIndex)] }
}
