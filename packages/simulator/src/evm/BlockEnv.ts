import type { Header, BlockEnv, BlockRef } from '../model/Block.ts'
import { Address, type Hex } from '@countersign/base'

/** Seconds between blocks on Ethereum (consensus spec, SECONDS_PER_SLOT). */
const SECONDS_PER_SLOT = 12n

export function blockRef(header: Header): BlockRef {
  return {
    number: BigInt(header.number),
    hash: header.hash,
    stateRoot: header.stateRoot,
    timestampMs: Number(BigInt(header.timestamp)) * 1000,
  }
}

/**
 * The realistic next block: one higher, a slot later but never behind the clock, base fee by EIP-1559, and the
 * head's builder and randomness, because neither is ever zero on a real chain.
 *
 * @param nowMs - The caller's clock.
 * @param tipWei - What the node suggests as priority fee.
 */
export function nextBlock(header: Header, { nowMs, tipWei }: { nowMs: number; tipWei: bigint }): BlockEnv {
  const laterS = BigInt(header.timestamp) + SECONDS_PER_SLOT
  const nowS = BigInt(Math.floor(nowMs / 1000))
  return {
    number: BigInt(header.number) + 1n,
    timestampS: laterS > nowS ? laterS : nowS,
    baseFeeWei: nextBaseFee(header),
    tipWei,
    coinbase: Address.parse(header.miner),
    prevRandao: (header.mixHash ?? `0x${'5a'.repeat(32)}`) as Hex.Hex,
    gasLimit: BigInt(header.gasLimit),
    blockHashes: new Map([
      [BigInt(header.number), header.hash],
      // No block stands before the first.
      ...(BigInt(header.number) === 0n ? [] : [[BigInt(header.number) - 1n, header.parentHash] as const]),
    ]),
    isFree: false,
  }
}

/** EIP-1559: the base fee moves by at most 1/8 towards a target of half the gas limit. */
export function nextBaseFee(header: Header): bigint {
  if (header.baseFeePerGas === undefined) return 0n
  const base = BigInt(header.baseFeePerGas)
  const target = BigInt(header.gasLimit) / 2n
  const used = BigInt(header.gasUsed)
  if (target === 0n || used === target) return base
  if (used > target) {
    const step = (base * (used - target)) / target / 8n
    return base + (step > 1n ? step : 1n)
  }
  return base - (base * (target - used)) / target / 8n
}

/** As anvil and geth take it. */
export function blockOverrides(env: BlockEnv): Record<string, string | Record<string, string>> {
  return {
    number: hex(env.number),
    time: hex(env.timestampS),
    baseFeePerGas: hex(env.baseFeeWei),
    feeRecipient: env.coinbase,
    prevRandao: env.prevRandao,
    gasLimit: hex(env.gasLimit),
    blockHash: Object.fromEntries([...env.blockHashes].map(([number, hash]) => [number.toString(), hash])),
  }
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}
