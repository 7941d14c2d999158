import { handle } from '../../audit/Audit.ts'
import { noteFrozen } from '../../mandates/freezeWhen.ts'
import { confirmBeyond, handOut, noteSent, release, settle } from '../../mandates/ledger/close.ts'
import { reopen } from '../../mandates/ledger/reopen.ts'
import type { Proof } from '../../mandates/ledger/Reservation.ts'
import { ofWrite } from '../../mandates/ledger/Sql.ts'
import type { Write } from '../../store/openStore.ts'
import type { Gate } from '../Gate.ts'
import type { Proposal } from '../Proposal.ts'

type Tools = Pick<Gate, 'audit' | 'ledgerTime'>

/**
 * What is shown from here on may be signed: `held → open`, in the write that shows it. Nothing where nothing is held.
 *
 * @param of.nonce - The nonce that the signer is bound to, of the first step; null where the wallet chooses.
 * @throws {HandOutError} `mandates:state:…`, `mandates:version:stale`, `mandates:limit:full`.
 */
export async function handOutProposal(
  { audit, ledgerTime }: Tools,
  write: Write,
  { proposal, nonce }: { proposal: Pick<Proposal, 'id' | 'app'>; nonce: number | null },
): Promise<void> {
  const id = await heldFor(write, proposal.id)
  if (id === null) return
  const { isAgain, nonce: bound } = await handOut(ofWrite(write), ledgerTime, { id, nonce })
  // What another transaction at a nonce proves holds only while nothing could be signed at another one.
  const isBound = nonce !== null && nonce === bound
  if (!isBound || !isAgain)
    await write.db
      .updateTable('reservations')
      .set({ nonce_kind: isBound ? 'bound' : 'wallet' })
      .where('id', '=', id)
      .where('kind', '=', 'tx')
      .execute()
  if (isAgain) return
  await audit(write, {
    app: proposal.app,
    event: 'mandates.reservation.handed_out',
    body: { reservation: handle(id), proposal: handle(proposal.id), nonce },
  })
}

/**
 * A transaction of a proposal was seen on the chain, or reported by its client. What nobody was handed counts from here on, and
 * so does what was given back, once the transaction is mined.
 */
export async function countSent(
  { audit, ledgerTime, clock, tellTargets }: Tools & Pick<Gate, 'clock'> & Partial<Pick<Gate, 'tellTargets'>>,
  write: Write,
  { proposal: { id, app }, isMined }: { proposal: Pick<Proposal, 'id' | 'app'>; isMined: boolean },
): Promise<void> {
  const rows = await write.db
    .selectFrom('reservations')
    .select(['id', 'state', 'mandate'])
    .where('proposal', '=', id)
    .where('kind', '=', 'tx')
    .orderBy('opened_ms', 'desc')
    .execute()
  // The bytes count once, whatever was decided about them how often.
  if (rows.some(({ state }) => state === 'open' || state === 'settled')) return
  const sql = ofWrite(write)
  const record = (event: string, body: Readonly<Record<string, unknown>>): Promise<void> =>
    audit(write, { app, event, body })
  const held = rows.find(({ state }) => state === 'held')
  if (held !== undefined) {
    const isUnasked = await isOwed(write, id)
    if (!(await noteSent(sql, ledgerTime, { id: held.id, isUnasked }))) return
    const event = `mandates.reservation.${isUnasked ? 'outside' : 'handed_out'}`
    await record(event, { reservation: handle(held.id), proposal: handle(id), nonce: null })
    if (isUnasked && held.mandate !== null)
      await noteFrozen({ audit, clock, tellTargets }, write, { mandate: held.mandate, because: 'outside' })
    return
  }
  const [released] = rows
  if (!isMined || released === undefined || !(await reopen(sql, ledgerTime, { id: released.id }))) return
  await record('mandates.reservation.overrun', { reservation: handle(released.id), proposal: handle(id) })
  if (released.mandate !== null)
    await noteFrozen({ audit, clock, tellTargets }, write, { mandate: released.mandate, because: 'overrun' })
}

/** Whether the owner still has to be asked about it. */
async function isOwed(write: Write, proposal: string): Promise<boolean> {
  const row = await write.db
    .selectFrom('proposal_decisions')
    .innerJoin('proposals', 'proposals.id', 'proposal_decisions.proposal_id')
    .select('proposal_decisions.owed')
    .where('proposal_id', '=', proposal)
    .where('level_given_ms', 'is', null)
    .executeTakeFirst()
  return row?.owed === 1
}

/** The reservation that the last decision about a proposal made; null where it made none. */
async function heldFor(write: Write, proposal: string): Promise<string | null> {
  const row = await write.db
    .selectFrom('proposal_decisions')
    .select('reservation')
    .where('proposal_id', '=', proposal)
    .executeTakeFirst()
  return row?.reservation ?? null
}

/** The owner confirmed it: what is beyond a limit counts from here on. */
export async function confirmHeld({ ledgerTime }: Tools, write: Write, { id }: Pick<Proposal, 'id'>): Promise<void> {
  const reservation = await heldFor(write, id)
  if (reservation !== null) await confirmBeyond(ofWrite(write), ledgerTime, { id: reservation })
}

/** A proposal ended: what nobody was handed is given back. What was handed out stays until a proof. */
export async function endHeld(
  { audit, ledgerTime }: Tools,
  write: Write,
  { proposal, why }: { proposal: Pick<Proposal, 'id' | 'app'>; why: string },
): Promise<void> {
  const rows = await write.db
    .selectFrom('reservations')
    .select('id')
    .where('proposal', '=', proposal.id)
    .where('state', '=', 'held')
    .execute()
  for (const { id } of rows)
    await close({ audit, ledgerTime }, write, { app: proposal.app, id, proof: { kind: 'ended', why } })
}

/** How a call of a tool ended: done counts, failed is given back, unknown stays. */
export async function closeCall(
  { audit, ledgerTime }: Tools,
  write: Write,
  {
    proposal: { id: proposal, app },
    outcome,
    isProven,
  }: {
    proposal: Pick<Proposal, 'id' | 'app'>
    outcome: 'done' | 'failed'
    /** Whether a mandate takes this word for it. */ isProven: boolean
  },
): Promise<void> {
  const rows = await write.db
    .selectFrom('reservations')
    .select(['id', 'mandate'])
    .where('proposal', '=', proposal)
    .where('state', '=', 'open')
    .execute()
  for (const { id, mandate } of rows) {
    if (outcome === 'failed' && mandate !== null && !isProven) continue
    await close({ audit, ledgerTime }, write, { app, id, proof: { kind: outcome, why: 'tool' } })
  }
}

/** Settles or gives back by a proof, and records it. */
async function close(
  { audit, ledgerTime }: Tools,
  write: Write,
  { app, id, proof }: { app: string; id: string; proof: Proof },
): Promise<void> {
  const sql = ofWrite(write)
  const isSettled = proof.kind === 'done'
  const isNew = isSettled
    ? (await settle(sql, ledgerTime, { id, proof, settled: null })).isNew
    : await release(sql, ledgerTime, { id, proof })
  if (!isNew) return
  await audit(write, {
    app,
    event: `mandates.reservation.${isSettled ? 'settled' : 'released'}`,
    body: { reservation: handle(id), proof: proof.kind },
  })
}
