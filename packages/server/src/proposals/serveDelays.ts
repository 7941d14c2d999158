import { BaseError, Digest } from '@countersign/base'
import { ofWrite } from '../mandates/ledger/Sql.ts'
import { advanceQueue } from './advanceQueue.ts'
import { commitIn } from './commitProposal.ts'
import { prepareDecision } from './decision/prepareDecision.ts'
import { decidedAgain, recordDecision } from './decision/recordDecision.ts'
import type { Gate } from './Gate.ts'
import { isReady, type Proposal } from './Proposal.ts'
import { delayedIn, loadProposal, moveProposal } from './rows.ts'
import { requestFor, simulateBatch } from './simulateBatch.ts'
import { chainOf, judgementOf, recordVerdict } from './stageProposal.ts'

/** As many as one round looks at. */
const MAX_DUE = 50

/**
 * Simulates and decides again what a mandate delayed and whose time has come. The same decision goes on as if it were allowed; another
 * one counts as new, and a delay in it begins again. The time is the store's: a clock that is set forward ends no delay.
 */
export async function serveDelays(gate: Gate): Promise<void> {
  const waiting = await gate.store.read
    .selectFrom('proposals')
    .innerJoin('proposal_decisions', 'proposal_decisions.proposal_id', 'proposals.id')
    .select(['proposals.id', 'proposals.sid', 'not_before_ms'])
    .where('proposals.id', 'in', delayedIn(gate.store.read))
    .where('proposals.state', 'in', ['staged', 'receipted'])
    .orderBy('not_before_ms')
    .limit(MAX_DUE)
    .execute()
  if (waiting.length === 0) return
  const nowMs = await gate.store.write((write) => gate.ledgerTime(ofWrite(write)))
  for (const { id, sid, not_before_ms: notBeforeMs } of waiting) {
    if (notBeforeMs === null || notBeforeMs > nowMs) return
    await serve(gate, { id, sid }).catch((error: unknown) => {
      // A faster instance, or a chain that does not answer: it waits on for the next look.
      if (!(error instanceof BaseError)) throw error
    })
  }
}

async function serve(gate: Gate, { id, sid }: { id: string; sid: string }): Promise<void> {
  const proposal = await loadProposal(gate.store.read, { id, sid })
  if (proposal.kind === 'tool_call') await serveCall(gate, proposal)
  else await serveSigned(gate, proposal)
  // What came through a door was committed by itself.
  if (proposal.door === null) await advanceQueue(gate, { sid })
}

async function serveSigned(gate: Gate, proposal: Proposal): Promise<void> {
  const { id, sid, door } = proposal
  const chain = chainOf(gate, proposal.chainId)
  const request = await requestFor(gate.store.read, chain, proposal, { nowMs: gate.clock.nowMs() })
  const simulated = await simulateBatch(chain, request)
  const nonce = await chain.at(await chain.head()).nonce(proposal.from)
  await decidedAgain(async () => {
    const judged = await judgementOf(gate, { proposal, request, simulated })
    await gate.store.write(async (write) => {
      // Of many instances one moves it.
      const staged = await moveProposal(gate, write, { id, sid, target: 'staged', only: ['receipted'] })
      const verdict = await recordVerdict(gate, write, { proposal: staged, judged })
      if (door !== null && isReady(verdict)) await commitIn(gate, write, { id, sid, nonce })
    })
  })
}

/** A call is decided again where it stands: its owner is asked about it, or it runs, when it is its turn. */
async function serveCall(gate: Gate, proposal: Proposal): Promise<void> {
  const { id, sid, toolCall } = proposal
  if (toolCall === null) return
  const bytes = Digest.ofJson({ tool: toolCall.tool, args: toolCall.args, definition: toolCall.definition } as never)
  await decidedAgain(async () => {
    const prepared = await prepareDecision(gate, { asked: proposal, found: null })
    await gate.store.write(async (write) => {
      const now = await loadProposal(write.db, { id, sid })
      if (now.state !== 'staged') return
      const decided = await recordDecision(gate, write, { proposal: now, prepared, bytes })
      if (decided?.decision.answer !== 'deny') return
      const { reason, code } = decided.decision
      await moveProposal(gate, write, { id, sid, target: 'refused', because: reason, facts: { code } })
    })
  })
}
