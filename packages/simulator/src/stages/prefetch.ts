import { Address, type Hex } from '@countersign/base'
import type { RpcCall } from '../chain/rpc/Rpc.ts'
import type { Prefetch } from '../chain/state/Prefetch.ts'
import { mentionedAddresses } from '../effects/Trace.ts'
import { BATCH_PROBE_CODE, encodeBatch } from '../evm/BatchProbe.ts'
import { otherBuilder } from '../evm/environments.ts'
import type { Memory } from '../memory/Memory.ts'
import type { Header } from '../model/Block.ts'
import type { SimulationRequest } from '../model/Request.ts'

/** `symbol()` and `decimals()`: what a report reads of each contract that is called. */
const READ_OF_CALLED: readonly Hex.Hex[] = ['0x95d89b41', '0x313ce567']

/** What is read of the chain for a request before it is run, from how it is run and what its kind touched before. */
export function createPrefetch(memory: Pick<Memory, 'requestAccess' | 'shapeAccess' | 'shapeTraced'>): Prefetch {
  return {
    sameBefore: (digest) => memory.requestAccess.get(digest),
    alikeBefore: (request) => memory.shapeAccess.get(request),
    allBefore: () => memory.shapeAccess.values(),
    noteTraced: (request, accounts) => memory.shapeTraced.set(request, accounts),
    mentioned,
    callsFor(request, header, { hasDebug }) {
      const at = { blockHash: header.hash }
      const named = mentioned(request, header)
      const reads = [...named].flatMap((address) => accountCalls(address, at))
      // What the same kind of request touched before, its own probes included, is read in the same round trip.
      const hint = memory.shapeAccess.get(request)
      const traced = memory.shapeTraced.get(request)
      const further = [...(hint ?? [])].flatMap(([address, slots]): RpcCall[] => [
        // With `debug_` the trace brings the accounts, code included; those that it did not bring the last time are asked for.
        ...(named.has(address) || (hasDebug && traced?.has(address) !== false) ? [] : accountCalls(address, at)),
        ...[...slots].map((slot) => ({ method: 'eth_getStorageAt', params: [address, slot, at] })),
      ])
      return [...reads, ...further, ...(hasDebug ? [traceCall(request, at)] : [])]
    },
  }
}

/** Accounts that the request names, and the builders that every simulation pays. */
function mentioned({ from, calls }: SimulationRequest, { miner }: Header): Set<string> {
  return new Set([
    from.toLowerCase(),
    otherBuilder(Address.parse(miner)).toLowerCase(),
    Address.ZERO,
    ...calls.flatMap(({ to, data }) => (to === null ? [] : [to.toLowerCase(), ...mentionedAddresses(data)])),
  ])
}

function accountCalls(address: string, at: object): readonly RpcCall[] {
  return ['eth_getBalance', 'eth_getTransactionCount', 'eth_getCode'].map((method) => ({
    method,
    params: [address, at],
  }))
}

/** One call that touches what the whole batch touches: the batch, run by the sender itself (docs, "one round trip"). */
function traceCall({ from, calls }: SimulationRequest, at: object): RpcCall {
  const sender = from.toLowerCase()
  const probes = calls.flatMap(({ to, data }) =>
    to === null || data === '0x' ? [] : READ_OF_CALLED.map((read) => ({ to, value: 0n, data: read })),
  )
  return {
    method: 'debug_traceCall',
    params: [
      { from: sender, to: sender, input: encodeBatch([...calls, ...probes]), gas: '0x1312d00' },
      at,
      {
        tracer: 'prestateTracer',
        tracerConfig: { diffMode: false },
        stateOverrides: { [sender]: { code: BATCH_PROBE_CODE } },
      },
    ],
  }
}
