import type { Clause } from '../Clause.ts'
import { Clause as Words } from '../Clause.ts'

/** A text that somebody else can write: a page, a field of an answer, a comment, a record of a name, an entry on a chain. */
export interface Outside {
  /** The address where it stands; empty where it has none. */
  readonly target: string
  /** Where a sentence names it; -1 where the sentence before does. */
  readonly at: number
  /** Whether it is read again and again, or before everything else: then it steers the work. */
  readonly isStanding: boolean
}

/** So near, in words, stands what makes an ordinary text somebody else's: the description of a token, a field of an answer. */
const OWNER_REACH = 6
/** A commit or a digest in an address keeps what was reviewed. */
export const PINNED = /[0-9a-f]{40}/

/** The outside text that a sentence speaks of, named in it or in the one before it. */
export function outsideOf(clause: Clause, urlBefore: string): Outside | null {
  const isStanding = (each: Clause) => each.has('standing')
  const own = nameIn(clause)
  const before = clause.before === null ? null : new Words(clause.before, null)
  if (own !== null) return { ...own, isStanding: isStanding(clause) || (before !== null && isStanding(before)) }
  const told = before === null || before.has('attack') ? null : nameIn(before)
  if (before === null || told === null)
    return urlBefore === '' ? null : { target: urlBefore, at: -1, isStanding: isStanding(clause) }
  return { target: told.target, at: -1, isStanding: isStanding(clause) || isStanding(before) }
}

function nameIn(clause: Clause): { readonly target: string; readonly at: number } | null {
  const at = clause.tokens.findIndex((token) => token.kind === 'url' && /^https?:/.test(token.text))
  if (at >= 0) return { target: clause.tokens[at]?.text ?? '', at }
  const letter = clause.all('letter')[0]
  if (letter !== undefined) return { target: '', at: letter }
  // What a person or program other than the user writes, says or hands out.
  const stranger = clause
    .all('stranger')
    .find((i) => clause.isAround(i, ['commands', 'letter', 'channel', 'content'], 8))
  if (stranger !== undefined) return { target: '', at: stranger }
  const page = clause.all('channel').find((i) => clause.isAround(i, ['outside'], OWNER_REACH) && isOthers(clause, i))
  return page === undefined ? null : { target: '', at: page }
}

/** "Its description", "the value of the field": not "your reply", not "a message to the user". */
function isOthers(clause: Clause, i: number): boolean {
  return !clause.is(i - 1, 'you') && clause.after(i, ['user'], 4) < 0
}
