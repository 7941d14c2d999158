import { assert, BaseError, type Address } from '@countersign/base'
import type * as Wire from '@countersign/sdk'
import type { FastifyRequest } from 'fastify'
import * as Scope from '../keys/Scope.ts'
import { KeyHeldError, OwnerRefusedError, ScopeRefusedError, type Caller } from '../keys/verifyKey.ts'
import { ProposalAbsentError, toWire, type Proposal } from '../proposals/Proposal.ts'
import { loadDoorProposal, loadOwnersProposal, loadProposal } from '../proposals/rows.ts'
import { provenColumns, isOwnerOf, isProofOf, type Session } from '../sessions/Session.ts'
import type { Context } from './context.ts'
import { isOwnersPlace, requireSession } from './sessionAccess.ts'

type WithId = FastifyRequest<{ Params: { id: string } }>

/** A proposal as clients see it; what came through a door says where its owner finds it. */
export function showProposal(context: Context, proposal: Proposal, sessionId: string): Wire.AnyProposal {
  const wire = toWire(proposal, sessionId, context.clock.nowMs())
  return proposal.door === null ? wire : { ...wire, url: urlOf(context, proposal) }
}

/** The same of what came through a door: a wallet signs it. */
export function showSigned(context: Context, proposal: Proposal): Wire.Proposal {
  const wire = showProposal(context, proposal, '')
  assert(wire.kind !== 'tool_call', 'no call of a tool comes through a door')
  return wire
}

/** Where the owner of a proposal answers it: our own page. */
export function urlOf(context: Pick<Context, 'origins'>, { id }: Pick<Proposal, 'id'>): string {
  return `${context.origins.page()}/p/${id}`
}

/**
 * A proposal that the caller may read: one of its session; with a key, what this key (its family) sent through a door;
 * and what was proposed to the wallet that signed in to the session.
 *
 * @throws {ProposalAbsentError} also for everybody else's.
 */
export async function readableProposal(
  context: Context,
  request: WithId,
): Promise<{ readonly proposal: Proposal; readonly sessionId: string }> {
  const { caller } = request
  const { id } = request.params
  if (caller !== null && request.headers['x-session-id'] === undefined && request.headers['x-thread-id'] === undefined)
    return { proposal: await sentBy(context, caller, id), sessionId: '' }
  try {
    const { proposal, session } = await ownProposal(context, request)
    return { proposal, sessionId: session.publicId }
  } catch (error) {
    if (caller === null || !(error instanceof BaseError) || error.kind !== 'absent') throw error
    return { proposal: await sentBy(context, caller, id), sessionId: '' }
  }
}

/**
 * A proposal that the caller may bring an approval for: one that it may read, and one whose mandate names the wallet that signed in to the
 * session as an approver, in the same app.
 *
 * @throws {ProposalAbsentError} also for everybody else's.
 */
export async function approvableProposal(
  context: Context,
  request: WithId,
): Promise<{ readonly proposal: Proposal; readonly sessionId: string }> {
  try {
    return await readableProposal(context, request)
  } catch (error) {
    if (!(error instanceof ProposalAbsentError) || request.headers['x-session-id'] === undefined) throw error
    const { app, signedIn } = await requireSession(context, request)
    const row = await context.store.read
      .selectFrom('proposals')
      .select('sid')
      .where('id', '=', request.params.id)
      .where('app', '=', app)
      .executeTakeFirst()
    if (row === undefined || signedIn === null) throw error
    const proposal = await loadProposal(context.store.read, { id: request.params.id, sid: row.sid })
    const isNamed = proposal.decided?.approvers?.of.includes(signedIn.address) === true
    if (!isNamed || !isProofOf(signedIn, { account: signedIn.address, chainId: proposal.chainId })) throw error
    return { proposal, sessionId: '' }
  }
}

/** What a key sent through a door. A rotated key reads what its predecessor sent. */
async function sentBy(context: Context, caller: Caller, id: string): Promise<Proposal> {
  refuseHeld(caller)
  return loadDoorProposal(context.store.read, { id, family: caller.family })
}

/** A key that is bound to an account proposes to it alone. @throws {OwnerRefusedError} */
export function refuseOtherOwner({ key: { owner } }: Caller, account: Address.Address): void {
  if (owner !== null && owner !== account) throw new OwnerRefusedError(owner)
}

/** A key that is under suspicion does nothing without a proof, and doors ask for none. @throws {KeyHeldError} */
export function refuseHeld(caller: Caller): void {
  if (caller.key.quarantine?.level === 'proof') throw new KeyHeldError(caller.keyId)
}

/**
 * A proposal that the caller may answer: one of its session, or one of the wallet that signed in to this session, which came
 * through a door or was made in another conversation of this wallet. The second only from where the owner answers for themselves:
 * what a key or a page of others holds is never the owner of somebody's proposal.
 *
 * @throws {ProposalAbsentError} also for everybody else's.
 */
export async function ownProposal(
  context: Context,
  request: WithId,
): Promise<{ readonly proposal: Proposal; readonly session: Session; readonly sid: string }> {
  const { caller } = request
  // Here `propose` reads what the key sent, and opens no session.
  if (caller !== null && !Scope.allows(caller.scopes, 'read') && !Scope.allows(caller.scopes, 'chat'))
    throw request.method === 'GET' ? new ProposalAbsentError() : new ScopeRefusedError('chat')
  const session = await requireSession(context, request)
  const { id } = request.params
  try {
    const proposal = await loadProposal(context.store.read, { id, sid: session.sid })
    return { proposal, session, sid: session.sid }
  } catch (error) {
    if (!(error instanceof ProposalAbsentError)) throw error
    if (session.signedIn === null || !(await isOwnersPlace(context, request, session))) throw error
    const proposal = await loadOwnersProposal(context.store.read, { id, sender: session.signedIn.address })
    if (!isOwnerOf(session, proposal)) throw error
    await noteOwner(context, { proposal, session, request })
    return { proposal, session, sid: proposal.sid }
  }
}

/**
 * What the owner does with a proposal proves whose it is: from then on it counts as their own beside what they do in
 * chats. A key that opens nothing any more has nothing signed: what it proposed can only be read, rejected or accounted for.
 *
 * @throws {SenderGoneError} `proposals:key:disabled`.
 */
async function noteOwner(
  context: Context,
  { proposal, session, request }: { proposal: Proposal; session: Session; request: WithId },
): Promise<void> {
  if (request.method === 'GET' || session.signedIn === null || proposal.door === null) return
  const { signedIn } = session
  const isAsking = /\/(?:recheck|confirm)$/.test(request.routeOptions.url ?? '')
  if (isAsking && !context.liveKeys(proposal.door.family, context.clock.nowMs())) throw new SenderGoneError()
  await context.store.write((write) =>
    write.db
      .updateTable('sessions')
      .set(provenColumns(signedIn))
      .where('sid', '=', proposal.sid)
      .where('wallet_address', 'is', null)
      .execute(),
  )
}

/** Whoever proposed it may not any more. */
export class SenderGoneError extends BaseError {
  override readonly name = 'http.SenderGoneError'
  constructor() {
    super('The API key that proposed this was disabled, so it cannot be signed.', {
      code: 'proposals:key:disabled',
      kind: 'conflict',
      hint: 'Reject it. If you still want it, ask for it again.',
    })
  }
}
