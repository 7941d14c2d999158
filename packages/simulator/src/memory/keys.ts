import { Digest } from '@countersign/base'
import type { BlockEnv } from '../model/Block.ts'
import type { SimulationRequest } from '../model/Request.ts'

/**
 * A digest of everything in a request that an answer can depend on: all of it but the block and how old the head may
 * be, which decide where it runs. Keys name the block by its hash.
 */
export function requestDigest(request: SimulationRequest): Digest.Digest {
  const { block: _block, maxHeadAgeMs: _maxHeadAgeMs, ...rest } = request
  return Digest.sha256(
    JSON.stringify(rest, (_key, value: unknown) => {
      if (typeof value === 'bigint') return `${value}n`
      if (value instanceof Map) return [...(value as Map<unknown, unknown>)]
      if (value instanceof Set) return [...(value as Set<unknown>)]
      return value
    }),
  )
}

/** Requests of one kind touch mostly the same state: same sender, same contracts, same functions. For hints only. */
export function shapeOf(request: SimulationRequest): string {
  return `${request.from}|${request.calls.map((call) => `${call.to}:${call.data.slice(0, 10)}`).join('|')}`
}

/** Every field of the block that a run believes to be in. */
export function envKey(env: BlockEnv): string {
  const fields: Record<keyof BlockEnv, string> = {
    number: `${env.number}`,
    timestampS: `${env.timestampS}`,
    baseFeeWei: `${env.baseFeeWei}`,
    tipWei: `${env.tipWei}`,
    coinbase: env.coinbase,
    prevRandao: env.prevRandao,
    gasLimit: `${env.gasLimit}`,
    blockHashes: [...env.blockHashes]
      .map(([number, hash]) => `${number}=${hash}`)
      .sort()
      .join(),
    isFree: `${env.isFree}`,
  }
  return Object.values(fields).join('|')
}

/** Whether a request is one of the share that is checked: chosen by its digest and block, so that history does not choose. */
export function isSampled(request: Digest.Digest, blockHash: string, share: number): boolean {
  const drawn = Number.parseInt(Digest.sha256(`${request}|${blockHash}`).slice(2, 10), 16)
  return drawn < share * 2 ** 32
}
