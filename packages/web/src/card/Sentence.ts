/**
 * Sentences of the report, for people: figures of the machine, opcodes and one's own address in words. The report itself
 * stays as it is, and the raw text stays in the details.
 */
import * as Amount from './Amount.ts'
import { en, type Catalogue } from '../text/en.ts'
import { t } from '../text/text.ts'

/** `TIMESTAMP` as “the time”. An opcode without a word is “the block”. */
export function dependsOn(opcodes: readonly string[]): string {
  return t().list([...new Set(opcodes.map((opcode) => opcodeText(opcode) ?? t().blocks.theBlock))])
}

/** What an opcode looks at, in words; undefined for one that has none: it never reaches a sentence. */
function opcodeText(opcode: string, { blocks: { opcodes } }: Catalogue = t()): string | undefined {
  return Object.hasOwn(opcodes, opcode) ? opcodes[opcode as keyof typeof opcodes] : undefined
}

/**
 * One sentence of the report in words: the report is English, and so are the words that are put into it.
 *
 * @param from - The account of the card: its address reads “your account”.
 * @param coin - Symbol of the chain's coin, for amounts that are written in wei.
 * @param isShort - Also shortens other addresses; only where the full address stands elsewhere on the card.
 * @param names - Of contracts, by address in lower case: a short address is written with its name.
 */
export function readable(
  text: string,
  {
    from,
    coin,
    isShort = false,
    names = new Map(),
  }: {
    readonly from: string
    readonly coin: string
    readonly isShort?: boolean
    readonly names?: ReadonlyMap<string, string>
  },
): string {
  return Amount.asSpoken(text)
    .replace(/\b(\d{4,})\s+wei\b/g, (_, wei: string) => `${Amount.rounded(wei, 18, 'up')}${Amount.NO_BREAK}${coin}`)
    .replace(/\b[A-Z]{3,}\b/g, (word) => opcodeText(word, en) ?? word)
    .replace(/0x[0-9a-fA-F]{40}\b/g, (address) =>
      address.toLowerCase() === from.toLowerCase()
        ? en.card.yourAccount
        : isShort
          ? (names.get(address.toLowerCase()) ?? Amount.short(address))
          : address,
    )
    .replace(/([^()]+?) \(\1\)/g, '$1')
}
