import { Address } from '@countersign/base'
import type { Action, Value } from './Action.ts'
import * as OwnWords from './OwnWords.ts'
import * as PlainWords from './PlainWords.ts'
import * as Reading from './Reading.ts'
import type { Frame, Role } from './Reading.ts'

/**
 * Where a value came from: looked up, never believed. `user`: it stands in this turn's own words, in the very role.
 * `user-earlier`: an earlier message, or this one in another role, quoted or pasted. `document`: the document that the
 * user pasted to have it signed. `untrusted`: what a contract or a tool answered. `model`: nowhere.
 */
export type Source =
  'user' | 'registry' | 'app' | 'ledger' | 'user-earlier' | 'tool' | 'untrusted' | 'document' | 'model'

export interface Line {
  readonly argument: string
  readonly value: string
  readonly source: Source
  readonly role?: Value['role']
  /** When the user did it before, for `ledger`. */
  readonly at?: string
  /** What answered with it, for `untrusted`. */
  readonly from?: string
}

/** A value that a person has to type before anything is signed. */
export interface Question {
  readonly argument: string
  readonly value: string
  readonly source: Source
  readonly because: string
  /** Untrusted text named it: only the whole value will do, typed by hand. */
  readonly isWhole?: true
  /** The last characters of the value will do. */
  readonly retype?: { readonly part: 'last'; readonly length: number }
}

export interface Assessment {
  readonly lines: readonly Line[]
  readonly level: 'ordinary' | 'step-up'
  readonly questions: readonly Question[]
  /** Why it must not be proposed at all; null when it may. */
  readonly refused: string | null
}

/** What the person wrote, taken apart once a turn. */
export interface Words {
  /** This turn's message with all that others wrote taken out. */
  readonly own: string
  /** `own` in the form that the grammar reads (`PlainWords`); values are looked for in `own`. */
  readonly plain: string
  readonly message: string
  readonly borrowed: OwnWords.OwnWords['borrowed']
  readonly earlier: readonly string[]
  readonly reading: Reading.Reading
  /** Addresses that an earlier message said must not be dealt with. */
  readonly forbiddenEarlier: readonly Address.Address[]
}

/** What the app's configuration calls by name. */
export interface Registry {
  readonly nativeSymbol: string
  readonly tokens: readonly { readonly symbol: string; readonly address: Address.Address }[]
  readonly contracts: readonly { readonly name: string; readonly address: Address.Address; readonly kind: string }[]
}

/** Something that the user did before and that is settled. */
export interface LedgerEntry {
  readonly at: string
  readonly values: readonly { readonly argument: string; readonly value: string }[]
}

/** What a tool answered in this turn. */
export interface Heard {
  readonly from: string
  readonly text: string
  /** It is what a token or a contract calls itself. */
  readonly isName: boolean
  /** False where the tool that answered vouches for other fields of the same answer. */
  readonly taints?: false
}

/** Messages that are looked at, newest first, and characters of them: an older mention is as good as none. */
const MAX_EARLIER = 50
const MAX_EARLIER_LENGTH = 64_000

/**
 * Reads a conversation. Cheap enough for every turn: what is older than the newest fifty messages is left out.
 *
 * @param userTexts - Everything the user typed, oldest first; the last is this turn's, and empty where the user said
 *   nothing in it.
 */
export function wordsOf(userTexts: readonly string[], registry: Registry): Words {
  const message = userTexts.at(-1) ?? ''
  const { own, borrowed } = OwnWords.read(message)
  const earlier: string[] = []
  let length = 0
  for (const text of userTexts.slice(0, -1).slice(-MAX_EARLIER).toReversed()) {
    length += text.length
    if (length > MAX_EARLIER_LENGTH) break
    earlier.push(text)
  }
  const plain = PlainWords.of(own, registry)
  return {
    own,
    plain,
    message,
    borrowed,
    earlier,
    reading: Reading.read(withAddresses(plain, registry)),
    forbiddenEarlier: earlier.flatMap((text) => Reading.read(OwnWords.read(text).own).forbidden),
  }
}

/** Own words with the registry's names as addresses: who is called by name is the one who is meant. */
function withAddresses(own: string, { contracts }: Registry): string {
  let text = own
  for (const { name, address } of contracts) {
    if (name.trim().length < 2) continue
    const plain = name.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    text = text.replaceAll(new RegExp(String.raw`(?<![\p{L}\p{N}_.])${plain}(?![\p{L}\p{N}_])`, 'giu'), address)
  }
  return text
}

const POINTS_BACK = /\b(?:again|same as (?:last time|before)|repeat|once more|as usual)\b/i

/** Whether own words point at what the user did before. */
export function pointsBack({ own }: Pick<Words, 'own'>): boolean {
  return POINTS_BACK.test(own) && !/\b(?:never|not|don'?t|no)\b[^.!?;]*\b(?:again|repeat|once more)\b/i.test(own)
}

/**
 * Looks up every value of what a proposal would do.
 *
 * @param document - The document was pasted in this very message, and is proposed as it was pasted.
 */
export function assess(
  words: Words,
  {
    actions,
    registry,
    ledger = [],
    heard = [],
    isDocument = false,
  }: {
    actions: readonly Action[]
    registry: Registry
    ledger?: readonly LedgerEntry[]
    heard?: readonly Heard[]
    isDocument?: boolean
  },
): Assessment {
  const left = [...words.reading.asked]
  const lines: Line[] = []
  const questions: Question[] = []
  let refused: string | null = null
  const again = pointsBack(words) ? ledger.find((entry) => repeats(entry, actions)) : undefined
  for (const action of actions) {
    const frame = bestOf(left, action)
    if (frame !== null) left.splice(left.indexOf(frame), 1)
    const at = { words, registry, frame, action, again, heard, isDocument }
    const looked = action.values.map((value) => lookUp(value, at))
    refused ??= looked.map((each) => each.refused).find((each) => each !== null) ?? null
    if (frame === null && again === undefined) {
      lines.push({ argument: '', value: action.name, source: 'model' })
      questions.push({ argument: '', value: action.name, source: 'model', because: 'You did not ask for this.' })
    }
    const isTainted =
      heard.some(({ taints }) => taints !== false) &&
      looked.some(({ line, value }) => value.isCritical !== false && !isOwnOrLeftOpen(line, value))
    for (const { line, value, because, isWhole } of looked) {
      lines.push(line)
      if (value.isCritical === false) continue
      const tainted =
        isTainted && because === null && !isOwnOrLeftOpen(line, value)
          ? 'Untrusted text was read before the agent chose it.'
          : null
      const why = because ?? tainted
      if (why !== null)
        questions.push({
          ...{ argument: line.argument, value: line.value, source: line.source, because: why },
          ...(isWhole ? { isWhole } : {}),
        })
    }
  }
  return { lines, level: questions.length > 0 ? 'step-up' : 'ordinary', questions: distinct(questions), refused }
}

function isOwnOrLeftOpen({ source }: Line, { role }: Value): boolean {
  return (
    source === 'user' ||
    ((source === 'registry' || source === 'app') && ['contract', 'spender'].includes(role)) ||
    source === 'app'
  )
}

/** One pointer is one question. */
function distinct(questions: readonly Question[]): Question[] {
  return [...new Map(questions.map((question) => [question.argument, question])).values()]
}

/** Whether a settled proposal had every critical value of these actions. */
function repeats(entry: LedgerEntry, actions: readonly Action[]): boolean {
  const had = (value: Value) =>
    entry.values.some((each) => each.argument === value.argument && isSameValue(value, each.value))
  return actions.every(({ values }) => values.every((value) => value.isCritical === false || had(value)))
}

/** The request that fits an action best; null when no request is of its kind. */
function bestOf(frames: readonly Frame[], action: Action): Frame | null {
  let best: { frame: Frame; fits: number } | null = null
  for (const frame of frames) {
    if (!isOfKind(frame, action)) continue
    const fits = action.values.filter((value) => fitsRole(value, frame, action)).length
    if (best === null || fits > best.fits) best = { frame, fits }
  }
  return best?.frame ?? null
}

function isOfKind(frame: Frame, action: Action): boolean {
  if (frame.verb !== action.verb) return false
  if (action.verb !== 'act') return true
  const contract = action.values.find(({ role }) => role === 'contract')
  const isNamed =
    frame.roles.contract !== undefined && contract !== undefined && isSameValue(contract, frame.roles.contract)
  const called = (action.called ?? action.name).toLowerCase().split(/[^a-z]/)[0]
  return isNamed || called === frame.word
}

/** Whether the sentence gives this very value this very role, an amount only beside the asset it was said of. */
function fitsRole(value: Value, frame: Frame, { values }: Action): boolean {
  const said = frame.roles[value.role as Role]
  if (said === undefined || !isSameValue(value, said)) return false
  if (value.role !== 'amount') return true
  const role = frame.roles.give === undefined ? 'asset' : 'give'
  const asset = values.find((each) => each.role === role)
  const saidAsset = frame.roles[role]
  return asset === undefined || saidAsset === undefined || isSameValue(asset, saidAsset)
}

const NATIVE = ['native', 'ether', 'ethereum']

function isSameValue({ role, value }: Pick<Value, 'role' | 'value'>, other: string): boolean {
  const [a, b] = [value.toLowerCase(), other.toLowerCase()]
  if (a === b) return true
  if (role === 'asset' || role === 'give' || role === 'take') return a === 'eth' && NATIVE.includes(b)
  if (role !== 'amount' && role !== 'slippage' && role !== 'other') return false
  const amount = Reading.amountOf(a)
  return amount !== null && amount === Reading.amountOf(b)
}

interface Place {
  readonly words: Words
  readonly registry: Registry
  readonly frame: Frame | null
  readonly action: Action
  readonly again: LedgerEntry | undefined
  readonly heard: readonly Heard[]
  readonly isDocument: boolean
}

interface Looked {
  readonly value: Value
  readonly line: Line
  /** Why a person must type it; null when they need not. */
  readonly because: string | null
  readonly refused: string | null
  /** Untrusted text named who gets something: only the whole value will do, and no signature. */
  readonly isWhole: boolean
}

const NAMES: Readonly<Record<Value['role'], string>> = {
  amount: 'an amount',
  asset: 'a token',
  give: 'the token that leaves',
  take: 'the token that arrives',
  recipient: 'a recipient',
  spender: 'a spender',
  contract: 'a contract',
  slippage: 'a slippage',
  other: 'this value',
  data: 'these bytes',
}

function lookUp(value: Value, at: Place): Looked {
  const { words, registry, frame, action, again, heard, isDocument } = at
  const said = frame?.roles[value.role as Role]
  const line = (source: Source, more: Partial<Line> = {}): Line => ({
    argument: value.argument,
    value: value.value,
    source,
    role: value.role,
    ...more,
  })
  const isAddress = Address.isAddress(value.value)
  const isForbidden = (list: readonly Address.Address[]) =>
    isAddress && list.some((each) => Address.isEqual(each, Address.parse(value.value)))
  const answer = (source: Source, because: string | null, more: Partial<Line> = {}, refused: string | null = null) => ({
    value,
    line: line(source, more),
    because,
    refused,
    isWhole: source === 'untrusted' && (value.role === 'recipient' || value.role === 'spender'),
  })
  const isPower = value.role === 'recipient' || value.role === 'spender' || value.role === 'contract'
  const isLiteral = !isAddress || Reading.mentions(words.own, value.value)
  const fits = frame !== null && fitsRole(value, frame, action)

  if (isForbidden(words.reading.forbidden)) {
    return answer('user-earlier', null, {}, `You said not to deal with ${value.value}.`)
  }
  if (isForbidden(words.forbiddenEarlier)) {
    const warning = `You said earlier not to deal with ${value.value}.`
    return fits && isLiteral ? answer('user', warning) : answer('user-earlier', null, {}, warning)
  }
  if (value.isOurs === true) return answer('app', null)
  if (value.role === 'data') return answer('model', 'These bytes could not be read.')
  if (fits && isLiteral) return answer('user', null)

  const differs =
    said !== undefined && !isSameValue(value, said)
      ? `You named ${NAMES[value.role].replace(/^an? /, 'another ').replace(/^the /, 'another ')}: ${said}.`
      : null
  const open = differs ?? `You did not name ${NAMES[value.role]}.`

  const isInDocument =
    isDocument && words.borrowed.some(({ kind, text }) => kind === 'document' && holds(text, value.value))
  if (isRegistered(value, registry)) {
    // What the words call by its name; and a contract or a spender where the words leave it to the app.
    const isLeftToApp = (value.role === 'contract' || value.role === 'spender') && said === undefined
    return answer('registry', fits || isLeftToApp || isInDocument || again !== undefined ? null : open)
  }
  if (again !== undefined) return answer('ledger', differs, { at: again.at })
  if (isInDocument) {
    return answer('document', isPower ? 'It stands in the text that you pasted.' : null)
  }
  if (holds(words.message, value.value)) {
    const where = words.borrowed.some(({ text }) => holds(text, value.value))
      ? 'It stands in a text that you quoted or pasted.'
      : 'You mentioned it in another part.'
    return answer('user-earlier', differs ?? where)
  }
  if (words.earlier.some((text) => holds(text, value.value))) {
    return answer('user-earlier', differs ?? 'It stands in an earlier message.')
  }
  const source = heard.find(({ text }) => holds(text, value.value))
  if (source !== undefined) {
    const others = heard.filter(({ text }) => holds(text, value.value))
    const isRefused = isPower && (differs !== null || others.every(({ isName }) => isName))
    return answer(
      'untrusted',
      'It stands in untrusted text that the agent read.',
      { from: source.from },
      isRefused ? `${value.value} stands only in text that a contract answered with.` : null,
    )
  }
  return answer('model', open)
}

/** Only what is long enough to be meant: "1" stands in every text. */
function holds(text: string, value: string): boolean {
  return Reading.mentions(text, value)
}

function isRegistered({ role, value }: Value, { tokens, contracts, nativeSymbol }: Registry): boolean {
  const wanted = value.toLowerCase()
  if (role === 'asset' || role === 'give' || role === 'take') {
    return (
      wanted === nativeSymbol.toLowerCase() ||
      tokens.some((token) => token.symbol.toLowerCase() === wanted || token.address.toLowerCase() === wanted)
    )
  }
  if (role === 'spender') {
    return contracts.some(({ address, kind }) => address.toLowerCase() === wanted && kind === 'spender')
  }
  if (role === 'recipient') {
    return contracts.some(({ address, kind }) => address.toLowerCase() === wanted && kind === 'contact')
  }
  if (role === 'contract') {
    return [...contracts, ...tokens].some(({ address }) => address.toLowerCase() === wanted)
  }
  return false
}

/** Where an argument came from, looked up and never believed. Not found anywhere means `model`. */
export type ArgumentProvenance = Line

/** What a draft's provenance asks of the owner before a wallet may open. */
export interface Confirmation {
  readonly level: 'ordinary' | 'step-up'
  readonly questions: readonly Question[]
}
