import { Address } from '@countersign/base'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fromRow } from '../mandates/findMandate.ts'
import { proposePolicy } from '../mandates/history/proposePolicy.ts'
import { replay, type Past, type Replay } from '../mandates/history/replay.ts'
import { worstCase } from '../mandates/history/worstCase.ts'
import { MandateError } from '../mandates/MandateError.ts'
import type { Policy } from '../mandates/policy/Policy.ts'
import { parsePolicy } from '../mandates/policy/readPolicy.ts'
import { decideDraft, decisionToWire } from '../proposals/decision/decideDraft.ts'
import { searchWorst, type Searched } from '../proposals/decision/searchWorst.ts'
import { listPast } from '../proposals/decision/listPast.ts'
import type { Door } from '../proposals/Door.ts'
import { readDraft } from '../proposals/readDraft.ts'
import { bodyOf, textField, type Context } from './context.ts'
import { draftTools } from './doorRoutes.ts'
import { invalidField } from './errors.ts'
import { actorOf, ownMandate, policyIn, requireRight, vocabularyOf } from './mandateRoutes.ts'
import { refuseUnknown } from './proposalRoutes.ts'

/** As many changed answers as are listed. */
const MAX_CHANGED = 100

/** Policies on what has happened: `docs/reference/mandates.md`, "From history". Nothing is written, and no counter touched. */
export function mandateHistoryRoutes(server: FastifyInstance, context: Context): void {
  server.post('/api/mandates/:id/backtest', async (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
    refuseUnknown(request, ['policy', 'from', 'until', 'search'])
    const row = await ownMandate(context, request)
    const inForce = fromRow(row)
    const isGiven = bodyOf(request)['policy'] !== undefined
    const policy = isGiven ? policyIn(context, request, row.app) : inForce.policy
    const at = { app: row.app, owner: inForce.owner }
    const { past, notChecked } = await listPast(context.gate, { ...at, ...spanIn(request) })
    const searched = await searchIn(server, context, { request, reply, at, policy, past })
    return { ...toWire(policy, replay(policy, past, at), notChecked), ...searched }
  })

  server.post('/api/mandates/decide', async (request, reply) => {
    refuseUnknown(request, ['owner', 'chain_id', 'transactions', 'typed_data', 'door', 'policy'])
    const actor = await actorOf(context, request)
    const body = bodyOf(request)
    const named = textField(request, 'owner')
    const owner = named === null || named === 'session' ? actor.session?.signedIn?.address : addressIn(named)
    if (owner === undefined) throw new MandateError('unproven')
    requireRight(actor, { account: owner, chainId: Number(body['chain_id']) })
    const { transactions, typed_data: document, chain_id: chainId } = body
    const draft = readDraft(draftTools(context), {
      ...{ from: owner, chain_id: chainId },
      ...(transactions === undefined ? {} : { transactions }),
      ...(document === undefined ? {} : { typed_data: document }),
    })
    await server.charge(request, reply, draft.calls.length - 1)
    const policy = body['policy'] === undefined ? null : policyIn(context, request, actor.app)
    const decision = await decideDraft(context.gate, { app: actor.app, draft, door: doorIn(request), policy })
    return decisionToWire(decision)
  })

  server.post('/api/mandates/propose', async (request, reply) => {
    refuseUnknown(request, ['owner', 'from', 'until', 'ask_share', 'search'])
    const actor = await actorOf(context, request)
    const named = textField(request, 'owner')
    const owner = named === null || named === 'session' ? actor.session?.signedIn?.address : addressIn(named)
    if (owner === undefined) throw new MandateError('unproven')
    const { session } = actor
    const chainId = session?.signedIn?.chainId ?? 0
    requireRight(actor, { account: owner, chainId })
    const at = { app: actor.app, owner }
    // A contract that signed in on one chain is shown what its account did there.
    const isOneChain = !actor.isAdmin && session?.signedIn?.isByKey === false
    const only = isOneChain ? { chainId } : {}
    const { past, notChecked } = await listPast(context.gate, { ...at, ...spanIn(request), ...only })
    const proposed = proposePolicy(past, { owner, askShare: shareIn(request), nowMs: context.clock.nowMs() })
    if (proposed === null) return { policy: null, actions: past.length, not_checked: notChecked }
    const policy = parsePolicy(JSON.stringify(proposed.policy), {
      format: 'json',
      vocabulary: vocabularyOf(context, actor.app),
    })
    const searched = await searchIn(server, context, { request, reply, at, policy, past })
    return {
      policy: proposed.policy,
      ...{ ...toWire(policy, replay(policy, past, at), notChecked), ...searched },
      expected_ask_share: proposed.expectedAskShare,
      left_out: proposed.leftOut.slice(0, MAX_CHANGED),
    }
  })
}

/** Asked and denied of how many, which answers another policy would change, and the worst inside of it. */
function toWire(policy: Policy, { all, notChecked }: Replay, before: readonly string[]): Record<string, unknown> {
  const asked = all.filter(({ would }) => would !== 'allow' && would !== 'deny').length
  const denied = all.filter(({ would }) => would === 'deny').length
  const { limits, unbounded } = worstCase(policy)
  return {
    ...{ actions: all.length, asked, denied },
    sentence: `${asked} of ${all.length} would have asked, and ${denied} would have been refused.`,
    changed: all
      .filter(({ past, would }) => past.was !== would)
      .slice(0, MAX_CHANGED)
      .map(({ past, would, spoke }) => ({
        ...{ proposal: past.proposal, was: past.was satisfies Past['was'], would },
        spoke: spoke.filter(({ answer }) => answer === would),
      })),
    worst: { limits, unbounded },
    not_checked: [...before, ...notChecked],
  }
}

function spanIn(request: FastifyRequest): { readonly fromMs: number | null; readonly untilMs: number | null } {
  return { fromMs: timeIn(request, 'from'), untilMs: timeIn(request, 'until') }
}

function timeIn(request: FastifyRequest, name: string): number | null {
  const text = textField(request, name)
  if (text === null) return null
  const ms = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z)?$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw invalidField(name, 'A time such as 2026-12-01T00:00:00Z.')
  return ms
}

function shareIn(request: FastifyRequest): number {
  const share = bodyOf(request)['ask_share'] ?? 0.05
  if (typeof share !== 'number' || !(share >= 0 && share <= 1)) throw invalidField('ask_share', 'A number from 0 to 1.')
  return share
}

/** How much a search costs beside the request: it simulates dozens of plans. */
const SEARCH_COST = 30

/** What a search on the fork finds, where it is asked for: it takes its time. */
async function searchIn(
  server: FastifyInstance,
  context: Context,
  {
    request,
    reply,
    at,
    policy,
    past,
  }: {
    request: FastifyRequest
    reply: FastifyReply
    at: { readonly app: string; readonly owner: Address.Address }
    policy: Policy
    past: readonly Past[]
  },
): Promise<{ readonly search?: Searched }> {
  if (bodyOf(request)['search'] !== true) return {}
  await server.charge(request, reply, SEARCH_COST)
  const { limits } = worstCase(policy)
  return { search: await searchWorst(context.gate, { ...at, policy, past, worst: limits }) }
}

const DOORS = ['guard', 'rpc', 'mcp'] as const

/** By which door it would come; null for the page, which is also the default. */
function doorIn(request: FastifyRequest): Door | null {
  const text = textField(request, 'door')
  const name = DOORS.find((each) => each === text)
  if (name === undefined && text !== null && text !== 'page')
    throw invalidField('door', `One of page, ${DOORS.join(', ')}.`)
  return name === undefined ? null : { name, keyId: '', family: '', client: null }
}

function addressIn(text: string): Address.Address {
  if (!Address.isAddress(text)) throw invalidField('owner', 'An address, or "session".')
  return Address.parse(text)
}
