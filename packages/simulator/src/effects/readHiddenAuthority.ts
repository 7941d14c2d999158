import { Address, type Hex } from '@countersign/base'
import { toFunctionSelector } from 'viem'
import * as Overlay from '../evm/Overlay.ts'
import { readAsUser, type Fork } from '../evm/runBatch.ts'
import type { BatchRun } from '../model/Run.ts'
import type { AuthorityChange, AuthorityKind } from '../model/Authority.ts'
import { EMPTY_CODE_HASH, type AccessSet } from '../model/Access.ts'
import * as Probes from './probes.ts'
import { attributeWords, FIXED, type Scene, type Suspicion } from './attributeWords.ts'
import type { ReadByCalls } from './readEffects.ts'
import { addressIn, isKeyedBy, pathOf, type Preimages } from './StoragePath.ts'
import { all, mentionedAddresses } from './Trace.ts'
import { holds } from './Word.ts'
import { openedWrites, ZERO_WORD, type OpenedWrite, type Unexplained, type Write } from './Write.ts'
import { entriesOf } from './entries.ts'
import { linkElements, placesAmong } from './linkElements.ts'
import { isMadeIn } from './codesOf.ts'
import { reachOf } from './reach.ts'
import type { KeptForYou } from '../model/KeptForYou.ts'
import { isGrain, type Entry } from '../model/ValueFlow.ts'

/**
 * Getters by which known protocols tell a grant that standard ones do not: selector, argument order, kind.
 * ERC-777, Aave and Compound III credit, Morpho, ERC20Votes.
 */
const GETTERS: readonly { signature: string; order: 'owner-subject' | 'subject-owner'; kind: AuthorityKind }[] = [
  { signature: 'allowance(address,address)', order: 'owner-subject', kind: 'erc20_allowance' },
  { signature: 'isApprovedForAll(address,address)', order: 'owner-subject', kind: 'operator' },
  { signature: 'isOperatorFor(address,address)', order: 'subject-owner', kind: 'operator' },
  { signature: 'borrowAllowance(address,address)', order: 'owner-subject', kind: 'delegation' },
  { signature: 'isAllowed(address,address)', order: 'owner-subject', kind: 'delegation' },
  { signature: 'hasPermission(address,address)', order: 'owner-subject', kind: 'delegation' },
  { signature: 'isAuthorized(address,address)', order: 'owner-subject', kind: 'delegation' },
]
const SELECTORS = GETTERS.map(({ signature }) => toFunctionSelector(`function ${signature}`))
const OWNER: Hex.Hex = '0x8da5cb5b'
const IS_OWNER: Hex.Hex = '0x2f54bf6e'
/** ERC-5805: delegates(address). */
const DELEGATES: Hex.Hex = '0x587cde1e'
/** The most suspicions followed up; more are reported without a name. */
const MAX_FOLLOWED = 24
const UNLIMITED = 2n ** 255n
/** The most windows of twenty bytes that are looked up on the chain. */
const MAX_WINDOWS = 256

/**
 * Authority that neither events nor standard getters tell: found in what was written, by whose key it stands under.
 *
 * A slot keyed by the user and somebody else is a grant to that somebody, whatever the contract calls it; a word that
 * held the user's address and now holds another is an owner that changed; proxies, Safes and account code are known by
 * their own slots. What a known getter confirms gets its name, the rest is an `unknown_grant` with its slot.
 *
 * @param read - What calls told: it explains the words that say the same.
 */
export async function readHiddenAuthority(
  fork: Fork,
  access: AccessSet,
  {
    user,
    mine = new Set([user]),
    run,
    preimages,
    read,
    isPreimageLost,
    tokens = [],
    isVouchedFor = () => false,
  }: {
    user: string
    /** The user and the accounts that the user controls, lower case. */
    mine?: ReadonlySet<string>
    run: BatchRun
    preimages: Preimages
    read: ReadByCalls
    /** Something that was hashed was not kept: what stays closed may be about the user. */
    isPreimageLost: boolean
    /** Tokens that the app knows, lower case. */
    tokens?: readonly string[]
    isVouchedFor?: (contract: string) => boolean
  },
): Promise<{
  readonly changes: AuthorityChange[]
  readonly slots: ReadonlyMap<AuthorityChange, Hex.Hex>
  /** Contracts in which the user's own entry grew. */
  readonly credits: ReadonlySet<string>
  /** `contract|slot` of words that stand under the user's key and that the run wrote or read. */
  readonly ownSlots: ReadonlySet<string>
  readonly kept: readonly KeptForYou[]
  readonly entries: readonly Entry[]
  readonly unexplained: readonly Unexplained[]
  readonly marks: readonly Unexplained[]
  /** Contracts that wrote something about the user that nothing explains, and have something in reach. Lower case. */
  readonly reach: ReadonlySet<string>
  /** Those of them that reach nothing but what the user allows them in this run. */
  readonly lent: ReadonlySet<string>
  readonly wasCut: boolean
}> {
  const { touched } = read
  const words = openWords(fork, run, preimages)
  const { writes } = words
  const scene = {
    user,
    ...words,
    timestampS: fork.env.timestampS,
    read,
    ...accountsOf(fork, access, { run, touched, isVouchedFor }),
    isToken: (address: string) =>
      tokens.includes(address) || read.tokenChanges.some(({ token }) => token?.toLowerCase() === address),
  }
  const isNew = (contract: string) => isMadeIn(fork, run, contract)
  const isMadeFor = (contract: string, account: string) => {
    const hash = fork.cache.accounts.get(contract)?.codeHash
    return hash !== undefined && holds(fork.codes.get(hash), account)
  }
  const found = attributeWords({ ...scene, isNew, isMadeFor })
  // What calls told by name is not told again without one.
  const told = new Set(
    read.authorityChanges.map(({ contract, owner, subject }) => `${contract}|${owner}|${subject}`.toLowerCase()),
  )
  const open = [
    ...found.suspicions,
    ...suspectedOfOthers({ ...scene, isNew, isMadeFor }, mine, found.suspicions),
  ].filter(({ write, owner, subject }) => !told.has(`${write.contract}|${owner}|${subject}`) && owner !== subject)
  const followed = open.slice(0, MAX_FOLLOWED)
  const named = await confirm(fork, access, { user, run, followed, touched })
  const slots = new Map<AuthorityChange, Hex.Hex>()
  const changes = [...codeChanges(fork, run)]
  for (const each of named) {
    const { suspicion } = each
    const change = changeOf(each)
    changes.push(change)
    slots.set(change, suspicion.write.slot)
  }
  // Where the user's own entry grew without being anybody else's: a deposit, a stake, a share.
  const entries = entriesOf(writes, { ...scene, mine, owned: ownedIn(fork, { run, preimages, mine }) })
  const isOwn = ({ account, direction, amount }: Entry) => account === user && direction === 'grew' && amount === null
  const credits = new Set([
    ...writes.flatMap(({ contract, path, before, after }) =>
      path !== null && isKeyedBy(path, user) && BigInt(after) > BigInt(before) ? [contract] : [],
    ),
    // The user newly stands in a record: a name, a ticket, an order.
    ...entries.filter(isOwn).map(({ contract }) => contract),
  ])
  // Where something moved, the record is of that. Where nothing did, it decides over something else.
  const isQuiet = read.tokenChanges.every((change) => !mine.has(change.account.toLowerCase()) || isGrain(change))
  const opaque = found.unexplained.filter(({ isOwn }) => isOwn !== true)
  const quiet = [...opaque, ...found.kept, ...found.marks].map(({ contract }) => contract.toLowerCase())
  // Who may do something, or that nobody may any more, matters by what is there.
  const isDeciding = ({ kind, after }: AuthorityChange) =>
    kind === 'unknown_grant' || (kind === 'ownership' && after === 0n)
  const granting = changes.filter(isDeciding).map(({ contract }) => contract.toLowerCase())
  const reach = await reachOf(fork, access, {
    contracts: [...granting, ...(isQuiet || run.steps.length > 1 ? quiet : [])].filter(
      (contract) => !isVouchedFor(contract),
    ),
    ...{ user, run, tokens, touched },
  })
  const closed = writes.filter(({ slot, path }) => path === null && BigInt(slot) >= MAX_PLAIN && !FIXED.has(slot))
  return {
    changes,
    slots,
    credits,
    ownSlots: ownSlotsIn([...writes, ...words.reads], user),
    kept: found.kept,
    marks: found.marks,
    reach: reach.all,
    lent: reach.lent,
    entries,
    unexplained: [
      ...found.unexplained,
      ...(isPreimageLost ? closed : []).map(({ contract, slot }) => ({ contract: Address.parse(contract), slot })),
    ],
    wasCut: open.length > MAX_FOLLOWED,
  }
}

function ownSlotsIn(words: readonly Pick<OpenedWrite, 'contract' | 'slot' | 'path'>[], user: string): Set<string> {
  return new Set(
    words.flatMap(({ contract, slot, path }) =>
      path !== null && isKeyedBy(path, user) ? [`${contract}|${slot}`] : [],
    ),
  )
}

function changeOf({ suspicion, kind, before, after }: Confirmed): AuthorityChange {
  return {
    owner: Address.parse(suspicion.owner),
    kind,
    contract: Address.parse(suspicion.write.contract),
    subject: Address.parse(suspicion.subject),
    before,
    after,
    unlimited: after >= UNLIMITED || kind !== 'erc20_allowance',
    expiresMs: null,
    valueAtRisk: [],
    symbol: null,
    decimals: null,
  }
}

/** What accounts of the user's let others do elsewhere; what they keep themselves is judged by their own layout. */
function suspectedOfOthers(
  scene: Parameters<typeof attributeWords>[0],
  mine: ReadonlySet<string>,
  known: readonly Suspicion[],
): Suspicion[] {
  const keyOf = ({ write, subject }: Suspicion) => `${write.contract}|${write.slot}|${subject}`
  const seen = new Set(known.map(keyOf))
  return [...mine]
    .filter((account) => account !== scene.user)
    .flatMap((account) => attributeWords({ ...scene, user: account }).suspicions)
    .filter(
      (each) =>
        (each.kind === 'unknown_grant' || each.kind === 'ownership') &&
        each.requires === null &&
        !mine.has(each.write.contract) &&
        !mine.has(each.subject) &&
        !seen.has(keyOf(each)),
    )
}

/** Every word that the run wrote or read, opened, with those that tell a place in a list. */
function openWords(fork: Fork, run: BatchRun, preimages: Preimages): Pick<Scene, 'writes' | 'reads' | 'places'> {
  const [written, unchanged] = [openedWrites(fork, run, preimages), readsOf(fork, run, preimages)]
  return {
    writes: linkElements(written, unchanged),
    reads: linkElements(unchanged, written),
    places: placesAmong(written, unchanged),
  }
}

/** Slots that the run read and left as they were. */
function readsOf(fork: Fork, run: BatchRun, preimages: Preimages): OpenedWrite[] {
  return [...run.touched].flatMap(([contract, slots]) => {
    const written = run.after.slots.get(contract)
    if (written === undefined) return []
    return [...slots].flatMap((slot): OpenedWrite[] => {
      const before = fork.cache.slots.get(contract)?.get(slot) ?? ZERO_WORD
      if (before === ZERO_WORD || (written.get(slot) ?? before) !== before) return []
      return [{ contract, slot: slot as Hex.Hex, before, after: before, path: pathOf(slot as Hex.Hex, preimages) }]
    })
  })
}

/** Words of contracts that the run only read, which say that something is the user's: whose a piece is. */
function ownedIn(
  fork: Fork,
  { run, preimages, mine }: { run: BatchRun; preimages: Preimages; mine: ReadonlySet<string> },
): Pick<OpenedWrite, 'contract' | 'path'>[] {
  return [...run.touched].flatMap(([contract, slots]) =>
    run.after.slots.has(contract)
      ? []
      : [...slots].flatMap((slot) => {
          const owner = addressIn(fork.cache.slots.get(contract)?.get(slot) ?? ZERO_WORD)
          return owner !== null && mine.has(owner) ? [{ contract, path: pathOf(slot as Hex.Hex, preimages) }] : []
        }),
  )
}

/** Which twenty bytes are an account: those that the calls name at any byte, and those that exist on the chain. */
function accountsOf(
  fork: Fork,
  access: AccessSet,
  { run, touched, isVouchedFor }: { run: BatchRun; touched: AccessSet; isVouchedFor: (contract: string) => boolean },
): Pick<Scene, 'mentioned' | 'isParty' | 'isAccount' | 'isUsed' | 'isHidden' | 'isNamedCode'> {
  const mentioned = new Set<string>()
  const inputs = new Set<string>()
  const parts = new Set<string>()
  for (const step of run.steps) {
    if ('refused' in step) continue
    for (const { frame } of all(step.trace)) {
      const input = (frame.input ?? '0x') as Hex.Hex
      for (const address of mentionedAddresses(input)) mentioned.add(address)
      // Behind the selector, so that bytes stand at even digits.
      inputs.add(input.slice(10))
      parts.add(frame.from.toLowerCase())
      if (frame.to !== undefined) parts.add(frame.to.toLowerCase())
    }
  }
  let asked = 0
  const answers = new Map<string, boolean>()
  const isParty = (address: string, hash: Hex.Hex | null): boolean =>
    mentioned.has(address) ||
    parts.has(address) ||
    run.after.accounts.get(address)?.code !== undefined ||
    [...inputs].some((input) => holds(hash === null ? input : input.replaceAll(hash.slice(2), ''), address))
  const decide = (address: string, hash: Hex.Hex | null): boolean => {
    return isParty(address, hash) || exists(address)
  }
  const exists = (address: string): boolean => {
    if (asked >= MAX_WINDOWS) return false
    asked += 1
    // It belongs to what was read, also where nothing stands there.
    touched.set(address, touched.get(address) ?? new Set())
    const account = access.has(address) ? fork.cache.accounts.get(address) : undefined
    return account !== undefined && (account.codeHash !== EMPTY_CODE_HASH || account.nonce > 0n || account.balance > 0n)
  }
  return {
    mentioned,
    isParty,
    isUsed: exists,
    isNamedCode(address) {
      if (!mentioned.has(address) || isVouchedFor(address)) return false
      touched.set(address, touched.get(address) ?? new Set())
      return (fork.cache.accounts.get(address)?.codeHash ?? EMPTY_CODE_HASH) !== EMPTY_CODE_HASH
    },
    isHidden: (address) => ![...inputs].some((input) => holds(input, address)) && exists(address),
    isAccount(address, hash) {
      const key = `${address}${hash ?? ''}`
      let answer = answers.get(key)
      if (answer === undefined) answers.set(key, (answer = decide(address, hash)))
      return answer
    },
  }
}

/** Slots that were written and whose preimage is not known: the run has to be watched to attribute them. */
export function unattributed(writes: readonly Write[], preimages: Preimages): boolean {
  return writes.some(({ slot }) => BigInt(slot) >= 2n ** 32n && pathOf(slot, preimages) === null && !FIXED.has(slot))
}
/**
 * Whether two values of one slot differ in whom they name, not only in how much. Running prices in plain variables look
 * like addresses too; there, only accounts that have to do with the run are names.
 */
export function isTelling(
  slot: Hex.Hex,
  { expected, other, user, accounts }: { expected: Hex.Hex; other: Hex.Hex; user: string; accounts: AccessSet },
): boolean {
  const named = user.slice(2)
  if (expected.includes(named) !== other.includes(named)) return true
  const [one, two] = [addressIn(expected), addressIn(other)]
  if (one === two) return false
  if (one === null || two === null || BigInt(slot) >= MAX_PLAIN) return true
  return accounts.has(one) || accounts.has(two)
}

/** Above it a slot was hashed: an entry of somebody. */
const MAX_PLAIN = 2n ** 32n
interface Confirmed {
  readonly suspicion: Suspicion
  readonly kind: AuthorityKind
  readonly before: bigint
  readonly after: bigint
}

/** Asks the contracts, before and after, what a suspected grant is. */
async function confirm(
  fork: Fork,
  access: AccessSet,
  { user, run, followed, touched }: { user: string; run: BatchRun; followed: readonly Suspicion[]; touched: AccessSet },
): Promise<Confirmed[]> {
  if (followed.length === 0) return []
  const argument = (address: string) => address.slice(2).padStart(64, '0')
  const probes = followed.flatMap(({ write, owner, subject }): Probes.Probe[] => [
    ...GETTERS.map(({ order }, i): Probes.Probe => {
      const [first, second] = order === 'owner-subject' ? [owner, subject] : [subject, owner]
      return { to: write.contract, data: `${SELECTORS[i] ?? '0x'}${argument(first)}${argument(second)}` as Hex.Hex }
    }),
    { to: write.contract, data: OWNER },
    { to: write.contract, data: `${IS_OWNER}${argument(user)}` as Hex.Hex },
    { to: write.contract, data: `${DELEGATES}${argument(owner)}` as Hex.Hex },
  ])
  const ask = (overlay: Overlay.Overlay) => readAsUser(fork, access, overlay, { from: user, probes, touched })
  const [before, after] = await Promise.all([ask(Overlay.empty()), ask(run.after)])
  const width = GETTERS.length + 3
  return followed.flatMap((suspicion, i) => {
    const at = i * width
    for (const [k, { kind }] of GETTERS.entries()) {
      const was = Probes.asNumber(before[at + k]) ?? 0n
      const is = Probes.asNumber(after[at + k])
      if (is !== null && is > was) return [{ suspicion, kind, before: was, after: is }]
    }
    const delegate = (answers: readonly Probes.ProbeAnswer[]) => Probes.asOwner(answers[at + GETTERS.length + 2])
    const isVotes =
      addressIn(suspicion.write.after) === suspicion.subject &&
      delegate(after) === suspicion.subject &&
      delegate(before) !== suspicion.subject
    if (isVotes) return [{ suspicion, kind: 'votes' as const, before: 0n, after: 1n }]
    const isOwner = Probes.asOwner(before[at + GETTERS.length]) === user
    const isSafeOwner = Probes.asNumber(before[at + GETTERS.length + 1]) === 1n
    const isWallets = suspicion.requires === 'safe-owner' || suspicion.requires === 'wallet-owner'
    const isWalletOwner = isSafeOwner || (suspicion.requires === 'wallet-owner' && isOwner)
    if (isWallets ? !isWalletOwner : suspicion.isLink === true && isSafeOwner) return []
    if (suspicion.requires === 'contract-owner' && !isOwner) return []
    return [{ suspicion, kind: suspicion.kind, ...(suspicion.amount ?? amountOf(suspicion)) }]
  })
}

/**
 * What is shown as before and after of a power that no getter counts: who stood there where the word is an account and
 * nothing else, otherwise that it was not there and is. A number inside a raw word is no amount.
 */
function amountOf({ write, kind }: Suspicion): { before: bigint; after: bigint } {
  const { before, after } = write
  const isWhole = (word: Hex.Hex) => word === ZERO_WORD || addressIn(word) !== null
  if (kind !== 'unknown_grant' && isWhole(before) && isWhole(after))
    return { before: BigInt(before), after: BigInt(after) }
  if (kind === 'module' && BigInt(before) < 256n && BigInt(after) < 256n)
    return { before: BigInt(before), after: BigInt(after) }
  return { before: 0n, after: after === ZERO_WORD ? 0n : 1n }
}

/** Accounts and contracts whose code is another one afterwards. */
function codeChanges(fork: Fork, run: BatchRun): AuthorityChange[] {
  return [...run.after.accounts].flatMap(([address, account]): AuthorityChange[] => {
    const before = fork.cache.accounts.get(address)
    if (account.code === undefined || before === undefined) return []
    const was = fork.codes.get(before.codeHash)
    // A contract that is created where nothing stood is not a change of anybody's code.
    if (was === account.code || (was === '0x' && !account.code.startsWith('0xef0100'))) return []
    // EIP-7702: 0xef0100 and the address whose code runs.
    const delegate = (code: string) => (code.startsWith('0xef0100') ? BigInt(`0x${code.slice(8, 48)}`) : 0n)
    const subject = delegate(account.code)
    const change: AuthorityChange = {
      owner: Address.parse(address),
      kind: 'account_code',
      contract: Address.parse(address),
      subject: Address.fromWord(subject.toString(16).padStart(64, '0')),
      before: delegate(was),
      after: subject,
      unlimited: subject !== 0n,
      expiresMs: null,
      valueAtRisk: [],
      symbol: null,
      decimals: null,
    }
    return [change]
  })
}
