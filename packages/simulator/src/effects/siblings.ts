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
  const texts = [...preimages.values()].filter((text) => (text.length - 2) % 64 === 0 && holds(text.slice(2), user))
  for (const text of texts.slice(-MAX_TEXTS))
    for (let at = 2; at < text.length; at += 64) {
      if (BigInt(`0x${text.slice(at, at + 64)}`) >= MAX_NUMBER) continue
      for (let number = 0n; number < MAX_NUMBER; number += 1n) {
        const sibling: Hex.Hex = `0x${text.slice(2, at)}${number.toString(16).padStart(64, '0')}${text.slice(at + 64)}`
        const hash = keccak256(sibling)
        if (named.has(hash)) preimages.set(hash, sibling)
      }
    }
}
