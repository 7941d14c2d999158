import { Address, type Hex } from '@countersign/base'
import { handle } from '../../audit/Audit.ts'
import { fromRow } from '../../mandates/findMandate.ts'
import { keepDraft, loadDraft, useDraft, type Draft } from '../../mandates/grant/drafts.ts'
import { notSignedDocument } from '../../mandates/grant/MandateDocument.ts'
import { requireSigned, type MandateTools } from '../../mandates/grant/putMandate.ts'
import { heldOf, release, type Held } from '../../mandates/ledger/close.ts'
import { ofWrite } from '../../mandates/ledger/Sql.ts'
import { MandateError } from '../../mandates/MandateError.ts'
import type { Reader } from '../../store/openStore.ts'
import { isOver, type State } from '../Proposal.ts'
import { NO_ACCOUNT } from '../ToolCall.ts'

/**
 * What the owner signs to say that the bytes of a reservation were never signed. The wallet chose their nonce, so nothing on the
 * chain proves it; the owner's word gives the money back, and no key's.
 *
 * @throws {MandateError} `mandates:reservation:closed`, `mandates:reservation:live`.
 */
export async function proposeNotSigned(
  { store, clock }: Pick<MandateTools, 'store' | 'clock'>,
  { id, app }: { id: string; app: string },
): Promise<Draft> {
  return store.write(async (write) => {
    const nowMs = clock.nowMs()
    const held = await requireOver(write.db, { id, nowMs })
    const typedData = notSignedDocument({
      ...{ chainId: await domainChain(write.db, held), reservation: id, digest: held.bytesDigest },
    })
    return keepDraft(write, { app, owner: held.account, kind: 'not-signed', subject: id, typedData, nowMs })
  })
}

/**
 * Gives back what a reservation holds, by the owner's signature of its document.
 *
 * @throws {MandateError} `mandates:draft:absent`, `mandates:signature:wrong`, and as `proposeNotSigned`.
 */
export async function releaseNotSigned(
  tools: MandateTools,
  { id, app, draft, signature }: { id: string; app: string; draft: string; signature: Hex.Hex },
): Promise<void> {
  const { store, clock, audit, ledgerTime } = tools
  const kept = await loadDraft(store.read, { id: draft, kind: 'not-signed', subject: id, nowMs: clock.nowMs() })
  const before = await requireOver(store.read, { id, nowMs: clock.nowMs() })
  await requireSigned(tools, {
    ...{ account: Address.parse(before.account), digest: kept.digest as Hex.Hex, signature },
    // The money is on the reservation's own chain; a call of a tool is on none.
    chainIds: [await domainChain(store.read, before), ...(before.kind === 'call' ? [] : [before.chainId])],
  })
  await store.write(async (write) => {
    // A transaction may have been seen while the signature was checked.
    await requireOver(write.db, { id, nowMs: clock.nowMs() })
    await useDraft(write, { draft, nowMs: clock.nowMs() })
    const proof = { kind: 'not-signed', signature } as const
    if (!(await release(ofWrite(write), ledgerTime, { id, proof }))) throw new MandateError('closed')
    await audit(write, {
      app,
      event: 'mandates.reservation.released',
      body: { reservation: handle(id), proof: proof.kind, owner: handle(before.account) },
    })
  })
}

/** What the owner's word may still be about: handed out, its proposal over, and nothing of it seen. */
async function requireOver(read: Reader, { id, nowMs }: { id: string; nowMs: number }): Promise<Held> {
  const row = await read.selectFrom('reservations').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new MandateError('no-reservation')
  const held = heldOf({ ...row })
  // What an allowance lets somebody take, only the chain says.
  const isWord = held.kind === 'tx' || held.kind === 'document' || held.kind === 'call'
  if (held.state !== 'open' || !isWord || held.account === NO_ACCOUNT) throw new MandateError('closed')
  const proposal = await read
    .selectFrom('proposals')
    .select(['state', 'wallet_until_ms'])
    .where('id', '=', held.proposal ?? '')
    .executeTakeFirst()
  if (proposal === undefined) return held
  const seen = await read
    .selectFrom('proposal_calls')
    .select('step')
    .where('proposal_id', '=', held.proposal ?? '')
    .where((eb) => eb.or([eb('tx_block', 'is not', null), eb('status', '=', 'confirmed')]))
    .executeTakeFirst()
  const isAsked = proposal.wallet_until_ms !== null && nowMs < proposal.wallet_until_ms
  const state = proposal.state as State
  // A call of which nobody knows how it ended is asked no more, too.
  const isEnded = isOver(state) || state === 'unknown'
  if (!isEnded || isAsked || seen !== undefined) throw new MandateError('live')
  return held
}

/** The first chain of the mandate, as in every document of the domain; without a mandate the reservation's own. */
async function domainChain(read: Reader, { mandate, chainId }: Held): Promise<number> {
  if (mandate === null) return chainId
  const row = await read.selectFrom('mandates').selectAll().where('id', '=', mandate).executeTakeFirst()
  return row === undefined ? chainId : (fromRow(row).policy.chains[0] ?? chainId)
}
