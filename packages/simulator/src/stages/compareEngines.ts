import { runBatch, type Fork } from '../evm/runBatch.ts'
import type { BatchRun, StepRun } from '../model/Run.ts'
import { all, logsOf, statusOf } from '../effects/Trace.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { addAccess, type AccessSet } from '../model/Access.ts'

/**
 * Runs the batch on the other EVM, at the same limits, and names what differs: status, gas, logs, calls, and every
 * balance, nonce, code and slot afterwards. Two implementations that share no code are rarely wrong in the same way.
 *
 * @returns Differences in words; empty when both agree.
 * @throws {EngineLimitError} when it takes too long there: not checked, which the report says.
 */
export async function compareEngines(
  fork: Fork,
  access: AccessSet,
  { request, run, touched }: { request: SimulationRequest; run: BatchRun; touched: AccessSet },
): Promise<string[]> {
  const steps = run.steps.filter((step): step is StepRun => !('refused' in step))
  const other = await runBatch({ ...fork, isOnSecond: fork.isOnSecond !== true }, access, {
    from: request.from,
    calls: request.calls,
    gasLimits: steps.map((step) => step.gasLimit),
  })
  addAccess(touched, other.touched)
  const found: string[] = []
  const differ = (what: string, ours: unknown, theirs: unknown): void => {
    if (ours !== theirs) found.push(`${what}: ${String(ours)} and ${String(theirs)}`)
  }
  for (const [i, step] of steps.entries()) {
    const twin = other.steps[i]
    const where = `step ${i + 1}`
    if (twin === undefined || 'refused' in twin) {
      found.push(`${where}: one runs it, the other does not`)
      continue
    }
    differ(`${where}, status`, statusOf(step.trace), statusOf(twin.trace))
    differ(`${where}, gas used`, step.gasUsed, twin.gasUsed)
    differ(`${where}, calls`, shapeOf(step), shapeOf(twin))
    const logs = (each: StepRun) =>
      logsOf(each.trace)
        .map((log) => `${log.address}|${log.topics.join()}|${log.data}`)
        .join(' ')
    if (logs(step) !== logs(twin)) found.push(`${where}: other logs`)
  }
  for (const address of new Set([...run.after.slots.keys(), ...other.after.slots.keys()])) {
    const ours = run.after.slots.get(address)
    const theirs = other.after.slots.get(address)
    for (const slot of new Set([...(ours?.keys() ?? []), ...(theirs?.keys() ?? [])])) {
      const held = fork.cache.slots.get(address)?.get(slot) ?? `0x${'00'.repeat(32)}`
      differ(`slot ${slot} of ${address}`, ours?.get(slot) ?? held, theirs?.get(slot) ?? held)
    }
  }
  for (const address of new Set([...run.after.accounts.keys(), ...other.after.accounts.keys()])) {
    const held = fork.cache.accounts.get(address)
    const ours = run.after.accounts.get(address)
    const theirs = other.after.accounts.get(address)
    differ(`balance of ${address}`, ours?.balance ?? held?.balance ?? 0n, theirs?.balance ?? held?.balance ?? 0n)
    differ(`nonce of ${address}`, ours?.nonce ?? held?.nonce ?? 0n, theirs?.nonce ?? held?.nonce ?? 0n)
    if ((ours?.code ?? '') !== (theirs?.code ?? '')) found.push(`code of ${address}`)
  }
  return found
}

function shapeOf(step: StepRun): string {
  return (
    [...all(step.trace)]
      // Engines name the ends of a selfdestruct differently; the balances afterwards are compared in any case.
      .map(
        ({ frame, depth }) =>
          `${depth}${frame.type}${frame.type === 'SELFDESTRUCT' ? '' : (frame.to ?? '')}${statusOf(frame)}`,
      )
      .join(' ')
  )
}
