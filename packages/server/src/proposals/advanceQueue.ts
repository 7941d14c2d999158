import { assert, BaseError, Digest } from '@countersign/base'
import type { Question } from '../provenance/Provenance.ts'
import { loadSession } from '../sessions/sessions.ts'
import type { Reader, Write } from '../store/openStore.ts'
import { commitProposal } from './commitProposal.ts'
import { isOthers, raisedLevel } from './decision/raisedLevel.ts'
import { prepareDecision, type Prepared } from './decision/prepareDecision.ts'
import { decidedAgain, recordDecision } from './decision/recordDecision.ts'
import type { Gate } from './Gate.ts'
import type { Proposal } from './Proposal.ts'
import { holdCall } from './announceDelay.ts'
import { delayedIn, loadProposal, moveProposal } from './rows.ts'
import { chainOf, judgeProposal } from './stageProposal.ts'
import * as StepUp from './StepUp.ts'
import * as ToolCall from './ToolCall.ts'

/** As many in one go as a session can have staged in a turn. */
const MAX_STEPS = 64

/**
 * What a turn staged becomes a question to its owner, one at a time: at the end of the turn its first write is pending,
 * and what earlier turns left is superseded. A call that is confirmed, and a proposal whose wallet is open, stay.
 */
export async function commitTurn(gate: Gate, { sid, turnId }: { sid: string; turnId: string }): Promise<void> {
  const isQueued = await gate.store.write(async (write) => {
    const nowMs = gate.clock.nowMs()
    const queued = await write.db
      .updateTable('proposals')
      .set({ queued_ms: nowMs })
      .where('sid', '=', sid)
      .where('turn_id', '=', turnId)
      .where('queued_ms', 'is', null)
      .where('state', 'in', ['staged', 'receipted'])
      .returning('id')
      .execute()
    if (queued.length === 0) return false
    await supersedeEarlier(gate, write, { sid, turnId, nowMs })
    return true
  })
  if (isQueued) await advanceQueue(gate, { sid })
}

/** A turn that was cancelled, or lost its key, commits nothing. */
export async function dropTurn(gate: Gate, { sid, turnId }: { sid: string; turnId: string }): Promise<void> {
  await gate.store.write(async (write) => {
    const rows = await write.db
      .selectFrom('proposals')
      .select('id')
      .where('sid', '=', sid)
      .where('turn_id', '=', turnId)
      .where('kind', '=', 'tool_call')
      .where('state', '=', 'staged')
      .execute()
    for (const { id } of rows)
      await moveProposal(gate, write, { id, sid, target: 'superseded', because: 'Its turn did not come to its end.' })
  })
}

async function supersedeEarlier(
  gate: Gate,
  write: Write,
  { sid, turnId, nowMs }: { sid: string; turnId: string; nowMs: number },
): Promise<void> {
  const rows = await write.db
    .selectFrom('proposals')
    .select('id')
    .where('sid', '=', sid)
    .where('turn_id', 'is not', null)
    .where('turn_id', '!=', turnId)
    .where('state', 'in', ['staged', 'receipted', 'pending'])
    .where((eb) => eb.or([eb('wallet_until_ms', 'is', null), eb('wallet_until_ms', '<=', nowMs)]))
    // What a mandate delays waits for its time, whatever is asked meanwhile.
    .where('id', 'not in', delayedIn(write.db))
    .execute()
  for (const { id } of rows) {
    const calls = await write.db.selectFrom('proposal_calls').select('status').where('proposal_id', '=', id).execute()
    // A batch that is half signed is finished, or ends by itself.
    if (calls.some(({ status }) => status !== 'waiting')) continue
    await moveProposal(gate, write, { id, sid, target: 'superseded', because: 'A newer proposal took its place.' })
  }
}

/**
 * Makes the session's oldest staged proposal pending, unless one is pending already. Called again it changes nothing, so
 * everything that ends a proposal may call it.
 */
export async function advanceQueue(gate: Gate, { sid }: { sid: string }): Promise<void> {
  for (let i = 0; i < MAX_STEPS; i += 1) {
    const next = await decidedAgain(async () => {
      // Read first: the decision about a call asks for prices before the write in which it is made.
      const first = await nextOf(gate.store.read, { sid, nowMs: gate.clock.nowMs() })
      const prepared = first?.kind === 'tool_call' ? await prepareCall(gate, { id: first.id, sid }) : null
      return gate.store.write(async (write) => {
        const found = await nextOf(write.db, { sid, nowMs: gate.clock.nowMs() })
        if (found?.kind !== 'tool_call') return found
        if (found.id !== first?.id) return 'moved' as const
        await openCall(gate, write, { id: found.id, sid, prepared })
        return found
      })
    })
    if (next === null) return
    if (next === 'moved') continue
    if (next.kind !== 'tool_call' && !(await openTransactions(gate, { id: next.id, sid }))) return
  }
}

/** The oldest that waits; null while one is being asked about. */
async function nextOf(
  read: Reader,
  { sid, nowMs }: { sid: string; nowMs: number },
): Promise<{ readonly id: string; readonly kind: Proposal['kind'] } | null> {
  const open = await read
    .selectFrom('proposals')
    .select('id')
    .where('sid', '=', sid)
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '=', 'pending'), eb.or([eb('expires_ms', '>', nowMs), eb('wallet_until_ms', '>', nowMs)])]),
        eb('state', 'in', ['confirmed', 'submitted']),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  if (open !== undefined) return null
  const row = await read
    .selectFrom('proposals')
    .select(['id', 'kind'])
    .where('sid', '=', sid)
    .where('queued_ms', 'is not', null)
    .where('state', 'in', ['staged', 'receipted'])
    .where('expires_ms', '>', nowMs)
    // It holds up no other.
    .where('id', 'not in', delayedIn(read))
    .orderBy('first_tx_id')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { id: row.id, kind: row.kind as Proposal['kind'] }
}

/** What the decision about a staged call needs. */
async function prepareCall(gate: Gate, { id, sid }: { id: string; sid: string }): Promise<Prepared | null> {
  return prepareDecision(gate, { asked: await loadProposal(gate.store.read, { id, sid }), found: null })
}

/** Asks the owner about a call: its values are looked up once more, and from here on it has a digest and an end. */
async function openCall(
  gate: Gate,
  write: Write,
  { id, sid, prepared }: { id: string; sid: string; prepared: Prepared | null },
): Promise<void> {
  const proposal = await loadProposal(write.db, { id, sid })
  const { toolCall } = proposal
  const { tools } = gate
  assert(toolCall !== null && tools !== undefined, 'a tool call has its row, and a server that stages one runs tools')
  const ref = { app: proposal.app, sid, tool: toolCall.tool, args: toolCall.args }
  if (tools.definitionOf(ref) !== toolCall.definition) {
    await moveProposal(gate, write, { id, sid, target: 'superseded', because: 'The tool was defined anew.' })
    return
  }
  const found = await tools.assess({ ...ref, userTexts: proposal.userTexts, seen: toolCall.seen })
  if (found.refused !== null) {
    await moveProposal(gate, write, { id, sid, target: 'refused', because: found.refused })
    return
  }
  const bytes = Digest.ofJson({ tool: toolCall.tool, args: toolCall.args, definition: toolCall.definition } as never)
  const decided = await recordDecision(gate, write, { proposal, prepared, bytes })
  if (decided?.decision.answer === 'deny') {
    const { reason, code } = decided.decision
    await moveProposal(gate, write, { id, sid, target: 'refused', because: reason, facts: { code } })
    return
  }
  if (decided !== null && decided.waitsUntilMs !== null) {
    await holdCall(gate, write, { id, sid, decided })
    return
  }
  const expiresMs = gate.clock.nowMs() + gate.policy.pendingTtlMs
  const digest = ToolCall.digest({
    app: proposal.app,
    session: sid,
    principal: toolCall.principal,
    key: toolCall.keyId,
    tool: toolCall.tool,
    definition: toolCall.definition,
    args: toolCall.args,
    policy: gate.policy.version,
    expiresMs,
  })
  const raised = raisedLevel({ questions: [] }, decided?.decision ?? null).questions
  const asked = raised === undefined ? [] : (JSON.parse(raised) as Question[])
  const questions = [...merged(proposal.questions.filter(isOthers), found.questions), ...asked]
  const { signedIn } = loadSession(gate.store, { sid })
  await write.db.updateTable('proposals').set({ digest }).where('id', '=', id).where('state', '=', 'staged').execute()
  await moveProposal(gate, write, {
    id,
    sid,
    target: 'pending',
    only: ['staged'],
    set: {
      expires_ms: expiresMs,
      level: questions.length > 0 ? 'step-up' : 'ordinary',
      questions: JSON.stringify(questions),
      provenance: JSON.stringify(found.lines),
      step_up: StepUp.walletFor(questions, signedIn),
    },
    facts: { call: digest, level: questions.length > 0 ? 'step-up' : 'ordinary' },
  })
  // Within a mandate an ordinary call that a rule names by its tool is not asked about.
  const mandate = decided?.decision.mandate ?? null
  if (mandate !== null && decided?.isAllowed === true && questions.length === 0)
    write.afterCommit(() =>
      gate.confirmByMandate?.({ id, sid, digest, by: `mandate:${mandate.name}@${mandate.version}` }),
    )
}

/** The level can rise, never fall: what was asked once is asked. */
function merged(before: readonly Question[], now: readonly Question[]): readonly Question[] {
  const known = new Set(now.map(({ argument }) => argument))
  return [...now, ...before.filter(({ argument }) => !known.has(argument))]
}

/** Commits transactions, simulated again where their receipt is too old. False where nothing more can be done now. */
async function openTransactions(gate: Gate, { id, sid }: { id: string; sid: string }): Promise<boolean> {
  try {
    let proposal = await loadProposal(gate.store.read, { id, sid })
    const isOld = proposal.receipt === null || gate.clock.nowMs() >= proposal.receipt.expiresMs
    if (proposal.state === 'receipted' && isOld)
      proposal = await gate.store.write((write) =>
        moveProposal(gate, write, { id, sid, target: 'staged', only: ['receipted'] }),
      )
    if (proposal.state === 'staged')
      proposal = await judgeProposal(gate, { id, sid, chain: chainOf(gate, proposal.chainId) })
    if (proposal.state === 'receipted') await commitProposal(gate, { id, sid })
    return true
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    // A faster caller, or a chain that does not answer: it waits, with the reason, for the next look.
    return false
  }
}
