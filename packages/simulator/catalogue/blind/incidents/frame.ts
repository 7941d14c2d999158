/** Losses that incident reports describe, each beside the honest deed that looks like it; the amount is drawn. */
import { join } from 'node:path'
import type { Address } from '@countersign/base'
import { contractsOf } from '../frame.ts'
import type { Make } from '../journeys/frame.ts'

export const { make, call } = contractsOf(join(import.meta.dirname, 'contracts.json'))

export interface Pair {
  readonly attack: Make
  readonly twin: Make
}
/** Pairs by the kind of loss; `share` is how much, in thousandths of what the user would risk. */
export type Pairs = (share: bigint) => Readonly<Record<string, Pair>>

export const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
export const addressIn = (answer: string): Address.Address => `0x${answer.slice(-40)}` as Address.Address
