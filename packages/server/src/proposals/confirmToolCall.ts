import { setTimeout as sleep } from 'node:timers/promises'
import { assert, BaseError, type Hex } from '@countersign/base'
import type { Write } from '../store/openStore.ts'
import { advanceQueue } from './advanceQueue.ts'
import { ConfirmationError, signedByWallet, takeLevel, type StepUpGiven } from './confirmProposal.ts'
import { HandOutError } from '../mandates/ledger/close.ts'
import { approvalsMissing } from './decision/Decided.ts'
import { closeCall, confirmHeld, handOutProposal } from './decision/handOutProposal.ts'
import type { Gate } from './Gate.ts'
import { TransitionError, type Proposal } from './Proposal.ts'
import { loadProposal, moveProposal } from './rows.ts'
import type { Outcome, Result, ToolRunner } from './ToolCall.ts'

/** How long a confirmation waits for the tool, in milliseconds. */
const WAIT_MS = 10_000
/** How often, and until when, an idempotent call is sent again, in milliseconds. */
const MAX_TRIES = 3
const RETRY_MS = [1_000, 5_000] as const
const RETRY_WITHIN_MS = 60_000

/**
 * Takes a person's confirmation of a call, and runs it exactly once. The compare-and-set that takes the confirmation is the
 * only way to the tool: of many confirmations one succeeds, and none is good twice.
 *
 * @throws {ConfirmationError} `proposals:digest:…`, `proposals:proposal:expired`, `proposals:step-up:…`.
 * @throws {TransitionError} `proposals:transition:refused` when it is staged still, or was answered already.
 */
export async function confirmToolCall(
  gate: Gate,
  {
    id,
    sid,
    digest,
    stepUp,
    isOwner,
    by = null,
    waitMs = WAIT_MS,
  }: {
    id: string
    sid: string
    digest: string | null
    stepUp: StepUpGiven | null
    /** Whether the owner's wallet is proven in the session that confirms. */
    isOwner: boolean
    /** What confirmed it in place of a person: `mandate:<name>@<version>`. */
    by?: string | null
    waitMs?: number
  },
): Promise<Proposal> {
  const { tools } = gate
  assert(tools !== undefined, 'a server that stages calls runs tools')
  const signed = await signedByWallet(gate, { id, sid, stepUp })
  // What went wrong is written down in the same commit, so it is thrown after it.
  const outcome = await gate.store.write((write) =>
    confirmIn(gate, tools, { write, id, sid, digest, stepUp, signed, isOwner, by }),
  )
  if (outcome instanceof BaseError) {
    await advanceQueue(gate, { sid })
    throw outcome
  }
  const work = runCall(gate, tools, outcome)
  gate.background?.(work)
  const ended = await Promise.race([work, sleep(waitMs, null, { ref: false })])
  return ended ?? loadProposal(gate.store.read, { id, sid })
}

async function confirmIn(
  gate: Gate,
  tools: ToolRunner,
  {
    write,
    id,
    sid,
    digest,
    stepUp,
    signed,
    isOwner,
    by,
  }: {
    write: Write
    id: string
    sid: string
    digest: string | null
    stepUp: StepUpGiven | null
    /** What the wallet signed, verified. */
    signed: Hex.Hex | null
    isOwner: boolean
    by: string | null
  },
): Promise<Proposal | BaseError> {
  const proposal = await loadProposal(write.db, { id, sid })
  const { toolCall } = proposal
  assert(toolCall !== null, 'it is a tool call')
  if (digest === null) return new ConfirmationError('digest-missing')
  if (proposal.state === 'expired') return new ConfirmationError('expired')
  if (proposal.state !== 'pending') return new TransitionError(proposal.state, 'confirmed')
  if (digest.toLowerCase() !== proposal.digest.toLowerCase()) return new ConfirmationError('digest-mismatch')
  if (gate.clock.nowMs() >= proposal.expiresMs) return new ConfirmationError('expired')
  if (tools.definitionOf({ app: proposal.app, tool: toolCall.tool }) !== toolCall.definition) {
    await moveProposal(gate, write, { id, sid, target: 'superseded', because: 'The tool was defined anew.' })
    return new TransitionError('superseded', 'confirmed')
  }
  if (proposal.decided?.isOwed === true && !isOwner) return new ConfirmationError('owner-required')
  if (proposal.decided !== null && approvalsMissing(proposal.decided) > 0)
    return new ConfirmationError('approvals-missing')
  const refused = await takeLevel(gate, write, { proposal, stepUp, signed })
  if (refused !== null) return refused
  await confirmHeld(gate, write, proposal)
  try {
    await handOutProposal(gate, write, { proposal, nonce: null })
  } catch (error) {
    // Frozen or changed since it was decided: nothing runs.
    if (error instanceof HandOutError) return error
    throw error
  }
  await write.db
    .updateTable('tool_calls')
    .set({ instance: gate.instanceId ?? 'this' })
    .where('proposal_id', '=', id)
    .execute()
  return moveProposal(gate, write, {
    id,
    sid,
    target: 'confirmed',
    only: ['pending'],
    set: { level_given_ms: gate.clock.nowMs() },
    facts: {
      level: proposal.level,
      method: stepUp?.method ?? null,
      asked: proposal.questions.length,
      confirmed_by: by,
      call: proposal.digest,
    },
  })
}

/** What nobody confirmed: the tool is another one by now. */
const REDEFINED: Outcome = {
  state: 'failed',
  result: { status: null, body: null, problem: 'tools:definition:changed' },
}

/** Runs a confirmed call, writes down how it ended, and lets the next question follow. */
async function runCall(gate: Gate, tools: ToolRunner, { id, sid, app, toolCall, digest }: Proposal): Promise<Proposal> {
  assert(toolCall !== null, 'it is a tool call')
  const ref = { app, sid, tool: toolCall.tool, args: toolCall.args }
  const sinceMs = performance.now()
  let outcome: Outcome = { state: 'unknown', result: { status: null, body: null } }
  const tries = tools.isIdempotent(ref) ? MAX_TRIES : 1
  for (let i = 0; i < tries; i += 1) {
    const waitMs = RETRY_MS[i - 1] ?? 0
    if (i > 0) {
      if (performance.now() - sinceMs + waitMs > RETRY_WITHIN_MS) break
      await sleep(waitMs, null, { ref: false })
    }
    // Before each try, and with nothing waited for in between: an app may be read anew while a call waits.
    if (tools.definitionOf(ref) !== toolCall.definition) {
      if (i === 0) outcome = REDEFINED
      break
    }
    try {
      outcome = await tools.run({ ...ref, key: digest })
    } catch {
      // A bug of ours says nothing of what happened there.
      outcome = { state: 'unknown', result: { status: null, body: null, problem: 'tools:call:interrupted' } }
      break
    }
    if (outcome.state !== 'unknown') break
  }
  const ended = await endCall(gate, { id, sid, outcome })
  await advanceQueue(gate, { sid })
  return ended
}

const BECAUSE: Readonly<Record<Outcome['state'], string | null>> = {
  done: null,
  failed: 'The tool refused it: nothing happened.',
  unknown: 'It is not known whether it happened. It is not sent again by itself.',
}

async function endCall(
  gate: Gate,
  { id, sid, outcome }: { id: string; sid: string; outcome: Outcome },
): Promise<Proposal> {
  const result: Result = { ...outcome.result, atMs: gate.clock.nowMs() }
  return gate.store.write(async (write) => {
    await write.db
      .updateTable('tool_calls')
      .set({ result: JSON.stringify(result), instance: null })
      .where('proposal_id', '=', id)
      .execute()
    if (outcome.state !== 'unknown') {
      const proposal = await loadProposal(write.db, { id, sid })
      const { toolCall, app } = proposal
      const isProven = toolCall !== null && gate.tools?.isIdempotent({ app, tool: toolCall.tool }) === true
      await closeCall(gate, write, { proposal, outcome: outcome.state, isProven })
    }
    return moveProposal(gate, write, {
      id,
      sid,
      target: outcome.state,
      only: ['confirmed'],
      because: BECAUSE[outcome.state],
      facts: { status: result.status, problem: result.problem ?? null },
    })
  })
}

/**
 * Ends the confirmed calls whose process is gone: they may have happened. Nothing is sent again.
 *
 * @param live - The processes that share the store and live.
 */
export async function endCutCalls(gate: Gate, { live }: { live: readonly string[] }): Promise<void> {
  const rows = await gate.store.read
    .selectFrom('proposals')
    .innerJoin('tool_calls', 'tool_calls.proposal_id', 'proposals.id')
    .select(['proposals.id', 'proposals.sid', 'tool_calls.instance'])
    .where('proposals.state', '=', 'confirmed')
    .limit(200)
    .execute()
  for (const { id, sid, instance } of rows) {
    if (instance !== null && live.includes(instance)) continue
    const outcome = {
      state: 'unknown',
      result: { status: null, body: null, problem: 'tools:call:interrupted' },
    } as const
    try {
      await endCall(gate, { id, sid, outcome })
      await advanceQueue(gate, { sid })
    } catch (error) {
      // Another process was faster.
      if (!(error instanceof TransitionError)) throw error
    }
  }
}

/**
 * An operator says how an unknown call ended.
 *
 * @throws {TransitionError} `proposals:transition:refused` for any other state.
 */
export async function resolveToolCall(
  gate: Gate,
  { id, app, outcome }: { id: string; app: string; outcome: 'done' | 'failed' },
): Promise<Proposal> {
  const row = await gate.store.read
    .selectFrom('proposals')
    .select('sid')
    .where('id', '=', id)
    .where('app', '=', app)
    .executeTakeFirst()
  const sid = row?.sid ?? ''
  const proposal = await gate.store.write(async (write) => {
    const ended = await moveProposal(gate, write, {
      id,
      sid,
      target: outcome,
      only: ['unknown'],
      because: 'An operator looked and said how it ended.',
    })
    await closeCall(gate, write, { proposal: ended, outcome, isProven: true })
    return ended
  })
  await advanceQueue(gate, { sid })
  return proposal
}

/** A call whose tool was defined anew is not what was asked about. */
export async function supersedeRedefined(gate: Gate, { app }: { app: string }): Promise<void> {
  const { tools } = gate
  if (tools === undefined) return
  const rows = await gate.store.read
    .selectFrom('proposals')
    .innerJoin('tool_calls', 'tool_calls.proposal_id', 'proposals.id')
    .select(['proposals.id', 'proposals.sid', 'tool_calls.tool', 'tool_calls.definition'])
    .where('proposals.app', '=', app)
    .where('proposals.state', 'in', ['staged', 'pending'])
    .execute()
  for (const { id, sid, tool, definition } of rows) {
    if (tools.definitionOf({ app, tool }) === definition) continue
    try {
      await gate.store.write((write) =>
        moveProposal(gate, write, {
          id,
          sid,
          target: 'superseded',
          only: ['staged', 'pending'],
          because: 'The tool was defined anew.',
        }),
      )
      await advanceQueue(gate, { sid })
    } catch (error) {
      if (!(error instanceof TransitionError)) throw error
    }
  }
}
