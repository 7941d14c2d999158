import { createHash } from 'node:crypto'
import { english } from 'viem/accounts'

const INDEX: ReadonlyMap<string, number> = new Map(english.map((word, i) => [word, i]))
const LENGTHS = [24, 21, 18, 15, 12] as const
/** The phrase of local test chains, which holds play money. */
const PUBLIC = 'test test test test test test test test test test test junk'

export interface FoundPhrase {
  readonly start: number
  readonly end: number
  readonly isPublic: boolean
}

/**
 * Recovery phrases in a text: 12 to 24 words of the list of BIP-39 in a row, whose checksum holds. Numbers, punctuation and
 * line breaks may stand between them. A run in the order of the list is the list itself.
 */
export function phrasesIn(text: string): readonly FoundPhrase[] {
  const found: FoundPhrase[] = []
  for (const run of runsIn(text)) {
    for (let from = 0; from + 12 <= run.length; from += 1) {
      const length = LENGTHS.find((each) => from + each <= run.length && isPhrase(run.slice(from, from + each)))
      if (length === undefined) continue
      const words = run.slice(from, from + length)
      found.push({
        start: words[0]?.start ?? 0,
        end: (words.at(-1)?.start ?? 0) + (words.at(-1)?.word.length ?? 0),
        isPublic: words.map(({ word }) => word).join(' ') === PUBLIC,
      })
      from += length - 1
    }
  }
  return found
}

interface Word {
  readonly word: string
  readonly start: number
}

/** Words of the list with no other word between them. */
function runsIn(text: string): Word[][] {
  const runs: Word[][] = []
  let run: Word[] = []
  for (const { 0: raw, index } of text.matchAll(/[\p{L}]+/gu)) {
    const word = raw.toLowerCase()
    if (INDEX.has(word)) run.push({ word, start: index })
    else {
      if (run.length >= 12) runs.push(run)
      run = []
    }
  }
  if (run.length >= 12) runs.push(run)
  return runs
}

function isPhrase(words: readonly Word[]): boolean {
  const indexes = words.map(({ word }) => INDEX.get(word) ?? 0)
  if (indexes.every((each, i) => i === 0 || each === (indexes[i - 1] ?? 0) + 1)) return false
  const bits = indexes.map((each) => each.toString(2).padStart(11, '0')).join('')
  const entropyBits = Math.floor((bits.length * 32) / 33)
  const entropy = Buffer.from((bits.slice(0, entropyBits).match(/.{8}/g) ?? []).map((each) => Number.parseInt(each, 2)))
  const sum = [...createHash('sha256').update(entropy).digest()]
    .map((each) => each.toString(2).padStart(8, '0'))
    .join('')
  return sum.startsWith(bits.slice(entropyBits))
}
