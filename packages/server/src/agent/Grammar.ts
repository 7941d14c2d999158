import { Address } from '@countersign/base'

/**
 * What a user's sentence means, in typed slots. A slot that is missing is asked for, never guessed. Amounts stay
 * the decimal text that was typed; symbols stay as typed and are resolved by the tools against the registry.
 */
export type Frame =
  | { readonly verb: 'swap'; readonly amount?: string; readonly give?: string; readonly take?: string }
  | { readonly verb: 'send'; readonly amount?: string; readonly token?: string; readonly recipient?: string }
  | { readonly verb: 'approve'; readonly amount?: string; readonly token?: string; readonly spender?: string }
  | { readonly verb: 'revoke'; readonly token?: string; readonly spender?: string }
  | { readonly verb: 'balance'; readonly token?: string }
  | { readonly verb: 'price'; readonly amount?: string; readonly give?: string; readonly take?: string }
  /** An EIP-712 document, as it was pasted. */
  | { readonly verb: 'sign'; readonly document?: string }
  /** The way on from a batch that ended half done. */
  | { readonly verb: 'finish'; readonly how: 'continue' | 'revoke' }
  | { readonly verb: 'help' }

/** What the user told the agent in this session; derived from the user's own messages and nothing else. */
export interface Memory {
  /** Lower-case name → address. */
  readonly contacts: ReadonlyMap<string, Address.Address>
  /** Percent as typed, such as "1" or "0.5"; null for the default. */
  readonly slippagePercent: string | null
}

export type Meaning =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly memory: Memory }
  /** Something is missing or ambiguous: the question to ask. */
  | { readonly kind: 'question'; readonly question: string; readonly memory: Memory }
  /** Something was remembered, or a pending question was dropped. */
  | { readonly kind: 'noted'; readonly text: string; readonly memory: Memory }
  | { readonly kind: 'unknown'; readonly memory: Memory }

/** What it can do, with examples; also its answer to anything it does not understand. */
export const HELP = [
  'I understand a few plain sentences (I am a grammar, not a language model):',
  '  swap 100 USDC for DAI',
  '  send 5 USDC to 0x… (or to a name you gave me: "Bob is 0x…")',
  '  approve 100 USDC for 0x… · revoke USDC approval for 0x…',
  '  what is my balance · price of DAI in USDC',
  '  use 1% slippage',
  '  sign {"types": …} (an EIP-712 document, pasted whole)',
].join('\n')

const SLOTS = {
  swap: ['amount', 'give', 'take'],
  send: ['amount', 'token', 'recipient'],
  approve: ['amount', 'token', 'spender'],
  revoke: ['token', 'spender'],
  balance: [],
  price: ['give', 'take'],
  sign: ['document'],
  finish: [],
  help: [],
} as const satisfies Record<Frame['verb'], readonly string[]>

const QUESTIONS: Readonly<Record<string, string>> = {
  amount: 'How much? Write digits, such as 1.5.',
  give: 'Which token do you want to give?',
  take: 'Which token do you want to receive?',
  token: 'Which token?',
  recipient: 'To which address? Paste it in full, or tell me a name first ("Bob is 0x…").',
  spender: 'Which spender? Paste the address in full.',
}

/** Words that are never a token or a name. */
const STOPWORDS = new Set(
  'a an the my me i you it its to for of in into with from and or please what how much many is are all some at on by this that not no yes ok okay do does can could would will want need approval allowance token tokens worth amount balance price quote address'.split(
    ' ',
  ),
)

type Slots = Record<string, string | undefined>
type Pending = { readonly verb: Frame['verb']; readonly slots: Slots }

/**
 * Reads a conversation: every message the user typed, oldest first. The meaning is that of the last one, with
 * contacts, settings and an open question carried over from those before. Total: never throws, for any text.
 */
export function understand(userTexts: readonly string[]): Meaning {
  let memory: Memory = { contacts: new Map(), slippagePercent: null }
  let pending: Pending | null = null
  let meaning: Meaning = { kind: 'unknown', memory }
  for (const text of userTexts) {
    const document = /^\s*sign\s+(\{[\s\S]*\})\s*$/.exec(text)?.[1]
    // Not a character of what is to be signed may change.
    const step: ReturnType<typeof read> =
      document === undefined
        ? read(text.normalize('NFKC').trim(), memory, pending)
        : { meaning: { kind: 'frame', frame: { verb: 'sign', document }, memory }, pending: null }
    memory = step.meaning.memory
    pending = step.pending
    meaning = step.meaning
  }
  return meaning
}

function read(text: string, memory: Memory, pending: Pending | null): { meaning: Meaning; pending: Pending | null } {
  const lower = text.toLowerCase().replace(/\s+/g, ' ')
  const say = (meaning: Meaning, next: Pending | null = null) => ({ meaning, pending: next })
  if (text.length > 2_000)
    return say({ kind: 'question', question: 'That is too long for me; say it in one sentence.', memory })

  const contact =
    /^(?:call |remember )?([a-z][a-z0-9_.-]{0,30})(?:'s address)? (?:is|=|as) (0x[0-9a-f]{1,64})\.?$/i.exec(text) ??
    swapGroups(/^call (0x[0-9a-f]{1,64}) ([a-z][a-z0-9_.-]{0,30})\.?$/i.exec(text))
  if (contact !== null) {
    const [, name = '', address = ''] = contact
    const problem = addressProblem(address)
    if (problem !== null) return say({ kind: 'question', question: problem, memory }, pending)
    if (STOPWORDS.has(name.toLowerCase())) return say({ kind: 'unknown', memory })
    const contacts = new Map(memory.contacts).set(name.toLowerCase(), Address.parse(address))
    return say(
      {
        kind: 'noted',
        text: `Noted for this session: ${name} is ${Address.parse(address)}.`,
        memory: { ...memory, contacts },
      },
      pending,
    )
  }
  const slippage =
    /^(?:use|set|allow) (?:a )?(?:slippage (?:of |to )?(\d+(?:\.\d+)?) ?%|(\d+(?:\.\d+)?) ?% (?:max )?slippage)\.?$/.exec(
      lower,
    )
  if (slippage !== null) {
    const percent = slippage[1] ?? slippage[2] ?? '0'
    if (Number(percent) > 50 || Number(percent) <= 0) {
      return say({ kind: 'question', question: 'Slippage must be above 0 % and at most 50 %.', memory }, pending)
    }
    return say(
      {
        kind: 'noted',
        text: `Noted for this session: at most ${percent} % slippage.`,
        memory: { ...memory, slippagePercent: percent },
      },
      pending,
    )
  }
  if (/^(?:cancel|never ?mind|stop|no|forget it)[.!]?$/.test(lower)) {
    return say({
      kind: 'noted',
      text: pending === null ? 'There is nothing to cancel here. A proposal is rejected on its card.' : 'Dropped.',
      memory,
    })
  }
  if (/^(?:help|what can you do|\?|commands|hi|hello|hey)\b/.test(lower))
    return say({ kind: 'frame', frame: { verb: 'help' }, memory })

  const how = finishing(lower)
  if (how !== null) return say({ kind: 'frame', frame: { verb: 'finish', how }, memory })

  const fresh = parseVerb(text, lower)
  if (fresh !== null) return complete(fresh, memory)
  if (pending !== null) {
    const filled = fillPending(pending, text, lower, memory)
    if (filled !== null)
      return 'question' in filled
        ? say({ kind: 'question', question: filled.question, memory }, pending)
        : complete(filled, memory)
  }
  return say({ kind: 'unknown', memory })
}

/** Which way on a sentence chooses from a batch that ended half done; null when it chooses none. */
function finishing(lower: string): 'continue' | 'revoke' | null {
  const clean = lower
    .replace(/[.!]+$/, '')
    .replace(/^please /, '')
    .replace(/ please$/, '')
  if (/^(?:continue|go on|carry on|finish it|sign the rest)$/.test(clean)) return 'continue'
  return /^(?:take (?:(?:the |that |my )?permissions? back|back (?:the |that |my )?permissions?|it back|that back))$/.test(
    clean,
  )
    ? 'revoke'
    : null
}

/** Asks for the first thing that is missing or unclear; a complete frame goes on. */
function complete(found: Pending, memory: Memory): { meaning: Meaning; pending: Pending | null } {
  const { verb, slots } = found
  const ask = (question: string, drop?: string) => ({
    meaning: { kind: 'question', question, memory } as const,
    pending: { verb, slots: drop === undefined ? slots : { ...slots, [drop]: undefined } },
  })
  if (slots['unclear'] !== undefined)
    return { meaning: { kind: 'question', question: slots['unclear'], memory }, pending: null }
  const amount = slots['amount']
  if (amount !== undefined && amount !== 'unlimited') {
    const problem = amountProblem(amount)
    if (problem !== null) return ask(problem, 'amount')
  }
  for (const slot of ['recipient', 'spender']) {
    const value = slots[slot]
    if (value === undefined) continue
    if (value.startsWith('0x')) {
      const problem = addressProblem(value)
      if (problem !== null) return ask(problem, slot)
    } else if (!memory.contacts.has(value.toLowerCase())) {
      return ask(
        `I do not know who "${value.slice(0, 40)}" is. Paste the address, or tell me: "${value.slice(0, 40)} is 0x…".`,
        slot,
      )
    }
  }
  const missing = SLOTS[verb].find((slot) => slots[slot] === undefined)
  if (missing !== undefined) {
    if (verb === 'price' && missing === 'take')
      slots['take'] = slots['give']?.toUpperCase() === 'USDC' ? 'native' : 'USDC'
    else return ask(QUESTIONS[missing] ?? 'Please say it in full.')
  }
  if (
    slots['give'] !== undefined &&
    slots['take'] !== undefined &&
    slots['give'].toUpperCase() === slots['take'].toUpperCase()
  ) {
    return ask('You would give and receive the same token. Which one do you want to receive?', 'take')
  }
  const resolve = (value: string | undefined) =>
    value === undefined || value.startsWith('0x') ? value : memory.contacts.get(value.toLowerCase())
  const frame = Object.fromEntries(
    Object.entries({ ...slots, recipient: resolve(slots['recipient']), spender: resolve(slots['spender']) }).filter(
      ([, value]) => value !== undefined,
    ),
  )
  return { meaning: { kind: 'frame', frame: { verb, ...frame } as Frame, memory }, pending: null }
}

const AMOUNT = String.raw`(-?\$?[\d][\d.,_]*|-\d[\d.,]*|all|half|max|everything|unlimited|infinite)`
/** A symbol, or an address where the symbol alone would not do. */
const TOKEN = String.raw`(0x[0-9a-f]{40}|[a-z][a-z0-9.]{1,11})`
const WHO = String.raw`(0x[0-9a-f]{1,64}|[a-z][a-z0-9_.-]{0,30})`

/** The verbs, each with every way of saying it. Null when no verb is there. */
function parseVerb(text: string, lower: string): Pending | null {
  const clean = text
    .replace(/[.!?]+$/, '')
    .replace(/\s+/g, ' ')
    .replace(/^(?:please|can you|could you|i want to|i'd like to|i would like to|let's) /i, '')
  const match = (pattern: string) => new RegExp(`^${pattern}$`, 'i').exec(clean)
  const token = (value: string | undefined) =>
    value === undefined || STOPWORDS.has(value.toLowerCase()) ? undefined : value
  const pend = (verb: Frame['verb'], slots: Slots): Pending => ({ verb, slots })

  let m = match(
    String.raw`(?:swap|exchange|trade|convert|sell)(?: ${AMOUNT})?(?: ${TOKEN})?(?: (?:for|to|into|->|→|in) (?:some )?${TOKEN})?`,
  )
  if (m !== null) return pend('swap', { amount: m[1], give: token(m[2]), take: token(m[3]) })
  m = match(String.raw`buy (?:some )?${TOKEN}(?: (?:with|for|using)(?: ${AMOUNT})?(?: ${TOKEN})?)?`)
  if (m !== null) return pend('swap', { take: token(m[1]), amount: m[2], give: token(m[3]) })
  m = match(String.raw`buy ${AMOUNT} ${TOKEN}.*`)
  if (m !== null) {
    return pend('swap', {
      unclear:
        'I swap an exact amount that you give. How much of which token do you want to give? For example: swap 100 USDC for DAI.',
    })
  }
  m = match(String.raw`(?:send|transfer|pay)(?: ${AMOUNT})?(?: (?!to )${TOKEN})?(?: to ${WHO})?`)
  if (m !== null) return pend('send', { amount: m[1], token: token(m[2]), recipient: m[3] })
  m = match(String.raw`(?:send|pay|give) ${WHO} ${AMOUNT} ${TOKEN}`)
  if (m !== null) return pend('send', { recipient: m[1], amount: m[2], token: token(m[3]) })
  m = match(String.raw`(?:approve|allow)(?: ${AMOUNT})?(?: ${TOKEN})?(?: (?:for|to) ${WHO})?`)
  if (m !== null) return pend('approve', { amount: unlimited(m[1]), token: token(m[2]), spender: m[3] })
  m = match(String.raw`(?:approve|allow) ${WHO} (?:to spend|for) ${AMOUNT} ${TOKEN}`)
  if (m !== null) return pend('approve', { spender: m[1], amount: unlimited(m[2]), token: token(m[3]) })
  m = match(
    String.raw`(?:revoke|remove|cancel)(?: (?:my |the )?${TOKEN})?(?: (?:approval|allowance|permission))?(?: (?:for|from|of) ${WHO})?`,
  )
  if (m !== null && /^(?:revoke|remove|cancel .*(?:approval|allowance))/i.test(clean))
    return pend('revoke', { token: token(m[1]), spender: m[2] })
  m = match(
    String.raw`(?:what(?:'s| is) my |show (?:me )?(?:my )?|my |check (?:my )?|how much (?:do i have|money do i have))?(?: ?${TOKEN})? ?(?:balances?|holdings)?(?: (?:of|in) ${TOKEN})?`,
  )
  if (/\b(?:balances?|holdings|do i have)\b/.test(lower) && m !== null)
    return pend('balance', { token: token(m[2]) ?? token(m[1]) })
  m = match(String.raw`how much ${TOKEN} do i have`)
  if (m !== null) return pend('balance', { token: token(m[1]) })
  m = match(
    String.raw`(?:what(?:'s| is) the )?(?:price|quote)(?: (?:of|for))?(?: ${AMOUNT})? ${TOKEN}(?: (?:in|to|for|into) ${TOKEN})?`,
  )
  if (m !== null) return pend('price', { amount: m[1], give: token(m[2]), take: token(m[3]) })
  m = match(String.raw`how much (?:is |does )?${AMOUNT}? ?${TOKEN}(?: (?:worth|cost))?(?: in ${TOKEN})?`)
  if (m !== null && /\b(?:worth|cost|is|in)\b/.test(lower))
    return pend('price', { amount: m[1], give: token(m[2]), take: token(m[3]) })
  m = match(String.raw`how much ${TOKEN} (?:for|do i get for|is) ${AMOUNT} ${TOKEN}`)
  if (m !== null) return pend('price', { take: token(m[1]), amount: m[2], give: token(m[3]) })
  return null
}

function unlimited(amount: string | undefined): string | undefined {
  return amount !== undefined && /^(?:unlimited|infinite|max|all|everything)$/i.test(amount) ? 'unlimited' : amount
}

/** An answer to the question that is open: exactly the missing thing, or nothing. */
function fillPending(
  pending: Pending,
  text: string,
  lower: string,
  memory: Memory,
): Pending | { question: string } | null {
  const missing = SLOTS[pending.verb].find((slot) => pending.slots[slot] === undefined)
  if (missing === undefined) return null
  const answer = lower.replace(/^(?:to|for|it's|its|is) /, '').replace(/[.!]$/, '')
  const original = text.trim().split(/\s+/).at(-1)?.replace(/[.!]$/, '') ?? ''
  const fill = (value: string): Pending => ({ verb: pending.verb, slots: { ...pending.slots, [missing]: value } })
  if (missing === 'amount') {
    const both = new RegExp(String.raw`^${AMOUNT}(?: ${TOKEN})?$`).exec(answer)
    return both === null ? null : fill(pending.verb === 'approve' ? (unlimited(both[1]) ?? '') : (both[1] ?? ''))
  }
  if (missing === 'recipient' || missing === 'spender') {
    if (answer.startsWith('0x')) return fill(original)
    if (memory.contacts.has(answer)) return fill(answer)
    return /^[a-z][a-z0-9_.-]{0,30}$/.test(answer)
      ? { question: `I do not know who "${answer}" is. Paste the address in full.` }
      : null
  }
  return new RegExp(`^${TOKEN}$`).test(answer) && !STOPWORDS.has(answer) ? fill(answer.toUpperCase()) : null
}

/** Why an amount cannot be used as it stands; null when it can. */
function amountProblem(amount: string): string | null {
  if (/^(?:all|half|max|everything)$/i.test(amount))
    return 'Name the amount in digits: fees make "all" and "half" inexact.'
  if (/^(?:unlimited|infinite)$/i.test(amount)) return 'How much exactly? Write digits.'
  if (amount.startsWith('-')) return 'The amount cannot be negative. How much?'
  if (amount.startsWith('$')) return 'I cannot turn dollars into tokens exactly. How much of the token?'
  if (/[,_]/.test(amount))
    return `"${amount.slice(0, 30)}" can be read in two ways. Write the amount without separators, with a point for decimals.`
  if (!/^\d+(?:\.\d+)?$/.test(amount)) return 'I cannot read that amount. Write digits, such as 1.5.'
  if (/^0+(?:\.0+)?$/.test(amount)) return 'The amount cannot be zero. How much?'
  return null
}

function addressProblem(text: string): string | null {
  if (Address.isAddress(text)) return null
  return /^0x[0-9a-fA-F]{40}$/.test(text)
    ? 'That address has a wrong checksum: at least one character is mistyped. Copy it again from its source.'
    : 'That address is not complete: it needs 0x and 40 hexadecimal digits. Paste it in full.'
}

/** The same match with its two groups exchanged. */
function swapGroups(match: RegExpExecArray | null): (string | undefined)[] | null {
  return match === null ? null : [match[0], match[2], match[1]]
}
