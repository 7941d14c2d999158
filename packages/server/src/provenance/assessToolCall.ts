import { Address } from '@countersign/base'
import type { Assessment, Heard, LedgerEntry, Line, Question, Registry, Source, Words } from './Provenance.ts'
import { pointsBack } from './Provenance.ts'
import * as Parts from './Parts.ts'
import * as Reading from './Reading.ts'
import * as Repetition from './Repetition.ts'
import { isSame } from './isSame.ts'
import * as ToolFrame from './ToolFrame.ts'

/** One argument of a call. */
export interface Argument {
  /** A JSON pointer into the arguments. */
  readonly pointer: string
  /** As text: a number or a boolean as its JSON text. */
  readonly value: string
  readonly role: ToolFrame.ToolRole | null
  readonly isCritical: boolean
}

/** A field of a tool's answer that may ground a value, read in this turn. */
export interface Field {
  readonly tool: string
  readonly pointer: string
  readonly value: string
}

/** A value that the app vouches for. */
export interface AppValue {
  /** What people call it; null where it has no name (a constant of a schema). */
  readonly name: string | null
  readonly value: string
}

export interface ToolCallSources {
  readonly registry: Registry
  readonly values: readonly AppValue[]
  readonly ledger: readonly (LedgerEntry & { readonly tool?: string })[]
  readonly fields: readonly Field[]
  readonly heard: readonly Heard[]
  /** Whether an untrusted answer, or a document, was read in this turn. */
  readonly isTainted: boolean
  /** Whether the same call was staged before in this turn. */
  readonly isRepeated?: boolean
}

/** A question whose value has to be typed whole: an untrusted text named who gets something. */
export interface WholeQuestion extends Question {
  readonly isWhole?: true
}

interface Looked {
  readonly argument: Argument
  readonly line: Line
  readonly because: string | null
  readonly refused: string | null
  readonly isWhole: boolean
}

const NAMES: Readonly<Record<ToolFrame.ToolRole | 'none', string>> = {
  amount: 'an amount',
  asset: 'a token',
  recipient: 'a recipient',
  spender: 'a spender',
  contract: 'a contract',
  chain: 'a chain',
  direction: 'a direction',
  text: 'this text',
  none: 'this value',
}
/** Roles that the app may fill where the words leave them open. */
const LEFT_TO_APP: readonly (string | null)[] = ['contract', 'spender', 'chain']

/**
 * Looks up where the tool and every critical argument of a call came from. A value that is found nowhere is the model's.
 *
 * @param confirm - The lowest level: `step-up` asks for every critical value, or for the tool where there is none.
 */
export function assessToolCall(
  words: Words,
  {
    tool,
    args,
    confirm,
    sources,
  }: {
    tool: ToolFrame.Tool
    args: readonly Argument[]
    confirm: 'ordinary' | 'step-up'
    sources: ToolCallSources
  },
): Assessment & { readonly questions: readonly WholeQuestion[] } {
  const frame = ToolFrame.read(words, tool)
  const isBack = pointsBack(words)
  const again = isBack ? sources.ledger.find((entry) => repeats(entry, tool.name, args)) : undefined
  // "Repeat it, but for 5": what the words do not change is what the newest call of this tool had.
  const last = isBack ? sources.ledger.find((entry) => entry.tool === tool.name) : undefined
  const critical = args.filter(({ isCritical }) => isCritical)
  const change = Repetition.read(words.own, (own) => pointsBack({ own }))
  const parts = Parts.of(args, words.reading.asked)
  const isAsked = frame.isAsked || last !== undefined || isAskedByReading(words, tool, args, sources.registry)
  const head: Line = { argument: '', value: tool.name, source: isAsked ? 'user' : 'model' }
  const looked = critical.map((argument) =>
    lookUp(argument, { words, frame, again: again ?? last, tool, sources, args, parts, change }),
  )
  const isLeftOpen = ({ line, argument }: Looked): boolean =>
    line.source === 'user' ||
    ((line.source === 'registry' || line.source === 'app') && LEFT_TO_APP.includes(argument.role))
  const taints = sources.isTainted && !looked.every(isLeftOpen)
  const questions: WholeQuestion[] = []
  if (!isAsked)
    questions.push({ argument: '', value: tool.name, source: 'model', because: 'You did not ask for this.' })
  for (const each of looked) {
    const because =
      each.because ??
      (taints && !isLeftOpen(each) ? 'Untrusted text was read before the agent chose it.' : null) ??
      (confirm === 'step-up' ? 'This tool asks for every value.' : null)
    if (because === null) continue
    const { argument, value, source } = each.line
    questions.push({ argument, value, source, because, ...(each.isWhole ? { isWhole: true } : {}) })
  }
  if (confirm === 'step-up' && questions.length === 0)
    questions.push({ argument: '', value: tool.name, source: head.source, because: 'This tool asks for its name.' })
  if (sources.isRepeated === true && questions.every(({ argument }) => argument !== ''))
    questions.push({
      argument: '',
      value: tool.name,
      source: head.source,
      because: 'You asked for this once, and the agent wants it twice.',
    })
  return {
    lines: [head, ...looked.map(({ line }) => line)],
    level: questions.length > 0 ? 'step-up' : 'ordinary',
    questions,
    refused: looked.map(({ refused }) => refused).find((each) => each !== null) ?? null,
  }
}

/** Whether the grammar reads a request that this tool carries out, whatever word it was asked with. */
function isAskedByReading(
  { reading }: Words,
  tool: ToolFrame.Tool,
  args: readonly Argument[],
  { nativeSymbol }: Registry,
): boolean {
  const verbs = ToolFrame.verbsOf(tool)
  const native = nativeSymbol.toLowerCase()
  const isZero =
    args.some(({ role }) => role === 'amount') &&
    args.every(({ role, value }) => role !== 'amount' || Reading.amountOf(value) === '0')
  return reading.asked.some(({ verb, roles: { give, take } }) => {
    switch (verb) {
      case 'pay':
        return verbs.has('send')
      case 'swap':
        if (give === native && take === `w${native}`) return verbs.has('wrap') || verbs.has('swap')
        if (give === `w${native}` && take === native) return verbs.has('unwrap') || verbs.has('swap')
        return take !== undefined && verbs.has('swap')
      case 'approve':
        return verbs.has('approve')
      case 'revoke':
        // An allowance of nothing is how it is taken back.
        return verbs.has('revoke') || (verbs.has('approve') && isZero)
      case 'sign':
      case 'act':
        return false
    }
  })
}

interface Place {
  readonly parts: Parts.Parts
  /** What the words change of the call that they repeat. */
  readonly change: Repetition.Change
  readonly words: Words
  readonly frame: ToolFrame.ToolFrame
  readonly again: LedgerEntry | undefined
  readonly tool: ToolFrame.Tool
  readonly sources: ToolCallSources
  readonly args: readonly Argument[]
}

function lookUp(argument: Argument, place: Place): Looked {
  const { words, frame, again, sources } = place
  const { pointer, value, role } = argument
  const answer = (
    source: Source,
    because: string | null,
    more: Partial<Line> = {},
    refused: string | null = null,
    isWhole = false,
  ): Looked => ({
    argument,
    line: { argument: pointer, value, source, ...more },
    because,
    refused,
    isWhole,
  })
  const forbidden = [...words.reading.forbidden, ...words.forbiddenEarlier]
  if (Address.isAddress(value) && forbidden.some((each) => Address.isEqual(each, Address.parse(value))))
    return answer('user-earlier', null, {}, `You said not to deal with ${value}.`)

  const changed = changedAmount(argument, place)
  const said = changed ?? saidFor(argument, place)
  const isSaid = said.some((each) => isSame(role, value, each))
  const differs =
    said.length > 0 && !isSaid
      ? `You named ${NAMES[role ?? 'none'].replace(/^(?:an?|this) /, 'another ')}: ${said[0] ?? ''}.`
      : null
  const open = differs ?? `You did not name ${NAMES[role ?? 'none']}.`
  if (isSaid && changed !== null && again !== undefined) return answer('ledger', null, { at: again.at })
  if (isSaid) return answer('user', null)

  const isCalled = (name: string | null): boolean =>
    name !== null && name.trim().length > 1 && Reading.mentions(words.own, name)
  const isLeftToApp = LEFT_TO_APP.includes(role) && said.length === 0
  // A repetition is pointed at in so many words; that its token is registered as well takes nothing away.
  if (again?.values.some((each) => each.argument === pointer && isSame(role, value, each.value)) === true)
    return answer('ledger', differs ?? (changed === null ? null : open), { at: again.at })
  if (isRegistered(argument, sources.registry))
    return answer(
      'registry',
      isLeftToApp || (role === 'asset' && frame.requests.some(({ text }) => isSymbolIn(text, value))) ? differs : open,
    )
  const vouched = sources.values.find((each) => isSame(role, value, each.value))
  if (vouched !== undefined) {
    if (isCalled(vouched.name) && said.every((each) => isPartOf(each, vouched.name))) return answer('app', null)
    return answer('app', isLeftToApp || isCalled(vouched.name) ? differs : open)
  }
  const earlier = sources.ledger.find((entry) =>
    entry.values.some((each) => each.argument === pointer && isSame(role, value, each.value)),
  )
  if (earlier !== undefined && !holds(words.message, value))
    return answer('ledger', differs ?? 'It is what you used before, and you did not say so.', { at: earlier.at })
  if (holds(words.message, value)) {
    const isBorrowed = words.borrowed.some(({ text }) => holds(text, value))
    return answer(
      'user-earlier',
      differs ?? (isBorrowed ? 'It stands in a text that you quoted or pasted.' : 'You mentioned it in another part.'),
    )
  }
  if (words.earlier.some((text) => holds(text, value)))
    return answer('user-earlier', differs ?? 'It stands in an earlier message.')
  const field = sources.fields.find((each) => isSame(role, value, each.value))
  if (field !== undefined) {
    const from = `${field.tool} ${field.pointer}`
    return pointsTo(words.own, field)
      ? answer('tool', differs, { from })
      : answer('tool', differs ?? `It stands in what ${field.tool} answered, and you did not point there.`, { from })
  }
  const heard = sources.heard.filter(({ text }) => holds(text, value))
  const [first] = heard
  if (first !== undefined) {
    const isPower = role === 'recipient' || role === 'spender'
    const isNamed = said.some((each) => !frame.described.includes(each))
    const isRefused = isPower && ((differs !== null && isNamed) || heard.every(({ isName }) => isName))
    const refused = isRefused ? `${value} stands only in untrusted text that the agent read.` : null
    return answer(
      'untrusted',
      'It stands in untrusted text that the agent read.',
      { from: first.from },
      refused,
      isPower,
    )
  }
  return answer('model', open)
}

/** Whether a request calls a token by its symbol, as it is spelled: "ETH", and not a word that only sounds like one. */
function isSymbolIn(text: string, symbol: string): boolean {
  return (
    /^[A-Z][A-Z0-9]{1,11}$/.test(symbol) &&
    new RegExp(String.raw`(?<![\p{L}\p{N}_])${symbol}(?![\p{L}\p{N}_])`, 'u').test(text)
  )
}

/** Whether what the words put there is the name of a value, or a word of it: "the rent account" names it. */
function isPartOf(said: string, name: string | null): boolean {
  const words = plain(name ?? '').split(' ')
  return (
    plain(said) !== '' &&
    plain(said)
      .split(' ')
      .every((word) => words.includes(word))
  )
}

/**
 * The amount that the words give by changing the one of the call that they repeat; empty where it cannot be told which,
 * and null where they change none.
 */
function changedAmount(
  { pointer, role }: Argument,
  { change: { amount }, again, args }: Place,
): readonly string[] | null {
  if (amount === null || role !== 'amount') return null
  const assets = args.filter((each) => each.role === 'asset')
  const isUnit = amount.unit === null || (assets.length === 1 && isSame('asset', assets[0]?.value ?? '', amount.unit))
  const had = again?.values.find((each) => each.argument === pointer)?.value
  if (had === undefined || !isUnit || args.filter((each) => each.role === 'amount').length > 1) return []
  const after = Repetition.amountAfter(amount, had)
  return after === null ? [] : [after]
}

/** What this turn's own words say for an argument; empty where they leave it open. */
function saidFor(argument: Argument, { words, frame, tool, args, parts, change }: Place): readonly string[] {
  const { pointer, role, value } = argument
  const top = pointer.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~') ?? ''
  const turned = role === 'direction' ? turnedTo(tool.choicesOf(top) ?? [], change) : null
  if (turned !== null) return turned
  const slot = pointer.split('/').length === 2 ? frame.slots.get(top) : undefined
  if (slot !== undefined) return [slot]
  const frames = Parts.framesFor(parts, pointer)
  // An entry of a list that no request is left for.
  if (frames.length === 0 && words.reading.asked.length > 0 && parts.isList) return []
  const read = (...roles: readonly Reading.Role[]): readonly string[] =>
    frames.flatMap((each) => roles.flatMap((name) => each.roles[name] ?? []))
  // How a permission is taken back.
  const isRevoked = frames.some(({ verb }) => verb === 'revoke') && ToolFrame.verbsOf(tool).has('approve')
  switch (role) {
    case 'amount': {
      if (isRevoked) return ['0']
      const known = read('amount')
      // Two amounts in one request are read by a sentence that gives each its part, or not at all.
      return known.length > 0 ? known : amountsBeside(args, frame)
    }
    case 'recipient': {
      const known = read('recipient')
      return known.length > 0 ? known : frame.recipients
    }
    case 'spender':
      return read('spender')
    case 'contract':
      return read('contract')
    case 'asset': {
      const known = read('asset', 'give', 'take')
      return known.length > 0 ? known : frame.assets
    }
    case 'direction': {
      const direction = ToolFrame.directionOf(frame, tool.choicesOf(top) ?? [value])
      return direction === null ? [] : [direction]
    }
    case 'chain':
      return frame.chains.filter((each) => each.toLowerCase() === value.toLowerCase())
    case 'text':
      return frame.texts
    case null:
      // By how much an amount changes is no value of another argument.
      if (change.amount?.by != null && isSame('amount', value, change.amount.by)) return []
      return Parts.exchanged(argument, frames) ?? wholeWord(argument, frame, args)
  }
}

/** The choice that a repetition turns to; null where it turns to none. */
function turnedTo(choices: readonly string[], { direction }: Repetition.Change): readonly string[] | null {
  if (direction === null) return null
  const choiceOf = (word: string | null) => choices.find((each) => each.toLowerCase() === word)
  const [next, was] = [choiceOf(direction.word), choiceOf(direction.of)]
  if (next === undefined) return null
  return direction.of === null || (was !== undefined && was !== next) ? [next] : []
}

/** A whole word of a request that the reading gives to nothing else. */
function wholeWord(
  { pointer, value }: Argument,
  frame: ToolFrame.ToolFrame,
  args: readonly Argument[],
): readonly string[] {
  const isOthers = args.some(
    (other) => other.pointer !== pointer && other.role !== null && isSame(other.role, other.value, value),
  )
  const isRead =
    [...frame.amounts.map((each) => each.value), ...frame.recipients].some(
      (each) => isSame('amount', value, each) || each === value,
    ) && frame.amounts.length !== 1
  const isThere = frame.requests.some(({ text }) => hasWord(text, value) && !Parts.isOtherEnd(pointer, value, text))
  return isThere && !isOthers && !isRead ? [value] : []
}

/** The one amount of the requests, where it was said of the asset that the call names. */
function amountsBeside(args: readonly Argument[], frame: ToolFrame.ToolFrame): readonly string[] {
  const [amount] = frame.amounts
  if (amount === undefined || frame.amounts.length > 1) return []
  const assets = args.filter(({ role }) => role === 'asset')
  const isBeside =
    amount.unit === null || assets.length === 0 || assets.some(({ value }) => isSame('asset', value, amount.unit ?? ''))
  return isBeside ? [amount.value] : []
}

/** A whole word or phrase, letter by letter. */
function hasWord(text: string, value: string): boolean {
  if (value.trim() === '') return false
  const amount = Reading.amountOf(value)
  // A number that is joined to others is a date, a time or the like: "5" does not stand in "2024-05-20".
  if (amount !== null) return [...text.matchAll(NUMBERS)].some(([each]) => Reading.amountOf(each) === amount)
  const at = text.indexOf(value)
  if (at < 0) return false
  const isEdge = (each: string | undefined): boolean => each === undefined || !/[\p{L}\p{N}_]/u.test(each)
  return isEdge(text[at - 1]) && isEdge(text[at + value.length])
}

const NUMBERS = /(?<![\p{L}\p{N}_.,:/-])(?:\d(?:[\d,_]*\d)?(?:\.\d+)?|\.\d+)(?![\p{L}\p{N}_]|[.,:/-][\p{L}\p{N}])/gu

/** Only what is long enough to be meant. */
function holds(text: string, value: string): boolean {
  if (value.trim().length < 2) return Reading.mentions(text, value)
  return /^[\w.,-]+$/.test(value) ? Reading.mentions(text, value) : text.toLowerCase().includes(value.toLowerCase())
}

function isRegistered({ role, value }: Argument, { tokens, contracts, nativeSymbol }: Registry): boolean {
  const wanted = value.toLowerCase()
  const isToken = tokens.some(
    (token) => token.symbol.toLowerCase() === wanted || token.address.toLowerCase() === wanted,
  )
  if (role === 'asset') return isToken || wanted === nativeSymbol.toLowerCase()
  if (role === 'spender')
    return contracts.some(({ address, kind }) => address.toLowerCase() === wanted && kind === 'spender')
  if (role === 'recipient')
    return contracts.some(({ address, kind }) => address.toLowerCase() === wanted && kind === 'contact')
  return role === 'contract' && (isToken || contracts.some(({ address }) => address.toLowerCase() === wanted))
}

/** Whether a confirmed call of this very tool had every critical value of this one. */
function repeats(entry: LedgerEntry & { readonly tool?: string }, tool: string, args: readonly Argument[]): boolean {
  return (
    entry.tool === tool &&
    args.every(
      (argument) =>
        !argument.isCritical ||
        entry.values.some(
          (each) => each.argument === argument.pointer && isSame(argument.role, argument.value, each.value),
        ),
    )
  )
}

const LEADING_VERB = /^(?:get|read|list|fetch|search|find|show|view|check|load)[_-]?/i

/** What a tool or a field may be called in a sentence that points there. */
function callsOf({ tool, pointer }: Field): readonly string[] {
  const field = pointer.split('/').findLast((step) => step !== '' && !/^\d+$/.test(step)) ?? ''
  return [tool, tool.replace(LEADING_VERB, ''), field].map(plain).filter((each) => each.length > 1)
}

function plain(text: string): string {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/[^a-z0-9 ]/g, '')
    .trim()
}

/** Words that point to what a tool answered: `as scheduled`, `as in`, `per` and `according to`, with its name. */
export function pointsTo(own: string, field: Field): boolean {
  const text = own.toLowerCase().replaceAll(/[_-]+/g, ' ')
  return callsOf(field).some((name) => {
    const spelled = name.replaceAll(' ', String.raw`\s?`)
    const isNamed = new RegExp(String.raw`(?<![a-z0-9])${spelled}s?(?![a-z0-9])`)
    const points = new RegExp(
      String.raw`(?<![a-z0-9])(?:as in|per|according to)\s+(?:(?:the|my|our|this|that|your)\s+)?(?:latest\s+|last\s+)?${spelled}s?(?![a-z0-9])`,
    )
    return points.test(text) || (/\bas scheduled\b/.test(text) && isNamed.test(text))
  })
}
