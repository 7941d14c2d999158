import { BaseError, Digest, Json } from '@countersign/base'
import { toWire, type Decision } from '../../mandates/decide/Decision.ts'
import { release } from '../../mandates/ledger/close.ts'
import { reserve, type ReserveInput } from '../../mandates/ledger/reserve.ts'
import { ofWrite } from '../../mandates/ledger/Sql.ts'
import * as MovesText from '../../mandates/history/MovesText.ts'
import { handle } from '../../audit/Audit.ts'
import type { Write } from '../../store/openStore.ts'
import type { Gate } from '../Gate.ts'
import type { Proposal } from '../Proposal.ts'
import type { Prepared } from './prepareDecision.ts'
import { basisOf, inForceFor } from './inForce.ts'
import { isCancellation } from './isCancellation.ts'
import { isOthers } from './raisedLevel.ts'
import { tellOwner } from './tellOwner.ts'

/** What came of deciding: null where no guard and no mandate was about it. */
export interface Recorded {
  readonly decision: Decision
  readonly reservation: string | null
  /** Until when it waits; null where it does not, or where its delay was waited out. The store's time, milliseconds. */
  readonly waitsUntilMs: number | null
  /** Whether this decision began the delay: one that goes on was told before. */
  readonly isDelayBegun: boolean
  /** Whether the mandate lets it go without a question. */
  readonly isAllowed: boolean
}

/**
 * Decides about a proposal and reserves what it may move, in the caller's write: the same in which its verdict or its staging
 * is written. What an earlier decision held and nobody was handed is given back first.
 *
 * @param of.bytes - What is reserved for: the digest of the bytes, or of the call.
 * @throws {PolicyChangedError} where the mandate changed since the decision was prepared: prepare it again.
 */
export async function recordDecision(
  gate: Gate,
  write: Write,
  { proposal, prepared, bytes }: { proposal: Proposal; prepared: Prepared | null; bytes: string },
): Promise<Recorded | null> {
  const sql = ofWrite(write)
  const { id } = proposal
  const standing = await endEarlier(gate, write, id)
  if (prepared === null) {
    if (!(await isCancellation(write.db, id))) await refuseStale(gate, write, { proposal, basis: '' })
    await write.db.deleteFrom('proposal_decisions').where('proposal_id', '=', id).execute()
    return null
  }
  await refuseStale(gate, write, { proposal, basis: prepared.basis })
  const input: ReserveInput = {
    ...reserveInput(prepared, { bytes, stepUp: proposal.door === null ? proposal.questions.filter(isOthers) : [] }),
    idem: `${id} ${Digest.ofJson({ bytes, at: await decisionsOf(write, id) })}`,
    proposal: id,
    standing,
  }
  const { decision, reservation, isNew, nowMs } = await reserve(sql, gate.ledgerTime, input)
  const body = toWire(decision, { reservation })
  const wait = await waitOf(write, { proposal, decision, digest: body['digest'], nowMs })
  await write.db
    .insertInto('proposal_decisions')
    .values({
      proposal_id: id,
      answer: decision.answer,
      mandate: decision.mandate?.id ?? null,
      reservation,
      body: JSON.stringify(body),
      code: decision.code,
      owed: decision.mandate !== null && decision.answer !== 'allow' && decision.answer !== 'delay' ? 1 : 0,
      not_before_ms: wait.notBeforeMs,
      served: wait.isServed ? 1 : 0,
      approvals: JSON.stringify(wait.approvals),
      decided_ms: gate.clock.nowMs(),
      moves: MovesText.write({ moves: prepared.moves, asker: prepared.asker }),
    })
    .onConflict((conflict) =>
      conflict.column('proposal_id').doUpdateSet((eb) => ({
        answer: eb.ref('excluded.answer'),
        mandate: eb.ref('excluded.mandate'),
        reservation: eb.ref('excluded.reservation'),
        body: eb.ref('excluded.body'),
        code: eb.ref('excluded.code'),
        owed: eb.ref('excluded.owed'),
        not_before_ms: eb.ref('excluded.not_before_ms'),
        served: eb.ref('excluded.served'),
        approvals: eb.ref('excluded.approvals'),
        decided_ms: eb.ref('excluded.decided_ms'),
        moves: eb.ref('excluded.moves'),
      })),
    )
    .execute()
  await gate.audit(write, {
    app: proposal.app,
    event: 'mandates.decision.made',
    body: {
      proposal: handle(id),
      mandate: decision.mandate === null ? null : handle(decision.mandate.id),
      answer: decision.answer,
      digest: body['digest'],
      code: decision.code,
      spoke: decision.spoke.map(({ layer, rule, limit, answer }) => ({
        layer,
        rule: rule ?? null,
        limit: limit ?? null,
        answer,
      })),
    },
  })
  await tellOwner(gate, write, { proposal, decision, wait, lines: isNew ? reservation : null })
  if (isNew && reservation !== null)
    await gate.audit(write, {
      app: proposal.app,
      event: 'mandates.reservation.opened',
      body: { reservation: handle(reservation), proposal: handle(id) },
    })
  return {
    ...{ decision, reservation },
    waitsUntilMs: wait.isServed ? null : wait.notBeforeMs,
    isDelayBegun: wait.isBegun,
    isAllowed:
      (decision.answer === 'allow' || (decision.answer === 'delay' && wait.isServed)) &&
      (decision.approvers === null || wait.approvals.length >= decision.approvers.need),
  }
}

/** What is reserved for a prepared decision, whoever asks. */
export function reserveInput(
  { moves, mandate, layers, holder, asker, prices, namedLifts }: Prepared,
  { bytes, stepUp }: { bytes: string; stepUp: readonly { readonly value: string; readonly because: string }[] },
): ReserveInput {
  return {
    ...{ idem: bytes, proposal: null },
    kind: moves.tool !== null ? 'call' : moves.document !== null ? 'document' : 'tx',
    account: moves.owner,
    chainId: moves.chainId,
    nonceKind: moves.tool !== null || moves.document !== null ? 'none' : 'wallet',
    nonceFrom: null,
    deadlineMs: moves.document?.deadlineMs ?? null,
    holder,
    bytesDigest: bytes,
    question: {
      ...{ moves, layers, mandate },
      situation: {
        asker,
        prices: prices.get(layers.find(({ layer }) => layer === 'mandate')?.scope ?? '') ?? new Map(),
        stepUp: stepUp.map(({ value, because }) => ({ value, because })),
        namedLifts,
      },
      pricesOf: prices,
    },
  }
}

interface Wait {
  readonly notBeforeMs: number | null
  readonly isBegun: boolean
  readonly isServed: boolean
  readonly approvals: readonly string[]
}

/**
 * What a decision takes over from the one before: the same digest is the same answer by the same policy about the same effects, so
 * its delay goes on, and its approvals hold. Anything else starts again.
 */
async function waitOf(
  write: Write,
  { proposal, decision, digest, nowMs }: { proposal: Proposal; decision: Decision; digest: unknown; nowMs: number },
): Promise<Wait> {
  const row = await write.db
    .selectFrom('proposal_decisions')
    .select(['body', 'not_before_ms', 'served', 'approvals'])
    .where('proposal_id', '=', proposal.id)
    .executeTakeFirst()
  const isSame = row !== undefined && (Json.parse(row.body) as { digest?: unknown }).digest === digest
  const approvals = isSame ? (Json.parse(row.approvals) as string[]) : []
  if (decision.answer !== 'delay') return { notBeforeMs: null, isBegun: false, isServed: false, approvals }
  const isBegun = !isSame || row.not_before_ms === null
  const notBeforeMs = isSame && row.not_before_ms !== null ? row.not_before_ms : nowMs + (decision.delayMs ?? 0)
  return { notBeforeMs, isBegun, isServed: nowMs >= notBeforeMs, approvals }
}

/** Gives back what is held for a proposal, and answers what was handed out and goes on. */
async function endEarlier(gate: Gate, write: Write, proposal: string): Promise<string | null> {
  const rows = await write.db
    .selectFrom('reservations')
    .select(['id', 'state', 'kind'])
    .where('proposal', '=', proposal)
    .where('state', 'in', ['held', 'open'])
    .where('kind', '<>', 'allowance')
    .execute()
  for (const { id, state } of rows)
    if (state === 'held')
      await release(ofWrite(write), gate.ledgerTime, { id, proof: { kind: 'ended', why: 'decided again' } })
  return rows.find(({ state }) => state === 'open')?.id ?? null
}

/** How often it was decided before: each decision reserves for itself. */
async function decisionsOf(write: Write, proposal: string): Promise<number> {
  const { count } = await write.db
    .selectFrom('reservations')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('proposal', '=', proposal)
    .executeTakeFirstOrThrow()
  return count
}

/** What is in force must be what the decision was prepared with: the same mandate, and the same proof of whose it is. */
async function refuseStale(
  { clock }: Pick<Gate, 'clock'>,
  write: Write,
  { proposal, basis }: { proposal: Proposal; basis: string },
): Promise<void> {
  if (basisOf(await inForceFor(write.db, proposal, clock.nowMs())) !== basis) throw new PolicyChangedError()
}

/** A mandate was granted, changed or ended between reading it and deciding. */
export class PolicyChangedError extends BaseError {
  override readonly name = 'proposals.PolicyChangedError'
  constructor() {
    super('The mandate changed while the proposal was judged.', {
      code: 'proposals:policy:changed',
      kind: 'conflict',
      hint: 'Try again: it is decided with the mandate as it is now.',
    })
  }
}

/** How often a decision is prepared again because the mandate changed meanwhile. */
const MAX_TRIES = 5

/** Does work that decides, again where the mandate changed in between. */
export async function decidedAgain<T>(work: () => Promise<T>): Promise<T> {
  for (let i = 1; ; i += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof PolicyChangedError) || i >= MAX_TRIES) throw error
    }
  }
}
