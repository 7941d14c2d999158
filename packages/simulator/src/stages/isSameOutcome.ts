import type { Hex } from '@countersign/base'
import { isTelling } from '../effects/readHiddenAuthority.ts'
import type { Effects } from '../effects/readEffects.ts'
import type * as Overlay from '../evm/Overlay.ts'
import type { ProbeAnswer } from '../evm/ReadProbe.ts'
import { readAsUser, type Fork } from '../evm/runBatch.ts'
import type { AccessSet } from '../model/Access.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { BatchRun, StepRun } from '../model/Run.ts'

/** The expected run, which others are compared with. */
export interface Expected {
  readonly fork: Fork
  readonly access: AccessSet
  readonly request: SimulationRequest
  readonly run: BatchRun
  readonly effects: Effects
  readonly touched: AccessSet
  /** A slot that was set before the other run: that it holds another value is no effect of it. */
  readonly turned?: { readonly contract: string; readonly slot: string }
}

/** What the contracts answer about the user, and about everybody else whom the expected run concerned. */
export function readBack(
  at: Fork,
  after: Overlay.Overlay,
  { access, request, effects, touched }: Expected,
): Promise<ProbeAnswer[]> {
  const probes = effects.reads.map(({ probe }) => probe)
  return readAsUser(at, access, after, { from: request.from.toLowerCase(), probes, touched })
}

/** Whether a lean run proves that nothing else happened: neither to the user, nor to those whom the user deals with. */
export async function isSameOutcome(at: Fork, other: BatchRun, expected: Expected): Promise<boolean> {
  const { fork, request, run, effects } = expected
  const expectedSlots = run.after.slots
  const expectedNative = nativeOf(fork, request.from, run)
  let isEqual = other.after.slots.size === expectedSlots.size
  for (const [address, slots] of other.after.slots) {
    const slotsThen = expectedSlots.get(address)
    if (slotsThen?.size !== slots.size) isEqual = false
    for (const [slot, value] of slots) {
      const was = slotsThen?.get(slot)
      if (was === undefined && expected.turned?.contract === address && expected.turned.slot === slot) continue
      if (was === undefined) return false
      if (was === value) continue
      isEqual = false
      // Another number may be the time or a price. Another account may be another owner: that is looked at in full.
      if (
        isTelling(slot as Hex.Hex, {
          expected: was,
          other: value,
          user: request.from.toLowerCase(),
          accounts: run.touched,
        })
      )
        return false
    }
  }
  if (mayLackEntry(other, expected)) return false
  for (const [address, account] of other.after.accounts) {
    if (account.code !== run.after.accounts.get(address)?.code) return false
  }
  if (!isSameNative(nativeOf(at, request.from, other), expectedNative)) return false
  // The same writes leave the same state; a balance that grows with time is read all the same.
  if (isEqual && at.env.timestampS === fork.env.timestampS && at.env.number === fork.env.number) return true
  const answers = await readBack(at, other.after, expected)
  return effects.reads.every(({ after }, i) => answers[i]?.success === after.success && answers[i]?.data === after.data)
}

/** Whether an entry of the user's own may be missing or smaller: no balance answers for it, so it is looked at in full. */
function mayLackEntry(other: BatchRun, { run, effects }: Expected): boolean {
  return [...effects.credits].some((contract) => {
    const slots = other.after.slots.get(contract)
    const expected = run.after.slots.get(contract) ?? new Map<string, Hex.Hex>()
    return [...expected].some(([slot, value]) => {
      const now = slots?.get(slot)
      return now === undefined || BigInt(now) < BigInt(value)
    })
  })
}

/** How everybody's ether changed, fees aside: environments have other prices. Accounts where nothing changed are left out. */
export function nativeOf(fork: Fork, from: string, run: BatchRun): ReadonlyMap<string, bigint> {
  const user = from.toLowerCase()
  const coinbase = fork.env.coinbase.toLowerCase()
  const runs = run.steps.filter((step): step is StepRun => !('refused' in step) && step.trace.error === undefined)
  const fees = runs.reduce((sum, step) => sum + step.gasUsed * step.gasPriceWei, 0n)
  const tips = runs.reduce((sum, step) => sum + step.gasUsed * (step.gasPriceWei - fork.env.baseFeeWei), 0n)
  const changes = new Map<string, bigint>()
  for (const [account, { balance }] of run.after.accounts) {
    if (balance === undefined) continue
    const start = fork.start?.accounts.get(account)?.balance ?? fork.cache.accounts.get(account)?.balance ?? 0n
    const delta = balance - start + (account === user ? fees : 0n) - (account === coinbase ? tips : 0n)
    if (delta !== 0n) changes.set(account, delta)
  }
  return changes
}

function isSameNative(a: ReadonlyMap<string, bigint>, b: ReadonlyMap<string, bigint>): boolean {
  return a.size === b.size && [...a].every(([account, delta]) => b.get(account) === delta)
}
