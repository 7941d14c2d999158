import { Address, type Hex } from '@countersign/base'
import { toFunctionSelector } from 'viem'
import { asNumber, balanceOf, type Probe, type ProbeAnswer } from '../../effects/probes.ts'
import type { Effects } from '../../effects/readEffects.ts'
import { EngineLimitError } from '../../evm/EngineLimitError.ts'
import { playAs, runBatch, type Fork } from '../../evm/runBatch.ts'
import { addAccess, type AccessSet } from '../../model/Access.ts'
import type { Deposit, Exit } from '../../model/Evidence.ts'
import { vouchedOf } from '../../model/KnownAddress.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import type { BatchRun, Overlay } from '../../model/Run.ts'
import { assetOf, sidesOf, type Flow, type Unit } from '../../model/ValueFlow.ts'
import { ASKS, EXITS, isOfReceipts, PERHAPS } from './exitNames.ts'
import { etherOf, READER, READER_CODE, selectorsOf } from './reader.ts'
import { codesOf } from '../../effects/codesOf.ts'
import { BENEFICIARY, canSend } from './sellBack.ts'

/** The most deposits that are followed, and functions of each that are tried by name and without one. */
const MAX_DEPOSITS = 4
const MAX_ASSETS = 4
const MAX_NAMED = 10
const MAX_UNNAMED = 12
const HOUR_S = 3_600n
const DAY_S = 86_400n
/** Later than most locks of honest staking, and later than all of them. */
const LATER_S = [30n * DAY_S, 400n * DAY_S] as const
const BLOCK_S = 12n
/** For all tries of one function together. A withdrawal takes a few hundred thousand. */
const MAX_GAS = 6_000_000n
/** A number that is smaller than a thousandth of what was paid is a flag or a count, and no deposit. */
const SMALLEST_SHARE = 1_000n

interface Tools {
  readonly fork: Fork
  readonly access: AccessSet
  readonly request: SimulationRequest
  readonly run: BatchRun
  readonly effects: Effects
  readonly flow: Flow
  readonly touched: AccessSet
}

/**
 * Tries to take out what the batch puts into contracts that nobody vouches for: now, an hour later and, where that fails, much
 * later. The contract's own code says which functions it has; whether one pays is read from balances.
 */
export async function tryExits(
  tools: Tools,
): Promise<{ readonly exits: readonly Exit[]; readonly leftOut: number; readonly deposits: readonly Deposit[] }> {
  // The largest first, by what was given for them.
  const size = ({ given }: Deposit) => given.reduce((max, { amount }) => (amount > max ? amount : max), 0n)
  const all = depositsOf(tools)
  const largest = all.toSorted((a, b) => (size(a) < size(b) ? 1 : size(a) > size(b) ? -1 : 0)).slice(0, MAX_DEPOSITS)
  const tried = all.filter((deposit) => largest.includes(deposit))
  const exits = await Promise.all(
    tried.map((deposit) => (deposit.isUnwritten === true ? tryRefund(tools, deposit) : tryExit(tools, deposit))),
  )
  const told = all.filter(({ isUnwritten }) => isUnwritten !== true)
  const left = told.filter((deposit) => !tried.includes(deposit))
  return { exits: exits.filter((exit) => exit !== null), leftOut: left.length, deposits: tried }
}

/** Entries and shares that newly are the user's in exchange for coins, in contracts that nobody vouches for. */
function depositsOf({ request, effects, flow }: Tools): Deposit[] {
  const known = vouchedOf(request)
  const { units, contracts, mine } = flow
  const [whole, ...steps] = units
  if (whole === undefined) return []
  const found = new Map<string, Deposit>()
  const ids = idsOf(request)
  for (const entry of effects.entries) {
    const { contract, direction, amount } = entry
    const account = Address.parse(entry.account)
    if (direction !== 'grew' || amount === null || known.has(contract) || !mine.has(account)) continue
    const step = steps.find((unit, i) => contracts[i]?.has(contract) === true && sidesOf(unit, mine).gives.length > 0)
    const { gives, gets } = sidesOf(step ?? whole, mine)
    // Whoever got a coin for it has been paid.
    if (gets.length > 0) continue
    const paid = gives.map(({ token, delta }) => ({ token: token?.toLowerCase() ?? null, amount: -delta }))
    // A token's own lists of what its holders have are no deposit in it.
    if (paid.some(({ token }) => token === contract)) continue
    // What it was changed into on the way may be what comes out.
    const turned = [...Map.groupBy((step ?? whole).changes, ({ token }) => token?.toLowerCase() ?? null)].flatMap(
      ([token, changes]) => {
        const most = changes.reduce((max, { delta }) => (delta > max ? delta : max), 0n)
        return most > 0n && !paid.some((each) => each.token === token) ? [{ token, amount: most }] : []
      },
    )
    const given = [...paid, ...turned].slice(0, MAX_ASSETS)
    const isDeposit = given.some((each) => amount * SMALLEST_SHARE >= each.amount)
    const key = `${contract}|${account}`
    if (isDeposit && (found.get(key)?.amount ?? 0n) < amount)
      found.set(key, { contract, account: entry.account, amount, given, ids, receipt: null })
  }
  for (const [i, unit] of (steps.length > 0 ? steps : [whole]).entries())
    for (const deposit of receiptsOf(unit, contracts[i] ?? new Set(), { mine, known })) {
      const key = `${deposit.contract}|${deposit.account}`
      const left = leftOf(deposit, whole)
      if (left !== null && !found.has(key)) found.set(key, left)
    }
  for (const [i, unit] of (steps.length > 0 ? steps : [whole]).entries())
    for (const deposit of unwrittenIn(unit, contracts[i] ?? new Set(), { mine, known })) {
      const key = `${deposit.contract}|${deposit.account}`
      if (!found.has(key)) found.set(key, { ...deposit, ids })
    }
  return [...found.values()]
}

/** What of the receipts of one step the user has when the batch is over; null where a later step gave them all back. */
function leftOf(deposit: Deposit, { changes }: Unit): Deposit | null {
  const { account, amount, given, receipt } = deposit
  const [left = 0n] = changes
    .filter(({ token, account: holder }) => token?.toLowerCase() === receipt && Address.isEqual(holder, account))
    .map(({ delta }) => delta)
  if (left <= 0n) return null
  if (left >= amount) return deposit
  return { ...deposit, amount: left, given: given.map((each) => ({ ...each, amount: (each.amount * left) / amount })) }
}

/** What a called contract that nobody vouches for keeps while nothing comes back and nothing is written down. */
function unwrittenIn(
  unit: Unit,
  called: ReadonlySet<string>,
  { mine, known }: { mine: ReadonlySet<string>; known: ReadonlyMap<string, unknown> },
): Deposit[] {
  const { gives, gets, own } = sidesOf(unit, mine)
  const [paid, more] = gives
  if (paid === undefined || more !== undefined || gets.length > 0 || own.length > 0) return []
  return unit.changes.flatMap((change): Deposit[] => {
    const contract = change.account.toLowerCase()
    const isKept = assetOf(change) === assetOf(paid) && change.delta * 2n >= -paid.delta && called.has(contract)
    if (!isKept || mine.has(change.account) || known.has(contract) || contract === paid.token?.toLowerCase()) return []
    const given = [{ token: paid.token?.toLowerCase() ?? null, amount: change.delta }]
    return [{ contract, account: paid.account, amount: change.delta, given, ids: [], receipt: null, isUnwritten: true }]
  })
}

/** Whether the user can take back what nothing is written down for, now, in an hour and in a month, and a stranger cannot. */
async function tryRefund(tools: Tools, deposit: Deposit): Promise<Exit | null> {
  const { fork, run } = tools
  const selectors = dispatchOf(tools, deposit.contract)
  const names = [...EXITS, ...PERHAPS].filter((name) => selectors.has(selectorOf(name))).slice(0, MAX_NAMED)
  const unnamed = [...selectors].slice(0, MAX_UNNAMED).map((selector) => unnamedCalls(selector, deposit))
  const lists = [...names.map((name) => namedCalls(name, deposit)), ...unnamed]
  const pays = async (calls: readonly Probe[], afterS: bigint, by: string): Promise<boolean> => {
    const at = { ...fork, env: later(fork, afterS) }
    const bps = await paidBy(tools, { ...deposit, account: by }, { at, after: run.after, calls })
    return (bps ?? 0) >= 5_000
  }
  for (const calls of lists) {
    if (!(await pays(calls, 0n, deposit.account))) continue
    const isOnlyMine = !(await pays(calls, 0n, BENEFICIARY))
    const [month] = LATER_S
    if (isOnlyMine && (await pays(calls, HOUR_S, deposit.account)) && (await pays(calls, month, deposit.account)))
      return {
        contract: Address.parse(deposit.contract),
        account: Address.parse(deposit.account),
        ...{ status: 'open', betweenS: null, paidBps: 10_000, tried: [] },
      }
  }
  return null
}

/** The most numbers of calls that are tried as ids, and how large they may be. */
const MAX_IDS = 3
const MAX_ID = 2n ** 32n
function idsOf({ calls }: SimulationRequest): readonly bigint[] {
  const words = calls.flatMap(({ data }) => data.slice(10).match(/.{64}/g) ?? []).map((text) => BigInt(`0x${text}`))
  return [...new Set(words.filter((value) => value > 0n && value < MAX_ID))].slice(0, MAX_IDS)
}

/** Tokens that are made for the user's side while a called contract that nobody vouches for keeps what is given for them. */
function receiptsOf(
  unit: Unit,
  called: ReadonlySet<string>,
  { mine, known }: { mine: ReadonlySet<string>; known: ReadonlyMap<string, unknown> },
): Deposit[] {
  const { gives } = sidesOf(unit, mine)
  const isMade = (token: string) => !unit.changes.some((change) => change.token === token && change.delta < 0n)
  // Whatever it says its decimals are: a stranger's receipt may look like dust.
  const [receipt, more] = unit.changes.filter(({ account, delta }) => mine.has(account) && delta > 0n)
  const [paid, other] = gives
  if (receipt?.token == null || receipt.tokenId !== null || !isMade(receipt.token) || more !== undefined) return []
  if (paid === undefined || other !== undefined) return []
  const keeper = unit.changes.find(
    (change) => assetOf(change) === assetOf(paid) && change.delta * 2n >= -paid.delta && !mine.has(change.account),
  )
  const contract = keeper?.account.toLowerCase()
  if (contract === undefined || !called.has(contract) || known.has(contract)) return []
  return [
    {
      ...{ contract, account: receipt.account, amount: receipt.delta, ids: [], receipt: receipt.token.toLowerCase() },
      given: [{ token: paid.token?.toLowerCase() ?? null, amount: -paid.delta }],
    },
  ]
}

async function tryExit(tools: Tools, deposit: Deposit): Promise<Exit> {
  const { fork, run } = tools
  const selectors = dispatchOf(tools, deposit.contract)
  const of = (names: readonly string[]) => names.filter((name) => selectors.has(selectorOf(name)))
  const [exits, perhaps, asks] = [of(EXITS).slice(0, MAX_NAMED), of(PERHAPS).slice(0, MAX_NAMED), of(ASKS)]
  // Whoever sells something that can be sent on has functions to take the proceeds out, which are not the buyer's.
  const { receipt } = deposit
  const isSendable = receipt !== null && isSent(tools, receipt)
  const telling = isSendable ? exits.filter(isOfReceipts) : exits
  const tried = new Set([...exits, ...perhaps].map(selectorOf))
  const rest = [...selectors].filter((selector) => !tried.has(selector))
  const unnamed = rest.slice(0, MAX_UNNAMED).map((selector) => unnamedCalls(selector, deposit))
  const named = [...exits, ...perhaps].map((name) => namedCalls(name, deposit))
  const answer = (status: Exit['status'], more: Partial<Exit> = {}): Exit => ({
    contract: Address.parse(deposit.contract),
    account: Address.parse(deposit.account),
    ...{ status, betweenS: null, paidBps: 0, tried: telling },
    ...more,
  })
  let paidBps = 0
  /** Every try came to its end. */
  let isWhole = true
  /** Whether any of these pays at least half, so many seconds from now. */
  const pays = async (lists: readonly (readonly Probe[])[], afterS: bigint, after: Overlay = run.after) => {
    const at = { ...fork, env: later(fork, afterS) }
    const paid = await Promise.all(lists.map((calls) => paidBy(tools, deposit, { at, after, calls })))
    isWhole = isWhole && !paid.includes(null)
    const bps = paid.map((each) => each ?? 0)
    paidBps = Math.max(paidBps, ...bps)
    return bps.some((each) => each >= 5_000)
  }
  if (await pays(named, 0n)) {
    // A way out may be shut before anybody needs it.
    if (!(await pays(named, HOUR_S))) return answer('closing', { betweenS: [0, Number(HOUR_S)] })
    const [month] = LATER_S
    return (await pays(named, month))
      ? answer('open')
      : answer('closing', { betweenS: [Number(HOUR_S), Number(month)] })
  }
  if (await pays(named, HOUR_S)) return answer('later', { betweenS: [0, Number(HOUR_S)] })
  let from = HOUR_S
  for (const afterS of LATER_S) {
    if (await pays(named, afterS)) return answer('later', { betweenS: [Number(from), Number(afterS)] })
    from = afterS
  }
  const asked = await ask(tools, deposit, asks)
  if (asked !== null && (await pays([...named, ...unnamed], LATER_S[0], asked)))
    return answer('asked', { betweenS: [0, Number(LATER_S[0])] })
  // One after the other: the contract may know a way out by another name.
  if (await pays(unnamed, 0n)) return answer('open')
  if (await pays(unnamed, LATER_S[1])) return answer('later', { betweenS: [0, Number(LATER_S[1])] })
  if (asks.length > 0 && asked === null) return answer('asked')
  const isShut = telling.length > 0 || (await isBound(tools, deposit))
  return answer(isShut && isWhole ? 'shut' : 'unknown', { paidBps })
}

/** Whether the token can be sent, by its code or by what it borrowed. */
function isSent({ fork, run, touched }: Pick<Tools, 'fork' | 'run' | 'touched'>, token: string): boolean {
  return codesOf(fork, run, { contract: token, touched }).some(canSend)
}

/** transfer(address,uint256) */
const TRANSFER = 'a9059cbb'

/** Whether a receipt that is a token can never be sent to anybody: where nothing pays for it either, it is worth nothing. */
async function isBound({ fork, access, run, touched }: Tools, deposit: Deposit): Promise<boolean> {
  const { receipt, account, amount } = deposit
  // What only counts, such as a stake, was never to be sent.
  if (receipt === null || !isSent({ fork, run, touched }, receipt)) return false
  const send: Probe = { to: receipt, data: `0x${TRANSFER}${word(BENEFICIARY)}${word(amount)}` as Hex.Hex }
  for (const afterS of [0n, LATER_S[1]]) {
    const at = { ...fork, env: later(fork, afterS) }
    const [sent] = await played(() => playAs(at, access, run.after, { from: account, calls: [send], touched }))
    if (sent === undefined || sent.success) return false
  }
  return true
}

/** The block so many seconds later, with as much gas as an exit may take. */
function later({ env }: Fork, afterS: bigint): Fork['env'] {
  const gasLimit = env.gasLimit < MAX_GAS ? env.gasLimit : MAX_GAS
  return { ...env, gasLimit, timestampS: env.timestampS + afterS, number: env.number + afterS / BLOCK_S }
}

/** Asks for the exit; null where there is no such function, or none of its calls succeeds. */
async function ask(tools: Tools, deposit: Deposit, names: readonly string[]): Promise<Overlay | null> {
  const { fork, access, run, touched } = tools
  for (const call of names.flatMap((name) => namedCalls(name, deposit))) {
    const made = await runBatch({ ...fork, start: run.after }, access, {
      from: Address.parse(deposit.account),
      calls: [
        { to: Address.parse(call.to), value: 0n, data: call.data, gasLimit: null, maxFeePerGasWei: null, label: null },
      ],
      isLean: true,
    })
    addAccess(touched, made.touched)
    if (made.steps.every((step) => !('refused' in step) && step.trace.error === undefined)) return made.after
  }
  return null
}

/**
 * How much of what was given these calls bring back, of the asset of which most comes, in basis points; null when the
 * engine gave up, or the calls used up all gas.
 */
async function paidBy(
  { access, touched }: Tools,
  { contract, account, given, receipt }: Deposit,
  { at, after, calls: tried }: { at: Fork; after: Overlay; calls: readonly Probe[] },
): Promise<number | null> {
  if (tried.length === 0) return 0
  const calls = receipt === null || receipt === contract ? tried : [allowAll(receipt, contract), ...tried]
  const reads = given.map(({ token }) => (token === null ? etherOf(account) : balanceOf(token, account)))
  const reader = { ...after, accounts: new Map(after.accounts).set(READER, { code: READER_CODE }) }
  const asked = [...reads, ...calls, ...reads]
  const answers = await played(() => playAs(at, access, reader, { from: account, calls: asked, touched }))
  if (answers.length < asked.length) return null
  const shares = given.map(({ amount }, i) => {
    const before = asNumber(answers[i]) ?? 0n
    const now = asNumber(answers[reads.length + calls.length + i]) ?? before
    return now > before ? Number(((now - before) * 10_000n) / amount) : 0
  })
  return Math.max(0, ...shares)
}

/** A contract that burns all that it gets is no reason to give the simulation up; a busy machine is: it says nothing of the exit. */
async function played(play: () => Promise<ProbeAnswer[]>): Promise<readonly ProbeAnswer[]> {
  try {
    return await play()
  } catch (error) {
    if (error instanceof EngineLimitError && error.why === 'exhausted') return []
    throw error
  }
}

/** Selectors that the contract's code tells apart, and the code that it borrowed in this run. */
function dispatchOf({ fork, run, touched }: Tools, contract: string): ReadonlySet<string> {
  return new Set(codesOf(fork, run, { contract, touched }).flatMap(selectorsOf))
}

/** approve(address,uint256), without limit. */
function allowAll(token: string, spender: string): Probe {
  return { to: token, data: `0x095ea7b3${word(spender)}${word(2n ** 256n - 1n)}` as Hex.Hex }
}

const selectors = new Map<string, string>()
function selectorOf(signature: string): string {
  let selector = selectors.get(signature)
  if (selector === undefined)
    selectors.set(signature, (selector = toFunctionSelector(`function ${signature}`).slice(2)))
  return selector
}

const word = (value: bigint | string): string =>
  (typeof value === 'bigint' ? value.toString(16) : value.slice(2).toLowerCase()).padStart(64, '0')

/** A function by its signature, with the amounts and accounts that it may want. */
function namedCalls(signature: string, { contract, account, amount, given, ids }: Deposit): Probe[] {
  const types =
    /\((.*)\)/
      .exec(signature)?.[1]
      ?.split(',')
      .filter((type) => type !== '') ?? []
  const token = given.find((each) => each.token !== null)?.token ?? null
  const amounts = [...new Set([amount, ...given.map((each) => each.amount), 0n, 2n ** 256n - 1n])]
  const first = types.indexOf('address')
  // Of two numbers the first is a pool's, or the second is a flag.
  const lists = (types.includes('uint256') ? amounts : [0n]).flatMap((chosen) =>
    [account, token].flatMap((lead) => {
      if (lead === null || (lead === token && first < 0)) return []
      const numbers = types.filter((type) => type === 'uint256').length
      return Array.from({ length: Math.max(1, numbers) }, (_, place) => place).flatMap((place) =>
        (numbers > 1 ? [0n, ...ids] : [0n]).map((id) => {
          let at = -1
          return types.map((type, i) => {
            if (type === 'bool') return word(1n)
            if (type === 'address') return word(i === first ? lead : account)
            at += 1
            return word(at === numbers - 1 - place ? chosen : id)
          })
        }),
      )
    }),
  )
  const texts = new Set(lists.map((list) => list.join('')))
  return [...texts].map((list) => ({ to: contract, data: `0x${selectorOf(signature)}${list}` as Hex.Hex }))
}

/** A function of which only the selector is known. */
function unnamedCalls(selector: string, { contract, account, amount, given }: Deposit): Probe[] {
  const [first] = given
  const lists = [
    [amount, account, account],
    [account, amount, account],
    [0n, amount, account],
    ...(first?.token == null ? [] : [[first.token, amount, account]]),
  ]
  return lists.map((list) => ({ to: contract, data: `0x${selector}${list.map(word).join('')}` as Hex.Hex }))
}
