import type { Address, Hex } from '@countersign/base'
import type { Fork } from '../evm/runBatch.ts'
import type { BatchRun } from '../model/Run.ts'
import { pathOf, type Preimages, type StoragePath } from './StoragePath.ts'

/** A slot that holds something else after the batch. */
export interface Write {
  readonly contract: string
  readonly slot: Hex.Hex
  readonly before: Hex.Hex
  readonly after: Hex.Hex
}

/** The same, with how its slot is reached; null for a plain variable. */
export interface OpenedWrite extends Write {
  readonly path: StoragePath | null
}

/** A stored word that mentions the user and that no effect explains. */
export interface Unexplained {
  readonly contract: Address.Address
  readonly slot: Hex.Hex
  /** Nobody but the user stands in it: listed, and no reason to warn. */
  readonly isOwn?: boolean
}

export const ZERO_WORD: Hex.Hex = `0x${'00'.repeat(32)}`

/** Every slot that differs after the whole batch. */
export function writesOf(fork: Fork, run: BatchRun): Write[] {
  return [...run.after.slots].flatMap(([contract, slots]) =>
    [...slots].flatMap(([slot, after]): Write[] => {
      const before = fork.cache.slots.get(contract)?.get(slot) ?? ZERO_WORD
      return before === after ? [] : [{ contract, slot: slot as Hex.Hex, before, after }]
    }),
  )
}

export function openedWrites(fork: Fork, run: BatchRun, preimages: Preimages): OpenedWrite[] {
  return writesOf(fork, run).map((write) => ({ ...write, path: pathOf(write.slot, preimages) }))
}
