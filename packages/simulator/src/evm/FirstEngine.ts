import type { Hex } from '@countersign/base'
import type { RpcAnswer, RpcCall, RpcEndpoint } from '../chain/rpc/Rpc.ts'
import type { StateCache, CodeStore } from '../chain/state/StateCache.ts'
import type { AccessSet } from '../model/Access.ts'
import type { BlockEnv } from '../model/Block.ts'
import type { StateOverride } from '../model/Override.ts'
import type { Lane } from './Lane.ts'
import type { EnginePool } from './anvil/EnginePool.ts'
import type { EngineWorker } from './anvil/EngineWorker.ts'
import { blockOverrides } from './BlockEnv.ts'
import * as Overlay from './Overlay.ts'

interface Base {
  readonly cache: StateCache
  readonly codes: CodeStore
  readonly pieces: Overlay.Pieces
}

/** The EVM that runs calls under tracers: a worker of ours that holds nothing, or the chain's own node. */
export interface FirstEngine {
  run(calls: readonly RpcCall[], lane: Lane): Promise<readonly RpcAnswer[]>
  /** It is the chain's own node, whose refusal is an answer. */
  readonly isNode: boolean
  /** Which block a call stands on, as JSON. */
  readonly block: string
  /** `stateOverrides` as JSON: what the engine does not hold, and what earlier steps wrote. */
  overrides(
    base: Base,
    of: { access: AccessSet; after: Overlay.Overlay; lent?: { address: string; code: Hex.Hex } },
  ): string
  /** `blockOverrides` as JSON. */
  blocks(env: BlockEnv): string
}

/** A worker: it is told all state that a run may read. */
export function workerEngine(pool: EnginePool, worker: EngineWorker): FirstEngine {
  return {
    run: (calls, lane) => pool.run(worker, calls, lane),
    isNode: false,
    block: '"latest"',
    overrides: (base, { access, after, lent }) => Overlay.json({ ...base, worker }, access, after, lent),
    blocks: (env) => JSON.stringify(blockOverrides(env)),
  }
}

/**
 * The chain's own node, for chains that no EVM here models: it holds all state, and is told only what earlier steps wrote.
 * Number and block hashes of such chains are not Ethereum's to guess (on Arbitrum the number is the parent chain's): they
 * stay as the node has them.
 *
 * @param assumed - What a preview assumes of the state.
 */
export function nodeEngine(
  upstream: RpcEndpoint,
  blockHash: Hex.Hex,
  assumed: readonly StateOverride[] = [],
): FirstEngine {
  return {
    run(calls, lane) {
      lane.runs += calls.length
      return upstream.batch(calls)
    },
    isNode: true,
    block: JSON.stringify({ blockHash }),
    overrides(_base, { after, lent }) {
      const accounts = written(assumed.length === 0 ? after : over(assumed, after))
      if (lent !== undefined) accounts[lent.address] = { ...accounts[lent.address], code: lent.code }
      return JSON.stringify(accounts)
    },
    blocks(env) {
      const { time, baseFeePerGas, feeRecipient, prevRandao, gasLimit } = blockOverrides(env)
      return JSON.stringify({ time, baseFeePerGas, feeRecipient, prevRandao, gasLimit })
    },
  }
}

/** What earlier steps wrote, over what was assumed before the first. */
function over(assumed: readonly StateOverride[], after: Overlay.Overlay): Overlay.Overlay {
  const all = Overlay.empty()
  for (const { address, balance, nonce, code, stateDiff = [] } of assumed) {
    const key = address.toLowerCase()
    const given = Object.entries({ balance, nonce, code }).filter(([, value]) => value !== undefined)
    all.accounts.set(key, { ...all.accounts.get(key), ...Object.fromEntries(given) })
    const slots = all.slots.get(key) ?? new Map<string, Hex.Hex>()
    for (const { slot, value } of stateDiff) slots.set(slot, value)
    if (slots.size > 0) all.slots.set(key, slots)
  }
  for (const [key, account] of after.accounts) all.accounts.set(key, { ...all.accounts.get(key), ...account })
  for (const [key, slots] of after.slots) all.slots.set(key, new Map([...(all.slots.get(key) ?? []), ...slots]))
  return all
}

/** The chain's own node does not run a transaction at all, and says why. */
export class NodeRefusal extends Error {}

/** What earlier steps wrote, as overrides on the node's own state. */
export function written(after: Overlay.Overlay): Record<string, Record<string, unknown>> {
  const overrides: Record<string, Record<string, unknown>> = {}
  for (const [address, { balance, nonce, code }] of after.accounts) {
    overrides[address] = {
      ...(balance === undefined ? {} : { balance: hex(balance) }),
      ...(nonce === undefined ? {} : { nonce: hex(nonce) }),
      ...(code === undefined ? {} : { code }),
    }
  }
  for (const [address, slots] of after.slots) {
    overrides[address] = { ...overrides[address], stateDiff: Object.fromEntries(slots) }
  }
  return overrides
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}
