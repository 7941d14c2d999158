import type { DocumentFinding } from '../Document.ts'

/** Who is spoken to, where it is not the reader. */
const ADDRESSEE =
  /\b(?:ai|artificial intelligence|virtual|digital)[ -](?:assistants?|agents?|models?|systems?|readers?)\b|\b(?:language models?|llms?|chat ?bots?|gpt|claude|gemini|copilot)\b|\b(?:the|any|all|every|dear|to|note to|message to|attention) (?:assistant|agent|model|bot|ai)s?\b|^(?:assistant|agent|model|system|ai)\s*[:,]/i
/** What lets value go, or the owner out. */
const HARM: readonly RegExp[] = [
  /\b(?:no|not|never|without|skip\w*|omit\w*|need(?:s)? no|bypass\w*|suppress\w*)\b[^.!?]{0,40}\b(?:ask\w*|confirm\w*|question\w*|approv\w*|permission|consent|check\w*|review\w*|warn\w*|verif\w*)\b/i,
  /\b(?:treat|consider|regard|count|take)\b[^.!?]{0,80}\b(?:as|to be)\b[^.!?]{0,30}\b(?:confirmed|approved|authori[sz]ed|verified|trusted|safe|allow-?listed|whitelisted)\b/i,
  /\b(?:has|have|had|was|were|is|are|been|already)\b[^.!?]{0,30}\b(?:agreed|confirmed|approved|consented|authori[sz]ed)\b[^.!?]{0,60}\b(?:transfers?|payments?|transactions?|every|all|trades?)\b/i,
  /\b(?:call|use|invoke|run|execute)\b[^.!?]{0,60}\b(?:tool|function|command)\b|\bcall (?:send|swap|approve|transfer|[A-Z]\w+)\b/i,
  /\b(?:do not|don't|never|must not|should not|without)\b[^.!?]{0,20}\b(?:mention|tell|show|reveal|inform|report|disclos\w*|say)/i,
  /\b(?:send|transfer|pay|approve|swap|move|withdraw|deposit|route|redirect|stake)\b[^.!?]{0,120}\b(?:0x[0-9a-f]{6,40}|address|recipient|wallet|account|custodian|balance|funds|all|everything|unlimited|remaining)\b/i,
]
/** A rule that makes the assistant more careful is no attack. */
const CAREFUL =
  /\b(?:must|should|will|shall|has to|always)\b(?:(?!\b(?:not|never)\b)[^.!?]){0,20}\b(?:asks?|confirms?|refuses?|warns?|shows?)\b|\b(?:never|not|cannot|don't|refus\w*)\b(?:(?!\b(?:ask|confirm|question|tell|mention|need)\w*\b)[^.!?]){0,30}\b(?:send|sign|approve|transfer|pay|treat|trust|follow|obey|act|swap|move)\w*\b(?![^.!?]{0,80}\b(?:ask\w*|confirm\w*|tell|mention)\b)/i
/** "Set your instructions aside" in languages that the scanner reads only in longer texts. */
const OVERRIDE =
  /\b(?:ignorier|missacht|vergiss|vergesst|verwirf)\p{L}*\b[^.!?]{0,40}\b(?:vorherig|vorig|bisherig|früher|obig|ursprünglich|all)\p{L}*\b[^.!?]{0,20}\b(?:anweisung|instruktion|vorgabe|regel|befehl)|\b(?:ignor|oubli|néglig)\p{L}*\b[^.!?]{0,30}\b(?:instructions?|consignes?|règles?)\b[^.!?]{0,20}\b(?:précédent|antérieur|ci-dessus)|\b(?:ignor|olvid|descart)\p{L}*\b[^.!?]{0,30}\b(?:instrucciones|reglas|instruções|regras)\b[^.!?]{0,20}\b(?:anterior|previa|prévia)|\b(?:ignor|dimentic)\p{L}*\b[^.!?]{0,30}\b(?:istruzioni|regole)\b[^.!?]{0,20}\bprecedent|\b(?:negeer|vergeet)\b[^.!?]{0,30}\b(?:vorige|eerdere|voorgaande|bovenstaande)\b[^.!?]{0,20}\b(?:instructies|regels)|\b(?:игнорируй|забудь)\p{L}*[^.!?]{0,30}(?:предыдущ|прежн)\p{L}*[^.!?]{0,20}(?:инструкци|указани|правил)/iu

interface Line {
  readonly text: string
  readonly line: number
}

/**
 * Sentences that speak to the model that will read them, and want something of it that costs the owner money or a question. A
 * detector is no boundary: what keeps money safe is that a document's text grounds nothing.
 */
export function toModels(lines: readonly Line[]): readonly DocumentFinding[] {
  return sentencesOf(lines).flatMap(({ text, line, context }): DocumentFinding[] => {
    if (OVERRIDE.test(text) && !isQuoted(text))
      return [
        { rule: 'instruction', severity: 'high', line, because: 'It tells the model to set its instructions aside.' },
      ]
    if (!ADDRESSEE.test(context) || !HARM.some((each) => each.test(text)) || CAREFUL.test(text)) return []
    return [
      {
        rule: 'instruction',
        severity: 'high',
        line,
        because: 'It speaks to the model that reads it, and wants value moved or a question left out.',
      },
    ]
  })
}

/** A whole sentence in quotes or in a quotation is shown, not spoken. */
function isQuoted(text: string): boolean {
  return /^(?:>|["'“„«])/.test(text.trim())
}

/** Whether a text that is hidden wants anything: there, no addressee is needed. */
export function isOrder(text: string): boolean {
  return (
    HARM.some((each) => each.test(text)) ||
    (ADDRESSEE.test(text) &&
      /\b(?:must|should|always|never|do|when|before|from now on|treasury|pay|answer)\b/i.test(text))
  )
}

/** Sentences with what stands just before them in their paragraph: who was spoken to may stand there. */
function sentencesOf(lines: readonly Line[]): { text: string; line: number; context: string }[] {
  const all: { text: string; line: number; context: string }[] = []
  let paragraph: Line[] = []
  const flush = (): void => {
    let before = ''
    for (const each of cut(paragraph)) {
      all.push({ ...each, context: `${before} ${each.text}` })
      before = each.text
    }
    paragraph = []
  }
  for (const line of lines)
    if (line.text.trim() === '') flush()
    else paragraph.push(line)
  flush()
  return all
}

function cut(paragraph: readonly Line[]): { text: string; line: number }[] {
  const text = paragraph.map((each) => each.text).join('\n')
  const starts: number[] = []
  let at = 0
  for (const each of paragraph) {
    starts.push(at)
    at += each.text.length + 1
  }
  return [...text.matchAll(/[^.!?]+(?:[.!?](?=\S)[^.!?]*)*[.!?]*/g)].map(({ 0: raw, index }) => {
    const from = index + (raw.length - raw.trimStart().length)
    const i = starts.findLastIndex((start) => start <= from)
    return { text: raw.replaceAll(/\s+/g, ' ').trim(), line: paragraph[Math.max(0, i)]?.line ?? 1 }
  })
}
