import { Digest } from '@countersign/base'
import type { Session } from '../sessions/Session.ts'
import type { Assessment } from '../provenance/Provenance.ts'
import type { Write } from '../store/openStore.ts'
import { prepareDecision, type Asked } from './decision/prepareDecision.ts'
import { decidedAgain, recordDecision } from './decision/recordDecision.ts'
import type { Gate } from './Gate.ts'
import type { Proposal } from './Proposal.ts'
import { holdCall } from './announceDelay.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'
import { newId } from './stageProposal.ts'
import { NO_ACCOUNT, type Seen } from './ToolCall.ts'

/** How long a staged call may wait for its turn to be asked about, in milliseconds. */
const STAGED_MS = 24 * 3_600_000
export interface StagedCall {
  readonly session: Pick<Session, 'sid' | 'app' | 'principal'>
  readonly turnId: string
  readonly keyId: string | null
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  /** The digest of the tool's definition. */
  readonly definition: string
  readonly summary: string
  readonly assessment: Assessment
  readonly userTexts: readonly string[]
  readonly seen: Seen
}

/** Writes a call of a tool down as a proposal. Nothing is sent: only its confirmation does that. */
export async function stageToolCall(gate: Gate, call: StagedCall): Promise<Proposal> {
  const id = newId()
  const { session, assessment } = call
  return decidedAgain(async () => {
    const prepared =
      assessment.refused === null ? await prepareDecision(gate, { asked: askedOf(call), found: null }) : null
    return gate.store.write(async (write) => {
      const staged = await insertCall(gate, write, id, call)
      const refuse = (because: string, code: string | null): Promise<Proposal> =>
        moveProposal(gate, write, { id, sid: session.sid, target: 'refused', because, facts: { code } })
      if (assessment.refused !== null) return refuse(assessment.refused, null)
      const decided = await recordDecision(gate, write, { proposal: staged, prepared, bytes: bytesOf(call) })
      if (decided?.decision.answer === 'deny') return refuse(decided.decision.reason ?? '', decided.decision.code)
      if (decided === null) return staged
      await holdCall(gate, write, { id, sid: session.sid, decided })
      return loadProposal(write.db, { id, sid: session.sid })
    })
  })
}

/** What is decided about a call. */
function askedOf({ session, tool, args, definition, keyId, assessment, seen }: StagedCall): Asked {
  const toolCall = { tool, args, definition, principal: session.principal, keyId, seen, result: null }
  const { level, questions } = assessment
  return { app: session.app, sid: session.sid, door: null, from: NO_ACCOUNT, chainId: 0, toolCall, questions, level }
}

/** What a call reserves for: the same tool with the same arguments. */
function bytesOf({ tool, args, definition }: Pick<StagedCall, 'tool' | 'args' | 'definition'>): string {
  return Digest.ofJson({ tool, args, definition } as never)
}

async function insertCall(gate: Gate, write: Write, id: string, call: StagedCall): Promise<Proposal> {
  const { session, assessment } = call
  const nowMs = gate.clock.nowMs()
  const counter = await write.db
    .updateTable('sessions')
    .set((eb) => ({ next_tx_id: eb('next_tx_id', '+', 1) }))
    .where('sid', '=', session.sid)
    .returning('next_tx_id')
    .executeTakeFirstOrThrow()
  await write.db
    .insertInto('proposals')
    .values({
      id,
      sid: session.sid,
      app: session.app,
      kind: 'tool_call',
      turn_id: call.turnId,
      queued_ms: null,
      state: 'staged',
      chain_id: 0,
      sender: NO_ACCOUNT,
      summary: call.summary.slice(0, 500),
      provenance: JSON.stringify(assessment.lines),
      level: assessment.level,
      questions: JSON.stringify(assessment.questions),
      level_given_ms: null,
      step_up_failures: 0,
      step_up: null,
      digest: '',
      report: null,
      receipt_digest: null,
      reason: null,
      settlement: null,
      user_texts: JSON.stringify(call.userTexts),
      created_ms: nowMs,
      updated_ms: nowMs,
      expires_ms: nowMs + STAGED_MS,
      first_tx_id: counter.next_tx_id - 1,
      wallet_lease: null,
      wallet_until_ms: null,
      wallet_opened_ms: null,
      watch_nonce: null,
      watch_block: null,
      watch_since_block: null,
      watch_until_ms: null,
    })
    .execute()
  await write.db
    .insertInto('tool_calls')
    .values({
      proposal_id: id,
      tool: call.tool,
      args: JSON.stringify(call.args),
      definition: call.definition,
      principal: session.principal,
      key_id: call.keyId,
      seen: JSON.stringify(call.seen),
      result: null,
      instance: null,
    })
    .execute()
  return announce(gate, write, {
    id,
    sid: session.sid,
    event: 'proposals.proposal.staged',
    facts: { kind: 'tool_call', tool: call.tool, definition: call.definition, level: assessment.level },
  })
}
