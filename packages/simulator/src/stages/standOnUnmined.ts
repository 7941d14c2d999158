import { assert, BaseError } from '@countersign/base'
import * as Overlay from '../evm/Overlay.ts'
import { runBatch, type Fork } from '../evm/runBatch.ts'
import { addAccess, sizeOf, type AccessSet } from '../model/Access.ts'
import type { StateOverride } from '../model/Override.ts'
import type { StoodOn, Unmined } from '../model/Unmined.ts'
import { hasFork } from './parts.ts'
import { onState } from './onState.ts'
import { withFork } from './prepare.ts'
import type { Job } from './Stage.ts'
import type { Tools } from './Tools.ts'

/** How often more state may be asked for until all that the earlier transactions read is there. */
const MAX_ROUNDS = 40

/**
 * The job on the state that the sender's earlier transactions leave behind, which are signed and not mined: they are run
 * first, in the order of their nonces, and what they wrote is the state of everything after. A state of its own, which
 * nobody else sees and nothing is remembered of.
 *
 * @throws {UnminedError} `simulation:unmined:refused` where that state cannot be had: then nothing is judged.
 */
export async function standOnUnmined(tools: Tools, job: Job): Promise<Job> {
  const unmined = job.request.unmined ?? []
  if (unmined.length === 0) return job
  if (!hasFork(job)) throw new UnminedError('the chain’s own node runs the batch, and it does not trace calls')
  if (tools.isProofVerified) throw new UnminedError('what it leaves behind cannot be proven against a block')
  // What a document's holder is lent is for what comes after.
  const plain: Job = { ...job, whole: undefined, request: { ...job.request, signature: null } }
  for (let round = 0; round < MAX_ROUNDS && sizeOf(job.access) <= tools.maxReads; round += 1) {
    const { fork } = await withFork(tools, plain)
    assert(fork !== null, 'a job that has a fork is given one')
    const { after, touched, stoodOn } = await runEarlier(fork, job, unmined)
    const size = sizeOf(job.access)
    addAccess(job.access, touched)
    if (sizeOf(job.access) === size) return { ...onState(tools, job, overridesOf(after)), standsOn: stoodOn }
  }
  throw new UnminedError('it reads more state than is asked for here')
}

/** The earlier transactions, each on the state that the one before left, however that one ended. */
async function runEarlier(
  fork: Fork,
  job: Job,
  unmined: readonly Unmined[],
): Promise<{ readonly after: Overlay.Overlay; readonly touched: AccessSet; readonly stoodOn: readonly StoodOn[] }> {
  const after = Overlay.empty()
  const touched: AccessSet = new Map()
  const stoodOn: StoodOn[] = []
  for (const { hash, call } of unmined) {
    const run = await runBatch({ ...fork, start: after }, job.access, { from: job.user, calls: [call] })
    addAccess(touched, run.touched)
    const [step] = run.steps
    assert(step !== undefined, 'one call is one step')
    if ('refused' in step) throw new UnminedError(`no block takes it now: ${step.because}`)
    // A transaction that fails has used its nonce and paid for its gas.
    Overlay.apply(after, step.diff)
    const status = step.trace.error === undefined ? 'success' : 'reverted'
    stoodOn.push({ hash, nonce: call.nonce, to: call.to, value: call.value, status })
  }
  return { after, touched, stoodOn }
}

function overridesOf({ accounts, slots }: Overlay.Overlay): StateOverride[] {
  return [...new Set([...accounts.keys(), ...slots.keys()])].map((address) => {
    const { balance, nonce, code } = accounts.get(address) ?? {}
    return {
      address: address as StateOverride['address'],
      ...(balance === undefined ? {} : { balance }),
      ...(nonce === undefined ? {} : { nonce }),
      ...(code === undefined ? {} : { code }),
      stateDiff: [...(slots.get(address) ?? [])].map(([slot, value]) => ({
        slot: slot as NonNullable<StateOverride['stateDiff']>[number]['slot'],
        value,
      })),
    }
  })
}

/** What is signed and not mined cannot be stood on. */
export class UnminedError extends BaseError {
  override readonly name = 'simulator.UnminedError'
  constructor(because: string) {
    super(`An earlier transaction of the account is not mined, and nothing can be simulated on top: ${because}.`, {
      code: 'simulation:unmined:refused',
      kind: 'unavailable',
      hint: 'Try again when it is mined.',
    })
  }
}
