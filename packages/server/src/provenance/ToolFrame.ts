import { Table } from '@countersign/base'
import { TOO_LONG, withinTime } from '../limits/withinTime.ts'
import * as Example from './Example.ts'
import type { Words } from './Provenance.ts'
import * as Reading from './Reading.ts'
import * as Requests from './Requests.ts'

export type ToolRole = 'recipient' | 'spender' | 'asset' | 'amount' | 'direction' | 'chain' | 'contract' | 'text'

/** What is known of a tool when a call of it is judged. */
export interface Tool {
  readonly name: string
  readonly description: string
  readonly examples: readonly string[]
  readonly slotOf: (argument: string) => Example.Slot
  /** The choices of arguments that have some, by their name. */
  readonly choicesOf: (argument: string) => readonly string[] | null
}

/** What this turn's own words say of a tool: whether they ask for it, and which values they give to which part. */
export interface ToolFrame {
  readonly isAsked: boolean
  /** By argument, from an example. */
  readonly slots: ReadonlyMap<string, string>
  /** With what stands beside the number, such as `ETH`; null where nothing does. */
  readonly amounts: readonly { readonly value: string; readonly unit: string | null }[]
  readonly recipients: readonly string[]
  /** Those that only describe somebody ("the client"), which names nobody. */
  readonly described: readonly string[]
  readonly assets: readonly string[]
  /** Free texts that own words introduce as such. */
  readonly texts: readonly string[]
  readonly chains: readonly string[]
  /** The requests, whole. */
  readonly requests: readonly Requests.Request[]
}

/** Words that ask for the same thing. The first of a group that stands in a tool's name or description is its verb. */
const GROUPS = [
  'send pay transfer wire give remit refund forward tip donate',
  'buy purchase acquire get',
  'sell short dump',
  'trade swap exchange convert change turn switch',
  'wrap',
  'unwrap',
  'place execute make create add open start set book reserve order schedule register new',
  'update change adjust modify edit set rename move reschedule',
  'delete remove cancel close revoke drop',
  'deposit stake supply lend put',
  'withdraw unstake redeem pull',
  'vote support oppose',
  'post publish share upload append write',
  'invite add',
  'message email mail notify tell dm',
  'approve allow authorize grant permit',
  'borrow',
  'repay',
  'claim harvest collect',
  'mint',
  'bridge',
  'burn',
].map((words) => words.split(' '))

/** What a tool does, in one word of its own and all that mean the same. */
export function verbsOf({ name, description }: Pick<Tool, 'name' | 'description'>): ReadonlySet<string> {
  const [first, second] = wordsOf(name)
  // `cast_vote` votes; `cancel_order` orders nothing.
  const words = [first, ...(first !== undefined && NEUTRAL.has(first) ? [second] : []), wordsOf(description)[0]].filter(
    (word) => word !== undefined,
  )
  return new Set(
    words
      .flatMap((word) => [word, ...basesOf(word)])
      .flatMap((word) => [word, ...GROUPS.filter((group) => group.includes(word)).flat()]),
  )
}

/** Verbs that say nothing of what is done: the next word does. */
const NEUTRAL = new Set('cast make do execute perform submit run start place'.split(' '))

/** `sends` as `send`, `approves` as `approve`: descriptions say what a tool does. */
function basesOf(word: string): readonly string[] {
  return word.endsWith('es') ? [word.slice(0, -1), word.slice(0, -2)] : word.endsWith('s') ? [word.slice(0, -1)] : []
}

/** What an example begins with: a word, or the choices of a slot. */
function openersOf(example: string, { choicesOf }: Tool): readonly string[] {
  const slot = /^\{([^}]*)\}/.exec(example.trim())?.[1]
  if (slot !== undefined) return (choicesOf(slot) ?? []).map((choice) => choice.toLowerCase())
  const [word] = wordsOf(example)
  return word === undefined ? [] : [word]
}

function wordsOf(text: string): string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}

const ACCOUNT = String.raw`(?:0x[0-9a-fA-F]{40}\b|[^\s@<>"',;]+@[^\s@<>"',;]+\.[^\s@<>"',;.]{2,}|[A-Z]{2}\d{2}[A-Z0-9]{10,30}\b)`
const NAME = String.raw`(?:${ACCOUNT}|[\p{L}\p{N}_@#.-]*[\p{L}\p{N}_])`
const TO = new RegExp(
  String.raw`(?:\b(?:to|recipient(?: is|:)?|payee(?: is|:)?|into|invite|message|email|notify|dm)\s+)(?:(?:the|my|our|user|channel|account|address|wallet|recipient|iban|mr|mrs|ms)\s+){0,2}(${NAME})`,
  'giu',
)
/** "To the client": an article and a common noun, in small letters as people write them. */
const DESCRIBED = /\bto (?:the|my|our) ([\p{Ll}]+)\b/gu
const DIRECT = new RegExp(
  String.raw`^(?:send|pay|refund|give|tip|wire|forward)\s+(?:(?:the|my|our)\s+)?(${ACCOUNT})`,
  'iu',
)
const AMOUNT =
  /(?<![\p{L}\p{N}._/:#-])(?:[$€£¥]\s?)?(\d[\d,]*(?:\.\d+)?|\.\d+)(?![\p{N}:/_-]|\.\d|\p{L}{3,}\d|(?:st|nd|rd|th)\b)/gu
const ASSET_AFTER = /(?:\d[\d,]*(?:\.\d+)?|\.\d+)\s?([A-Za-z][A-Za-z0-9]{1,10})\b/gu
const ASSET_NAMED =
  /\b(?:of|in|with|for|my|buy|sell|swap|stake|unstake|deposit|withdraw|bridge|some|all|more)\s+(?:(?:my|the|some|all)\s+)?([A-Z][A-Z0-9]{1,9})\b/gu
/** Words that follow a number and are no token. */
const NOT_ASSETS = new Set(
  'to for of in on at by and or from with into as is the a an my each per times more please'.split(' '),
)
const isName = (word: string): boolean => !NOT_ASSETS.has(word.toLowerCase())
/** Words that stand where a name could, and are none. */
const NOT_NAMES = new Set(
  'as from in on at by with of for about that this these those it them him her me us you your his their the a an all each every everyone everybody someone somebody via and or if when where what which who please'.split(
    ' ',
  ),
)
const CHAIN = /\b(?:on|to|from)\s+(?:the\s+)?(?:chain\s+)?([A-Za-z0-9]+)\b/gu
/** Own words that introduce a quoted text as the text. */
const INTRODUCES =
  /\b(?:memo|note|called|named|titled?|saying|says?|subject|message|text|body|content|description|comment|reason|labell?ed|with the words|that reads)(?:\s+(?:is|of|as|to|be|with|that|line))*\s*[:=]?\s*$/i
const QUOTES = /"([^"]*)"|“([^”]*)”|‘([^’]*)’|«([^»]*)»|(?<=^|[\s(])'([^']+)'(?![\p{L}\p{N}])/gu

/** What the first example that the requests follow gives its slots; null where they follow none. */
function matchOf(tool: Tool, requests: readonly Requests.Request[]): ReadonlyMap<string, string> | null {
  for (const example of tool.examples) {
    const names = Example.slotsOf(example)
    const pattern = Example.compile(example, tool.slotOf)
    for (const request of requests) {
      const found = Example.match(pattern, names, request)
      if (found !== null) return found
    }
  }
  return null
}

/** Reads what own words say of a tool. Total: never throws, for any text. */
export function read(words: Pick<Words, 'plain' | 'message'>, tool: Tool): ToolFrame {
  const requests = Requests.read(words.plain)
  // An example that takes too long is none: then its values were not said.
  const byExample = withinTime(() => matchOf(tool, requests), { maxMs: Example.MATCH_MS })
  const isExample = byExample !== null && byExample !== TOO_LONG
  const slots = new Map(isExample ? byExample : [])
  const verbs = new Set([...verbsOf(tool), ...tool.examples.flatMap((example) => openersOf(example, tool))])
  const named = new RegExp(
    String.raw`(?<![\p{L}\p{N}])${wordsOf(tool.name).join(String.raw`[\s_-]*`)}(?![\p{L}\p{N}])`,
    'iu',
  )
  // A name of one word is its verb; anywhere else in a clause it is only spoken of.
  const isLong = wordsOf(tool.name).length > 1
  const asking = requests.filter(({ verb, text }) => verbs.has(verb) || (isLong && named.test(text)))
  // What stands in other clauses is said of something else.
  const texts = (asking.length > 0 ? asking : requests).map(({ text }) => text)
  const all = (pattern: RegExp, of = texts): string[] => [
    ...new Set(of.flatMap((text) => [...text.matchAll(pattern)].map((found) => found[1] ?? ''))),
  ]
  // The digits of an address are no amount, and its letters no token.
  const without = texts.map((text) => text.replaceAll(/0x[0-9a-fA-F]{40}\b/g, ' , '))
  const direct = texts.flatMap((text) => DIRECT.exec(text)?.[1] ?? [])
  return {
    isAsked: isExample || asking.length > 0,
    slots,
    amounts: amountsIn(without),
    recipients: [...new Set([...all(TO), ...direct])].filter(
      (each) => Reading.amountOf(each) === null && !NOT_NAMES.has(each.toLowerCase()),
    ),
    described: all(DESCRIBED),
    assets: [...new Set([...all(ASSET_AFTER, without), ...all(ASSET_NAMED, without)])].filter(isName),
    texts: introducedIn(words.message),
    chains: all(CHAIN),
    requests,
  }
}

/** Words before a number that make it a bound or a name, and no amount. */
const BOUND =
  /\b(?:at (?:most|least)|up to|no(?:t)? (?:more|less) than|(?:more|less) than|max(?:imum)?(?: of)?|min(?:imum)?(?: of)?|under|below|above|slippage(?: of)?|invoice|order|number|no\.|proposal) *[$€£¥]?$/i
/** What is counted without being an asset. */
const COUNTED = new Set('unit units token tokens coin coins share shares piece pieces'.split(' '))

function amountsIn(texts: readonly string[]): { value: string; unit: string | null }[] {
  const found = texts.flatMap((text) =>
    [...text.matchAll(AMOUNT)].flatMap((match) => {
      if (BOUND.test(text.slice(0, match.index))) return []
      const unit = /^ ?([A-Za-z][A-Za-z0-9]{1,10})\b/.exec(text.slice(match.index + match[0].length))?.[1]
      const isUnit = unit !== undefined && isName(unit) && !COUNTED.has(unit.toLowerCase())
      return [{ value: match[1] ?? '', unit: isUnit ? unit : null }]
    }),
  )
  return [...new Map(found.map((each) => [`${each.value} ${each.unit}`, each])).values()]
}

/** Quoted texts that own words introduce as what is to be written. */
function introducedIn(message: string): string[] {
  return [...message.matchAll(QUOTES)].flatMap((found) => {
    const before = message.slice(Math.max(0, found.index - 60), found.index)
    const text = found.slice(1).find((each) => each !== undefined)
    return text !== undefined && INTRODUCES.test(before) ? [text] : []
  })
}

const DIRECTIONS = Table.of<RegExp>({
  buy: /\b(?:buy|purchase|acquire|long)\b/i,
  sell: /\b(?:sell|short|dump)\b/i,
  deposit: /\b(?:deposit|stake|supply|lend|put)\b/i,
  withdraw: /\b(?:withdraw|unstake|redeem|pull|take out)\b/i,
  for: /\b(?:(?:vote|voting) (?:for|in favou?r|yes)|support|in favou?r of|approve)\b/i,
  against: /\b(?:vote (?:against|no)|oppose|reject|against)\b/i,
})

/** Which of the choices the requests say; null where none, or more than one. */
export function directionOf({ requests }: Pick<ToolFrame, 'requests'>, choices: readonly string[]): string | null {
  const text = requests[0]?.text ?? ''
  const whole = requests.length === 0 ? '' : text
  const said = choices.filter((choice) => {
    const word = choice.toLowerCase()
    const known = DIRECTIONS[word]
    if (known !== undefined) return known.test(whole)
    return new RegExp(
      String.raw`(?<![\p{L}\p{N}])${word.replaceAll(/[^a-z0-9]+/g, String.raw`[\s_-]+`)}(?![\p{L}\p{N}])`,
      'iu',
    ).test(whole)
  })
  return said.length === 1 ? (said[0] ?? null) : null
}
