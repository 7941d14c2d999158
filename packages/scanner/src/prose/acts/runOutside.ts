import { hostKind, hostOf } from '../../facts/hosts.ts'
import type { Reader } from '../Act.ts'
import { PINNED } from './Outside.ts'

/** A page about a program is no program. */
const PAGE = /\.(?:md|html?|json|ya?ml|txt|csv|pdf|png|jpe?g|svg)(?:[?#]|$)|docs?\.|\/docs?\//i

/** Has a program fetched from an address and started, in words: "download the helper from …, then start it". */
export const runOutside: Reader = (clause, { urlBefore }) => {
  const own = clause.tokens.find((token) => token.kind === 'url')?.text
  const url = own ?? urlBefore
  const kind = hostKind(hostOf(url))
  if (!/^https?:/.test(url) || kind === 'local' || PINNED.test(url) || PAGE.test(url)) return null
  if (clause.has('checked', 'confirm', 'attack') || clause.before?.concepts.has('checked') === true) return null
  for (const i of clause.all('start')) {
    if (!clause.isOrdered(i) || clause.isAskedFirst(i) || clause.ahead(i, ['user'], 3) >= 0) continue
    const isFetched =
      clause.all('open').some((k) => k < i && clause.isOrdered(k)) ||
      (own === undefined && clause.before?.concepts.has('open') === true)
    // What is started is what came: "start it", "run the script", "execute the command in a terminal".
    const isThat = clause.tokens
      .slice(i + 1, i + 4)
      .some((token) => token.concepts.has('it') || token.concepts.has('program'))
    if (!isFetched || !isThat) continue
    // A password keeps an archive from being looked into on its way.
    const isOpen = (kind === 'installer' || kind === 'code') && !PASSWORD.test(clause.text)
    return { severity: isOpen ? 'medium' : 'high', target: url }
  }
  return null
}

const PASSWORD = /\b(?:with|using|by)\b.{0,12}\bpass(?:word|code|phrase)?\b/i
