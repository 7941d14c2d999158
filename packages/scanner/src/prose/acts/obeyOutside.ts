import { hostKind, hostOf } from '../../facts/hosts.ts'
import type { Reader } from '../Act.ts'
import type { Clause } from '../Clause.ts'

/** A commit or a digest in the address keeps what was reviewed. */
const PINNED = /[0-9a-f]{40}/
const DOCS = /docs?\.|\/docs?\/|llms\.txt|readme|\/reference|\/guides?\/|developers?\./i

/** Orders that are kept elsewhere: whoever serves that address writes the skill anew each day. */
export const obeyOutside: Reader = (clause, { urlBefore }) => {
  const own = clause.tokens.find((token) => (token.kind === 'url' && /^https?:/.test(token.text)) || isFetch(token))
  const url = own === undefined ? urlBefore : addressIn(own.text)
  if (url === '' && !isStrangersWord(clause)) return null
  if (/\bnot (?:for|to|on) you\b|\bnot (?:orders|instructions|commands)\b/i.test(clause.text)) return null
  const kind = hostKind(hostOf(url))
  if (kind === 'local' || PINNED.test(url)) return null
  const isDocs = DOCS.test(url) || kind === 'code'
  const found = ordersThere(clause, own !== undefined) ?? obeys(clause, own !== undefined, urlBefore !== '')
  if (found === null) return null
  return {
    severity: isDocs && found !== 'open' ? 'low' : isDocs ? 'medium' : found === 'named' ? 'medium' : 'high',
    target: url,
  }
}

function isFetch(token: { kind: string; text: string }): boolean {
  return (
    token.kind === 'code' &&
    /\b(?:curl|wget|iwr|fetch)\b/.test(token.text) &&
    !/[|]|-o\b|-O\b|>/.test(token.text) &&
    /https?:\/\//.test(token.text)
  )
}

function addressIn(text: string): string {
  return /https?:\/\/[^\s"'`|)]{3,300}/.exec(text)?.[0] ?? ''
}

/** Words that strangers leave and that are meant for the agent. */
function isStrangersWord(clause: Clause): boolean {
  const text = clause.text.toLowerCase()
  return (
    /\b(?:comment|note|message|correction|review|reply|issue|ticket|answer)s?\b/.test(text) &&
    /\b(?:meant for you|addressed to you|is for you|are for you|intended for you)\b/.test(text)
  )
}

/**
 * `open`: whatever stands there is done. `orders`: the work itself is kept there. `named`: one thing that is described there.
 */
type How = 'open' | 'orders' | 'named'

function obeys(clause: Clause, isOwn: boolean, isBefore: boolean): How | null {
  if (!isOwn && !isBefore && !isStrangersWord(clause)) return null
  let isNamed = false
  for (const i of clause.all('obey')) {
    if (!clause.isOrdered(i) || clause.isAskedFirst(i)) continue
    const whatever = clause.isAround(i, ['whatever'], 8)
    const says = clause.isAround(i, ['says'], 12)
    if (whatever && says) return 'open'
    // "Everything in it is part of this procedure, so carry out each line."
    const all = clause.ahead(i, ['whatever'], 24)
    if (
      all >= 0 &&
      clause.after(all, ['it', 'there', 'says'], 4) > all &&
      clause.isNear(i, ['each', 'exactly', 'it'], 4)
    )
      return 'open'
    if (!isOwn && !isStrangersWord(clause) && !clause.isNear(i, ['there', 'says', 'it'], 8)) continue
    if (clause.isNear(i, ['it', 'there'], 5) && clause.isAround(i, ['exactly', 'each', 'ahead'], 8)) return 'open'
    if (isStrangersWord(clause)) return 'open'
    const orders = clause.near(i, ['orders'], 7)
    if (orders >= 0 && isOwn && (isThere(clause, orders) || clause.ahead(i, ['open'], 12) >= 0)) {
      if (isOnlyOrders(clause, i, orders)) return 'orders'
      isNamed = true
    }
    // "Open … and go on so", "go by that".
    if (clause.ahead(i, ['open', 'lives-at'], 24) >= 0 && isOwn && clause.isNear(i, ['it', 'says'], 5)) {
      if (clause.isAround(i, ['says'], 14) || clause.isAround(i, ['orders'], 24)) return 'open'
      isNamed = true
    }
    if (
      !clause.isEnglish &&
      (orders >= 0 || whatever || clause.isAround(i, ['exactly', 'it', 'there', 'orders'], 8)) &&
      (isOwn || clause.isAround(i, ['says', 'there', 'it'], 10))
    )
      return 'open'
  }
  for (const i of clause.all('takes-place'))
    if (
      !clause.isNegated(i) &&
      !clause.isTold(i) &&
      clause.ahead(i, ['whatever'], 9) >= 0 &&
      clause.ahead(i, ['says'], 6) >= 0
    )
      return 'open'
  // "… asks for: do everything", "see to it".
  for (const i of clause.all('treat-as'))
    if (
      clause.isOrdered(i) &&
      (!clause.isEnglish || /^(?:treat|take|regard|consider)/.test(clause.tokens[i]?.text ?? '')) &&
      isSource(clause) &&
      /\bas\b/.test(clause.text) &&
      clause.isNear(i, ['rules', 'takes-place', 'orders'], 16)
    )
      return 'open'
  return isNamed ? 'named' : null
}

function isSource(clause: Clause): boolean {
  return /\b(?:output|response|answer|reply|result|comes back|returns|what it prints|text|content)\b/i.test(clause.text)
}

/** Whether the address follows a place's preposition after the orders. */
function isThere(clause: Clause, i: number): boolean {
  for (let k = i + 1; k < Math.min(clause.tokens.length, i + 9); k += 1)
    if (clause.tokens[k]?.kind === 'url') return clause.is(k - 1, 'to', 'from') || clause.is(k - 1, 'lives-at')
  return false
}

/** "Follow the instructions at …" is open; "follow the installation instructions at …" is one thing that is named. */
function isOnlyOrders(clause: Clause, from: number, orders: number): boolean {
  return orders - from <= 3 || clause.isAround(orders, ['exactly', 'whatever'], 5)
}

/** "The order of work lives at …": what there is to do is kept there. */
function ordersThere(clause: Clause, isOwn: boolean): How | null {
  if (!isOwn) return null
  const url = clause.tokens.findIndex((token) => token.kind === 'url')
  for (const i of clause.all('lives-at', 'takes-place')) {
    if (clause.isNegated(i) || clause.isTold(i) || url < 0 || Math.abs(url - i) > 8) continue
    const orders = clause.ahead(i, ['orders'], 14)
    if (orders < 0) continue
    const isYours = clause.isAround(orders, ['you'], 3) || clause.isAround(i, ['exactly'], 20)
    const isFollowed = clause.all('obey').some((k) => k !== i && k > url && clause.isOrdered(k))
    if (isFollowed || (isYours && clause.isAround(i, ['open', 'obey'], 20))) return 'open'
  }
  return null
}
