import { Address, type Hex } from '@countersign/base'
import { codesOf } from '../../effects/codesOf.ts'
import { asNumber, balanceOf, type Probe, type ProbeAnswer } from '../../effects/probes.ts'
import { holds } from '../../effects/Word.ts'
import { EngineLimitError } from '../../evm/EngineLimitError.ts'
import { laneBeside } from '../../evm/laneBeside.ts'
import { BATCH_PROBE_CODE, encodeBatch, readBatch } from '../../evm/BatchProbe.ts'
import * as Overlay from '../../evm/Overlay.ts'
import { execute, playAs, type Fork } from '../../evm/runBatch.ts'
import { addAccess, type AccessSet } from '../../model/Access.ts'
import type { BatchRun, StateDiff } from '../../model/Run.ts'
import { etherOf, READER, READER_CODE, selectorsOf, UNDOER, UNDOER_CODE } from './reader.ts'

/** Functions of one contract that are tried; a contract with more of them is not tried at all. */
const MAX_FUNCTIONS = 40
/** Calls of one order, and the gas of a run. */
const MAX_CALLS = 200
const GAS = 16_000_000n
const WORDS = 5
const BLOCK_S = 12n

/** What is tried with, and where. */
export interface Ground {
  readonly fork: Fork
  readonly access: AccessSet
  readonly run: BatchRun
  readonly touched: AccessSet
}

/** Whose holdings are watched while an account tries what it can, and with which arguments. */
export interface Tries {
  /** Lower case, as all of these. */
  readonly actor: string
  readonly contract: string
  readonly lists: readonly (readonly (bigint | string)[])[]
  readonly holders: readonly string[]
  /** Null for the coin. */
  readonly tokens: readonly (string | null)[]
  /** How much later. */
  readonly afterS: bigint
  /** Other state than the batch leaves. */
  readonly start?: Overlay.Overlay
}

/** An entry by which the account may act for the user. */
export interface Entry {
  readonly user: string
  /** `contract|slot` of words that are the user's. */
  readonly ownSlots: ReadonlySet<string>
  /** The word that lets the account act. */
  readonly slot: Hex.Hex
}

/** What left one of the holders, by the calls that took most of it. */
export interface Taken {
  readonly token: string | null
  readonly from: string
  readonly amount: bigint
  /** What the holder has then. */
  readonly left: bigint
  /** What the account that called has more of it then. What only moves on, as a vault puts it to work, is nobody's gain. */
  readonly gained: bigint
}

export interface Trial {
  readonly functions: number
  readonly taken: readonly Taken[]
  /** A word that named the user names the user no more. */
  readonly isRenamed: boolean
  /** By how much numbers of the user's fell; not the one that lets the account act. */
  readonly fell: readonly bigint[]
  /** A function asked for the word that lets the account act, and failed whatever it was called with. */
  readonly isUnresolved: boolean
}

/** What is tried beside the simulation: without an answer where the engine or the lane is used up. */
export async function unlessLimited<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof EngineLimitError) return null
    throw error
  }
}

/** The fork, on a budget of its own: whoever makes tries dear is not tried, and all else is simulated as without them. */
export function besideOf(fork: Fork): Fork {
  return { ...fork, lane: laneBeside(fork.lane) }
}

/**
 * One account calls every function that a contract's code tells apart, with each list of arguments, in this order and in the
 * opposite one, so that what one function prepares another may use. Nothing is believed of names: what the account took is read
 * from balances. Each order is undone inside the run, so that all of them are one.
 *
 * @returns null where not everything could be tried.
 */
export async function tryTaking(ground: Ground, tries: Tries): Promise<readonly Taken[] | null> {
  const { access, touched } = ground
  const planned = callsOf(ground, tries)
  if (planned === null) return null
  const watched = watchOf(tries)
  const { fork, after } = groundFor(ground, tries)
  after.accounts.set(UNDOER, { code: UNDOER_CODE })
  const parts = await Promise.all(
    planned.orders.map(async (orders) => {
      const calls = orders.map((attempts): Probe => ({
        to: UNDOER,
        data: batchOf([...watched.reads, ...attempts, ...watched.reads]),
      }))
      const undone = await unlessLimited(() => playAs(fork, access, after, { from: tries.actor, calls, touched }))
      return orders.map((attempts, i) => {
        const answers = readBatch(undone?.[i]?.data)
        return answers === null ? null : watched.takenBy(answers, attempts.length)
      })
    }),
  )
  const taken = parts.flat()
  return taken.includes(null) ? null : mostOf(taken.flatMap((each) => each ?? []))
}

/**
 * The same by an entry that nothing explains, and what else of the user's changed by it.
 *
 * @returns null where not everything could be tried.
 */
export async function tryEntry(ground: Ground, tries: Tries, entry: Entry): Promise<Trial | null> {
  const planned = callsOf(ground, tries)
  if (planned === null) return null
  const orders = planned.orders.flat()
  const tried = await Promise.all(orders.map((calls) => unlessLimited(() => tryCalls(ground, { tries, entry, calls }))))
  if (tried.includes(null)) return null
  const whole = tried.filter((each) => each !== null)
  const succeeded = new Set(
    whole.flatMap(({ answers }, i) =>
      (orders[i] ?? []).flatMap(({ data }, at) => (answers[at]?.success === true ? [data.slice(2, 10)] : [])),
    ),
  )
  const failing = planned.selectors.filter((selector) => !succeeded.has(selector))
  const isConsulted = whole.some((each) => each.isConsulted)
  // What is asked for oneself succeeds without it.
  const ofUser = tries.lists.filter((list) => list.includes(entry.user))
  const again =
    isConsulted && failing.length > 0
      ? await unlessLimited(() =>
          tryCalls(ground, { tries, entry, calls: allCalls(tries.contract, failing, ofUser).slice(0, MAX_CALLS) }),
        )
      : { isConsulted: false }
  return {
    functions: planned.selectors.length,
    taken: mostOf(whole.flatMap(({ taken }) => taken)),
    isRenamed: whole.some(({ isRenamed }) => isRenamed),
    fell: whole.flatMap(({ fell }) => fell),
    isUnresolved: again?.isConsulted !== false,
  }
}

/** Every function with every list, in one order and in the other; null where a contract has none, or too many. */
function callsOf(
  { fork, run, touched }: Ground,
  { contract, lists }: Tries,
): { readonly selectors: readonly string[]; readonly orders: readonly (readonly (readonly Probe[])[])[] } | null {
  if (fork.first?.isNode === true) return null
  const selectors = [...new Set(codesOf(fork, run, { contract, touched }).flatMap(selectorsOf))]
  if (selectors.length === 0 || selectors.length > MAX_FUNCTIONS) return null
  const parts = chunked(lists, Math.max(1, Math.floor(MAX_CALLS / selectors.length)))
  const orders = parts.map((part) => {
    const calls = allCalls(contract, selectors, part)
    return [calls, calls.toReversed()]
  })
  return { selectors, orders }
}

function allCalls(
  contract: string,
  selectors: readonly string[],
  lists: readonly (readonly (bigint | string)[])[],
): readonly Probe[] {
  return lists.flatMap((list) =>
    selectors.map((selector) => ({ to: contract, data: `0x${selector}${argumentsOf(list)}` as Hex.Hex })),
  )
}

function chunked<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
}

const batchOf = (calls: readonly Probe[]): Hex.Hex => encodeBatch(calls.map((each) => ({ ...each, value: 0n })))

/** Of each holding, the calls that took most of it. */
function mostOf(tried: readonly Taken[]): Taken[] {
  const most = new Map<string, Taken>()
  for (const each of tried) {
    const key = `${each.token ?? ''}|${each.from}`
    if ((most.get(key)?.amount ?? 0n) < each.amount) most.set(key, each)
  }
  return [...most.values()]
}

/** What is read before and after the calls of an account, and what it says. */
function watchOf({ actor, holders, tokens }: Tries) {
  const pairs = [...holders, actor].flatMap((holder) => tokens.map((token) => ({ holder, token })))
  return {
    reads: pairs.map(({ holder, token }) => (token === null ? etherOf(holder) : balanceOf(token, holder))),
    takenBy(answers: readonly ProbeAnswer[], attempts: number): readonly Taken[] {
      const moved = pairs.map(({ holder, token }, i) => {
        const before = asNumber(answers[i]) ?? 0n
        return { holder, token, before, left: asNumber(answers[pairs.length + attempts + i]) ?? before }
      })
      const gainOf = (token: string | null): bigint => {
        const own = moved.findLast((each) => each.token === token)
        return own === undefined || own.left < own.before ? 0n : own.left - own.before
      }
      return moved
        .slice(0, moved.length - tokens.length)
        .flatMap(({ holder, token, before, left }) =>
          left < before ? [{ token, from: holder, amount: before - left, left, gained: gainOf(token) }] : [],
        )
    },
  }
}

/** The fork on a budget of its own, so much later, and the state with what reads an account's ether. */
function groundFor({ fork, run }: Ground, { afterS, start }: Tries): { fork: Fork; after: Overlay.Overlay } {
  const { env } = fork
  const gasLimit = env.gasLimit < GAS ? env.gasLimit : GAS
  const later = { ...env, gasLimit, timestampS: env.timestampS + afterS, number: env.number + afterS / BLOCK_S }
  const after = Overlay.copy(start ?? run.after)
  after.accounts.set(READER, { code: READER_CODE })
  return { fork: { ...besideOf(fork), env: later }, after }
}

interface Tried {
  readonly taken: readonly Taken[]
  readonly isRenamed: boolean
  readonly fell: readonly bigint[]
  readonly isConsulted: boolean
  /** Of the calls, not of what was read around them. */
  readonly answers: readonly ProbeAnswer[]
}

/** Calls in one transaction of the account, with balances read before and after; null when it did not come to its end. */
async function tryCalls(
  ground: Ground,
  { tries, entry, calls }: { tries: Tries; entry: Entry; calls: readonly Probe[] },
): Promise<Tried | null> {
  const { access, touched } = ground
  const { actor, contract } = tries
  const { reads, takenBy } = watchOf(tries)
  const { fork, after } = groundFor(ground, tries)
  after.accounts.set(actor, { ...after.accounts.get(actor), code: BATCH_PROBE_CODE })
  const looked: AccessSet = new Map()
  const data = batchOf([...reads, ...calls, ...reads])
  const call = { to: Address.parse(actor), value: 0n, data, gasLimit: null, maxFeePerGasWei: null, label: null }
  try {
    // Which words are looked at is part of the answer.
    const { trace, diff } = await execute({ ...fork, isClosureChecked: true }, access, after, {
      ...{ sender: actor, call: { ...call, holder: Address.parse(actor) }, gasLimit: fork.env.gasLimit },
      ...{ price: 0n, touched: looked, isLean: true },
    })
    const answers = trace.error === undefined ? readBatch(trace.output as Hex.Hex | undefined) : null
    if (answers === null) return null
    return {
      taken: takenBy(answers, calls.length),
      ...lossesOf(entry, contract, diff),
      isConsulted: looked.get(contract)?.has(entry.slot) === true,
      answers: answers.slice(reads.length, reads.length + calls.length),
    }
  } finally {
    addAccess(touched, looked)
  }
}

/** Words that named the user and name the user no more, and numbers of the user's that are lower. */
function lossesOf(
  { user, ownSlots, slot }: Entry,
  contract: string,
  { pre, post }: StateDiff,
): Pick<Tried, 'isRenamed' | 'fell'> {
  const own = `${contract}|${slot}`
  const changed = Object.entries(pre).flatMap(([address, { storage = {} }]) =>
    Object.entries(storage).map(([at, before]) => ({
      place: `${address}|${at}`,
      before,
      now: post[address]?.storage?.[at] ?? '0x0',
    })),
  )
  return {
    isRenamed: changed.some(({ before, now }) => holds(before, user) && !holds(now, user)),
    fell: changed.flatMap(({ place, before, now }) => {
      const lost = BigInt(before) - BigInt(now)
      return ownSlots.has(place) && place !== own && lost > 0n ? [lost] : []
    }),
  }
}

/** As many words as the tried functions may read; what is not given is zero. */
function argumentsOf(list: readonly (bigint | string)[]): string {
  const words = list.map((each) => (typeof each === 'bigint' ? each.toString(16) : each.slice(2)).padStart(64, '0'))
  return words.join('').padEnd(64 * WORDS, '0')
}
