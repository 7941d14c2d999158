import { hostKind, hostOf } from '../../facts/hosts.ts'
import type { Reader } from '../Act.ts'
import type { Clause } from '../Clause.ts'
import { PINNED } from './Outside.ts'

const DOCS = /docs?\.|\/docs?\/|llms\.txt|readme|\/reference|\/guides?\/|developers?\./i
const PAGE =
  '(?:this|the present) (?:page|file|document|skill|guide|text|sheet|manual|set of instructions|instructions?)'
const AGENT = '(?:the (?:assistant|agent|model)|you|every (?:agent|assistant))'

/** What gives a text that stands elsewhere a place among the orders, without a verb of obeying. */
const JOINS: readonly RegExp[] = [
  // "Counts as part of this page", "consider its paragraphs an extension of this file".
  new RegExp(`\\b(?:part|parts|extension|continuation|annex|addendum) (?:of|to) ${PAGE}\\b`, 'i'),
  /\bincorporated\b[^.]{0,24}\bby reference\b(?! in(?:to)? (?:the|a|an|our|your) (?:contract|agreement|terms|polic|order|licen[cs]e|lease))/i,
  new RegExp(`\\b(?:binds?|binding (?:on|upon|for)|obliges?)\\b[^.;,:]{0,16}\\b${AGENT}\\b`, 'i'),
  // "Prevails over this skill", "has priority over the wishes of the user".
  new RegExp(
    `\\b(?:prevails?|precedence|priority|wins?)\\b[^.]{0,16}\\bover\\b[^.]{0,30}\\b(?:${PAGE}|(?:the )?(?:user|owner|operator)\\b|what stands here|your own)`,
    'i',
  ),
  // "Its entries are yours to work through", "whatever comes back is your next move".
  /\b(?:entries|items|tasks|steps|assignments?|jobs?|orders|instructions|duties|lines|whatever|everything|all that)\b[^.]{0,90}\b(?:is|are) (?:all )?(?:yours\b(?! to keep)|your (?:next|to-do|todo|own to-do|task|orders|work|job|assignment|marching))/i,
  // "Let it decide which commands you run."
  /\blet (?:it|them|that|its [\w-]{1,20}|the (?!user|owner|reader|person|human|operator|customer|team)[\w-]{1,20}) (?:decide|determine|choose|dictate|govern|settle|pick)\b[^.]{0,40}\b(?:commands?|tools?|files?|steps?|actions?) you\b/i,
  /\bBestandteil (?:dieses|dieser) (?:Dokuments?|Seite|Skills?|Anleitung|Textes)\b/i,
  /\bVorrang vor (?:dieser|diesem|dem hier)\b/i,
]

/** Makes a text that stands elsewhere part of the skill, binding, or the agent's list of tasks: whoever serves it writes the skill. */
export const joinOutside: Reader = (clause, { urlBefore }) => {
  const own = clause.tokens.find((token) => token.kind === 'url' && /^https?:/.test(token.text))
  const target = own?.text ?? urlBefore
  if (target === '' || clause.has('attack') || PINNED.test(target)) return null
  const kind = hostKind(hostOf(target))
  if (kind === 'local' || !isMeant(clause)) return null
  // The dots of an address end no sentence.
  const text = clause.text.replaceAll(/https?:\/\/\S+/g, 'ADDRESS')
  if (!JOINS.some((pattern) => pattern.test(text))) return null
  return { severity: DOCS.test(target) || kind === 'code' ? 'medium' : 'high', target }
}

function isMeant(clause: Clause): boolean {
  return clause.all('joins').some((i) => !clause.isNegated(i) && !clause.isTold(i))
}
