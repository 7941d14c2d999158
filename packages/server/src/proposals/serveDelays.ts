import { BaseError, Digest } from '@countersign/base'
import { ofWrite } from '../mandates/ledger/Sql.ts'
import { advanceQueue } from './advanceQueue.ts'
import { holdCall } from './announceDelay.ts'
import { commitIn } from './commitProposal.ts'
import { prepareDecision } from './decision/prepareDecision.ts'
import { decidedAgain, recordDecision } from './decision/recordDecision.ts'
import type { Gate } from './Gate.ts'
import { isReady, type Proposal } from './Proposal.ts'
import { delayedIn, loadProposal, moveProposal } from './rows.ts'
import { requestFor, simulateBatch } from './simulateBatch.ts'
import { chainOf, judgementOf, recordVerdict } from './stageProposal.ts'

/** As many as are read at once. */
const PAGE = 100

/**
 * Simulates and decides again what a mandate delayed and whose time has come. The same decision goes on as if it were allowed; another
 * one counts as new, and a delay in it begins again. The time is the store's: a clock that is set forward ends no delay. Each round looks
 * at all that is due, so that what cannot be served holds up nothing else.
 */
export async function serveDelays(gate: Gate): Promise<void> {
  let page = await duePage(gate, { until: Number.MAX_SAFE_INTEGER, after: null, limit: 1 })
  if (page.length === 0) return
  const nowMs = await gate.store.write((write) => gate.ledgerTime(ofWrite(write)))
  const bugs: unknown[] = []
  page = await duePage(gate, { until: nowMs, after: null, limit: PAGE })
  while (page.length > 0) {
    for (const due of page)
      await serve(gate, due).catch((error: unknown) => {
        // A faster instance, or a chain that does not answer: it waits on for the next look.
        if (!(error instanceof BaseError)) bugs.push(error)
      })
    page = await duePage(gate, { until: nowMs, after: page.at(-1) ?? null, limit: PAGE })
  }
  if (bugs.length > 0) throw bugs[0]
}

interface Due {
  readonly id: string
  readonly sid: string
  readonly notBeforeMs: number
}

/** What is due until then, the longest due first, after the last one that was looked at. */
async function duePage(
  { store }: Gate,
  { until, after, limit }: { until: number; after: Due | null; limit: number },
): Promise<readonly Due[]> {
  let query = store.read
    .selectFrom('proposals')
    .innerJoin('proposal_decisions', 'proposal_decisions.proposal_id', 'proposals.id')
    .select(['proposals.id', 'proposals.sid', 'not_before_ms'])
    .where('proposals.id', 'in', delayedIn(store.read))
    .where('proposals.state', 'in', ['staged', 'receipted'])
    .where('not_before_ms', '<=', until)
    .orderBy('not_before_ms')
    .orderBy('proposals.id')
    .limit(limit)
  if (after !== null)
    query = query.where((eb) =>
      eb.or([
        eb('not_before_ms', '>', after.notBeforeMs),
        eb.and([eb('not_before_ms', '=', after.notBeforeMs), eb('proposals.id', '>', after.id)]),
      ]),
    )
  const rows = await query.execute()
  return rows.map(({ id, sid, not_before_ms: notBeforeMs }) => ({ id, sid, notBeforeMs: Number(notBeforeMs) }))
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
      if (decided !== null) await holdCall(gate, write, { id, sid, decided })
      if (decided?.decision.answer !== 'deny') return
      const { reason, code } = decided.decision
      await moveProposal(gate, write, { id, sid, target: 'refused', because: reason, facts: { code } })
    })
  })
}
