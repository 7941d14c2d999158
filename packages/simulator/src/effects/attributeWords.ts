import { Address, type Hex } from '@countersign/base'
import type { AuthorityKind } from '../model/Authority.ts'
import type { KeptForYou } from '../model/KeptForYou.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import { addressIn, isKeyedBy, keyedAmong, wordsOf, type StoragePath } from './StoragePath.ts'
import type { Told } from './Told.ts'
import {
  besideTold,
  changedFields,
  holds,
  isFlag,
  isHash,
  isPlausible,
  isTold,
  newWindows,
  positionOf,
  type Field,
} from './Word.ts'
import { ZERO_WORD, type OpenedWrite, type Unexplained } from './Write.ts'

/** Somebody who may have gained something over somebody, because of what was written. */
export interface Suspicion {
  readonly write: OpenedWrite
  readonly owner: string
  readonly subject: string
  readonly kind: AuthorityKind
  /** What must be true of the user for this to be about the user's authority; null: it is by itself. */
  readonly requires: 'safe-owner' | 'wallet-owner' | 'contract-owner' | null
  /** A number that the account gains, where it is more than a yes. */
  readonly amount?: { readonly before: bigint; readonly after: bigint }
  /** A link of a Safe's own list, if the contract is the user's Safe: the new entry tells what it means. */
  readonly isLink?: boolean
}

/** What every written word was found to be. */
export interface Attribution {
  readonly suspicions: readonly Suspicion[]
  /** Numbers that a contract keeps for the user. */
  readonly kept: readonly KeptForYou[]
  readonly unexplained: readonly Unexplained[]
  /** Flags, counts and times under the user's key that turn on, and entries with another account that end. */
  readonly marks: readonly Unexplained[]
}

/** What a word is judged by. */
export interface Scene {
  readonly user: string
  /** Block time: what only writes it down is no power. */
  readonly timestampS: bigint
  /** What calls told. */
  readonly read: { readonly told: readonly Told[]; readonly tokenChanges: readonly TokenChange[] }
  /** Slots that the run read and did not write, opened, with what they hold. */
  readonly reads: readonly OpenedWrite[]
  /** Slots that it wrote. */
  readonly writes: readonly OpenedWrite[]
  /** `contract|slot` of numbers that tell where in a list an element stands. */
  readonly places: ReadonlySet<string>
  /** Accounts that stand as words in call data. */
  readonly mentioned: ReadonlySet<string>
  /**
   * Whether it is an account that this run has to do with.
   *
   * @param hash - A word that looks like a hash: that its own bytes stand in call data makes none of them an account.
   */
  isParty(address: string, hash: Hex.Hex | null): boolean
  /** The same, or one that exists on the chain: that has to be read. */
  isAccount(address: string, hash: Hex.Hex | null): boolean
  /** Whether a call names it as an argument and it has code, which nobody vouches for. */
  isNamedCode(address: string): boolean
  /** Whether it exists on the chain: that has to be read. */
  isUsed(address: string): boolean
  /** Whether it exists on the chain and no call data hold its bytes, which may be anything. */
  isHidden(address: string): boolean
  /** Whether the app knows it as a token, or a balance of it was read: it gains nothing. */
  isToken(address: string): boolean
  /** Whether the contract is made by this run. */
  isNew(contract: string): boolean
  /** Whether the contract's own code names somebody, as that of an account with an owner for good does. */
  isMadeFor(contract: string, user: string): boolean
}

/** EIP-1967: where proxies keep implementation, admin and beacon. */
const IMPLEMENTATION = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'
const ADMIN = '0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103'
const BEACON = '0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50'
/** Safe 1.3 and 1.4: keccak256("guard_manager.guard.address"), keccak256("fallback_manager.handler.address"). */
const SAFE_GUARD = '0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8'
const SAFE_FALLBACK = '0x6c9a6c4a39284e37ed1cf53d337577d14212a4870fb976a4366c693b939918d5'
/** Safe's own layout: singleton 0, modules 1, owners 2, threshold 4. The list's end is the address 1. */
const SAFE = { singleton: 0n, modules: 1n, owners: 2n, threshold: 4n } as const
export const FIXED = new Set<string>([IMPLEMENTATION, ADMIN, BEACON, SAFE_GUARD, SAFE_FALLBACK])

/** A stored time that is set back or cleared was at most this far away: another number is an amount. */
const YEAR_S = 31_536_000n

/** Ten words: no key of a mapping is hashed from so many, and the structs that people sign are. */
const DOCUMENT_DIGITS = 640
/** Six words, where the first is the hash of a type, as EIP-712 begins each struct that people sign. */
const TYPED_DIGITS = 384
/** Whether a document was hashed: its state stands under it, and who may do something by it is told by its signature. */
const isDocument = (text: string): boolean =>
  text.length >= DOCUMENT_DIGITS || (text.length >= TYPED_DIGITS && isHash(`0x${text.slice(0, 64)}`))

/**
 * Asks of every written word what it says about the user: a right, an owner that changed, a number that is kept. The
 * user counts as mentioned where the address stands in what the slot was hashed of, or at any byte of the word before or
 * after. What is neither told by a getter nor one of these is returned as unexplained: it is never left out.
 */
export function attributeWords(scene: Scene): Attribution {
  const { writes } = scene
  const suspicions: Suspicion[] = []
  const kept: KeptForYou[] = []
  const unexplained: Unexplained[] = []
  const marks: Unexplained[] = []
  for (const write of writes) {
    const found = known(write, scene) ?? judge(write, scene)
    const links = isLink(write, writes)
    suspicions.push(
      ...found.suspicions.map((each) => (links && each.requires === null ? { ...each, isLink: true } : each)),
    )
    kept.push(...(found.kept ?? []))
    const place = { contract: Address.parse(write.contract), slot: write.slot }
    if (found.isUnexplained === true) unexplained.push(place)
    else if (found.isOwn === true) unexplained.push({ ...place, isOwn: true })
    if (found.isMark === true) marks.push(place)
  }
  return { suspicions, kept, unexplained, marks }
}

interface Judged {
  readonly suspicions: readonly Suspicion[]
  readonly kept?: readonly KeptForYou[]
  readonly isUnexplained?: boolean
  readonly isMark?: boolean
  readonly isOwn?: boolean
}

const NOTHING: Judged = { suspicions: [] }
/** It names the user, and no effect says why: the report lists the slot. */
const UNEXPLAINED: Judged = { suspicions: [], isUnexplained: true }
const suspected = (...suspicions: readonly Suspicion[]): Judged => ({ suspicions })

/** Slots that proxies and Safes have by their standards; null for any other. */
function known(write: OpenedWrite, scene: Scene): Judged | null {
  const { contract, slot, before, after, path } = write
  const { writes } = scene
  const gained = addressIn(after)
  const note = (subject: string, kind: AuthorityKind, requires: Suspicion['requires'], owner: string): Judged =>
    suspected({ write, owner, subject, kind, requires })
  if (slot === IMPLEMENTATION || slot === BEACON || slot === ADMIN) {
    const kind = slot === ADMIN ? 'ownership' : 'proxy_implementation'
    return gained === null || scene.isNew(contract) ? NOTHING : note(gained, kind, null, scene.user)
  }
  if (slot === SAFE_GUARD || slot === SAFE_FALLBACK)
    return note(gained ?? Address.ZERO, 'module', 'safe-owner', contract)
  if (path === null) {
    if (scene.isNew(contract)) return null
    if (BigInt(slot) === SAFE.singleton && gained !== null && addressIn(before) !== null && !holds(before, scene.user))
      return note(gained, 'proxy_implementation', 'safe-owner', contract)
    if (BigInt(slot) === SAFE.threshold && BigInt(after) < BigInt(before) && BigInt(before) < 256n)
      return note(contract, 'module', 'safe-owner', contract)
    return null
  }
  if (!isInList(path) || before !== ZERO_WORD || contract === scene.user) return null
  const key = addressIn(path.keys[0] ?? ZERO_WORD)
  if (key === null || key === scene.user || tokensOf(scene).has(contract)) return null
  // Safe keeps owners and modules as linked lists: whoever has an entry is in.
  const requires = isListed(key, write, writes) ? 'wallet-owner' : 'safe-owner'
  const entry: Suspicion = { write, owner: contract, subject: key, kind: 'module', requires }
  return suspected(entry, ...judge(write, scene).suspicions.map((other) => ({ ...other, isLink: true })))
}

/** Whether another entry of the same list newly points at it, as wallets link owners and modules. */
function isListed(key: string, { contract, path }: OpenedWrite, writes: readonly OpenedWrite[]): boolean {
  return writes.some(
    (other) =>
      other.contract === contract &&
      // The list's own start is a constant, which compilers hash beforehand.
      (other.path === null || (other.path.base === path?.base && other.path.keys.length === 1)) &&
      addressIn(other.after) === key,
  )
}

function isInList(path: StoragePath | null): path is StoragePath {
  return path?.keys.length === 1 && (path.base === SAFE.modules || path.base === SAFE.owners)
}

/** Whether a word only links a Safe's list to an entry that another write adds, or past one that another write ends. */
function isLink(write: OpenedWrite, writes: readonly OpenedWrite[]): boolean {
  const { contract, path, before, after } = write
  if (!isInList(path)) return false
  return writes.some(
    (other) =>
      other.contract === contract &&
      other.path?.base === path.base &&
      isInList(other.path) &&
      (other.before === ZERO_WORD
        ? BigInt(other.path.keys[0] ?? ZERO_WORD) === BigInt(after)
        : other.after === ZERO_WORD &&
          (other.before === after || BigInt(other.path.keys[0] ?? ZERO_WORD) === BigInt(before))),
  )
}

function judge(write: OpenedWrite, scene: Scene): Judged {
  const { contract, before, after, path } = write
  const { user } = scene
  const note = (subject: string, kind: AuthorityKind, requires: Suspicion['requires'] = null): Suspicion => ({
    write,
    owner: user,
    subject,
    kind,
    requires,
  })
  if (isExplained(write, scene)) return NOTHING
  const tokens = tokensOf(scene)
  const at = positionOf(before, user)
  const isKeyed = path !== null && isKeyedBy(path, user)
  const isRecord = contract === user || isKeyed || at >= 0 || isOfUsersRecord(write, user, scene.reads)
  // Only what is about the user is worth a look at the chain.
  const hash = isHash(after) ? after : null
  const isAccount = (account: string) => (isRecord ? scene.isAccount(account, hash) : scene.isParty(account, hash))
  const isUsed = (account: string) => isRecord && scene.isUsed(account)
  const gained = gainedBy(write, { ...scene, isAccount, isUsed }).filter((account) => !tokens.has(account))
  if (contract === user) return judgeOwn(write, scene, gained)

  // A word that held the user's address and holds another one there: an owner, admin or beneficiary that changed.
  if (at >= 0 && after.slice(at, at + 40) !== user.slice(2)) {
    const next = `0x${after.slice(at, at + 40)}`
    if (isPieceMoved(write, next, scene)) return NOTHING
    // Shifted inside its word, or a record that is cleared: nobody stands in the user's place.
    if (holds(after, user) && gained.length === 0) return UNEXPLAINED
    if (path !== null && BigInt(next) === 0n) return UNEXPLAINED
    return suspected(note(gained.length === 0 || gained.includes(next) ? next : (gained[0] ?? next), 'ownership'))
  }
  if (path === null && at < 0) {
    // An account that the call names appears in a plain variable: a new owner in waiting, a guardian, an operator.
    const isNamed = holds(after, user) || (isHash(after) && isRuled(contract, scene))
    if (scene.isNew(contract)) return isNamed ? UNEXPLAINED : NOTHING
    const named = gained.filter((account) => scene.mentioned.has(account) || addressIn(after) !== account)
    return {
      ...suspected(...named.map((account) => note(account, 'ownership', 'contract-owner'))),
      isUnexplained: isNamed,
    }
  }
  if (!isRecord) {
    // A record that was the user's until this run: what it counted was the user's too, unless its piece is what left.
    if (isOfUsersRecord(write, user, scene.writes) && !tokens.has(contract))
      return { suspicions: [], ...keptBy(write, changedFields(before, after, [user], scene), scene) }
    if (isUnderUsersId(write, scene)) {
      const fell = changedFields(before, after, [], scene).filter((field) => field.after < field.before)
      return { suspicions: [], ...keptBy(write, fell, scene) }
    }
    const gain = granteeOf(write, scene)
    if (gain === null) {
      const codes = isRuled(contract, scene) && !scene.isNew(contract) ? gained.filter(scene.isNamedCode) : []
      return suspected(...codes.map((account) => note(account, 'unknown_grant')))
    }
    const { grantee, amount } = gain
    return suspected({ ...note(grantee, 'unknown_grant'), ...(amount === null ? {} : { amount }) })
  }
  const others = path === null ? [] : partiesOf(path, scene).filter((party) => party !== user && party !== contract)
  const fields = changedFields(before, after, [user, ...others], scene)
  // Somebody is named in a word that is the user's: a helper, an heir, a delegate.
  if (gained.length > 0) return suspected(...gained.map((account) => note(account, 'unknown_grant')))
  // A commitment, a root, an id: nobody is named, and it counts nothing.
  if (hash !== null) return { suspicions: [], isUnexplained: true }
  // A right of the user's over the user's own.
  if (isKeyed && others.length === 0 && isKeyedTwice(path, user) && fields.every((field) => field.after > field.before))
    return { suspicions: [], isOwn: true }
  const strangers = others.filter((party) => !tokens.has(party) && !scene.isToken(party))
  if (isKeyed && strangers.length > 0) {
    // The state of an order or a message: whoever is named in a document gains nothing by its being kept.
    if (path.hashed.some(isDocument)) return { suspicions: [], isUnexplained: true }
    if (BigInt(after) > BigInt(before)) return suspected(...strangers.map((subject) => note(subject, 'unknown_grant')))
    return { suspicions: [], isUnexplained: after !== ZERO_WORD, isMark: true }
  }
  return { suspicions: [], ...keptBy(write, fields, scene) }
}

/** Whether the run read a plain variable of the contract that names the user: what the contract asks its owner for. */
function isRuled(contract: string, { reads, user }: Scene): boolean {
  return reads.some((read) => read.contract === contract && read.path === null && holds(read.before, user))
}

/** The account's own code writes who else may act for it, or something that nobody can read. */
function judgeOwn(write: OpenedWrite, scene: Scene, gained: readonly string[]): Judged {
  const { contract: user, before, after, path } = write
  const note = (subject: string): Suspicion => ({ write, owner: user, subject, kind: 'module', requires: null })
  const parties = path === null ? [] : partiesOf(path, scene)
  const named = [...new Set([...parties, ...gained])].filter((party) => party !== user)
  if (named.length > 0) return suspected(...named.map(note))
  const fields = changedFields(before, after, [user], scene)
  // A nonce may stand under a number, or goes on from what it was; what turns on under a hash is somebody's right.
  const isUnderHash = path?.keys.some(isHash) === true
  const isNonce = (field: Field) => isCount(field) && (!isUnderHash || field.before > 0n)
  const isHarmless = (field: Field) => isNonce(field) || isTime(field, scene)
  if (fields.length > 0 && fields.every(isHarmless)) return NOTHING
  return suspected(note(Address.ZERO))
}

/** One more than before, wherever in its word the number stands. */
export function isCount({ before, after }: Field): boolean {
  return after > before && withoutZeros(after - before) === 1n
}

export function isTime({ before, after }: Field, { timestampS }: Pick<Scene, 'timestampS'>): boolean {
  const isNear = (value: bigint) => value >= timestampS - YEAR_S && value <= timestampS + YEAR_S
  return withoutZeros(after) === withoutZeros(timestampS) || (isNear(before) && (after === 0n || isNear(after)))
}

/** A number without the zero bytes at its end: it may stand in front of another one that is zero. */
function withoutZeros(value: bigint): bigint {
  let rest = value
  while (rest > 0n && rest % 256n === 0n) rest /= 256n
  return rest
}

/** Whether a getter that was asked about the same accounts says what differs, or a balance of theirs moved with it. */
export function isExplained(write: OpenedWrite, scene: Pick<Scene, 'read' | 'timestampS'>): boolean {
  const { contract, before, after, path } = write
  const names = (account: string) =>
    (path !== null && isKeyedBy(path, account)) || holds(before, account) || holds(after, account)
  const isAbout = (told: Told) => told.contract === contract && told.parties.every(names)
  const isSaid = (told: Told) =>
    (told.parties.length > 0 || path !== null) &&
    ((isTold(before, after, told.after) && isTold(after, before, told.before)) || isToldWithTime(told))
  // A time, a counter or a flag that the contract keeps beside the number.
  const isToldWithTime = (told: Told) =>
    besideTold(before, after, told, scene)?.every(
      (field) => isTime(field, scene) || isCount(field) || isFlag(field),
    ) === true
  return scene.read.told.some((told) => isAbout(told) && isSaid(told))
}

/** Whether the word tells whose a piece is, and the report has it already. */
function isPieceMoved({ contract }: OpenedWrite, next: string, { read, user }: Scene): boolean {
  const moved = (account: string, sign: bigint) =>
    read.tokenChanges.some(
      (change) =>
        change.standard === 'erc721' &&
        change.token?.toLowerCase() === contract &&
        change.account.toLowerCase() === account &&
        change.delta * sign > 0n,
    )
  return moved(user, -1n) && (BigInt(next) === 0n || moved(next, 1n))
}

/**
 * Accounts that newly stand in the word, at any byte. Windows overlap: one that is known beats one that only fits, and
 * what the user or the contract covers is nobody else.
 */
function gainedBy(write: OpenedWrite, scene: Scene): string[] {
  const { before, after, contract } = write
  const whole = addressIn(after)
  const taken = [scene.user, contract].map((account) => positionOf(after, account)).filter((at) => at >= 0)
  const isFree = (at: number) => taken.every((other) => Math.abs(other - at) >= 40)
  const found: string[] = []
  const windows = newWindows(before, after).filter(({ at, account }) => isFree(at) && !holds(before, account))
  const take = (isOne: (account: string) => boolean): void => {
    for (const { at, account } of windows) {
      if (!isFree(at) || !isOne(account)) continue
      taken.push(at)
      found.push(account)
    }
  }
  take((account) => scene.mentioned.has(account) && (isPlausible(account) || account === whole))
  if (whole !== null) take((account) => account === whole && (isPlausible(account) || scene.isAccount(account, null)))
  // Of windows that overlap in bytes of a call, the one that somebody has used: a flag may stand in front of it.
  const isBareAccount = (account: string) => isPlausible(account) && isBare(account) && scene.isAccount(account, null)
  take((account) => isBareAccount(account) && scene.isUsed(account))
  take(isBareAccount)
  take((account) => isPlausible(account) && scene.isAccount(account, null))
  return [...new Set(found)]
}

/** Neither begins nor ends in a zero byte, as a window beside the right one mostly does. */
function isBare(account: string): boolean {
  return !account.startsWith('0x00') && !account.endsWith('00')
}

/**
 * The accounts that a slot is keyed by: those in words of their own, those that calls name, and those that were hashed side by
 * side with the user.
 */
export function partiesOf(path: StoragePath, scene: Pick<Scene, 'user' | 'mentioned' | 'isHidden'>): string[] {
  const words = [...path.keys, ...wordsOf(path)].flatMap((key) => addressIn(key) ?? [])
  // What begins with zeros is most likely a part of the address behind it.
  const [bare, padded] = partition([...scene.mentioned], (account) => !account.startsWith('0x0000'))
  const keyed = keyedAmong(path, [...words, scene.user, ...bare, ...padded])
  const beside = path.hashed.flatMap((text) => accountsBeside(text, scene.user)).filter(scene.isHidden)
  return [...new Set([...words, ...keyed, ...beside])]
}

function partition<T>(list: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] {
  return [list.filter(isFirst), list.filter((item) => !isFirst(item))]
}

/** Windows of twenty bytes in what was hashed without padding, beside the user. */
function accountsBeside(text: string, user: string): string[] {
  const at = positionOf(text, user)
  // At a word's end it was padded, and words tell the rest.
  if (at < 0 || at % 64 === 24 || text.length > MAX_PACKED_DIGITS) return []
  return newWindows('0x', `0x${text}`).flatMap((window) =>
    Math.abs(window.at - 2 - at) >= 40 && isPlausible(window.account) ? [window.account] : [],
  )
}

/** Four words: two accounts, an id and a seed fit in. */
const MAX_PACKED_DIGITS = 256

/** A word under an id or record that another word says is the user's: what is written beside it is about the user. */
export function isOfUsersRecord({ contract, path }: OpenedWrite, user: string, seen: readonly OpenedWrite[]): boolean {
  if (path === null || path.hashed.length === 0) return false
  const mine = path.keys.join()
  return seen.some(
    (read) =>
      read.contract === contract &&
      holds(read.before, user) &&
      read.path !== null &&
      (read.path.hashed[0] === path.hashed[0] || (mine !== '' && read.path.keys.join() === mine)),
  )
}

/**
 * Who gains what the user has: an entry keyed by an account of the call turns on, and the run asked for the same entry of
 * the user's, or for the user's name, before it did so.
 */
function granteeOf(
  write: OpenedWrite,
  scene: Scene,
): { readonly grantee: string; readonly amount: { readonly before: bigint; readonly after: bigint } | null } | null {
  const { contract, path, before, after } = write
  if (path === null || scene.isNew(contract) || tokensOf(scene).has(contract)) return null
  const parties = partiesOf(path, scene).filter((party) => party !== contract)
  const grantee = parties.find((party) => scene.mentioned.has(party)) ?? packedParty(path, scene)
  if (grantee === undefined || parties.includes(scene.user)) return null
  const fields = changedFields(before, after, [], scene)
  if (fields.length === 0 || !fields.every(({ before: was, after: is }) => was === 0n && is > 0n)) return null
  const isRole = fields.every((field) => isFlag(field) || isTime(field, scene))
  const seen = scene.reads.filter((read) => read.contract === contract && read.before !== ZERO_WORD)
  // The same entry of the user's own, that is as it was: what is handed on is what the user has, times aside.
  const isSame = (own: Hex.Hex) =>
    own === after ||
    (isRole && BigInt(own) === 1n) ||
    changedFields(own, after, [], scene).every((field) => isTime(field, scene))
  const own = seen.filter((read) => read.path !== null && isKeyedBy(read.path, scene.user))
  if (own.some((read) => isSame(read.before))) return { grantee, amount: null }
  // A plain variable or a constant that names the user: an owner who appoints, or who gives a number of something.
  const isOwner =
    seen.some((read) => read.path === null && holds(read.before, scene.user)) || scene.isMadeFor(contract, scene.user)
  // Or who stands in the same mapping, whatever number each has there.
  if (!isOwner && !own.some((read) => read.path?.root === path.root)) return null
  if (isRole) return { grantee, amount: null }
  const numbers = fields.filter((field) => !isTime(field, scene))
  const [number] = numbers
  return number === undefined || scene.isToken(grantee) ? null : { grantee, amount: number }
}

/**
 * An account in the first twenty bytes of a key, as `bytes20` and packed arguments have it, that stands in call data. A short
 * text stands there too, and is all letters.
 */
function packedParty(path: StoragePath, scene: Pick<Scene, 'user' | 'isParty'>): string | undefined {
  return [...path.keys, ...wordsOf(path)]
    .filter((key) => /^0x[0-9a-f]{40}0{24}$/.test(key) && !/^0x(?:[2-7][0-9a-f])*0*$/.test(key))
    .map((key) => key.slice(0, 42))
    .find((account) => account !== scene.user && isPlausible(account) && scene.isParty(account, null))
}

/** Whether the slot is the entry of a number that a word of the user's gives: a position by its id, or by its place. */
export function isUnderUsersId(
  { contract, path }: OpenedWrite,
  { reads, user }: Pick<Scene, 'reads' | 'user'>,
): boolean {
  if (path === null || (path.keys.length !== 1 && path.at === null)) return false
  const [id] = path.keys
  return reads.some(
    (read) =>
      read.contract === contract &&
      read.path !== null &&
      isKeyedBy(read.path, user) &&
      (path.at === null ? read.before === id : isElement(path.at, BigInt(read.before))),
  )
}

/** Whether an element of a list is the one with this number, counted from one or from zero, of up to four words each. */
function isElement(at: bigint, number: bigint): boolean {
  return [1n, 2n, 3n, 4n].some((size) => at / size === number - 1n || at / size === number)
}

/** Numbers of the user's, with what became of them; nothing for what only counts or tells a time. */
function keptBy(
  { contract, slot, before: was, after: is }: OpenedWrite,
  fields: readonly Field[],
  scene: Scene,
): Pick<Judged, 'kept' | 'isUnexplained' | 'isMark' | 'isOwn'> {
  const { read, user } = scene
  // Where in a list an element stands is no amount.
  if (scene.places.has(`${contract}|${slot}`)) return {}
  // The user is the subject of the user's own entry.
  const isSubject = holds(is, user) && !holds(was, user)
  // Somebody who stood there is let go: that is no amount.
  if (isWholeAccount(was) || (isWholeAccount(is) && !isSubject)) return { isUnexplained: true }
  const numbers = fields.filter((field) => !isTime(field, scene) && !isCount(field) && !isFlag(field))
  // A balance that the report shows as one.
  const isBalance = ({ before, after }: Field) =>
    read.tokenChanges.some(
      (change) =>
        change.token?.toLowerCase() === contract &&
        change.account.toLowerCase() === user &&
        change.delta > 0n === after > before,
    )
  const entry = { contract: Address.parse(contract), slot, meaning: null, isDebt: false }
  return {
    kept: numbers.filter((field) => !isBalance(field)).map((field) => ({ ...entry, ...field })),
    isOwn: isSubject && numbers.length === 0,
    isMark: !isSubject && numbers.length === 0 && fields.some(({ before }) => before === 0n),
  }
}

/** Whether both keys of an entry are the same account. */
function isKeyedTwice({ hashed }: StoragePath, account: string): boolean {
  const parts = hashed.map((text) => text.split(account.slice(2)).length - 1)
  return parts.reduce((sum, times) => sum + times, 0) >= 2
}

/** Twenty bytes full of digits and nothing else, as an address is; a round amount has more zero bytes. */
function isWholeAccount(value: Hex.Hex): boolean {
  const account = addressIn(value)
  return account !== null && (account.slice(2).match(/../g) ?? []).filter((byte) => byte !== '00').length >= 18
}

export function tokensOf({ read }: Pick<Scene, 'read'>): ReadonlySet<string> {
  return new Set(read.tokenChanges.flatMap(({ token }) => (token === null ? [] : [token.toLowerCase()])))
}
