/**
 * Sentences of the report, for people: figures of the machine, opcodes and one's own address in words. The report itself
 * stays as it is, and the raw text stays in the details.
 */
import * as Amount from './Amount.ts'

/** What an opcode looks at. The rest of the table never reaches a sentence. */
const OPCODES: Readonly<Record<string, string>> = {
  TIMESTAMP: 'the time',
  NUMBER: 'the block number',
  BASEFEE: 'the block’s fee',
  GASPRICE: 'the price of gas',
  COINBASE: 'who builds the block',
  PREVRANDAO: 'the block’s randomness',
  DIFFICULTY: 'the block’s randomness',
  GASLIMIT: 'the block’s gas limit',
  BLOCKHASH: 'earlier blocks',
  BLOBBASEFEE: 'the fee for data',
  BALANCE: 'a balance',
  SELFBALANCE: 'a balance',
  GAS: 'the gas that is left',
  ORIGIN: 'who sends it',
  CHAINID: 'the chain',
}

/** `TIMESTAMP` as “the time”. An opcode without a word is “the block”. */
export function dependsOn(opcodes: readonly string[]): string {
  const words = [...new Set(opcodes.map((opcode) => OPCODES[opcode] ?? 'the block'))]
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/**
 * One sentence of the report in words.
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
  return text
    .replace(/\b(\d{4,})\s+wei\b/g, (_, wei: string) => `${Amount.rounded(wei, 18, 'up')}${Amount.NO_BREAK}${coin}`)
    .replace(/\b[A-Z]{3,}\b/g, (word) => OPCODES[word] ?? word)
    .replace(/0x[0-9a-fA-F]{40}\b/g, (address) =>
      address.toLowerCase() === from.toLowerCase()
        ? 'your account'
        : isShort
          ? (names.get(address.toLowerCase()) ?? Amount.short(address))
          : address,
    )
    .replace(/([^()]+?) \(\1\)/g, '$1')
}
