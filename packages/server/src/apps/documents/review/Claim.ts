import { Table } from '@countersign/base'
/** Something that a document states of a subject and that can differ: an address, a share, a time, a number with its unit. */
export interface Claim {
  /** Content words, stemmed, without the value. */
  readonly subject: readonly string[]
  /** Whom or what it holds for ("for gold members", "in euros"): two claims with different ones are of two things. */
  readonly scope: readonly string[]
  readonly kind: string
  /** In one unit for its kind. */
  readonly value: string
  /** As it stands. */
  readonly shown: string
  readonly line: number
}

const STOP = new Set(
  'a an the of for to in on at by from with and or is are was were be been it its this that these those as per each every all any our your their we you they there here has have will can may must should not no than then now currently also only use used goes go via through paid pay uses see about please amount value name table note stands found located'.split(
    ' ',
  ),
)
/** What was, or will be, is no claim about now. */
const OTHER_TIME =
  /\b(?:until|before|formerly|previously|used to|was|were|had been|in (?:19|20)\d\d|as of (?:19|20)\d\d|from (?:19|20)\d\d|old|earlier|planned|will be|proposed|historically|for example|e\.g\.|such as|suppose|if)\b/i
const ADDRESS = /0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/g
const NUMBER =
  /(?<![\w.#/-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s?(%|percent\b|bps\b|basis points?\b|(?:[A-Za-z]{1,12}\b))?/g
const TIMES = Table.of<number>({
  s: 1,
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  h: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
  week: 604_800,
  month: 2_592_000,
  year: 31_536_000,
})
const WORDS: Readonly<Record<string, string>> = {
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  ten: '10',
  twelve: '12',
}
/** Up to the verb, the value or the end. */
const SCOPE =
  /\b(?:for|in|on|with|under|over|above|below|when|during|within|between|among)\s+(?:(?!\b(?:is|are|was|costs?|goes|must|has|have|can|will)\b)[^.,;|])+/gi
const MAX_CLAIMS = 2_000

/** The claims of a text, sentence by sentence; a row of a table is one. */
export function claimsIn(lines: readonly { readonly text: string; readonly line: number }[]): readonly Claim[] {
  const claims: Claim[] = []
  for (const { text, line } of lines) {
    if (/^\s*#/.test(text)) continue
    for (const sentence of text.split(/(?<=[.!?;])\s+/)) {
      if (OTHER_TIME.test(sentence)) continue
      const found = valuesIn(sentence)
      const [only] = found
      // Two values in one sentence: which subject is whose is a guess.
      if (only === undefined || found.length > 1) continue
      const words = sentence.replace(only.shown, ' ')
      const scope = subjectOf([...words.matchAll(SCOPE)].map(([each]) => each).join(' '))
      const subject = subjectOf(words.replaceAll(SCOPE, ' '))
      if (subject.length > 0 && subject.length <= 12 && claims.length < MAX_CLAIMS)
        claims.push({ subject, scope, ...only, line })
    }
  }
  return claims
}

/** A claim of a fact of the front matter. */
export function ofFact(name: string, value: string): Claim {
  return {
    subject: subjectOf(name.replaceAll(/[_-]/g, ' ')),
    scope: [],
    kind: 'fact',
    value: normal(value),
    shown: value.slice(0, 80),
    line: 1,
  }
}

/** Whether two claims of two documents cannot both hold: the same subject and kind, and another value. */
export function contradicts(a: Claim, b: Claim): boolean {
  if (a.kind !== b.kind || a.value === b.value) return false
  if (a.scope.toSorted().join(' ') !== b.scope.toSorted().join(' ')) return false
  const shared = a.subject.filter((word) => b.subject.includes(word)).length
  const [extraA, extraB] = [a.subject.length - shared, b.subject.length - shared]
  if (a.kind === 'fact') return extraA === 0 && extraB === 0
  // What both name beyond the shared words tells two things apart.
  return shared >= (a.kind === 'address' ? 1 : 2) && Math.min(extraA, extraB) === 0 && Math.max(extraA, extraB) <= 2
}

function valuesIn(sentence: string): Omit<Claim, 'subject' | 'scope' | 'line'>[] {
  const addresses = [...sentence.matchAll(ADDRESS)].map(({ 0: shown }) => ({
    kind: 'address',
    value: shown.toLowerCase(),
    shown,
  }))
  const rest = sentence
    .replaceAll(/0x[0-9a-fA-F]+/g, ' ')
    .replaceAll(
      /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve)(?=\s+(?:second|minute|hour|day|week|month|year))/gi,
      (word) => WORDS[word.toLowerCase()] ?? word,
    )
  const numbers = [...rest.matchAll(NUMBER)].flatMap(([shown, whole = '', fraction = '', unit = '']) => {
    const number = Number(`${whole.replaceAll(',', '')}${fraction}`)
    const name = unit.toLowerCase()
    if (/^(?:%|percent)$/.test(name)) return [{ kind: 'share', value: String(round(number)), shown }]
    if (/^(?:bps|basis points?)$/.test(name)) return [{ kind: 'share', value: String(round(number / 100)), shown }]
    const seconds = TIMES[name] ?? TIMES[name.replace(/s$/, '')]
    if (seconds !== undefined) return [{ kind: 'time', value: String(number * seconds), shown }]
    // A number without a unit is as often a heading, a version or a year.
    return /^[A-Z]{2,10}$/.test(unit) || /^(?:dollars?|euros?|tokens?|decimals?|confirmations?|blocks?)$/.test(name)
      ? [{ kind: name.replace(/s$/, ''), value: String(number), shown }]
      : []
  })
  return [...addresses, ...numbers]
}

function subjectOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}][\p{L}\p{N}-]*/gu) ?? []
  return [...new Set(words.filter((word) => word.length > 1 && !STOP.has(word)).map(stem))]
}

function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ies)$/, 'y').replace(/(?:als?|ing|ed|es|s)$/, '') : word
}

function normal(value: string): string {
  return value.trim().toLowerCase().replaceAll(/\s+/g, ' ')
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
