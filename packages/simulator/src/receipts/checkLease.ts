import type { Address } from '@countersign/base'
import { blockRef, nextBlock } from '../evm/BlockEnv.ts'
import type { Header, BlockRef } from '../model/Block.ts'
import { CodeStore, StateCache } from '../chain/state/StateCache.ts'
import { ChainMismatchError, expectResult, UpstreamError, type RpcEndpoint } from '../chain/rpc/Rpc.ts'
import type { Bound } from '../model/Bound.ts'
import type { Drift } from './Drift.ts'
import * as ReadSet from './ReadSet.ts'

/** What re-reading found. */
export interface Lease {
  /** The newest block; everything was read there. */
  readonly block: BlockRef
  /**
   * `held`: nothing that the outcome rests on moved, so it is the same. `broken`: this can no longer be what was
   * approved, whatever it would do. `open`: only simulating again can tell.
   */
  readonly state: 'held' | 'broken' | 'open'
  /** Why it is not held. */
  readonly because: readonly string[]
  /** Why it is broken, each with its kind; empty when it is not. */
  readonly broken: readonly Drift[]
  /** Everything that is not as it was read, in words; what the outcome does not rest on included. */
  readonly moved: readonly string[]
}

/** Opcodes whose answer no environment varies: where they were consulted, another block may answer otherwise. */
const UNVARIED = new Set(['BLOCKHASH', 'BLOBHASH', 'BLOBBASEFEE'])

/**
 * Re-reads what a simulation read, at the newest block, in one batch, and nothing else (the "read-set lease").
 * What is the same and did not depend on the block's environment has the same outcome.
 *
 * @param readSet - null when it was not kept: then only the nonce and the fee are looked at.
 * @param sent - How many transactions of this very batch the account has sent since.
 * @param waiting - What of the account waits to be mined, by hash, where the caller has looked; null: it has not, and
 *   then what the batch stands on must be mined.
 * @throws {UpstreamError} `simulation:upstream:unreachable`. {ChainMismatchError} when the provider serves another chain.
 */
export async function checkLease(
  endpoint: RpcEndpoint,
  {
    bound,
    readSet,
    nowMs,
    sent = 0,
    waiting = null,
  }: {
    bound: Bound
    readSet: ReadSet.ReadSet | null
    nowMs: number
    sent?: number
    waiting?: ReadonlySet<string> | null
  },
): Promise<Lease> {
  const [chain, newest] = await endpoint.batch([
    { method: 'eth_chainId', params: [] },
    { method: 'eth_getBlockByNumber', params: ['latest', false] },
  ])
  const chainId = Number(expectResult<string>(chain, 'eth_chainId'))
  if (chainId !== bound.chain_id) throw new ChainMismatchError('', bound.chain_id, chainId)
  const header = expectResult<Header | null>(newest, 'eth_getBlockByNumber')
  if (header === null) throw new UpstreamError('', 'block', { method: 'eth_getBlockByNumber' })
  const block = blockRef(header)
  const fees = feesBeyond(bound, header, nowMs)

  let nonce: bigint
  let movements: ReadSet.Movement[] = []
  if (readSet === null) {
    const [answer] = await endpoint.batch([
      { method: 'eth_getTransactionCount', params: [bound.from, { blockHash: header.hash }] },
    ])
    nonce = BigInt(expectResult<string>(answer, 'eth_getTransactionCount'))
  } else {
    const now = new StateCache(header.hash, new CodeStore())
    const isSameBlock = header.hash === bound.block.hash
    const access = ReadSet.accessOf(readSet)
    access.set(bound.from.toLowerCase(), access.get(bound.from.toLowerCase()) ?? new Set())
    // A block is its state: at the very same one there is nothing to read again.
    if (!isSameBlock) {
      await now.read(endpoint, now.missing(access))
      const hasAuthorizations = bound.calls.some((call) => call.authorization_list.length > 0)
      movements = ReadSet.movements(readSet, now, { from: bound.from, hasAuthorizations })
    }
    nonce =
      now.accounts.get(bound.from.toLowerCase())?.nonce ?? BigInt(bound.nonce) - BigInt(bound.stands_on?.length ?? 0)
  }
  const moved = movements.map(ReadSet.words)
  const earlier = await lookAtEarlier(endpoint, { bound, nonce, waiting })
  const expected = BigInt(bound.nonce) + BigInt(sent) - BigInt(earlier.unmined)
  const broken = [...earlier.broken, ...nonceBeyond(bound.from, expected, nonce), ...fees]
  if (broken.length > 0) return { block, state: 'broken', because: broken.map((each) => each.because), broken, moved }
  const open = [
    ...(readSet === null ? ['what it read was not kept'] : []),
    ...(earlier.unmined > 0 ? ['what it stands on is not mined yet'] : []),
    ...movements.filter((movement) => movement.isLoadBearing).map(ReadSet.words),
    ...sensitivities(bound, nowMs),
  ]
  return { block, state: open.length === 0 ? 'held' : 'open', because: open, broken, moved }
}

/**
 * What became of the transactions that a batch stands on. Mined as expected they are part of the state; not mined yet the
 * batch is simulated on top of them again; anything else and the batch is not what was shown.
 */
async function lookAtEarlier(
  endpoint: RpcEndpoint,
  { bound, nonce, waiting }: { bound: Bound; nonce: bigint; waiting: ReadonlySet<string> | null },
): Promise<{ readonly unmined: number; readonly broken: readonly Drift[] }> {
  const stood = bound.stands_on ?? []
  const broken: Drift[] = []
  const fail = (kind: Drift['kind'], because: string): void => void broken.push({ kind, because })
  const known = new Set<string>(stood.map(({ hash }) => hash))
  for (const hash of waiting ?? [])
    if (!known.has(hash)) fail('nonce', `the account has signed another transaction, which is not mined yet: ${hash}`)
  if (stood.length === 0) return { unmined: 0, broken }
  const answers = await endpoint.batch(
    stood.map(({ hash }) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
  )
  let unmined = 0
  for (const [i, { hash, nonce: own, succeeds }] of stood.entries()) {
    const receipt = expectResult<{ readonly status?: string } | null>(answers[i], 'eth_getTransactionReceipt')
    if (receipt !== null) {
      const isSuccess = BigInt(receipt.status ?? '0x0') === 1n
      if (isSuccess !== succeeds)
        fail('earlier', `the earlier transaction ${hash} ${isSuccess ? 'succeeded' : 'failed'}, unlike expected`)
      continue
    }
    unmined += 1
    if (BigInt(own) < nonce) fail('earlier', `the earlier transaction ${hash} was replaced by another one`)
    else if (waiting === null) fail('earlier', `the earlier transaction ${hash} is not mined yet`)
    else if (!waiting.has(hash)) fail('earlier', `the earlier transaction ${hash} is not waiting any more`)
  }
  return { unmined, broken }
}

/** Why the same state is not enough for the same outcome. */
function sensitivities(bound: Bound, nowMs: number): string[] {
  const found: string[] = []
  const others = bound.environments.filter(({ agrees }) => !agrees)
  if (bound.environments.length < 2) found.push('it was run in one environment only')
  if (others.length > 0) found.push(`its outcome depends on the block (${others.map(({ name }) => name).join(', ')})`)
  const unvaried = bound.environment_reads.filter((name) => UNVARIED.has(name))
  if (unvaried.length > 0) found.push(`it looks at ${unvaried.join(', ')}`)
  const assertions = (bound.request.intent?.['assertions'] ?? []) as readonly { name: string; at?: string }[]
  if (assertions.some(({ name, at }) => name === 'deadline' && nowMs > Date.parse(at ?? '')))
    found.push("the intent's deadline has passed")
  return found
}

function nonceBeyond(from: Address.Address, expected: bigint, now: bigint): Drift[] {
  if (now === expected) return []
  return [
    {
      kind: 'nonce',
      because: `the account ${from} has sent another transaction: its nonce was ${expected} and is ${now}`,
    },
  ]
}

/** What the next block asks for gas, where it is more than was shown or than the caps allow. */
function feesBeyond(bound: Bound, header: Header, nowMs: number): Drift[] {
  const { baseFeeWei } = nextBlock(header, { nowMs, tipWei: 0n })
  const low = bound.calls.findIndex(
    (call) => call.max_fee_per_gas !== null && BigInt(call.max_fee_per_gas) < baseFeeWei,
  )
  if (low !== -1) {
    const because = `the fee cap of step ${low + 1} is below the base fee of the next block (${baseFeeWei} wei): it would wait`
    return [{ kind: 'fee', because }]
  }
  const feeWei = bound.calls.reduce((sum, call) => sum + BigInt(call.gas_limit), 0n) * baseFeeWei
  const max = BigInt(bound.outcome.max_fee_wei)
  if (feeWei <= max) return []
  return [{ kind: 'fee', because: `the network fee may be ${feeWei} wei now; at most ${max} wei was shown` }]
}
