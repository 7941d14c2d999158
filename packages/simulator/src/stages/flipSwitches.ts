import type { SwitchRun } from '../model/Evidence.ts'
import { Address, type Hex } from '@countersign/base'
import type { Effects } from '../effects/readEffects.ts'
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
const MAX_SWITCHES = 4
/** Plain variables are numbered from zero, and few contracts have this many. */
const MAX_SLOT = 256n
/** One address in 2^40 is smaller. */
const MIN_ADDRESS = 1n << 120n
/** From a twentieth up the user loses something that was promised. */
const MATERIAL_BPS = 500

/**
 * Turns each stored switch that the run may have looked at, one at a time, and runs the batch again: what somebody can
 * flip between the preview and the signature (catalogue B01). A switch is a plain variable of a contract that nobody
 * vouches for, which holds 0 or 1, alone or above an address. One that makes the batch fail costs the user nothing.
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
}): Promise<readonly SwitchRun[]> {
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
  const tried = switchesOf(fork, run.touched, request, steps).slice(0, MAX_SWITCHES)
  return (await Promise.all(tried.map(flip))).filter((each) => each !== null)
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
 * Where a switch may stand, and what it would hold when turned. Those that are on come first.
 *
 * @param touched - What the run itself read, whatever else was handed to it.
 */
function switchesOf(fork: Fork, touched: AccessSet, request: SimulationRequest, steps: readonly StepRun[]): Switch[] {
  const called = new Set(
    steps.flatMap((step) => [...all(step.trace)].map(({ frame }) => frame.to?.toLowerCase() ?? '')),
  )
  const vouched = vouchedOf(request)
  const found: { contract: string; slot: string; value: Hex.Hex; isOn: boolean }[] = []
  for (const [contract, slots] of touched) {
    if (!called.has(contract) || vouched.has(contract) || contract === request.from.toLowerCase()) continue
    if ((fork.cache.accounts.get(contract)?.codeHash ?? EMPTY_CODE_HASH) === EMPTY_CODE_HASH) continue
    for (const slot of slots) {
      if (BigInt(slot) >= MAX_SLOT) continue
      const held = BigInt(fork.cache.slots.get(contract)?.get(slot) ?? '0x0')
      const above = held >> 160n
      // A number that is not as large as addresses are is a number.
      const bit = held <= 1n ? 1n : held >= MIN_ADDRESS && above <= 1n ? 1n << 160n : null
      if (bit === null) continue
      const value: Hex.Hex = `0x${(held ^ bit).toString(16).padStart(64, '0')}`
      found.push({ contract, slot, value, isOn: (held & bit) !== 0n })
    }
  }
  const place = (each: (typeof found)[number]) => `${each.contract}|${each.slot}`
  return found.sort((a, b) => Number(b.isOn) - Number(a.isOn) || (place(a) < place(b) ? -1 : 1))
}
