import { hostKind, hostOf } from '../../facts/hosts.ts'
import { whatIsAt } from '../../facts/places.ts'
import type { Reader } from '../Act.ts'
import type { Clause } from '../Clause.ts'

/** A store of keys goes to an address: sent, attached, pasted, asked for by a form, or contained in what goes there. */
export const handOver: Reader = (clause, { urlBefore }) => {
  const things = clause.tokens.flatMap((token, i) => (isKeys(clause, i) && !token.isQuoted ? [i] : []))
  if (things.length === 0) return null
  const to = clause.tokens.findIndex((token) => token.kind === 'url')
  const url = to >= 0 ? (clause.tokens[to]?.text ?? '') : urlBefore
  if (url === '' || hostKind(hostOf(url)) === 'local') return null
  if (to >= 0 && clause.is(to - 1, 'from')) return null
  for (const thing of things) {
    // "Put the key of https://… in .env": the store is where it goes, not what goes.
    if (clause.is(thing - 1, 'to') && /^(?:in|into|to|at|on|inside)$/.test(clause.tokens[thing - 1]?.text ?? ''))
      continue
    if (clause.isNegated(thing)) continue
    const verb = clause.all('give', 'want').find((k) => k !== thing && Math.abs(k - thing) < 16)
    if (verb === undefined || clause.isNegated(verb) || clause.isTold(verb)) continue
    if (to < 0 && !clause.isAround(verb, ['there', 'form'], 8)) continue
    return { severity: 'high', target: url }
  }
  return null
}

/** Commands whose answer is every key of the machine. */
const ENVIRONMENT =
  /^(?:printenv|env|set|export -p|declare -x|(?:Get-ChildItem|gci|dir) env:|(?:gh|gcloud) auth (?:token|print-access-token))$/i

function isKeys(clause: Clause, i: number): boolean {
  const token = clause.tokens[i]
  if (token === undefined) return false
  if (token.kind === 'path' || token.kind === 'code') {
    if (token.kind === 'code' && ENVIRONMENT.test(token.text)) return true
    const what = whatIsAt(token.text)
    return (what === 'credential' || what === 'wallet') && token.text.length < 120 && !/\s/.test(token.text)
  }
  // "Every message of the user": all that is said.
  if (clause.is(i, 'third', 'content') && clause.ahead(i, ['each'], 2) >= 0 && clause.after(i, ['user'], 4) > 0)
    return !clause.isTold(i)
  // What the user said is handed over where all of it goes, or after every answer.
  if (clause.is(i, 'talk'))
    return !clause.isTold(i) && (clause.isAround(i, ['each', 'whatever'], 12) || clause.has('standing'))
  return clause.is(i, 'key', 'words') && !clause.isTold(i)
}
