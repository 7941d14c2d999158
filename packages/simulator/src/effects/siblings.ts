import type { Hex } from '@countersign/base'
import { keccak256 } from 'viem'
import type { BatchRun } from '../model/Run.ts'
import type { Preimages } from './StoragePath.ts'
import { all } from './Trace.ts'
import { holds, isHash } from './Word.ts'

/** Numbers of accounts, positions or vaults that one user has somewhere. */
const MAX_NUMBER = 32n
/** The most texts of which siblings are looked for. */
const MAX_TEXTS = 16
/** The longest text that is tried: an account, a number and a name, and 0x. */
const MAX_DIGITS = 2 + 8 * 64
const WORD_DIGITS = 64
const ADDRESS_DIGITS = 40

/**
 * Opens hashes that call data name and the run never hashed, where they are of the user's: a text that the run did hash has
 * the user and a small number in it, and with another number it gives the hash. So a second account of the user's at a
 * contract that keys accounts by their hash is told from somebody else's.
 */
export function addSiblings(preimages: Preimages, { user, run }: { user: string; run: BatchRun }): void {
  const named = new Set<Hex.Hex>()
  for (const step of run.steps) {
    if ('refused' in step) continue
    for (const { frame } of all(step.trace))
      for (const text of (frame.input ?? '0x').slice(10).match(/.{64}/g) ?? []) {
        const word: Hex.Hex = `0x${text.toLowerCase()}`
        if (isHash(word) && !preimages.has(word)) named.add(word)
      }
  }
  if (named.size === 0) return
  const texts = [...preimages.values()].filter((text) => text.length <= MAX_DIGITS && holds(text.slice(2), user))
  for (const text of texts.slice(-MAX_TEXTS))
    for (const [at, end] of numbersIn(text, user)) {
      if (BigInt(`0x${text.slice(at, end)}`) >= MAX_NUMBER) continue
      for (let number = 0n; number < MAX_NUMBER; number += 1n) {
        const digits = number.toString(16).padStart(end - at, '0')
        const sibling: Hex.Hex = `0x${text.slice(2, at)}${digits}${text.slice(end)}`
        const hash = keccak256(sibling)
        if (named.has(hash)) preimages.set(hash, sibling)
      }
    }
}

/** Where numbers stand in a text that was hashed: in words of their own; packed without padding, before or behind the user. */
function numbersIn(text: Hex.Hex, user: string): readonly (readonly [number, number])[] {
  if ((text.length - 2) % WORD_DIGITS === 0)
    return Array.from({ length: (text.length - 2) / WORD_DIGITS }, (_, i) => [
      2 + i * WORD_DIGITS,
      2 + (i + 1) * WORD_DIGITS,
    ])
  const at = text.indexOf(user.slice(2))
  const parts: readonly (readonly [number, number])[] = [
    [2, at],
    [at + ADDRESS_DIGITS, text.length],
  ]
  return parts.filter(([start, end]) => end > start && end - start <= WORD_DIGITS)
}
