import { Address, type Hex } from '@countersign/base'
import { codesOf } from '../../effects/codesOf.ts'
import { asNumber, balanceOf } from '../../effects/probes.ts'
import { holds } from '../../effects/Word.ts'
import { EngineLimitError, openLane, type Lane } from '../../evm/anvil/EnginePool.ts'
import { BATCH_PROBE_CODE, decodeBatch, encodeBatch } from '../../evm/BatchProbe.ts'
import * as Overlay from '../../evm/Overlay.ts'
import { execute, type Fork } from '../../evm/runBatch.ts'
import { addAccess, type AccessSet } from '../../model/Access.ts'
import type { BatchRun, StateDiff } from '../../model/Run.ts'
import { etherOf, READER, READER_CODE, selectorsOf } from './reader.ts'

/** Functions of one contract that are tried; a contract with more of them is not tried at all. */
const MAX_FUNCTIONS = 40
/** Calls of one run, and the gas that they have together. */
const MAX_CALLS = 200
const GAS = 16_000_000n
const WORDS = 5

/** What is tried with, and where. */
export interface Ground {
  readonly fork: Fork
  readonly access: AccessSet
  readonly run: BatchRun
  readonly touched: AccessSet
}

/**
 * Trials have a budget beside the simulation's own: whoever makes them dear is not tried, and everything else is simulated as
 * without them.
 */
const BUDGET_MS = 600
const lanes = new WeakMap<Lane, Lane>()
function laneBeside(lane: Lane): Lane {
  const own = lanes.get(lane) ?? { ...openLane(), budgetMs: BUDGET_MS }
  lanes.set(lane, own)
  return own
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
  readonly user: string
  /** `contract|slot` of words that are the user's. */
  readonly ownSlots: ReadonlySet<string>
  /** The word that lets the account act, if one does. */
  readonly slot: Hex.Hex | null
  readonly afterS: bigint
  /** Other state than the batch leaves. */
  readonly start?: Overlay.Overlay
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

/**
 * One account calls every function that a contract's code tells apart, with each list of arguments, in this order and in the
 * opposite one, so that what one function prepares another may use. What moved is read from balances and from state: nothing is
 * believed of names.
 *
 * @returns null where not everything could be tried.
 */
export async function tryAll(ground: Ground, tries: Tries): Promise<Trial | null> {
  const { fork, run, touched } = ground
  const { contract, lists } = tries
  if (fork.first?.isNode === true) return null
  const selectors = [...new Set(codesOf(fork, run, { contract, touched }).flatMap(selectorsOf))]
  if (selectors.length === 0 || selectors.length > MAX_FUNCTIONS) return null
  const parts = chunked(lists, Math.max(1, Math.floor(MAX_CALLS / selectors.length)))
  const tried = await Promise.all(
    parts.flatMap((part) => {
      const calls = part.flatMap((list) => selectors.map((selector) => called(selector, list)))
      return [tryCalls(ground, tries, calls), tryCalls(ground, tries, calls.toReversed())]
    }),
  )
  if (tried.some((each) => each === null)) return null
  const whole = tried as readonly Tried[]
  const isConsulted = whole.some((each) => each.isConsulted)
  return {
    functions: selectors.length,
    taken: mostOf(whole),
    isRenamed: whole.some(({ isRenamed }) => isRenamed),
    fell: whole.flatMap(({ fell }) => fell),
    isUnresolved: isConsulted && (await isUnresolved(ground, tries, selectors)),
  }
}

/** Whether a function asks for the word that lets the account act over the user, and never succeeds. */
async function isUnresolved(ground: Ground, tries: Tries, selectors: readonly string[]): Promise<boolean> {
  // What is asked for oneself succeeds without it.
  const lists = tries.lists.filter((list) => list.includes(tries.user))
  const each = await Promise.all(
    selectors.map(async (selector) => {
      const one = await tryCalls(
        ground,
        tries,
        lists.map((list) => called(selector, list)),
      )
      return one === null || (one.isConsulted && one.succeeded === 0)
    }),
  )
  return each.includes(true)
}

const called = (selector: string, list: readonly (bigint | string)[]): Hex.Hex => `0x${selector}${argumentsOf(list)}`

function chunked<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
}

/** Of each holding, the calls that took most of it. */
function mostOf(tried: readonly Tried[]): Taken[] {
  const most = new Map<string, Taken>()
  for (const each of tried.flatMap(({ taken }) => taken)) {
    const key = `${each.token ?? ''}|${each.from}`
    if ((most.get(key)?.amount ?? 0n) < each.amount) most.set(key, each)
  }
  return [...most.values()]
}

interface Tried {
  readonly taken: readonly Taken[]
  readonly isRenamed: boolean
  readonly fell: readonly bigint[]
  readonly isConsulted: boolean
  readonly succeeded: number
}

/** Calls in one transaction of the account, with balances read before and after; null when it did not come to its end. */
async function tryCalls(
  { fork, access, run, touched }: Ground,
  { actor, contract, holders, tokens, user, ownSlots, slot, afterS, start }: Tries,
  calls: readonly Hex.Hex[],
): Promise<Tried | null> {
  const pairs = [...holders, actor].flatMap((holder) => tokens.map((token) => ({ holder, token })))
  const reads = pairs.map(({ holder, token }) => (token === null ? etherOf(holder) : balanceOf(token, holder)))
  const attempts = calls.map((data) => ({ to: contract, data }))
  const after = Overlay.copy(start ?? run.after)
  after.accounts.set(READER, { code: READER_CODE })
  after.accounts.set(actor, { ...after.accounts.get(actor), code: BATCH_PROBE_CODE })
  const { env } = fork
  const at = {
    ...fork,
    lane: laneBeside(fork.lane),
    // Which words are looked at is part of the answer.
    isClosureChecked: true,
    env: { ...env, timestampS: env.timestampS + afterS, number: env.number + afterS / BLOCK_S },
  }
  const looked: AccessSet = new Map()
  const data = encodeBatch([...reads, ...attempts, ...reads].map((each) => ({ ...each, value: 0n })))
  const call = { to: Address.parse(actor), value: 0n, data, gasLimit: null, maxFeePerGasWei: null, label: null }
  const own = { ...call, holder: Address.parse(actor) }
  const gasLimit = env.gasLimit < GAS ? env.gasLimit : GAS
  let ran
  const { runs } = at.lane
  try {
    ran = await execute(at, access, after, {
      ...{ sender: actor, call: own, gasLimit, price: 0n, touched: looked, isLean: true },
    })
  } catch (error) {
    if (error instanceof EngineLimitError) return null
    throw error
  } finally {
    fork.lane.runs += at.lane.runs - runs
    addAccess(touched, looked)
  }
  const { trace, diff } = ran
  if (trace.error !== undefined || trace.output === undefined) return null
  const answers = decodeBatch(trace.output as Hex.Hex)
  const later = reads.length + attempts.length
  const moved = pairs.map(({ holder, token }, i) => {
    const before = asNumber(answers[i]) ?? 0n
    return { holder, token, before, left: asNumber(answers[later + i]) ?? before }
  })
  const gainOf = (token: string | null): bigint => {
    const own = moved.findLast((each) => each.token === token)
    return own === undefined || own.left < own.before ? 0n : own.left - own.before
  }
  return {
    taken: moved
      .slice(0, -tokens.length)
      .flatMap(({ holder, token, before, left }) =>
        left < before ? [{ token, from: holder, amount: before - left, left, gained: gainOf(token) }] : [],
      ),
    ...lossesOf({ user, ownSlots, own: `${contract}|${slot ?? ''}` }, diff),
    isConsulted: slot !== null && looked.get(contract)?.has(slot) === true,
    succeeded: answers.slice(reads.length, later).filter(({ success }) => success).length,
  }
}

const BLOCK_S = 12n

/** Words that named the user and name the user no more, and numbers of the user's that are lower. */
function lossesOf(
  { user, ownSlots, own }: { user: string; ownSlots: ReadonlySet<string>; own: string },
  { pre, post }: StateDiff,
): Pick<Tried, 'isRenamed' | 'fell'> {
  const changed = Object.entries(pre).flatMap(([contract, { storage = {} }]) =>
    Object.entries(storage).map(([slot, before]) => ({
      place: `${contract}|${slot}`,
      before,
      now: post[contract]?.storage?.[slot] ?? '0x0',
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

/**
 * Arguments that a function which takes something from the user may want: whom from, whom to, how much of what, under which
 * number. The first list is nothing but zeros.
 */
export function listsFor({
  user,
  actor,
  amounts,
  token,
  ids,
}: {
  user: string
  actor: string
  amounts: readonly bigint[]
  token: string | null
  ids: readonly bigint[]
}): readonly (readonly (bigint | string)[])[] {
  return [
    [],
    [actor, actor, actor, actor],
    [user, actor, user, actor],
    ...[...new Set(amounts)].flatMap((amount) => [
      [amount, actor, actor, actor],
      [actor, amount, actor, actor],
      [user, amount, actor, actor],
      [user, actor, amount, actor],
      ...(token === null
        ? []
        : [
            [token, actor, amount, actor],
            [token, amount, actor, actor],
            [token, user, actor, amount],
          ]),
    ]),
    ...[...new Set(ids)].flatMap((id) => [
      [id, actor, actor, actor],
      [user, id, actor, actor],
      [user, actor, id, 1n],
    ]),
  ]
}
