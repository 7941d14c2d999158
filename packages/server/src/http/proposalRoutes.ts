import { randomUUID } from 'node:crypto'
import { Address, Clock, Hex } from '@countersign/base'
import { safeText } from '@countersign/simulator'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { approvalDocument, approveProposal } from '../proposals/approveProposal.ts'
import { commitProposal } from '../proposals/commitProposal.ts'
import { advanceQueue } from '../proposals/advanceQueue.ts'
import { confirmProposal, type StepUpGiven } from '../proposals/confirmProposal.ts'
import { confirmToolCall, resolveToolCall } from '../proposals/confirmToolCall.ts'
import { KindError } from '../proposals/ToolCall.ts'
import { KeyAbsentError } from '../keys/verifyKey.ts'
import type { Gate } from '../proposals/Gate.ts'
import { BytesChangedError, type Proposal } from '../proposals/Proposal.ts'
import { takeRemedy } from '../proposals/remedies.ts'
import { recheckProposal } from '../proposals/recheckProposal.ts'
import { rejectProposal } from '../proposals/rejectProposal.ts'
import { listProposals, loadProposal } from '../proposals/rows.ts'
import { submitSignature } from '../proposals/submitSignature.ts'
import { submitSteps } from '../proposals/submitStep.ts'
import { isOwnerOf, type Session } from '../sessions/Session.ts'
import { appOf, bodyOf, textField, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'
import { approvableProposal, ownProposal, showProposal } from './proposalAccess.ts'
import { requireSession } from './sessionAccess.ts'

/** How many proposals are listed when the caller does not say. */
const PAGE = 20

function wholeNumber(request: FastifyRequest, name: string, { min, max }: { min: number; max: number }): number | null {
  const text = textField(request, name)
  if (text === null) return null
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max)) throw invalidField(name, `A whole number from ${min} to ${max}.`)
  return value
}

type WithId = FastifyRequest<{ Params: { id: string } }>

/** What the owner's page does with a proposal: look, re-check, reject, report the hash. */
export function proposalRoutes(server: FastifyInstance, context: Context): void {
  const { gate, store } = context
  const show = (session: Session, proposal: Proposal) => showProposal(context, proposal, session.publicId)

  // Newest first, a page at a time: each comes with its whole report.
  server.get('/api/proposals', async (request, reply) => {
    const session = await requireSession(context, request)
    const limit = wholeNumber(request, 'limit', { min: 1, max: 50 }) ?? PAGE
    const before = wholeNumber(request, 'before', { min: 1, max: 1_000_000 })
    await server.charge(request, reply, Math.floor(limit / 10) - 1)
    const page = await listProposals(store.read, {
      sid: session.sid,
      limit,
      ...(before === null ? {} : { before }),
    })
    return page.map((proposal) => show(session, proposal))
  })

  server.get('/api/proposals/:id', async (request: WithId) => {
    const { proposal, sessionId } = await approvableProposal(context, request)
    return showProposal(context, proposal, sessionId)
  })

  server.post('/api/proposals/:id/commit', async (request: WithId) => {
    const session = await requireSession(context, request)
    refuseUnknown(request, ['digest', 'from', 'chain_id'])
    const id = request.params.id
    const proposal = await loadProposal(store.read, { id, sid: session.sid })
    if (proposal.kind === 'tool_call') throw new KindError(proposal.kind)
    const { sender, chainId } = signerOf(request)
    const digest = textField(request, 'digest')
    if (digest !== proposal.digest) throw new BytesChangedError(['another digest'])
    return show(
      session,
      await commitProposal(gate, { id, sid: session.sid, expected: { chainId, from: sender, calls: proposal.calls } }),
    )
  })

  server.post('/api/proposals/:id/remedy', async (request: WithId) => {
    const { session, sid } = await ownProposal(context, request)
    refuseUnknown(request, ['kind'])
    const kind = textField(request, 'kind')
    if (kind !== 'continue' && kind !== 'revoke') throw invalidField('kind', 'Send "continue" or "revoke".')
    return show(session, await takeRemedy(gate, { id: request.params.id, sid, kind }))
  })

  server.post('/api/proposals/:id/confirm', async (request: WithId) => {
    const { session, sid, proposal } = await ownProposal(context, request)
    const unknown = Object.keys(bodyOf(request)).find((key) => key !== 'digest' && key !== 'step_up')
    if (unknown !== undefined)
      throw new HttpError(400, 'http:field:unknown', 'The body has an unknown field.', 'Send digest and step_up only.')
    const { id } = request.params
    const given = {
      ...{ id, sid, digest: textField(request, 'digest'), stepUp: stepUpOf(bodyOf(request)['step_up']) },
      // A call of a tool is on no chain: its owner is the wallet that signed in.
      isOwner: proposal.kind === 'tool_call' ? session.signedIn !== null : isOwnerOf(session, proposal),
    }
    return show(session, await (proposal.kind === 'tool_call' ? confirmToolCall : confirmProposal)(gate, given))
  })

  approvalRoute(server, context)

  server.post('/api/proposals/:id/resolve', async (request: WithId) => {
    if (request.caller === null) throw new KeyAbsentError(null)
    refuseUnknown(request, ['outcome'])
    const outcome = textField(request, 'outcome')
    if (outcome !== 'done' && outcome !== 'failed') throw invalidField('outcome', 'Send "done" or "failed".')
    const resolved = await resolveToolCall(gate, { id: request.params.id, app: request.caller.app, outcome })
    return showProposal(context, resolved, '')
  })

  server.post('/api/proposals/:id/recheck', async (request: WithId) => {
    const { session, sid, proposal: asked } = await ownProposal(context, request)
    if (asked.kind === 'tool_call') throw new KindError(asked.kind)
    refuseUnknown(request, ['from', 'chain_id', 'window', 'receipt'])
    const { sender, chainId } = signerOf(request)
    const { outcome, proposal, because, opened } = await recheckProposal(gate, {
      id: request.params.id,
      sid,
      sender,
      chainId,
      ...leaseOf(gate, textField(request, 'window')),
      shown: textField(request, 'receipt'),
    })
    // A card that changed must be read again: this answer never opens a wallet, the next one may.
    return {
      ...show(session, proposal),
      signable: outcome === 'fresh',
      reason: because ?? proposal.reason,
      recheck: outcome,
      opened:
        opened === null ? null : { receipt: opened.receipt, report: opened.report, until: Clock.iso(opened.untilMs) },
    }
  })

  server.post('/api/proposals/:id/reject', async (request: WithId) => {
    const { session, sid } = await ownProposal(context, request)
    refuseUnknown(request, ['reason', 'window'])
    const because = textField(request, 'reason') ?? 'Rejected by the owner.'
    const window = textField(request, 'window')
    const proposal = await rejectProposal(gate, {
      id: request.params.id,
      sid,
      because,
      ...(window === null ? {} : { lease: leaseOf(gate, window).lease }),
    })
    await advanceQueue(gate, { sid })
    const app = appOf(context, session.app)
    if (app !== null && proposal.door === null)
      await context.turns.notify(
        session,
        app,
        `[wallet] Rejected. The reason given: ${JSON.stringify(safeText(because, 200))}`,
      )
    return show(session, proposal)
  })

  reportRoutes(server, context)
}

/**
 * `POST /api/proposals/:id/approve`: an approver of the mandate signs. The signature is the proof, so that whoever may read the proposal
 * may bring it. Without one the answer is what to sign.
 */
function approvalRoute(server: FastifyInstance, context: Context): void {
  server.post('/api/proposals/:id/approve', async (request: WithId, reply) => {
    refuseUnknown(request, ['signature'])
    const { proposal, sessionId } = await approvableProposal(context, request)
    const { id, sid } = proposal
    const text = textField(request, 'signature')
    if (text === null)
      return reply.status(202).send({ typed_data: await approvalDocument(context.store.read, proposal) })
    return showProposal(
      context,
      await approveProposal(context.gate, { id, sid, signature: signatureOf(text) }),
      sessionId,
    )
  })
}

/** The steps that a hash is reported for: one, or those of a batch in one transaction. */
function stepsOf({ step, steps }: Readonly<Record<string, unknown>>): readonly number[] {
  const all: unknown = steps === undefined ? [step] : step === undefined ? steps : null
  const isList = Array.isArray(all) && all.length > 0 && new Set(all).size === all.length
  if (!isList || !all.every((each) => Number.isSafeInteger(each)))
    throw invalidField(
      'step',
      'Send "step", the number of the step that was signed, from 1; or "steps", those of a batch.',
    )
  return all as readonly number[]
}

/** What a wallet did, as its client reports it. */
function reportRoutes(server: FastifyInstance, context: Context): void {
  const { gate } = context
  const show = (session: Session, proposal: Proposal) => showProposal(context, proposal, session.publicId)

  server.post('/api/proposals/:id/submitted', async (request: WithId) => {
    const { session, sid } = await ownProposal(context, request)
    refuseUnknown(request, ['step', 'steps', 'tx_hash'])
    const steps = stepsOf(bodyOf(request))
    const txHash = Hex.parse(textField(request, 'tx_hash') ?? '')
    if (Hex.size(txHash) !== 32) throw invalidField('tx_hash', 'A transaction hash has 32 bytes.')
    return show(session, await submitSteps(gate, { id: request.params.id, sid, steps, txHash }))
  })

  server.post('/api/proposals/:id/signed', async (request: WithId) => {
    const { session, sid } = await ownProposal(context, request)
    refuseUnknown(request, ['signature'])
    const signature = signatureOf(textField(request, 'signature'))
    const proposal = await submitSignature(gate, { id: request.params.id, sid, signature })
    // A program asked for it and waits: it gets it once, and nothing keeps it.
    if (proposal.door?.name === 'rpc' && proposal.state === 'settled') context.signatures.keep(proposal.id, signature)
    return show(session, proposal)
  })
}

/**
 * The lease of whoever asks for the wallet. A client that does not name its window gets a name that no other has, for
 * seconds: two terminals cannot be told from one.
 */
export function leaseOf(gate: Pick<Gate, 'policy'>, window: string | null): { lease: string; leaseMs?: number } {
  if (window !== null) return { lease: `window ${window.slice(0, 64)}` }
  return { lease: `unnamed ${randomUUID()}`, leaseMs: gate.policy.unnamedLeaseMs }
}

/** A step-up as clients send it. What is not one is as good as none. */
function stepUpOf(value: unknown): StepUpGiven | null {
  if (typeof value !== 'object' || value === null) return null
  const { method, values, signature } = value as { method?: unknown; values?: unknown; signature?: unknown }
  if (typeof method !== 'string') return null
  const isMap = typeof values === 'object' && values !== null && !Array.isArray(values)
  return {
    method,
    values: isMap ? (values as Record<string, unknown>) : {},
    signature:
      typeof signature === 'string' && /^0x(?:[0-9a-fA-F]{2})+$/.test(signature) ? (signature as Hex.Hex) : null,
  }
}

function signerOf(request: FastifyRequest): { sender: Address.Address; chainId: number } {
  const chainId = bodyOf(request)['chain_id']
  if (!Number.isSafeInteger(chainId) || (chainId as number) <= 0)
    throw invalidField('chain_id', 'A positive whole number.')
  return { sender: Address.parse(textField(request, 'from') ?? ''), chainId: chainId as number }
}

/** Contract wallets have longer ones than 65 bytes; nothing honest is as long as this. */
const MAX_SIGNATURE_BYTES = 8_192

/** A signature as clients report it. @throws {HttpError} `http:field:signature`. */
export function signatureOf(text: string | null): Hex.Hex {
  const signature = Hex.parse(text ?? '')
  const size = Hex.size(signature)
  if (size === 0 || size > MAX_SIGNATURE_BYTES) throw invalidField('signature', 'The bytes that the wallet answered.')
  return signature
}

/** A field that we do not know might have been meant to change something. */
export function refuseUnknown(request: FastifyRequest, known: readonly string[]): void {
  const unknown = Object.keys(bodyOf(request)).find((key) => !known.includes(key))
  if (unknown !== undefined) throw invalidField(unknown.slice(0, 40), `Known fields: ${known.join(', ')}.`)
}
