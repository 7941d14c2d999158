import { Address, type Hex } from '@countersign/base'
import { toFunctionSelector } from 'viem'
import * as Overlay from '../evm/Overlay.ts'
import { readAsUser, type Fork } from '../evm/runBatch.ts'
import type { BatchRun, StepRun } from '../model/Run.ts'
import type { AuthorityChange, AuthorityKind } from '../model/Authority.ts'
import { EMPTY_CODE_HASH, type AccessSet } from '../model/Access.ts'
import * as Probes from './probes.ts'
import { addressIn, pathOf, type Preimages, type StoragePath } from './StoragePath.ts'
import { all, mentionedAddresses } from './Trace.ts'

/** A slot that holds something else after the batch. */
interface Write {
  readonly contract: string
  readonly slot: Hex.Hex
  readonly before: Hex.Hex
  readonly after: Hex.Hex
}

/** Somebody who may have gained something over somebody, because of what was written. */
interface Suspicion {
  readonly write: Write
  readonly owner: string
  readonly subject: string
  readonly kind: AuthorityKind
  /** What must be true of the user for this to be about the user's authority; null: it is by itself. */
  readonly requires: 'safe-owner' | 'contract-owner' | null
}

const ZERO_WORD: Hex.Hex = `0x${'00'.repeat(32)}`
/** EIP-1967: where proxies keep implementation, admin and beacon. */
const IMPLEMENTATION = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'
const ADMIN = '0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103'
const BEACON = '0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50'
/** Safe 1.3 and 1.4: keccak256("guard_manager.guard.address"), keccak256("fallback_manager.handler.address"). */
const SAFE_GUARD = '0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8'
const SAFE_FALLBACK = '0x6c9a6c4a39284e37ed1cf53d337577d14212a4870fb976a4366c693b939918d5'
/** Safe's own layout: singleton 0, modules 1, owners 2, threshold 4. The list's end is the address 1. */
const SAFE = { singleton: 0n, modules: 1n, owners: 2n, threshold: 4n } as const

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
/** The most suspicions followed up; more are reported without a name. */
const MAX_FOLLOWED = 24
const UNLIMITED = 2n ** 255n

/**
 * Authority that neither events nor standard getters tell: found in what was written, by whose key it stands under.
 *
 * A slot keyed by the user and somebody else is a grant to that somebody, whatever the contract calls it; a word that
 * held the user's address and now holds another is an owner that changed; proxies, Safes and account code are known by
 * their own slots. What a known getter confirms gets its name, the rest is an `unknown_grant` with its slot.
 *
 * @param explained - `contract|owner|subject` of grants that were read already.
 * @param moved - Tokens whose balances changed: a deposit keyed by user and token is no grant to the token.
 */
export async function readHiddenAuthority(
  fork: Fork,
  access: AccessSet,
  {
    user,
    run,
    preimages,
    explained,
    moved,
    touched,
  }: {
    user: string
    run: BatchRun
    preimages: Preimages
    explained: ReadonlySet<string>
    moved: ReadonlySet<string>
    touched: AccessSet
  },
): Promise<{
  readonly changes: AuthorityChange[]
  readonly slots: ReadonlyMap<AuthorityChange, Hex.Hex>
  /** Contracts in which the user's own entry grew. */
  readonly credits: ReadonlySet<string>
  readonly wasCut: boolean
}> {
  const steps = run.steps.filter((step): step is StepRun => !('refused' in step))
  const mentioned = new Set<string>()
  for (const step of steps) {
    for (const { frame } of all(step.trace)) {
      for (const address of mentionedAddresses((frame.input ?? '0x') as Hex.Hex)) mentioned.add(address)
    }
  }
  const writes = writesOf(fork, run)
  const suspicions = writes.flatMap((write) => suspect(write, { user, preimages, moved, mentioned, fork, run }))
  const open = suspicions.filter(
    ({ write, owner, subject }) => !explained.has(`${write.contract}|${owner}|${subject}`) && owner !== subject,
  )
  const followed = open.slice(0, MAX_FOLLOWED)
  const named = await confirm(fork, access, { user, run, followed, touched })
  const slots = new Map<AuthorityChange, Hex.Hex>()
  const changes = [...codeChanges(fork, run)]
  for (const { suspicion, kind, before, after } of named) {
    const change: AuthorityChange = {
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
    changes.push(change)
    slots.set(change, suspicion.write.slot)
  }
  // Where the user's own entry grew without being anybody else's: a deposit, a stake, a share.
  const credits = new Set(
    writes.flatMap(({ contract, slot, before, after }) => {
      const path = pathOf(slot, preimages)
      const isOwn = path !== null && partiesOf(path, mentioned, user).includes(user)
      return isOwn && BigInt(after) > BigInt(before) ? [contract] : []
    }),
  )
  return { changes, slots, credits, wasCut: open.length > MAX_FOLLOWED }
}

/** Every slot that differs after the whole batch. */
export function writesOf(fork: Fork, run: BatchRun): Write[] {
  return [...run.after.slots].flatMap(([contract, slots]) =>
    [...slots].flatMap(([slot, after]): Write[] => {
      const before = fork.cache.slots.get(contract)?.get(slot) ?? ZERO_WORD
      return before === after ? [] : [{ contract, slot: slot as Hex.Hex, before, after }]
    }),
  )
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
const FIXED = new Set<string>([IMPLEMENTATION, ADMIN, BEACON, SAFE_GUARD, SAFE_FALLBACK])

function suspect(
  write: Write,
  {
    user,
    preimages,
    moved,
    mentioned,
    fork,
    run,
  }: {
    user: string
    preimages: Preimages
    moved: ReadonlySet<string>
    mentioned: ReadonlySet<string>
    fork: Fork
    run: BatchRun
  },
): Suspicion[] {
  const { contract, slot, before, after } = write
  const codeBefore = fork.cache.accounts.get(contract)?.codeHash ?? EMPTY_CODE_HASH
  const isNewContract = codeBefore === EMPTY_CODE_HASH && run.after.accounts.get(contract)?.code !== undefined
  const gained = addressIn(after)
  const note = (
    subject: string,
    kind: AuthorityKind,
    requires: Suspicion['requires'] = null,
    owner = user,
  ): Suspicion => ({ write, owner, subject, kind, requires })
  if (slot === IMPLEMENTATION || slot === BEACON || slot === ADMIN) {
    const kind = slot === ADMIN ? 'ownership' : 'proxy_implementation'
    return gained === null || isNewContract ? [] : [note(gained, kind)]
  }
  if (slot === SAFE_GUARD || slot === SAFE_FALLBACK)
    return [note(gained ?? Address.ZERO, 'module', 'safe-owner', contract)]
  const path = pathOf(slot, preimages)
  if (path === null) {
    // A word that held the user's address and holds another one there: an owner, admin or beneficiary that changed.
    const at = before.indexOf(user.slice(2))
    if (at >= 0 && after.slice(at, at + 40) !== user.slice(2))
      return [note(`0x${after.slice(at, at + 40)}`, 'ownership')]
    if (isNewContract) return []
    if (BigInt(slot) === SAFE.singleton && gained !== null && addressIn(before) !== null)
      return [note(gained, 'proxy_implementation', 'safe-owner', contract)]
    if (BigInt(slot) === SAFE.threshold && BigInt(after) < BigInt(before) && BigInt(before) < 256n)
      return [note(contract, 'module', 'safe-owner', contract)]
    // An account that the call names appears in a plain variable: a new owner in waiting, a guardian, an operator.
    return gained !== null && gained !== user && mentioned.has(gained) && !moved.has(gained)
      ? [note(gained, 'ownership', 'contract-owner')]
      : []
  }
  const parties = partiesOf(path, mentioned, user)
  if (contract === user) {
    // The account's own code writes who else may act for it.
    return [...parties, ...(gained === null ? [] : [gained])]
      .filter((party) => party !== user)
      .map((subject) => note(subject, 'module'))
  }
  const key = path.keys.length === 1 ? addressIn(path.keys[0] ?? ZERO_WORD) : null
  if (
    (path.base === SAFE.modules || path.base === SAFE.owners) &&
    key !== null &&
    key !== user &&
    !moved.has(contract)
  ) {
    // Safe keeps both as linked lists: whoever has an entry is in.
    if (before === ZERO_WORD && after !== ZERO_WORD) return [note(key, 'module', 'safe-owner', contract)]
  }
  if (!parties.includes(user) || BigInt(after) <= BigInt(before)) return []
  const others = parties.filter((party) => party !== user && party !== contract && !moved.has(party))
  if (others.length > 0) return others.map((subject) => note(subject, 'unknown_grant'))
  // The user's own entry now names an account: votes or powers delegated to it.
  return gained !== null && gained !== user && parties.length === 1 && !moved.has(gained)
    ? [note(gained, 'unknown_grant')]
    : []
}

/** The accounts that a slot is keyed by. */
function partiesOf(path: StoragePath, mentioned: ReadonlySet<string>, user: string): string[] {
  if (path.base !== null || path.keys.length > 0) {
    const keys = path.keys.flatMap((key) => {
      const address = addressIn(key)
      return address === null ? [] : [address]
    })
    if (keys.length > 0) return keys
  }
  // A layout of its own (packed keys): whoever is named in what was hashed.
  return [user, ...mentioned].filter(
    (address, i, list) => list.indexOf(address) === i && path.hashed.includes(address.slice(2)),
  )
}

/** Asks the contracts, before and after, what a suspected grant is. */
async function confirm(
  fork: Fork,
  access: AccessSet,
  { user, run, followed, touched }: { user: string; run: BatchRun; followed: readonly Suspicion[]; touched: AccessSet },
): Promise<{ suspicion: Suspicion; kind: AuthorityKind; before: bigint; after: bigint }[]> {
  if (followed.length === 0) return []
  const argument = (address: string) => address.slice(2).padStart(64, '0')
  const probes = followed.flatMap(({ write, owner, subject }): Probes.Probe[] => [
    ...GETTERS.map(({ order }, i): Probes.Probe => {
      const [first, second] = order === 'owner-subject' ? [owner, subject] : [subject, owner]
      return { to: write.contract, data: `${SELECTORS[i] ?? '0x'}${argument(first)}${argument(second)}` as Hex.Hex }
    }),
    { to: write.contract, data: OWNER },
    { to: write.contract, data: `${IS_OWNER}${argument(user)}` as Hex.Hex },
  ])
  const ask = (overlay: Overlay.Overlay) => readAsUser(fork, access, overlay, { from: user, probes, touched })
  const [before, after] = await Promise.all([ask(Overlay.empty()), ask(run.after)])
  const width = GETTERS.length + 2
  return followed.flatMap((suspicion, i) => {
    const { write } = suspicion
    const at = i * width
    for (const [k, { kind }] of GETTERS.entries()) {
      const was = Probes.asNumber(before[at + k]) ?? 0n
      const is = Probes.asNumber(after[at + k])
      if (is !== null && is > was) return [{ suspicion, kind, before: was, after: is }]
    }
    const isOwner = Probes.asOwner(before[at + GETTERS.length]) === user
    const isSafeOwner = Probes.asNumber(before[at + GETTERS.length + 1]) === 1n
    if (suspicion.requires === 'safe-owner' && !isSafeOwner) return []
    if (suspicion.requires === 'contract-owner' && !isOwner) return []
    return [{ suspicion, kind: suspicion.kind, before: BigInt(write.before), after: BigInt(write.after) }]
  })
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
