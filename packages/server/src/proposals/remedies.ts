import { BaseError } from '@countersign/base'
import type { Chain } from '../chains/Chain.ts'
import { appendMessage } from '../sessions/History.ts'
import { loadSession } from '../sessions/sessions.ts'
import { commitProposal } from './commitProposal.ts'
import type { Gate } from './Gate.ts'
import * as OwnerMessage from './OwnerMessage.ts'
import { isReady, type Proposal } from './Proposal.ts'
import * as Remedy from './Remedy.ts'
import { announce, loadProposal } from './rows.ts'
import { requestFor, simulateBatch } from './simulateBatch.ts'
import { chainOf, stageProposal, type DoorRow } from './stageProposal.ts'

/**
 * Stages both ways on for a batch that ended half done, and says so in the conversation. Each is simulated and receipted like
 * anything that a model stages; neither is visible to a wallet before its owner chooses it.
 *
 * @throws {BaseError} of kind `upstream` when it could not be simulated; the owner can still choose one.
 */
export async function offerRemedies(gate: Gate, { id, sid }: { id: string; sid: string }): Promise<void> {
  const half = await loadProposal(gate.store.read, { id, sid })
  if (!Remedy.isHalfDone(half) || half.remedies.length > 0) return
  const revoke = await stageRevocation(gate, half)
  const rest = await stageRest(gate, half)
  await gate.store.write(async (write) => {
    const now = await announce(gate, write, { id, sid, event: 'proposals.remedies.staged', facts: {} })
    const text = OwnerMessage.remedies(now, { rest, revoke: revoke.proposal, left: revoke.left })
    await appendMessage(gate, write, { sid, item: { role: 'system', text, isForOwner: true }, turnId: null })
  })
}

/**
 * The owner, or a model that they told so, chose a way on: it becomes the pending proposal. What was staged is used while its
 * receipt lives; after that it is staged again on the chain as it is now.
 *
 * @returns the remedy: `pending`, or `blocked` with the reason; or as it is where it was chosen before.
 * @throws {RemedyError} `proposals:remedy:refused` or `proposals:remedy:nothing`.
 */
export async function takeRemedy(
  gate: Gate,
  { id, sid, kind }: { id: string; sid: string; kind: Remedy.Kind },
): Promise<Proposal> {
  const half = await loadProposal(gate.store.read, { id, sid })
  if (!Remedy.isHalfDone(half)) throw new RemedyError('refused')
  const known = half.remedies.find((each) => each.kind === kind)?.proposalId ?? null
  let staged = known === null ? null : await loadProposal(gate.store.read, { id: known, sid })
  if (staged !== null && ['pending', 'submitted', 'settled'].includes(staged.state)) return staged
  const isAlive = staged?.state === 'receipted' && gate.clock.nowMs() < (staged.receipt?.expiresMs ?? 0)
  if (!isAlive) staged = kind === 'revoke' ? (await stageRevocation(gate, half)).proposal : await stageRest(gate, half)
  if (staged === null) throw new RemedyError('nothing')
  return isReady(staged) ? commitProposal(gate, { id: staged.id, sid }) : staged
}

/** The newest batch of a session that ended half done and has no chosen way on yet; null when there is none. */
export async function findHalfDone(gate: Pick<Gate, 'store'>, { sid }: { sid: string }): Promise<Proposal | null> {
  const rows = await gate.store.read
    .selectFrom('proposals')
    .select('id')
    .where('sid', '=', sid)
    .where('state', 'in', ['mismatched', 'rejected', 'expired', 'superseded', 'blocked'])
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('proposal_calls')
          .select('proposal_calls.step')
          .whereRef('proposal_calls.proposal_id', '=', 'proposals.id')
          .where('proposal_calls.status', '=', 'confirmed'),
      ),
    )
    .orderBy('first_tx_id', 'desc')
    .limit(10)
    .execute()
  for (const { id } of rows) {
    const proposal = await loadProposal(gate.store.read, { id, sid })
    const isChosen = proposal.remedies.some(({ state }) => state === 'submitted' || state === 'settled')
    if (Remedy.isHalfDone(proposal) && !isChosen) return proposal
  }
  return null
}

/** The steps that are not on chain, with the words and questions that they had. */
async function stageRest(gate: Gate, half: Proposal): Promise<Proposal> {
  return stage(gate, half, {
    kind: 'continue',
    calls: half.calls.filter(({ status }) => status !== 'confirmed'),
    summary: half.summary.startsWith(CONTINUE) ? half.summary : CONTINUE + half.summary,
    words: half,
  })
}

const CONTINUE = 'Continue: '

/** Takes back what the confirmed steps permitted, as far as it is still permitted. */
async function stageRevocation(
  gate: Gate,
  half: Proposal,
): Promise<{ readonly proposal: Proposal | null; readonly left: readonly Remedy.Grant[] }> {
  const chain = chainOf(gate, half.chainId)
  const found = await grantsInForce(gate, chain, half)
  const calls = found.flatMap(({ call }) => call ?? [])
  const left = found.flatMap(({ grant, call }) => (call === null ? [grant] : []))
  if (calls.length === 0) {
    await note(gate, { of: half.id, kind: 'revoke', proposalId: null })
    return { proposal: null, left }
  }
  const summary = `Take the permission back: ${calls.map(({ label }) => label).join('; ')}`
  const proposal = await stage(gate, half, { kind: 'revoke', calls, summary, words: null })
  return { proposal, left }
}

/**
 * What the confirmed steps granted, from a simulation of exactly them on the block before they were mined; then each
 * revocation is simulated on the newest block, and only what takes something away is kept.
 */
async function grantsInForce(gate: Gate, chain: Chain, half: Proposal) {
  const done = half.calls.filter(({ status }) => status === 'confirmed')
  const block = BigInt(Math.min(...done.map(({ txBlock }) => txBlock?.number ?? Number.POSITIVE_INFINITY)) - 1)
  const base = {
    ...(await requestFor(gate.store.read, chain, half, { nowMs: gate.clock.nowMs() })),
    signature: null,
    isLookAhead: false,
  }
  const { report } = await simulateBatch(chain, { ...base, block, calls: done.map(asCall) })
  const grants = Remedy.grantsOf(report, half.from).map((grant) => ({
    grant,
    call: Remedy.revocation(grant, OwnerMessage.revocationLabel(grant, chain)),
  }))
  const calls = grants.flatMap(({ call }) => call ?? [])
  if (calls.length === 0) return grants
  const now = await simulateBatch(chain, { ...base, calls: calls.map(asCall) })
  // Of the approval of one NFT a report says nothing when it ends.
  return grants.filter(({ grant, call }) => call === null || grant.isSingle || Remedy.takesBack(now.report, grant))
}

function asCall({ to, value, data, label }: Pick<Proposal['calls'][number], 'to' | 'value' | 'data' | 'label'>) {
  return { to, value, data, label, gasLimit: null, maxFeePerGasWei: null }
}

async function stage(
  gate: Gate,
  half: Proposal,
  {
    kind,
    calls,
    summary,
    words,
  }: {
    kind: Remedy.Kind
    calls: readonly Pick<Proposal['calls'][number], 'to' | 'value' | 'data' | 'label' | 'kind'>[]
    summary: string
    /** Whose values it has; null where all of it is the gate's own. */
    words: Pick<Proposal, 'provenance' | 'level' | 'questions'> | null
  },
): Promise<Proposal> {
  const { provenance = [], level = 'ordinary', questions = [] } = words ?? {}
  const proposal = await stageProposal(gate, {
    session: loadSession(gate.store, { sid: half.sid }),
    draft: { chainId: half.chainId, from: half.from, calls, summary, provenance, level, questions },
    userTexts: half.userTexts,
    door: await doorOf(gate, half),
  })
  await note(gate, { of: half.id, kind, proposalId: proposal.id })
  return proposal
}

/** A way on is whose the batch was: it comes through the same door. */
async function doorOf(gate: Gate, { id, door }: Proposal): Promise<DoorRow | null> {
  if (door === null) return null
  const {
    proposal_id: _,
    created_ms: __,
    ...row
  } = await gate.store.read
    .selectFrom('door_proposals')
    .selectAll()
    .where('proposal_id', '=', id)
    .executeTakeFirstOrThrow()
  return { ...row, idempotency_key: null }
}

async function note(
  gate: Gate,
  { of, kind, proposalId }: { of: string; kind: Remedy.Kind; proposalId: string | null },
): Promise<void> {
  await gate.store.write((write) =>
    write.db
      .insertInto('remedies')
      .values({ of_proposal: of, kind, proposal_id: proposalId })
      .onConflict((conflict) => conflict.columns(['of_proposal', 'kind']).doUpdateSet({ proposal_id: proposalId }))
      .execute(),
  )
}

/** There is no such way on. */
export class RemedyError extends BaseError {
  override readonly name = 'proposals.RemedyError'
  constructor(reason: 'refused' | 'nothing') {
    const [message, hint] = {
      refused: ['No batch here ended half done.', 'Read the proposals of the session again.'],
      nothing: ['The steps on chain left no permission that can be taken back.', 'There is nothing to sign.'],
    }[reason] as [string, string]
    super(message, { code: `proposals:remedy:${reason}`, kind: 'conflict', hint })
  }
}
