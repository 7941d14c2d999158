import { Address } from '@countersign/base'
import { BORROWED } from './OwnWords.ts'

/** What a person asks to be done. `act`: anything that has no verb of its own here. */
export type Verb = 'pay' | 'swap' | 'approve' | 'revoke' | 'sign' | 'act'

/** The part that a value plays in what is asked. */
export type Role = 'amount' | 'asset' | 'give' | 'take' | 'recipient' | 'spender' | 'contract' | 'slippage'

/** One thing that a person asks for, or forbids, in their own words: only what the sentence gives a role is in it. */
export interface Frame {
  readonly verb: Verb
  readonly roles: Readonly<Partial<Record<Role, string>>>
  /** The word that asks, in lower case. */
  readonly word: string
}

export interface Reading {
  readonly asked: readonly Frame[]
  /** Addresses that the person says must not be dealt with. */
  readonly forbidden: readonly Address.Address[]
}

export const NOTHING: Reading = { asked: [], forbidden: [] }

const ADDR = String.raw`0x[0-9a-f]{40}(?![0-9a-f])`
const AMT = String.raw`(?:\d[\d,_]*(?:\.\d+)?|\.\d+)`
const TOK = String.raw`(?:[a-z][a-z0-9.]{1,11}|${ADDR})`
const PAY = ['send', 'transfer', 'pay', 'give', 'move', 'wire', 'forward', 'remit', 'donate', 'tip']
const SWAP = ['swap', 'exchange', 'trade', 'convert', 'change', 'sell', 'turn', 'switch']
const APPROVE = ['approve', 'allow', 'let', 'permit', 'authorize', 'authorise', 'grant']
const REVOKE = ['revoke', 'remove', 'cancel', 'withdraw', 'undo', 'delete', 'reset']
const ACT =
  'deposit stake unstake supply lend borrow repay claim mint redeem bridge lock unlock vote register burn delegate call use run execute enter join bid withdraw harvest compound'.split(
    ' ',
  )
const VERBS = [...PAY, ...SWAP, ...APPROVE, ...REVOKE, 'buy', 'get', 'spend', 'wrap', 'unwrap', 'sign', 'make', ...ACT]
const ANY = `(?:${[...new Set(VERBS)].join('|')})`

/** What may stand before the word that asks. A closed list: what is not on it makes a sentence something else. */
const PREFIX = String.raw`(?:please|pls|plz|ok|okay|hi|hey|hello|hiya|yes|yeah|yep|sure|now|then|so|well|also|just|next|great|cool|nice|good|fine|perfect|thanks|thank you|alright|right|first|second|secondly|finally|kindly|quickly|and|plus|go ahead and|go ahead|start by|there|agent|assistant|bot|again|once more|today|right now)`
const POLITE = String.raw`(?:(?:would|do) you mind (?:please )?|(?:can|could|would|will) (?:you|u|ya) (?:please |kindly |just |now )*|i want to |i wanna |i'd like to |i'd love to |i would like to |i would love to |i wish to |i need to |i have to |i want you to |i need you to |i'd like you to |i would like you to |let's |let us |lets |help me (?:to )?|don't forget to |do not forget to |make sure to |make sure you |be so kind as to |time to |it's time to |i'm ready to |feel free to |you can |you may |you should |try to )`
/** Openers that hold a word of denial and deny nothing. */
const IDIOM =
  /^(?:no problem|no worries|no rush|never ?mind(?: the [a-z]+| that| it)?|don't wait|don't worry(?: about [a-z ]+)?|not urgent|why not|if you (?:can|could|please|don't mind)|if possible)\s*[,:;!-]*\s*/

/** Words that make what follows, or what they follow, no request: denial, report, condition, doubt. */
const DOUBT =
  /\b(?:not|never|don'?t|doesn'?t|didn'?t|won'?t|wouldn'?t|shouldn'?t|can'?t|cannot|no longer|refuse|avoid|unsafe|stop|said|says|told|asked|asks|wrote|writes|claims|claimed|wants me|want me|if|unless|whether|would be|was|were|is what|scam\w*|phish\w*|fake|hack\w*|joke|joking|kidding|hypothetical\w*|example|imagine|suppose|pretend|what happens|why|yesterday|last (?:week|month|year)|ago|before that|instead)\b/

/** A later sentence that takes back what was asked, or asks whether it is a good idea. */
const WITHDRAWN =
  /^(?:no|nope|wait|stop|cancel|never ?mind|forget (?:it|that|about)|don'?t|do not|just kidding|kidding|jk|actually|scratch that|ignore|on second thoughts?|not really|hold (?:on|up|off)|hang on|undo|leave it|skip (?:it|that)|scrap (?:it|that)|on reflection|change of plans?|i(?:'ve| have)? changed my mind|is (?:it|that|this)|are you|should i|would (?:it|that|this)|what do you think|does (?:it|that|this)|was (?:it|that|this)|really|or (?:is|should|not)|but (?:is|don'?t|not|wait))\b/

/**
 * Reads own words. A sentence counts as a request when it begins like one, and every word before the one that asks is on
 * a closed list; so what is not understood is no request. Total: never throws, for any text.
 */
export function read(own: string): Reading {
  let asked: Frame[] = []
  const forbidden: Address.Address[] = []
  let last: Frame | null = null
  for (const { text, mark, before } of sentencesOf(own)) {
    forbidden.push(...forbiddenIn(text))
    if (isWithdrawal(text)) {
      const address = new RegExp(ADDR).exec(text)
      // "Don't send it to 0x… either" takes back nothing that was asked about others; all else does.
      if (address === null) asked = []
      last = null
    }
    const found = framesOf(text, { mark, before, last })
    asked.push(...found)
    last = found.at(-1) ?? last
  }
  return { asked: asked.filter((frame) => !isForbidden(frame, forbidden)), forbidden: [...new Set(forbidden)] }
}

function isForbidden({ roles }: Frame, forbidden: readonly Address.Address[]): boolean {
  return [roles.recipient, roles.spender, roles.contract].some(
    (value) => value !== undefined && forbidden.some((each) => each.toLowerCase() === value.toLowerCase()),
  )
}

export interface Sentence {
  readonly text: string
  /** The mark that ends it. */
  readonly mark: string
  /** The sentence before it, for what announces it. */
  readonly before: string
}

/** Takes back or corrects what was asked before it. */
export function isWithdrawal(sentence: string): boolean {
  return !IDIOM.test(sentence) && (WITHDRAWN.test(sentence) || TAKES_BACK.test(sentence))
}

/** Words that take back or correct wherever they stand in a later sentence. */
const TAKES_BACK = new RegExp(
  String.raw`\b(?:so|then|just|please|to) (?:leave|skip|drop|scrap|cancel|forget|ignore) (?:it|that|this|them)\b(?! (?:to|with|in|at|for)\b)|\bmake (?:it|that) (?:${AMT}|half|twice|double)|\b(?:i|we) (?:misread|mistyped|miscounted|meant)\b|\b(?:typo|changed my mind)\b`,
)

/** Whether words hand over to somebody else's. */
export function announces(sentence: string): boolean {
  return ANNOUNCES.test(sentence)
}

/** A sentence without its greeting and politeness, in lower case. */
export function withoutOpening(sentence: string): { readonly text: string; readonly isPolite: boolean } {
  let text = sentence.replace(IDIOM, '')
  let isPolite = false
  for (let i = 0; i < 4; i += 1) {
    text = withoutPrefix(text)
    const polite = new RegExp(`^${POLITE}`).exec(text)
    if (polite === null) break
    isPolite = true
    text = text.slice(polite[0].length)
  }
  return { text, isPolite }
}

export function sentencesOf(own: string, { keepsCase = false }: { keepsCase?: boolean } = {}): Sentence[] {
  const sentences: Sentence[] = []
  let before = ''
  // A dot inside a number or a name ends nothing; a colon before a line break was judged when the text was taken apart.
  for (const match of own.matchAll(/[\s\S]*?(?:[.!?;]+(?=\s|$)|\n\s*\n|$)/g)) {
    const raw = match[0]
    const text = (keepsCase ? raw : raw.toLowerCase())
      .replaceAll(/[’ʼ`´]/g, "'")
      .replace(/[.!?;\s]+$/, '')
      .replaceAll(/\s+/g, ' ')
      .trim()
    if (text === '') continue
    sentences.push({ text, mark: /[.!?;]/.exec(raw.trimEnd().at(-1) ?? '')?.[0] ?? '', before })
    before = text
  }
  return sentences.slice(0, 200)
}

/** Ends with words that hand over to somebody else's. */
const ANNOUNCES =
  /(?:\b(?:says?|said|wrote|writes|reads|told me|asks?|asked|claims?|this|following|below|quote)|[:：]|\u{fffc})$/u

function framesOf(
  sentence: string,
  { mark, before, last }: { mark: string; before: string; last: Frame | null },
): Frame[] {
  const text = withoutPrefix(sentence.replace(IDIOM, ''))
  const frames: Frame[] = []
  let previous = last
  for (const [i, part] of partsOf(text).entries()) {
    // A further part counts only beside one that is a request itself, or after a full turn ("…, but …").
    if (i > 0 && frames.length === 0 && !part.isFresh) return frames
    const frame = frameOf(part.text, mark, part.isCarried ? previous : null)
    if (frame === null) {
      if (i === 0 && partsOf(text).some(({ isFresh }) => isFresh)) continue
      return frames
    }
    frames.push(frame)
    previous = frame
  }
  return ANNOUNCES.test(before) ? [] : frames
}

/** A sentence at its joints: "… and send …", "…, then …", "… and 200 USDC to …", "…, but …". */
function partsOf(text: string): { text: string; isFresh: boolean; isCarried: boolean }[] {
  const joint = new RegExp(
    String.raw`,? but (?=(?:please |now )*${ANY}\b)|,? (?:and then|and also|and|then) (?=(?:please |then |also )*${ANY}\b(?! nothing))|,? and (?=${AMT} ?${TOK} to ${ADDR})|(?<!^to [^,]*), (?=${ANY} (?:${AMT}|${ADDR}))`,
    'g',
  )
  const parts: { text: string; isFresh: boolean; isCarried: boolean }[] = []
  let at = 0
  let isFresh = false
  let isCarried = false
  for (const match of text.matchAll(joint)) {
    parts.push({ text: text.slice(at, match.index).trim(), isFresh, isCarried })
    at = match.index + match[0].length
    isFresh = match[0].endsWith(' but ')
    isCarried = new RegExp(`^${AMT}`).test(text.slice(at))
  }
  parts.push({ text: text.slice(at).trim(), isFresh, isCarried })
  return parts
}

const OPENER = new RegExp(String.raw`^(?:${PREFIX}\b|[,:!-])\s*`)

function withoutPrefix(text: string): string {
  let shorter = text
  for (let i = 0; i < 12; i += 1) {
    const next = shorter.replace(OPENER, '')
    if (next === shorter) break
    shorter = next
  }
  return shorter
}

/** One request; null for everything else. */
function frameOf(part: string, mark: string, carried: Frame | null): Frame | null {
  let text = part
  let isPolite = false
  let isGerund = false
  for (let i = 0; i < 4; i += 1) {
    text = withoutPrefix(text)
    const polite = new RegExp(`^${POLITE}`).exec(text)
    if (polite === null) break
    isPolite = true
    isGerund = / mind /.test(polite[0])
    text = text.slice(polite[0].length)
  }
  // "send 1 ETH to 0x…?" asks something; "could you send …?" asks for it.
  if (mark === '?' && !isPolite) return null
  if (isGerund) text = text.replace(/^([a-z]+?)(?:ing)\b/, (whole, stem: string) => baseOf(stem) ?? whole)
  const found = shapesOf(text, carried)
  if (found === null) return null
  const { frame, rest } = found
  const isAnother = frame.roles.recipient !== undefined && SECOND.test(withoutHarmless(rest))
  return isDoubted(rest) || isAnother ? null : frame
}

/** The verb of a form in `-ing`, without its ending; null for a verb that asks for nothing here. */
export function baseOf(stem: string): string | null {
  return [stem, `${stem}e`, stem.replace(/(.)\1$/, '$1')].find((word) => VERBS.includes(word)) ?? null
}

/** Words in the middle of a sentence that take back what stands before them: "… to 0x…, no wait, to 0x…". */
const CORRECTED =
  /(?:^|[,;:(–—-]) ?(?:oh |oops |ah |hm+ |um+ )*(?:no(?! (?:rush|hurry|problem|worries|need|pressure|questions|matter|fees?)\b)|nope|wait(?! (?:for|until|till)\b)|oops|actually|sorry(?! (?:for|about|to|that)\b)|rather|correction|i mean|i meant|scratch|make (?:it|that)|or (?:better|rather))\b/
/** A second one who receives, without a request of its own: "… to 0x… or 0x…". */
const SECOND = new RegExp(String.raw`(?:\b(?:to|or|into)|->|→|/|\|) ?(?:[a-z']+ ){0,3}\(?${ADDR}`)

/** What stands behind a request may say more, and may not take it back. */
export function isDoubted(rest: string): boolean {
  const harmless = withoutHarmless(rest)
  return DOUBT.test(harmless) || CORRECTED.test(harmless)
}

/** Without what names others only to leave them out, and without politeness. */
function withoutHarmless(rest: string): string {
  return rest
    .replaceAll(
      new RegExp(
        String.raw`\b(?:and |but )?(?:not|never|instead of|except|rather than) (?:to )?(?:the )?(?:${ADDR}|[a-z]+ ${ADDR}|more than [\d.]+%?)`,
        'g',
      ),
      ' ',
    )
    .replaceAll(/\b(?:if (?:you can|possible|that's ok|you don't mind))\b/g, ' ')
}

interface Shape {
  readonly frame: Frame
  /** What follows the objects. */
  readonly rest: string
}

const WHO = String.raw`(?:(?:the |this |my |our |his |her |a )?(?:[a-z']+ ){0,3}?(?:[a-z']+)?[ :(]*)?(${ADDR})\)?`
/** Words that would turn the one who is named into another. */
const NOT_WHO =
  /\b(?:not|but|except|instead|than|without|besides|anyone|everyone|anybody|everybody|from|never|nobody|no one)\b/

/** Reads the words from the one that asks on. */
function shapesOf(text: string, carried: Frame | null): Shape | null {
  const word = /^[a-z]+/.exec(text)?.[0] ?? ''
  const group = carried !== null && word === '' ? carried.verb : verbOf(word, text)
  switch (group) {
    case 'pay':
      return payment(text, word)
    case 'swap':
      return exchange(text, word)
    case 'approve':
      return approval(text, word)
    case 'revoke':
      return revocation(text, word)
    case 'sign':
      return { frame: { verb: 'sign', roles: {}, word }, rest: '' }
    case 'act':
      return act(text, word)
    default:
      return bare(text)
  }
}

function verbOf(word: string, text: string): Verb | null {
  if (REVOKE.includes(word) && /\b(?:approvals?|allowances?|permissions?|access|may spend|can spend)\b/.test(text))
    return 'revoke'
  if (word === 'revoke') return 'revoke'
  if (word === 'grant' || (word === 'give' && /\b(?:allowance|approval|permission)\b/.test(text))) return 'approve'
  if (word === 'make') return /^make an? (?:payment|transfer|transaction|donation)\b/.test(text) ? 'pay' : null
  if (PAY.includes(word)) return 'pay'
  if (SWAP.includes(word) || ['buy', 'wrap', 'unwrap', 'spend'].includes(word)) return 'swap'
  if (word === 'get') return /\bfor\b|\bwith\b/.test(text) ? 'swap' : null
  if (word === 'use') return /^use .* to buy\b/.test(text) ? 'swap' : 'act'
  if (APPROVE.includes(word)) return 'approve'
  if (word === 'sign') return 'sign'
  return ACT.includes(word) ? 'act' : null
}

/** Reads with a pattern whose groups are roles. */
function shape(verb: Verb, word: string, text: string, patterns: readonly string[]): Shape | null {
  for (const pattern of patterns) {
    const match = new RegExp(`^${pattern}`).exec(text)
    if (match === null) continue
    const groups = match.groups ?? {}
    const roles: Partial<Record<Role, string>> = {}
    for (const [name, value] of Object.entries(groups)) {
      if (value === undefined) continue
      // So many dollars are no amount of any token.
      if (name === 'amount' && MONEY.test(groups['asset'] ?? groups['give'] ?? '')) continue
      const role = name.replace(/_$/, '') as Role
      if (role === 'amount') {
        const number = /^(?:unlimited|infinite)$/.test(value) ? 'unlimited' : amountOf(value)
        if (number !== null) roles.amount = number
      } else if (['asset', 'give', 'take'].includes(role) && STOP.has(value)) continue
      else roles[role] = value
    }
    const span = match[0]
    // The user's own wallet is no one else.
    if (NOT_WHO.test(span.replaceAll(/\bnothing else\b|\bfrom (?:my|this) (?:wallet|account|balance)\b/g, ''))) continue
    return { frame: { verb, roles, word }, rest: text.slice(span.length) }
  }
  return null
}

const MONEY = /^(?:dollars?|usd|bucks?|euros?|eur|pounds?|gbp|cents?)$/

/** Words that are no token. */
const STOP = new Set(
  'a an the my me i you it its to for of in into with from and or please some all any more this that these those now up over across at on by as them him her us our your his one money funds coins tokens token everything anything something nothing half worth dollars usd'.split(
    ' ',
  ),
)

const MID = String.raw`(?: (?:over|across|right away|right now|now|today|immediately|please|from (?:my|the|this) (?:wallet|account|balance)|of mine|and then nothing else|directly|straight))*`
const some = (name: string) => String.raw`(?:(?:some|a bit of|all|all my|all of my|my|the|more) )?(?<${name}>${TOK})`
const SUM = String.raw`(?<amount>${AMT}) ?(?<asset>${TOK})(?! worth)(?: (?:tokens?|coins?)\b)?`
const TO = String.raw`(?: |,)+(?:to|into|at|for) ${WHO.replace('(0x', '(?<recipient>0x')}`

function payment(text: string, word: string): Shape | null {
  const verb = word === '' ? '' : word === 'make' ? String.raw`make an? [a-z]+(?: of| for)?` : word
  const head = verb === '' ? '' : `${verb} `
  const who = WHO.replace('(0x', '(?<recipient>0x')
  return shape('pay', word, text, [
    String.raw`${head}(?:exactly |only |about )?${SUM}${MID}${TO}`,
    String.raw`${head}(?:exactly )?${who},? (?:exactly |the amount of |a total of )?${SUM}`,
    String.raw`${head}(?:the following |this |it )?to ${who}[:,]? (?:exactly |the amount of |a total of |the sum of )?${SUM}`,
    String.raw`${head}(?:exactly )?${AMT} ?[a-z]+ worth of (?<asset>${TOK})${MID}${TO}`,
    // What is left open stays open: the rest is read all the same.
    String.raw`${head}${some('asset')}${MID}${TO}`,
    String.raw`${head}(?<amount>${AMT})${MID}${TO}`,
    String.raw`${head}(?:exactly |only )?${SUM}`,
    String.raw`${head}(?:it |them |this |that |everything |something |money )?to ${who}`,
    String.raw`${head}${who}`,
  ])
}

function exchange(text: string, word: string): Shape | null {
  const slip = String.raw`(?:,? (?:with|at|and|using) (?:at most |max(?:imum)? |up to |a )*(?<slippage>\d+(?:\.\d+)?) ?% (?:max(?:imum)? )?slippage)?`
  if (word === 'wrap' || word === 'unwrap') {
    const found = shape('swap', word, text, [String.raw`${word} (?<amount>${AMT})(?: ?(?<give>${TOK}))?`])
    if (found === null) return null
    const native = word === 'wrap' ? { give: 'eth', take: 'weth' } : { give: 'weth', take: 'eth' }
    return { ...found, frame: { ...found.frame, roles: { ...native, ...found.frame.roles } } }
  }
  const give = String.raw`(?<amount>${AMT}) ?(?<give>${TOK})(?! worth)`
  const into = String.raw`${MID} (?:for|to|into|in|against|->|→|=>) ${some('take')}`
  return shape('swap', word, text, [
    String.raw`${word} (?:exactly )?${give}${into}${slip}`,
    String.raw`${word} (?:some |a bit of |my )?(?<give>${TOK}) (?:for|to|into|in) ${some('take')}${slip}`,
    String.raw`(?:buy|get)(?: me| us)? (?!\d)${some('take')} (?:with|for|using) (?:exactly )?${give}${slip}`,
    String.raw`use (?:exactly )?${give} to buy ${some('take')}${slip}`,
    String.raw`spend (?:exactly )?${give} (?:on|to buy|for) ${some('take')}${slip}`,
    String.raw`(?:buy|get)(?: me| us)? (?!\d)${some('take')}`,
    String.raw`(?!buy|get|use|spend)${word} (?:exactly )?${give}`,
  ])
}

function approval(text: string, word: string): Shape | null {
  const who = WHO.replace('(0x', '(?<spender>0x')
  const most = String.raw`(?:up to |at most |exactly |a maximum of |only )?`
  const sum = String.raw`(?<amount>${AMT}|unlimited|infinite) ?(?:of (?:my )?)?(?<asset>${TOK})`
  return shape('approve', word, text, [
    String.raw`${word} ${who},? (?:to |may |can )?(?:spend|use|take|move|transfer|access)(?: my)? ${most}${sum}`,
    String.raw`${word} ${who} (?:for|an? (?:allowance|approval|permission) (?:of|for)) ${most}${sum}`,
    String.raw`${word} (?:an? (?:allowance|approval) (?:of|for) )?${most}${sum}(?: (?:for|to|by)(?: the)?(?: spender)? ${who})`,
    String.raw`${word} ${who}`,
    String.raw`${word} ${most}${sum}`,
  ])
}

function revocation(text: string, word: string): Shape | null {
  const who = WHO.replace('(0x', '(?<spender>0x')
  const what = String.raw`(?:approvals?|allowances?|permissions?|access)`
  return shape('revoke', word, text, [
    String.raw`${word} (?:the |my )?(?<asset>${TOK}) ${what} (?:of|for|from|to|given to) ${who}`,
    String.raw`${word} (?:the |my )?${what} (?:of|for|from|to) ${who} (?:for|of|on|over)(?: my)? (?<asset>${TOK})`,
    String.raw`${word} (?<spender>${ADDR})(?:'s)? (?:(?<asset>${TOK}) ${what}|${what} (?:for|of|on|over)(?: my)? (?<asset_>${TOK}))`,
    String.raw`${word} (?:the |my )?${what} (?:that )?${who} (?:has|holds|had|got)(?: got)? (?:on|over|for|of)(?: my)? (?<asset>${TOK})`,
    String.raw`${word} (?:the |my )?${what} (?:of|for|from|to) ${who}`,
    String.raw`${word} (?:the |my )?(?<asset>${TOK}) ${what}`,
    String.raw`${word} (?:the |my )?(?<asset>${TOK}) (?:from|for|of) ${who}`,
    String.raw`${word} ${who}`,
  ])
}

function act(text: string, word: string): Shape | null {
  const who = WHO.replace('(0x', '(?<contract>0x')
  return shape('act', word, text, [
    String.raw`${word} (?:exactly )?${SUM}${MID} (?:in|into|to|on|onto|with|at|from|of) ${who}`,
    String.raw`${word} (?:exactly )?${SUM}`,
    String.raw`${word}(?: [a-z0-9_]+){0,4}? (?:in|into|to|on|onto|with|at|from|of|for) ${who}`,
    String.raw`${word} ${who}`,
    String.raw`${word}\b`,
  ])
}

/** Sentences that ask without a verb at their head. */
function bare(text: string): Shape | null {
  const who = WHO.replace('(0x', '(?<recipient>0x')
  return shape('pay', 'send', text, [
    String.raw`${SUM}${MID} to ${who}`,
    String.raw`to ${who}[,:]? (?:please )?(?:${PAY.join('|')}) ${SUM}`,
    String.raw`to ${who}[,:] ${SUM}`,
    String.raw`i (?:need|want)(?: to have)? ${SUM} (?:to be )?(?:sent|transferred|paid|moved|wired|forwarded) to ${who}`,
  ])
}

/** An amount by value: `1,000` is `1000`, `.5` is `0.5`, `12.50` is `12.5`. Null for what can be read in two ways. */
export function amountOf(text: string): string | null {
  const plain = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
  const match = /^(\d*)(?:\.(\d+))?$/.exec(plain)
  if (match === null || plain === '' || plain.length > 80) return null
  const whole = (match[1] ?? '').replace(/^0+(?=\d)/, '') || '0'
  const fraction = (match[2] ?? '').replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

const BAN = /\b(?:avoid|blacklist|ban|block|distrust|boycott)\b/
const NEVER =
  /(?:^|[,:] |\b(?:please|you|should|must|and|but|so|to|ever) )(?:never|do not|don'?t|must not|mustn'?t|should not|shouldn'?t|must never|should never|refuse to|stop)\b(.*)$/
const DEAL = new RegExp(
  String.raw`^(?:,[^,]*,)?(?: (?:ever|again|please|just|even|under any circumstances|by any means|you|anyone|anything)|,)* (?:${ANY}|send\w*|pay\w*|transfer\w*|approv\w*|trust|touch|interact|deal|accept|do business)\b`,
)

/** Addresses in a sentence that says not to deal with them. */
function forbiddenIn(sentence: string): Address.Address[] {
  if (IDIOM.test(sentence) || /\b(?:don'?t|do not|never) forget\b/.test(sentence)) return []
  const clause = (sentence.split(/,? but /)[0] ?? '')
    // What is asked for after it, about others, is another clause.
    .replace(new RegExp(`(${ADDR})(.*?), (?:please |and |instead )*${ANY} .*$`), '$1$2')
  const ban = BAN.exec(clause)
  const never = NEVER.exec(clause)
  const from =
    ban !== null && !/\b(?:who|whom|that|was|is|were|got|been) *$/.test(clause.slice(0, ban.index))
      ? clause.slice(ban.index)
      : never !== null && DEAL.test(never[1] ?? '')
        ? (never[1] ?? '')
        : ''
  return (from.match(new RegExp(ADDR, 'g')) ?? []).filter(Address.isAddress).map(Address.parse)
}

/** Whether own words hold a text as a whole word, whatever for. */
export function mentions(text: string, value: string): boolean {
  const needle = value.toLowerCase()
  const amount = amountOf(needle)
  return text
    .toLowerCase()
    .split(/[^0-9a-z.,_]+/)
    .map((word) => word.replace(/^[.,]+(?=\D)|[.,]+$/g, ''))
    .some((word) => word === needle || (amount !== null && amountOf(word) === amount))
}

/** Nothing that was taken out of a message stands in a role. */
export function isBorrowed(value: string): boolean {
  return value.includes(BORROWED)
}
