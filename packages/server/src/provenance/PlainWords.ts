import { Chain } from '@countersign/simulator'
import * as Reading from './Reading.ts'

/**
 * Own words in a form that the grammar reads: amounts as digits, `there` and `her` as the address that they stand for, polite
 * and passive forms as requests, a reason as a sentence of its own. Values are never invented: every digit and every address
 * of the result follows from the words. What is ambiguous stays as it is, and so asks for nothing.
 *
 * @param nativeSymbol - The coin of the chain, by which its other names are read.
 */
export function of(own: string, { nativeSymbol }: { readonly nativeSymbol: string }): string {
  let text = own.replaceAll(/[’ʼ`´]/g, "'").replaceAll(/\b([a-z]+s?)'s? worth\b/gi, '$1 worth')
  text = coins(text, nativeSymbol)
  text = numbers(text)
  text = shares(text)
  text = text.replaceAll(COIN_FIRST, '$1$3 $2')
  text = politeness(text)
  text = passives(text)
  text = text.replaceAll(/\bpay (?:back|off)\b/gi, 'repay')
  text = pronouns(text)
  return reasons(text)
}

const ADDRESS = String.raw`0x[0-9a-fA-F]{40}(?![0-9a-fA-F])`
const AMOUNT = String.raw`(?:\d[\d,_]*(?:\.\d+)?|\.\d+)`
/** A ticker as people write it, or a coin that everybody writes small as well. */
const COIN = String.raw`(?:[A-Z][A-Z0-9]{1,9}\b|(?:eth|weth|btc|wbtc|usdc|usdt|dai|link|dollars?)\b)`
const SUM = String.raw`${AMOUNT} ?[A-Za-z][A-Za-z0-9]{1,10}`

/** Other names of the chain's coin, where an amount or an article says that the coin is meant. */
function coins(text: string, nativeSymbol: string): string {
  return text.replaceAll(NAMED, (whole, word: string) =>
    Chain.isCalled(nativeSymbol, word) || Chain.isCalled(nativeSymbol, word.replace(/s$/i, '')) ? nativeSymbol : whole,
  )
}

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
const SCALES: Readonly<Record<string, bigint>> = { thousand: 1_000n, million: 1_000_000n }
const NUMBER_WORD = String.raw`(?:${[...SMALL, ...TENS, 'hundred', ...Object.keys(SCALES)].join('|')})`
/** A word behind an amount or an article. */
const NAMED = new RegExp(
  String.raw`(?<=(?:\d|\b(?:${NUMBER_WORD}|an?|half|quarter|my|some|of)) ?)\b([A-Za-z]{3,10})\b`,
  'gi',
)
const COUNTED = new RegExp(
  String.raw`\b((?:an? (?=hundred|thousand|million))?${NUMBER_WORD}(?:(?:[ -]| and )${NUMBER_WORD})*)( and a (?:half|quarter))?(?= )`,
  'gi',
)

/** Tickers are told from other words by their capitals. */
const BEFORE_COIN = new RegExp(String.raw`^ (?:of )?(?:my )?${COIN}`)

/** `two hundred and fifty USDC`, `one and a half ETH`, `5k USDC`: only beside a coin, where nothing else is meant. */
function numbers(text: string): string {
  return text
    .replaceAll(COUNTED, (whole, words: string, part: string | undefined, at: number) => {
      const value = BEFORE_COIN.test(text.slice(at + whole.length)) ? numberOf(words) : null
      return value === null ? whole : `${value}${part === undefined ? '' : part.endsWith('half') ? '.5' : '.25'}`
    })
    .replaceAll(SCALED, (whole, amount: string, scale: string) => {
      const plain = Reading.amountOf(amount)
      return plain === null ? whole : times(plain, scale === 'million' ? 6 : 3)
    })
    .replaceAll(new RegExp(String.raw`\b[Aa] dozen(?= ${COIN})`, 'g'), '12')
}

/** `2.5k USDC`, `4 million SHIB`. */
const SCALED = new RegExp(String.raw`(?<![\w.,])(${AMOUNT}) ?(k|thousand|million)(?= ${COIN})`, 'g')

function times(amount: string, zeros: number): string {
  const [whole = '0', fraction = ''] = amount.split('.')
  const digits = whole + fraction.slice(0, zeros).padEnd(zeros, '0')
  return Reading.amountOf(`${digits}.${fraction.slice(zeros) || '0'}`) ?? amount
}

/** Null where the words are no one number: `two three` may be 23, 5 or a list. */
function numberOf(text: string): bigint | null {
  const words = text
    .toLowerCase()
    .split(/[ -]+/)
    .filter((word) => word !== 'and')
  let total = 0n
  let group = 0n
  let last = Number.POSITIVE_INFINITY
  for (const word of words) {
    const scale = SCALES[word]
    const size = scale !== undefined ? 1_000 : word === 'hundred' ? 100 : TENS.includes(word) ? 10 : 1
    if (word === 'a' || word === 'an') continue
    if (scale !== undefined) {
      total += (group === 0n ? 1n : group) * scale
      group = 0n
      last = Number.POSITIVE_INFINITY
    } else if (word === 'hundred') {
      if (group > 9n) return null
      group = (group === 0n ? 1n : group) * 100n
      last = 100
    } else {
      if (size >= last) return null
      group += size === 10 ? BigInt(TENS.indexOf(word) + 2) * 10n : BigInt(SMALL.indexOf(word))
      last = size
    }
  }
  return total + group
}

/** `half of 80 USDC` is 40, `half an ETH` 0.5. Half of what is not said stays open. */
function shares(text: string): string {
  return text
    .replaceAll(
      new RegExp(String.raw`\b([Hh]alf|[Aa] quarter) of (${AMOUNT})(?= ?${COIN})`, 'g'),
      (whole, part: string, amount: string) => {
        const plain = Reading.amountOf(amount)
        return plain === null ? whole : divided(plain, part.toLowerCase() === 'half' ? 2n : 4n)
      },
    )
    .replaceAll(new RegExp(String.raw`\b[Tt]hree quarters of an? (?=${COIN})`, 'g'), '0.75 ')
    .replaceAll(new RegExp(String.raw`\b([Hh]alf|[Aa] quarter)(?: of)? an? (?=${COIN})`, 'g'), (_, part: string) =>
      part.toLowerCase() === 'half' ? '0.5 ' : '0.25 ',
    )
}

function divided(amount: string, by: bigint): string {
  const [whole = '0', fraction = ''] = amount.split('.')
  const digits = fraction.length + 2
  const result = ((BigInt(whole + fraction) * 100n) / by).toString().padStart(digits + 1, '0')
  return Reading.amountOf(`${result.slice(0, -digits)}.${result.slice(-digits)}`) ?? amount
}

/** `USDC 300` where a sum may stand: at the start, or behind the word that asks. */
const COIN_FIRST = new RegExp(
  String.raw`((?:^|[.;,!?:]\s+|\b(?:send|pay|transfer|move|give|wire|forward|of|exactly)\s+))([A-Z][A-Z0-9]{1,9}) (${AMOUNT})(?! ?(?:[A-Z]{2}|%))`,
  'gm',
)

/** Forms of politeness that the grammar knows under one name, and what adds nothing. */
const POLITE: readonly (readonly [RegExp, string])[] = [
  [/\b(?:can|could|may|might) i ask (?:you|that you) (?:to )?/gi, 'could you '],
  [
    /\b(?:i'd|i would) (?:be (?:very |really |so )?(?:grateful|glad|happy|thankful)|appreciate it|love it) if you (?:could|would|can)\b/gi,
    'could you',
  ],
  [
    /\b(?:would it be possible (?:for you )?to|would you be able to|are you able to|is there any chance you (?:could|can))\b/gi,
    'could you',
  ],
  [
    /,? ?\b(?:if (?:you'd|you would|you will|you'll) be so kind|if (?:you|that) (?:wouldn't|would not|don't|do not|doesn't|does not) mind|if (?:that's|that is|it's|it is) (?:ok(?:ay)?|all ?right|fine|possible|no trouble)(?: with you)?|when(?:ever)? you (?:get a chance|get the chance|have a (?:moment|minute|second)|can)|at your convenience)\b/gi,
    '',
  ],
  [
    /,? ?\b(?:and )?(?:not (?:a|one) (?:cent|penny|wei|bit|dime) more|no more(?: than that)?(?=[.,;!]|$)|nothing more|not more than that)/gi,
    '',
  ],
]
const GERUND = /\b(?:would|do) you mind (?:please )?([a-z]+)ing\b/gi

function politeness(own: string): string {
  let text = own
  for (const [form, plain] of POLITE) text = text.replaceAll(form, plain)
  return text.replaceAll(GERUND, (whole, stem: string) => {
    const verb = Reading.baseOf(stem.toLowerCase())
    return verb === null ? whole : `could you ${verb}`
  })
}

const GOES = String.raw`(?:go|be (?:sent|paid|transferred|moved|wired|forwarded))(?: over| across| out| straight| directly)? to (?=(?:the |my |our )?(?:[a-z]+ ){0,2}${ADDRESS})`
const WANTED = new RegExp(
  String.raw`\b(?:i'd like|i would like|i'd love|i want|i need) (?:the |these |those )?(${SUM}) to ${GOES}`,
  'gi',
)
const SHOULD = new RegExp(
  String.raw`(^|[.;!?]\s+)((?:the |these )?${SUM}) (?:should|must|needs? to|has to|have to|ought to|is to|are to) ${GOES}`,
  'gi',
)

/** `3 ETH should go to 0x…`, `I'd like 3 ETH to be sent to 0x…`. */
function passives(text: string): string {
  return text.replaceAll(WANTED, 'could you send $1 to ').replaceAll(SHOULD, '$1send $2 to ')
}

const FRONTED = new RegExp(
  String.raw`(^|[.;!?]\s+)(${ADDRESS})\s*[-–—:,]+\s*((?:(?![.;!?]\s)[^\n])*?)\b(?:there|to (?:it|that|this|that (?:address|account|wallet)|this (?:address|account|wallet)))\b`,
  'g',
)
const OWNED = new RegExp(
  String.raw`\b(?:(?:her|his|their|its) (?:address|account|wallet)(?: address)?(?: is| =|'s|:)?|(?:he|she|they|it)(?:'s| is|'re| are) at) (${ADDRESS})(\s*[,;–—]\s*(?:and |so )?(?=[a-z]))?`,
  'i',
)
const PRONOUN =
  /\b(to|pay|send|give|wire|transfer|forward|tip|refund) (?:her|him|them)\b(?! (?:address|account|wallet))(?: (?:the|those|that))?/gi

/** `there` and `her`, where the words name one address and no other. */
function pronouns(own: string): string {
  const named = new Set((own.match(new RegExp(ADDRESS, 'g')) ?? []).map((each) => each.toLowerCase()))
  if (named.size !== 1) return own
  const text = own.replaceAll(FRONTED, '$1$3to $2')
  const owned = OWNED.exec(text)
  if (owned === null) return text
  const [whole, address = '', joint = ''] = owned
  // What follows is a sentence of its own.
  const end = owned.index + whole.length
  const split = joint === '' ? text : `${text.slice(0, end - joint.length)}. ${text.slice(end)}`
  return split.replaceAll(PRONOUN, `$1 ${address}`)
}

const SO =
  /, (?:and )?so (?=(?:please|kindly|go ahead|let's|can you|could you|would you|will you|i'd like|i want|just|now|do)\b|[a-z]+(?: (?:back|out|in|over|up|off))? (?:\d|0x|my\b|all\b|the\b))/i

/** A dot inside of a number or a name ends no sentence. */
const SENTENCE = /(?:[^.;!?\n]|\.(?!\s|$))+(?:[.;!?\n]+|$)/g

/** `The fees are low, so send …`: two sentences, where the first leaves nothing in doubt. */
function reasons(own: string): string {
  return own.replaceAll(SENTENCE, (sentence) => {
    const joint = SO.exec(sentence)
    if (joint === null) return sentence
    const reason = sentence.slice(0, joint.index)
    return Reading.isDoubted(reason.toLowerCase())
      ? sentence
      : `${reason}. ${sentence.slice(joint.index + joint[0].length)}`
  })
}
