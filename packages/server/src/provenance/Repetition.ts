import * as Reading from './Reading.ts'
import { tells } from './Requests.ts'

/** What own words change of the call that they repeat: "repeat my last trade but double the amount". */
export interface Change {
  readonly amount: AmountChange | null
  readonly direction: DirectionChange | null
}

export interface AmountChange {
  readonly kind: 'double' | 'half' | 'more' | 'less'
  /** The number that the words name; null for `double` and `half`. It is no amount of its own. */
  readonly by: string | null
  /** What stands beside the number, such as `eth`; null where nothing does. */
  readonly unit: string | null
}

export interface DirectionChange {
  /** In lower case. */
  readonly word: string
  /** What it takes the place of; null where the words do not say. */
  readonly of: string | null
}

export const NONE: Change = { amount: null, direction: null }

const NUMBER = String.raw`(\d[\d,_]*(?:\.\d+)?|\.\d+)`
const UNIT = String.raw`(?: ?([a-z][a-z0-9]{1,10}))?`
const WHAT = '(?:amount|sum|size|quantity)'
/** Each ends a sentence. A closed list: what is not on it changes nothing, and so is asked about. */
const AMOUNTS: readonly (readonly [AmountChange['kind'], RegExp])[] = [
  [
    'double',
    new RegExp(String.raw`(?<=^| )(?:double|twice) (?:the|that) ${WHAT}$|(?<=^| )(?:double it|twice as much)$`),
  ],
  ['half', new RegExp(String.raw`(?<=^| )(?:half|halve) (?:the|that) ${WHAT}$|(?<=^| )(?:halve it|half as much)$`)],
  ['more', new RegExp(String.raw`(?<=^| )(?:increase|raise) the ${WHAT} by ${NUMBER}${UNIT}$`)],
  ['less', new RegExp(String.raw`(?<=^| )(?:reduce|decrease|lower|cut) the ${WHAT} by ${NUMBER}${UNIT}$`)],
  ['more', new RegExp(String.raw`(?<=^| )${NUMBER}${UNIT} more$`)],
  ['less', new RegExp(String.raw`(?<=^| )${NUMBER}${UNIT} less$`)],
]
const DIRECTION =
  /(?<=^| )(?:go )?([a-z][a-z_-]{1,20})(?: this time)?(?: instead)?(?: (?:instead of|rather than) (?:an? )?([a-z][a-z_-]{1,20}))?$/
/** What joins a change to the words that point back. */
const JOINT = /(?:,? (?:but|only|and|just|this time|with|for|offer|use))+$/
/** A direction is changed by a word that sets it against what was. */
const AGAINST = /(?:,? (?:but|only|this time))+$/
/** A second change in the same sentence: then none is read. */
const CHANGES =
  /\b(?:double|twice|half|halve|increase|raise|reduce|decrease|lower|cut|(?<!once )more|less|instead|rather)\b/
const TAIL = /,? (?:please|thanks|thank you)$/

/**
 * Reads the one sentence that points back and says what is different this time. Total: never throws, for any text.
 *
 * @param pointsBack - Whether words point at what the user did before.
 */
export function read(own: string, pointsBack: (text: string) => boolean): Change {
  let found = NONE
  for (const { text: whole, mark, before } of Reading.sentencesOf(own)) {
    if (Reading.isWithdrawal(whole)) {
      found = NONE
      continue
    }
    const { text, isPolite } = Reading.withoutOpening(whole)
    if (!pointsBack(whole) || (mark === '?' && !isPolite) || Reading.announces(before) || tells(text)) continue
    // Two sentences that change something are one too many.
    if (found !== NONE) return NONE
    const plain = whole.replace(TAIL, '')
    found = amountOf(plain) ?? directionOf(plain) ?? NONE
  }
  return found
}

function amountOf(text: string): Change | null {
  for (const [kind, pattern] of AMOUNTS) {
    const match = pattern.exec(text)
    if (match === null || !isHead(text.slice(0, match.index), JOINT)) continue
    const by = match[1] === undefined ? null : Reading.amountOf(match[1])
    if (match[1] !== undefined && by === null) return null
    return { amount: { kind, by, unit: match[2] ?? null }, direction: null }
  }
  return null
}

function directionOf(text: string): Change | null {
  const match = DIRECTION.exec(text)
  if (match === null || !isHead(text.slice(0, match.index), AGAINST)) return null
  return { amount: null, direction: { word: match[1] ?? '', of: match[2] ?? null } }
}

/** The words before a change: a repetition, a joint at their end, and nothing that takes it back. */
function isHead(text: string, joint: RegExp): boolean {
  const head = text.trimEnd()
  const rest = head.replace(joint, '')
  return rest !== head && !Reading.isDoubted(rest) && !CHANGES.test(rest)
}

/** The amount after a change, in decimal; null where nothing is left of it. */
export function amountAfter({ kind, by }: AmountChange, had: string): string | null {
  const [before, change] = [Reading.amountOf(had), by === null ? '0' : Reading.amountOf(by)]
  if (before === null || change === null) return null
  const digits = Math.max(fractionOf(before), fractionOf(change)) + 1
  const [a, b] = [scaled(before, digits), scaled(change, digits)]
  const after = kind === 'double' ? a * 2n : kind === 'half' ? a / 2n : kind === 'more' ? a + b : a - b
  if (after <= 0n) return null
  const text = after.toString().padStart(digits + 1, '0')
  return Reading.amountOf(`${text.slice(0, -digits)}.${text.slice(-digits)}`)
}

const fractionOf = (amount: string): number => amount.split('.')[1]?.length ?? 0

function scaled(amount: string, digits: number): bigint {
  const [whole = '0', fraction = ''] = amount.split('.')
  return BigInt(whole + fraction.padEnd(digits, '0'))
}
