import { Address, BaseError, Wei } from '@countersign/base'
import {
  CallError,
  parseCall,
  parseOverrides,
  readTypedData,
  renderReport,
  Report,
  requestOf,
  said,
  type Call,
  type KnownAddress,
  type SignatureRequest,
  type SimulationRequest,
  type StateOverride,
} from '@countersign/simulator'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Chain } from '../chains/Chain.ts'
import * as Batch from '../proposals/Batch.ts'
import * as Document from '../proposals/Document.ts'
import { isLevelOwed, isSignable, type Proposal } from '../proposals/Proposal.ts'
import { recheckProposal } from '../proposals/recheckProposal.ts'
import { listProposals } from '../proposals/rows.ts'
import { knownAddresses, requestFor, simulateBatch, type Simulated } from '../proposals/simulateBatch.ts'
import { chainOf } from '../proposals/stageProposal.ts'
import type { Session } from '../sessions/Session.ts'
import { bodyOf, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'
import { isFromBrowser } from './gateway.ts'
import { leaseOf, refuseUnknown } from './proposalRoutes.ts'
import { openApp, requireSession, sessionOf } from './sessionAccess.ts'
import { ZERO } from './signers.ts'

/** As many as one simulation takes: `requestOf` refuses more, after each was read. */
const MAX_CALLS = 32

/** What newer clients send along, and what has no meaning here. */
const IGNORED = ['application_id', 'payment_method', 'platform', 'client_id']
const KNOWN = ['transactions', 'typed_data', 'from', 'chain_id', 'app', 'format', 'state_overrides', ...IGNORED]

/**
 * `POST /api/simulate`: Aomi's shape, with our report beside it. Published clients call it between commit and
 * signing, and sign whatever it answers unless the quoted fee is invalid; so whenever the batch must not be signed
 * (it fails, is blocked, drifted, or is not what was committed) the fee is "-1", at which both stop. A request that names
 * no session is an integrator's: it is simulated, and what is wrong with it is a plain error.
 *
 * `typed_data` is an EIP-712 document to be signed, alone or after the transactions: what its holder could do is
 * simulated. `state_overrides` asks for a preview on a state that is partly assumed; whoever is about to sign cannot.
 * `format` is `report` for the report alone, or `text` for the report and its card as text.
 */
export function simulateRoute(server: FastifyInstance, context: Context): void {
  server.post('/api/simulate', { config: { isAskedBeforeSigning: true } }, async (request, reply) => {
    await openApp(context, request)
    if (request.overBudgetS !== null && (await sessionOf(context, request)) === null)
      server.chargeLook(request, reply, null)
    const session = request.signer === null ? null : await signingSession(context, request)
    refuseUnknown(request, KNOWN)
    const body = bodyOf(request)
    const document = body['typed_data'] ?? null
    const format = formatIn(body['format'], session)
    const raw = body['transactions'] ?? (document === null ? undefined : [])
    if (!Array.isArray(raw) || (raw.length === 0 && document === null))
      throw invalidField('transactions', 'An array of {to, value, data}, or a document in "typed_data".')
    // Counted and charged before they are read.
    if (raw.length > MAX_CALLS) throw new CallError('the batch', `it has more than ${MAX_CALLS} transactions`)
    await server.charge(request, reply, raw.length - 1)
    const calls = raw.map((entry: unknown, i) => parseCall(entry, `transaction ${i + 1}`))
    const chainId = chainIdOf(
      body['chain_id'] ??
        (raw[0] as Record<string, unknown> | undefined)?.['chain_id'] ??
        session?.wallet.chainId ??
        [...context.gate.chains.keys()][0],
    )
    if (raw.some((entry) => ((entry as Record<string, unknown>)['chain_id'] ?? chainId) !== chainId)) {
      throw invalidField('chain_id', 'All transactions of a batch are on one chain.')
    }
    const sender = body['from'] ?? session?.wallet.address
    if (typeof sender !== 'string') throw invalidField('from', 'The address that would sign.')
    const from = Address.parse(sender)
    const chain = chainOf(context.gate, chainId)

    const read = (known: readonly KnownAddress[]): SignatureRequest | null =>
      document === null
        ? null
        : readTypedData(document, {
            chainId,
            from,
            nowMs: context.clock.nowMs(),
            known: (address) => known.find((entry) => entry.address === address),
          })
    const unnamed = read([])
    const proposed = unnamed === null ? calls : [...calls, Document.callOf(unnamed)]
    const pending = session === null ? null : await pendingFor(context, session, { chainId, from, calls: proposed })
    // A client that is about to sign is not refused for its budget; then nothing is simulated but what it may sign.
    server.chargeLook(request, reply, pending === null ? null : pending.sid)
    // What the client is shown and what decides are one simulation: of the card, where these are a card's transactions.
    const asked =
      pending === null ? null : await requestFor(context.store.read, chain, pending, { nowMs: context.clock.nowMs() })
    const known = knownAddresses(chain, [])
    const overrides = overridesIn(body['state_overrides'], session)
    const simulation =
      asked ??
      requestOf({ signature: read(known), chainId, from, calls, overrides, block: 'latest', known, maxHeadAgeMs: 0 })
    const simulated = await simulateBatch(chain, simulation)
    const { report } = simulated
    if (format === 'report') return { result: Report.toWire(report) }
    if (format === 'text') {
      const text = renderReport(report, { width: 100, color: false, nowMs: context.clock.nowMs() })
      return { result: { ...Report.toWire(report), text } }
    }
    // It has its no already, and nothing may be opened for it.
    const signal = request.signer?.signal
    signal?.throwIfAborted()
    const refusal = await refusalOf(context, {
      ...{ session, pending, report, from, chainId, signal },
      request: simulation,
      simulated,
    })
    const quotesFee = session !== null && needsFee(request, session)
    return { result: { ...Report.toWire(report), ...toAomi(chain, report, { calls, quotesFee, refusal }) } }
  })
}

/** How an integrator wants the answer: as published clients read it, the report alone, or the report and its card as text. */
function formatIn(value: unknown, session: Session | null): 'aomi' | 'report' | 'text' {
  if (value === undefined || value === null) return 'aomi'
  if ((value === 'report' || value === 'text') && session === null) return value
  throw invalidField('format', 'Send "report" or "text", and no session; or leave it out.')
}

/** What is assumed of the state. Nobody signs by what was only assumed, so no session may ask for it. */
function overridesIn(value: unknown, session: Session | null): readonly StateOverride[] {
  if (value === undefined || value === null) return []
  if (session === null) return parseOverrides(value)
  throw invalidField('state_overrides', 'Leave it out, or ask without a session: a preview opens no wallet.')
}

/** The session of a client that is about to sign: named in the header that every published client has always sent. */
async function signingSession(context: Context, request: FastifyRequest): Promise<Session> {
  if (request.headers['x-session-id'] === undefined) {
    throw new HttpError(
      400,
      'http:session:thread-only',
      'X-Thread-Id alone names no session to sign for.',
      'Send the same id in X-Session-Id.',
    )
  }
  return requireSession(context, request)
}

/** Stock widgets stop without a fee. After a wallet connects they send no `ext` any more, but they are in a browser. */
function needsFee(request: FastifyRequest, session: Session): boolean {
  const ext = session.wallet.ext as { client_type?: unknown } | null
  return ext?.client_type === 'web_ui' || (ext?.client_type === undefined && isFromBrowser(request))
}

/** The pending proposal whose still unsigned steps these calls are, in order; null when they are not one's. */
async function pendingFor(
  context: Context,
  session: Session,
  { chainId, from, calls }: Batch.Batch,
): Promise<Proposal | null> {
  const digest = Batch.digest({ chainId, from, calls })
  const proposals = await listProposals(context.store.read, { sid: session.sid, limit: 50 })
  return (
    proposals.find((proposal) => {
      // What the owner still has to type is told by the last look.
      const isOwed = proposal.state === 'pending' && isLevelOwed(proposal)
      if (!isOwed && !isSignable(proposal, context.clock.nowMs())) return false
      const waiting = proposal.calls.filter((call) => call.status === 'waiting')
      return Batch.digest({ chainId: proposal.chainId, from: proposal.from, calls: waiting }) === digest
    }) ?? null
  )
}

/** Why a client in the middle of signing must stop; null when it may go on. */
async function refusalOf(
  context: Context,
  {
    session,
    pending,
    report,
    from,
    chainId,
    signal,
    request,
    simulated,
  }: {
    session: Session | null
    pending: Proposal | null
    report: Report.Report
    from: Address.Address
    chainId: number
    signal: AbortSignal | undefined
    request: SimulationRequest
    simulated: Simulated
  },
): Promise<string | null> {
  if (report.willRevert) return 'the simulation failed'
  if (report.verdict === 'block')
    return report.findings.find((finding) => finding.level === 'block')?.because ?? 'the simulation blocked it'
  if (session === null) return null
  if (pending === null) return 'these are not the transactions that were committed in this session'
  try {
    const { outcome, because } = await recheckProposal(context.gate, {
      id: pending.id,
      sid: session.sid,
      sender: from,
      chainId,
      ...leaseOf(context.gate, null),
      signal,
      simulated: { request, simulated },
    })
    return outcome === 'fresh' ? null : because
  } catch (error) {
    if (error instanceof BaseError) return error.message
    throw error
  }
}

function toAomi(
  chain: Chain,
  report: Report.Report,
  { calls, quotesFee, refusal }: { calls: readonly Call[]; quotesFee: boolean; refusal: string | null },
): Record<string, unknown> {
  const wireSteps = Report.toWire(report)['steps'] as readonly Record<string, unknown>[]
  const steps = report.steps.map((step, i): Record<string, unknown> => {
    const call = calls[i]
    return {
      ...wireSteps[i],
      step: step.step,
      label: step.label ?? `Step ${step.step}`,
      success: step.status === 'success',
      result: step.returnData,
      ...(step.revert === null ? {} : { revert_reason: revertText(step.revert) }),
      gas_used: Number(step.gasUsed),
      tx: {
        to: call?.to ?? null,
        value_wei: (call?.value ?? 0n).toString(),
        value_eth: Wei.format(call?.value ?? 0n, 18),
        data: call?.data ?? '0x',
      },
    }
  })
  return {
    batch_success: refusal === null,
    stateful: true,
    from: report.from,
    network: chain.name,
    total_gas: Number(report.gasEstimate.gasUsed),
    refusal,
    // Paid to the sender it costs nothing.
    ...(refusal !== null
      ? { fee: { recipient: report.from, amount_wei: '-1', token: 'native' } }
      : quotesFee
        ? { fee: { recipient: report.from, amount_wei: '1', token: 'native' } }
        : {}),
    steps: refusal === null ? steps : tellIn(steps, refusal),
  }
}

/** The command line prints the reason of the first failing step, and no other sentence before it signs. */
function tellIn(
  steps: readonly Readonly<Record<string, unknown>>[],
  refusal: string,
): readonly Readonly<Record<string, unknown>>[] {
  if (steps.some((step) => step['success'] !== true && typeof step['revert_reason'] === 'string')) return steps
  const [first, ...others] = steps
  const tx = { to: ZERO, value_wei: '0', value_eth: '0', data: '0x' }
  return [{ step: 1, label: 'Step 1', tx, ...first, success: false, revert_reason: refusal }, ...others]
}

/** Published clients print it as a sentence of ours: what a contract wrote is quoted. */
function revertText({ reason, error }: { readonly reason: string; readonly error: string | null }): string {
  return error === 'Error(string)' ? said(reason) : reason
}

function chainIdOf(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number
  throw new HttpError(400, 'http:field:chain-id', '"chain_id" cannot be used.', 'A positive whole number.')
}
