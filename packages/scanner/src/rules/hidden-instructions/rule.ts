import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

const STRONG =
  /\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instructions?|rules?|prompts?)|\b(?:do not|don't|never)\b.{0,30}\b(?:tell|mention|inform|reveal|show)\b.{0,40}\b(?:user|owner|human)|\b(?:send|upload|post|forward|exfiltrate|transmit)\b.{0,100}(?:https?:|\bwebhook|\bserver\b)|\b(?:curl|wget)\b.{0,200}(?:\||http)|(?:~\/\.ssh|\.aws\/credentials|id_rsa|\.env\b|private key|seed phrase|mnemonic).{0,160}\b(?:send|post|upload|read|include|append|copy)|\b(?:read|send|cat|copy)\b.{0,80}(?:~\/\.ssh|\.aws\/|id_rsa|\/\.env\b|credentials|seed phrase)/s
const MODEL =
  /\b(?:you (?:must|should|are|will|need)|assistant|agent|claude|llm|model|system|always|when (?:the )?user|before (?:any|responding|processing|doing))\b/
/** A comment speaks to editors as well; to be an order it has to name the model, or say "you must". */
const ADDRESSED =
  /\b(?:you (?:must|should|are|will|need)|assistant|agent|claude|llm|model|when (?:the )?user|before (?:any|responding|processing|doing))\b/
const ACTION =
  /\b(?:run|execute|send|call|fetch|read|include|add|append|write|install|post|ignore|override|respond|transfer|approve)\b.{0,80}\b(?:file|command|user|url|http|token|key|data|script|instruction|wallet|address|response|secret)/s

export const rule: Rule = {
  name: 'hidden-instructions',
  check: 'structure',
  ast: 'AST01',
  item: '1.4',
  about:
    'Instructions stand where the reader of the page does not see them: comments, hidden elements, link titles, image texts.',
  severity: 'high',
  because: 'The person who approves the skill and the model that runs it read two different texts.',
  remediation: 'Move the text into the page, or delete it.',
  *find(material) {
    for (const hidden of material.facts.hidden) {
      const text = hidden.text.toLowerCase()
      if (text.length < 16) continue
      const orders = STRONG.test(text)
      if (orders) yield at(hidden, hidden.text, { severity: 'critical' })
      else if (hidden.how !== 'comment' && MODEL.test(text)) yield at(hidden, hidden.text)
      else if (hidden.how === 'comment' && ADDRESSED.test(text) && ACTION.test(text)) yield at(hidden, hidden.text)
      else if (hidden.how === 'style' && text.length > 30) yield at(hidden, hidden.text, { severity: 'medium' })
    }
  },
}
