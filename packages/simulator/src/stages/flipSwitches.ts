import type { SwitchRun } from '../model/Evidence.ts'
import { Address, type Hex } from '@countersign/base'
import type { Effects } from '../effects/readEffects.ts'
import { isKeyedBy, pathOf, type Preimages } from '../effects/StoragePath.ts'
import { all } from '../effects/Trace.ts'
import * as Overlay from '../evm/Overlay.ts'
import { runBatch, type Fork } from '../evm/runBatch.ts'
import type { BatchRun, StepRun } from '../model/Run.ts'
import { vouchedOf } from '../model/KnownAddress.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { addAccess, EMPTY_CODE_HASH, type AccessSet } from '../model/Access.ts'
import { isSameOutcome } from './isSameOutcome.ts'
import { compare } from '../effects/compareOutcomes.ts'
import { mineOf } from '../model/Controlled.ts'
import type { Outcome } from '../model/Outcome.ts'

/** Switches that are tried; each costs a run. */
const MAX_SWITCHES = 12
/** Variables that are numbered from zero come before what a namespace or a mapping holds. */
const MAX_PLAIN = 2n ** 32n
/** One address in 2^40 is smaller. */
const MIN_ADDRESS = 1n << 120n
/** Flags are also kept as small numbers: states, levels, percentages. */
const MAX_SMALL = 255n
/** Where a flag may stand above another field, in bytes: above numbers of the usual sizes. */
const FIELD_BYTES = [4n, 5n] as const
/** From a twentieth up the user loses something that was promised. */
const MATERIAL_BPS = 500

/**
 * Turns each stored switch that the run may have looked at, one at a time, and runs the batch again: what somebody can
 * flip between the preview and the signature (catalogue B01). A switch is a word of a contract that nobody vouches for,
 * wherever it stands, which holds 0, 1 or another small number, alone or beside other fields. One that makes the batch
 * fail costs the user nothing.
 */
export async function flipSwitches({
  fork,
  access,
  request,
  run,
  effects,
  outcome,
  readEffects,
  touched,
}: {
  fork: Fork
  access: AccessSet
  request: SimulationRequest
  run: BatchRun
  effects: Effects
  outcome: Outcome
  readEffects: (fork: Fork, run: BatchRun, variant: string) => Promise<Effects>
  touched: AccessSet
}): Promise<{ readonly switches: readonly SwitchRun[]; readonly leftOut: number }> {
  const steps = run.steps.filter((step): step is StepRun => !('refused' in step))
  const gasLimits = steps.map((step) => step.gasLimit)
  const mine = mineOf(request.from, effects.controlled)
  async function flip({ contract, slot, value }: Switch): Promise<SwitchRun | null> {
    const start = fork.start === undefined ? Overlay.empty() : Overlay.copy(fork.start)
    start.slots.set(contract, (start.slots.get(contract) ?? new Map<string, Hex.Hex>()).set(slot, value))
    const at: Fork = { ...fork, start }
    // A contract's storage is read by what runs in it alone: the steps before its first frame come out as they did.
    const first = steps.findIndex(({ trace }) => isEntered(trace, contract))
    const done = first < 0 ? [] : steps.slice(0, first)
    const runAt = async (isLean: boolean): Promise<BatchRun | null> => {
      const other = await runBatch(at, access, { from: request.from, calls: request.calls, gasLimits, isLean, done })
      addAccess(touched, other.touched)
      const isFailed = other.steps.some((step) => 'refused' in step || step.trace.error !== undefined)
      return isFailed || other.steps.length !== steps.length ? null : other
    }
    // Most make the batch fail or change nothing, which a run without call trees shows.
    const lean = await runAt(true)
    if (
      lean === null ||
      (await isSameOutcome(at, lean, { fork, access, request, run, effects, touched, turned: { contract, slot } }))
    )
      return null
    const other = await runAt(false)
    if (other === null) return null
    const read = await readEffects(at, other, `${contract}|${slot}|${value}`)
    addAccess(touched, read.touched)
    const comparison = compare(outcome, {
      failedStep: null,
      reason: null,
      changes: read.tokenChanges.filter((change) => mine.has(change.account)),
      everybody: read.tokenChanges,
      entries: read.entries,
      authority: read.authorityChanges,
    })
    const isWorse = comparison.relation === 'worse' || comparison.relation === 'mixed'
    return isWorse && comparison.lossBps >= MATERIAL_BPS
      ? { contract: Address.parse(contract), slot: slot as Hex.Hex, comparison }
      : null
  }
  const tokens = new Set(effects.tokenChanges.flatMap(({ token }) => token?.toLowerCase() ?? []))
  const preimages: Preimages = new Map((effects.watched?.preimages ?? []).map(({ hash, preimage }) => [hash, preimage]))
  const every = switchesOf(fork, run, { request, steps, tokens, preimages })
  const tried = every.slice(0, MAX_SWITCHES)
  const switches = (await Promise.all(tried.map(flip))).filter((each) => each !== null)
  return { switches, leftOut: every.length - tried.length }
}

/** Whether anything of a step ran in a contract, or in its name. */
function isEntered(trace: StepRun['trace'], contract: string): boolean {
  return [...all(trace)].some(({ frame: { from, to } }) => [from, to].some((each) => each?.toLowerCase() === contract))
}

interface Switch {
  readonly contract: string
  readonly slot: string
  /** What it holds when turned. */
  readonly value: Hex.Hex
}

/**
 * Where a switch may stand, and what it would hold when turned: the likeliest first.
 *
 * @param run - Of which only what it read itself counts, whatever else was handed to it.
 */
function switchesOf(
  fork: Fork,
  { touched, after }: Pick<BatchRun, 'touched' | 'after'>,
  {
    request,
    steps,
    tokens,
    preimages,
  }: {
    request: SimulationRequest
    steps: readonly StepRun[]
    tokens: ReadonlySet<string>
    preimages: Preimages
  },
): Switch[] {
  const called = new Set(
    steps.flatMap((step) => [...all(step.trace)].map(({ frame }) => frame.to?.toLowerCase() ?? '')),
  )
  const vouched = vouchedOf(request)
  const found: { contract: string; slot: string; value: Hex.Hex; rank: number }[] = []
  for (const [contract, slots] of touched) {
    if (!called.has(contract) || vouched.has(contract) || contract === request.from.toLowerCase()) continue
    if ((fork.cache.accounts.get(contract)?.codeHash ?? EMPTY_CODE_HASH) === EMPTY_CODE_HASH) continue
    for (const slot of slots) {
      const held = BigInt(fork.cache.slots.get(contract)?.get(slot) ?? '0x0')
      const isPlain = BigInt(slot) < MAX_PLAIN
      // What is kept for the user is the user's own, and no switch.
      const path = isPlain ? null : pathOf(slot as Hex.Hex, preimages)
      if (path !== null && isKeyedBy(path, request.from.toLowerCase())) continue
      // Who stands in a list that the run rewrites is judged as that.
      const now = after.slots.get(contract)?.get(slot)
      if (held >= MIN_ADDRESS && held >> 160n === 0n && now !== undefined && BigInt(now) !== held) continue
      for (const { value, isOn } of turnsOf(held, !tokens.has(contract))) {
        const word: Hex.Hex = `0x${value.toString(16).padStart(64, '0')}`
        found.push({ contract, slot, value: word, rank: (isOn ? 0 : 2) + (isPlain ? 0 : 1) })
      }
    }
  }
  const place = (each: (typeof found)[number]) => `${each.contract}|${each.slot}`
  return found.sort((a, b) => a.rank - b.rank || (place(a) < place(b) ? -1 : 1))
}

/**
 * What a word could be turned to, if a flag stands in it.
 *
 * @param isNumber - Whether a small number may be a flag: in tokens it is mostly an amount, or how many decimals there are.
 */
function turnsOf(held: bigint, isNumber: boolean): { readonly value: bigint; readonly isOn: boolean }[] {
  if (held <= 1n) return [{ value: held ^ 1n, isOn: held === 1n }]
  const byteAt = (at: bigint) => (held >> (8n * at)) & 0xffn
  // A one with nothing around it, or above an address.
  const isAlone = (at: bigint) => byteAt(at - 1n) === 0n && (at === 31n || byteAt(at + 1n) === 0n) && isNumber
  const on = Array.from({ length: 31 }, (_, i) => BigInt(i + 1)).filter(
    (at) => byteAt(at) === 1n && (isAlone(at) || (at === 20n && held >> 161n === 0n && held >= MIN_ADDRESS)),
  )
  const off = held >= MIN_ADDRESS ? [20n] : FIELD_BYTES
  return [
    ...on.map((at) => ({ value: held ^ (1n << (8n * at)), isOn: true })),
    ...(held <= MAX_SMALL && isNumber ? [{ value: 0n, isOn: true }] : []),
    ...off.filter((at) => held >> (8n * at) === 0n).map((at) => ({ value: held | (1n << (8n * at)), isOn: false })),
  ]
}
