import { handle } from '../../audit/Audit.ts'
import { confirmBeyond, handOut, release, settle } from '../../mandates/ledger/close.ts'
import type { Proof } from '../../mandates/ledger/Reservation.ts'
import { ofWrite } from '../../mandates/ledger/Sql.ts'
import type { Write } from '../../store/openStore.ts'
import type { Gate } from '../Gate.ts'
import type { Proposal } from '../Proposal.ts'

type Tools = Pick<Gate, 'audit' | 'ledgerTime'>

/**
 * What is shown from here on may be signed: `held → open`, in the write that shows it. Nothing where nothing is held.
 *
 * @param of.nonce - The nonce that the signer is bound to; null where the wallet chooses.
 * @throws {HandOutError} `mandates:state:…`, `mandates:version:stale`, `mandates:limit:full`.
 */
export async function handOutProposal(
  { audit, ledgerTime }: Tools,
  write: Write,
  { proposal, nonce }: { proposal: Pick<Proposal, 'id' | 'app'>; nonce: number | null },
): Promise<void> {
  const id = await heldFor(write, proposal.id)
  if (id === null) return
  const { isAgain } = await handOut(ofWrite(write), ledgerTime, { id, nonce })
  // What another transaction at a nonce proves holds only while nothing could be signed at another one.
  if (nonce === null || !isAgain)
    await write.db
      .updateTable('reservations')
      .set({ nonce_kind: nonce === null ? 'wallet' : 'bound' })
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
