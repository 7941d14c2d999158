import { whatIsAt } from '../../facts/places.ts'
import type { Reader } from '../Act.ts'

/** Files of which one is the whole project's: notes about it belong there. */
const PROJECT = /^(?:\.\/)?(?:AGENTS|CLAUDE|GEMINI)\.md$/

/** What nobody said goes down as said. */
const AS_SAID =
  /\bas (?:if|though|things|something|words)\b[^.]{0,12}\b(?:user|person|owner|human)\b[^.]{0,10}\b(?:said|told|wrote|typed|asked|stated)\b/i

/** Writes into what steers the agent: that the skill is trusted, that nobody need be asked. */
export const steerMemory: Reader = (clause) => {
  const at = clause.tokens.findIndex(
    (token, i) => (token.kind === 'path' && whatIsAt(token.text) === 'identity') || clause.is(i, 'memory'),
  )
  if (at < 0) return null
  for (const i of clause.all('write')) {
    if (!clause.isOrdered(i) || Math.abs(i - at) > 16 || (clause.isEnglish && i > at)) continue
    if (clause.has('trust', 'no-need')) return { severity: 'high' }
    if (clause.isEnglish && AS_SAID.test(clause.text)) return { severity: 'high' }
    const path = clause.tokens[at]
    if (path?.kind !== 'path' || PROJECT.test(path.text) || clause.has('confirm')) return null
    return /SOUL|MEMORY|IDENTITY|HEARTBEAT/.test(path.text) && !/^notes?\//.test(path.text)
      ? { severity: 'high' }
      : null
  }
  return null
}
