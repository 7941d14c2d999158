import type { Hex } from '@countersign/base'
import type { Header } from '../../model/Block.ts'
import { addAccess, sizeOf, word, type AccessSet, type Prestate } from '../../model/Access.ts'
import { StateCache, type CodeStore } from './StateCache.ts'
import { expectResult, UpstreamError, type RpcCall, type RpcEndpoint } from '../rpc/Rpc.ts'

/**
 * Accounts that change without a transaction: the system contracts called at the start and the end of each block
 * (EIP-4788 beacon roots, EIP-2935 history, EIP-7002 withdrawals, EIP-7251 consolidations), and the OP Stack's fee
 * vaults, which are paid like a builder (OP Stack specification, "Predeploys").
 */
const CHANGED_BY_PROTOCOL: readonly string[] = [
  '0x000f3df6d732807ef1319fb7b8bb8522d0beac02',
  '0x0000f90827f1c53a10cb7a02335b175320002935',
  '0x00000961ef480eb55e80d19ad83579a64c007002',
  '0x0000bbddc7ce488642fb579f8b00f3a590007251',
  '0x4200000000000000000000000000000000000011',
  '0x4200000000000000000000000000000000000019',
  '0x420000000000000000000000000000000000001a',
  '0x420000000000000000000000000000000000001b',
]

/** More than this and only the hot entries are carried on: what nobody asks for is not kept up to date for ever. */
const MAX_CARRIED = 20_000

/** Reading again asks for each item; more than this in one request and providers refuse it. */
const MAX_READ_AGAIN = 2_000

/** One transaction's entry of `debug_traceBlockByHash` with `prestateTracer` in diff mode. */
interface TracedTransaction {
  readonly txHash?: string
  readonly result?: { readonly pre: Prestate; readonly post: Prestate }
  readonly error?: string
}

interface FullBlock {
  readonly hash: Hex.Hex
  readonly parentHash: Hex.Hex
  readonly miner: string
  readonly transactions: readonly string[]
  readonly withdrawals?: readonly { readonly address: string }[]
}

export interface RollForward {
  readonly endpoint: RpcEndpoint
  /** The parent's state as far as it is known. It stays as it is: running simulations still use it. */
  readonly from: StateCache
  readonly parentHeader: Header
  readonly header: Header
  /**
   * Whether the block may be traced: the provider has `debug_` and the chain's state follows from its transactions
   * (`isBlockDiffComplete`). With two providers that must agree it is taken as false: a trace of one could hide a change.
   */
  readonly hasDebug: boolean
  readonly codes: CodeStore
  /** What is worth keeping up to date; without it, everything that is known. */
  readonly hot?: AccessSet
}

/**
 * The cache for a new block, made from its parent's. Traced, the block tells what changed: that is applied, and what
 * a trace leaves open is read again. Otherwise every hot entry is read again at the new hash, in one request.
 *
 * @returns null when the block does not follow its parent (a reorg) or nothing could be read: start empty then.
 */
export async function rollForward(roll: RollForward): Promise<StateCache | null> {
  const { endpoint, from, parentHeader, header } = roll
  if (header.parentHash !== parentHeader.hash || from.blockHash !== parentHeader.hash) {
    // Blocks in between were missed, which says nothing about what is hot. A block of the same height or lower is
    // a reorg: then nothing that was known is worth anything.
    if (BigInt(header.number) <= BigInt(parentHeader.number) + 1n || from.blockHash !== parentHeader.hash) return null
    return revalidate(roll)
  }
  if (!roll.hasDebug || endpoint.quorum === 2) return revalidate(roll)
  try {
    const answers = await endpoint.batch([
      { method: 'eth_getBlockByHash', params: [header.hash, false] },
      {
        method: 'debug_traceBlockByHash',
        params: [header.hash, { tracer: 'prestateTracer', tracerConfig: { diffMode: true } }],
      },
    ])
    const block = expectResult<FullBlock | null>(answers[0], 'eth_getBlockByHash')
    const traced = answers[1]
    // A provider that cannot trace the block after all, or not all of it, tells too little to rely on.
    if (block?.hash !== header.hash || traced?.ok !== true || !isWhole(block, traced.result)) return revalidate(roll)
    return await applyDiffs(roll, block, traced.result)
  } catch (error) {
    if (error instanceof UpstreamError) return null
    throw error
  }
}

/** Every transaction of the block, in its order, with a result. */
function isWhole(block: FullBlock, traced: unknown): traced is Required<TracedTransaction>[] {
  return (
    Array.isArray(traced) &&
    traced.length === block.transactions.length &&
    (traced as TracedTransaction[]).every(
      ({ txHash, result }, i) =>
        result?.pre !== undefined &&
        result.post !== undefined &&
        (txHash === undefined || txHash === block.transactions[i]),
    )
  )
}

async function applyDiffs(
  roll: RollForward,
  block: FullBlock,
  traced: readonly Required<TracedTransaction>[],
): Promise<StateCache | null> {
  const next = carryOver(roll)
  if (next === null) return null
  /** What is known to have changed, but not to what. It is read again at the new block. */
  const open: AccessSet = new Map()
  const reopen = (address: string): void => {
    if (next.accounts.delete(address)) addAccess(open, new Map([[address, new Set<string>()]]))
  }
  const reopenAll = (address: string): void => {
    reopen(address)
    const slots = next.slots.get(address)
    if (slots === undefined) return
    addAccess(open, new Map([[address, new Set(slots.keys())]]))
    next.slots.delete(address)
  }

  for (const { result } of traced) {
    const pre = lowerCase(result.pre)
    const post = lowerCase(result.post)
    for (const address of new Set([...pre.keys(), ...post.keys()])) {
      const before = pre.get(address)
      const after = post.get(address)
      if (after === undefined) {
        // It is gone (SELFDESTRUCT in the transaction that made it), or the tracer says nothing: look.
        reopenAll(address)
        continue
      }
      const known = next.accounts.get(address)
      if (known !== undefined) {
        const code = roll.codes.get(known.codeHash)
        // Tracers leave out an empty code, so a delegation (EIP-7702) that ended looks like one that stayed.
        if (after.code !== undefined || code.startsWith('0xef0100')) reopen(address)
        else {
          next.accounts.set(address, {
            balance: after.balance === undefined ? known.balance : BigInt(after.balance),
            nonce: after.nonce === undefined ? known.nonce : BigInt(after.nonce),
            codeHash: known.codeHash,
          })
        }
      }
      const slots = next.slots.get(address)
      if (slots === undefined) continue
      // A slot that became zero is in `pre` and missing from `post`.
      for (const slot of Object.keys(before?.storage ?? {}))
        if (slots.has(word(slot))) next.setSlot(address, slot, '0x0')
      for (const [slot, value] of Object.entries(after.storage ?? {})) {
        if (slots.has(word(slot))) next.setSlot(address, slot, value)
      }
    }
  }

  reopen(block.miner.toLowerCase())
  for (const { address } of block.withdrawals ?? []) reopen(address.toLowerCase())
  for (const address of CHANGED_BY_PROTOCOL) reopenAll(address)
  // Every simulation pays the builder, so a new builder's account is read with the rest.
  addAccess(open, new Map([[block.miner.toLowerCase(), new Set<string>()]]))
  await next.read(roll.endpoint, open)
  return next
}

/** Reads all that is carried on again at the new block, in one request. */
async function revalidate(roll: RollForward): Promise<StateCache | null> {
  const carried = carryOver(roll)
  if (carried === null) return null
  const access: AccessSet = new Map()
  for (const address of carried.accounts.keys()) access.set(address, new Set())
  for (const [address, slots] of carried.slots) addAccess(access, new Map([[address, new Set(slots.keys())]]))
  access.set(roll.header.miner.toLowerCase(), access.get(roll.header.miner.toLowerCase()) ?? new Set())
  if (sizeOf(access) > MAX_READ_AGAIN) return null
  const next = new StateCache(roll.header.hash, roll.codes)
  try {
    await next.read(roll.endpoint, access)
  } catch (error) {
    if (error instanceof UpstreamError) return null
    throw error
  }
  return next
}

/** A copy of what is worth carrying, under the new block's hash; null when that is too much. */
function carryOver({ from, header, hot, codes }: RollForward): StateCache | null {
  const next = new StateCache(header.hash, codes)
  let carried = 0
  for (const [address, account] of from.accounts) {
    if (hot !== undefined && !hot.has(address)) continue
    next.accounts.set(address, account)
    carried += 1
  }
  for (const [address, slots] of from.slots) {
    const wanted = hot?.get(address)
    if (hot !== undefined && wanted === undefined) continue
    const kept = new Map(wanted === undefined ? slots : [...slots].filter(([slot]) => wanted.has(slot)))
    if (kept.size === 0) continue
    next.slots.set(address, kept)
    carried += kept.size
  }
  return carried > MAX_CARRIED ? null : next
}

function lowerCase(prestate: Prestate): Map<string, Prestate[string]> {
  return new Map(Object.entries(prestate).map(([address, account]) => [address.toLowerCase(), account]))
}

export interface HeadFollower {
  /** The newest head seen; null before the first. */
  readonly head: Header | null
  /** What went wrong the last time, until it goes right again. Following never throws. */
  readonly lastError: unknown
  /** Looks at once instead of at the next turn. */
  poll(): Promise<void>
  /** Stops asking. A look that is under way ends without `onHead`. */
  stop(): void
}

/**
 * Watches for new blocks by asking. `onHead` gets each new head with the one before it (null at first); the next
 * look waits until it is done, so that heads are never worked on twice at once or out of order. The timer does not
 * keep the process alive.
 */
export function createHeadFollower({
  endpoint,
  pollMs,
  onHead,
}: {
  endpoint: RpcEndpoint
  pollMs: number
  onHead: (header: Header, parent: Header | null) => Promise<void> | void
}): HeadFollower {
  let head: Header | null = null
  let lastError: unknown = null
  let isStopped = false
  let underway: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    try {
      const [answer] = await endpoint.batch([{ method: 'eth_getBlockByNumber', params: ['latest', false] } as RpcCall])
      const found = expectResult<Header | null>(answer, 'eth_getBlockByNumber')
      if (found !== null && found.hash !== head?.hash && !isStopped) {
        const parent = head
        head = found
        await onHead(found, parent)
      }
      lastError = null
    } catch (error) {
      lastError = error
    }
  }
  function poll(): Promise<void> {
    underway ??= look().finally(() => {
      underway = null
    })
    return underway
  }
  function schedule(): void {
    if (isStopped) return
    timer = setTimeout(() => void poll().then(schedule), pollMs).unref()
  }
  schedule()

  return {
    get head() {
      return head
    },
    get lastError() {
      return lastError
    },
    poll,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
