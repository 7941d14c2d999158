import { Address, Clock } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DEFAULT_APP } from '../apps/App.ts'
import { isSignedBy, recovers } from '../chains/isSignedBy.ts'
import * as Scope from '../keys/Scope.ts'
import { KeyAbsentError } from '../keys/verifyKey.ts'
import {
  freezeMandates,
  endMandate,
  loadRow,
  proposeUnfreeze,
  unfreezeMandate,
  type Frozen,
} from '../mandates/grant/changeState.ts'
import { grantMandate, putMandate, type MandateTools } from '../mandates/grant/putMandate.ts'
import { showMandate } from '../mandates/grant/showMandate.ts'
import { findMandate, fromRow, isMandateOwner, type Row } from '../mandates/findMandate.ts'
import { MandateError } from '../mandates/MandateError.ts'
import * as Amount from '../mandates/policy/Amount.ts'
import type { Policy } from '../mandates/policy/Policy.ts'
import { parsePolicy } from '../mandates/policy/readPolicy.ts'
import type { Vocabulary } from '../mandates/policy/readWhen.ts'
import { isProofOf, type Session } from '../sessions/Session.ts'
import { bodyOf, textField, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { refuseHeld } from './proposalAccess.ts'
import { refuseUnknown, signatureOf } from './proposalRoutes.ts'
import { requireSession } from './sessionAccess.ts'

type WithId = FastifyRequest<{ Params: { id: string } }>

/** Who asks about mandates: the owner of a session, a key with the scope `admin`, or both. */
export interface Actor {
  readonly app: string
  readonly session: Session | null
  /** Of this very app: what a key may do in its own app says nothing about another one. */
  readonly isAdmin: boolean
}

/** Mandates over HTTP: `docs/reference/mandates.md`, "Routes". */
export function mandateRoutes(server: FastifyInstance, context: Context): void {
  const tools = mandateToolsOf(context)
  const { store } = context
  const show = (row: Row) => showMandate(store.read, row, context.clock.nowMs())

  server.get('/api/mandates', async (request) => {
    const { app, session, isAdmin } = await actorOf(context, request)
    let query = store.read
      .selectFrom('mandates')
      .selectAll()
      .where('app', '=', app)
      .orderBy('created_ms', 'desc')
      .limit(100)
    const signedIn = session?.signedIn ?? null
    if (!isAdmin) query = query.where('owner', '=', signedIn?.address ?? '')
    const found = await query.execute()
    return Promise.all(found.filter((row) => isAdmin || isMandateOwner(signedIn, fromRow(row))).map(show))
  })

  server.get('/api/mandates/:id', async (request: WithId) => show(await ownMandate(context, request)))

  server.put('/api/mandates', async (request, reply) => {
    refuseUnknown(request, ['policy', 'previous', 'draft', 'signature'])
    const actor = await actorOf(context, request)
    const { app } = actor
    const text = textField(request, 'signature')
    const draft = textField(request, 'draft')
    const isGiven = bodyOf(request)['policy'] !== undefined
    if (isGiven === (draft !== null)) throw invalidField('policy', 'Send either policy, or draft with signature.')
    const read = isGiven ? policyIn(context, request, app) : null
    const owner = read === null ? null : ownerOf(actor, read)
    if (text !== null) {
      const signature = signatureOf(text)
      const named = read === null || owner === null ? { id: draft ?? '' } : { policy: read, owner }
      return show(await grantMandate(tools, { app, draft: named, signature }))
    }
    if (read === null || owner === null)
      throw invalidField('signature', 'The signature of the owner, of the document of the draft.')
    requireRight(actor, { account: owner, chainId: read.chains[0] ?? 0 })
    await refuseOtherChain(context, actor, { app, owner })
    const put = await putMandate(tools, { app, owner, policy: read, expected: expectedIn(request) })
    if (put.kind === 'in-force') return show(put.mandate)
    return reply.status(202).send({
      ...{ typed_data: put.typedData, draft: put.draft, expires_at: Clock.iso(put.expiresMs), worst: put.worst },
    })
  })

  server.post('/api/mandates/:id/end', async (request: WithId) => {
    const { id } = await ownMandate(context, request)
    return show(await endMandate(tools, { id }))
  })

  server.post('/api/mandates/:id/freeze', async (request: WithId) => {
    const { id, app } = await ownMandate(context, request)
    const frozen = await freezeMandates(tools, { subject: { mandate: id, app }, because: becauseIn(request) })
    return { ...frozenToWire(context, frozen), mandates: await Promise.all(frozen.mandates.map(show)) }
  })

  server.post('/api/mandates/:id/unfreeze', async (request: WithId, reply) => {
    refuseUnknown(request, ['draft', 'signature'])
    const { id } = await ownMandate(context, request)
    const text = textField(request, 'signature')
    if (text !== null)
      return show(
        await unfreezeMandate(tools, { id, draft: textField(request, 'draft') ?? '', signature: signatureOf(text) }),
      )
    const { draft, typedData, expiresMs } = await proposeUnfreeze(tools, { id })
    return reply.status(202).send({ typed_data: typedData, draft, expires_at: Clock.iso(expiresMs) })
  })

  server.post('/api/freeze', async (request) => {
    refuseUnknown(request, ['wallet', 'session', 'app', 'all', 'reason'])
    const actor = await actorOf(context, request)
    const subject = subjectIn(request, actor)
    const { owner } = subject
    if (owner !== undefined) await refuseOtherChain(context, actor, { app: subject.app, owner })
    const frozen = await freezeMandates(tools, { subject, because: becauseIn(request) })
    return { ...frozenToWire(context, frozen), mandates: await Promise.all(frozen.mandates.map(show)) }
  })
}

/** What the verbs of mandates are handed. */
export function mandateToolsOf({ store, clock, audit, gate }: Context): MandateTools {
  return {
    ...{ store, clock, audit, ledgerTime: gate.ledgerTime, tellTargets: gate.tellTargets },
    async isSigned({ chainId, ...signed }) {
      if (await recovers(signed)) return true
      const chain = gate.chains.get(chainId)
      return chain !== undefined && isSignedBy(chain, signed)
    },
  }
}

/** @throws {KeyAbsentError} 401, or as `requireSession`. */
export async function actorOf(context: Context, request: FastifyRequest): Promise<Actor> {
  const { caller } = request
  if (caller !== null) refuseHeld(caller)
  const hasSession = request.headers['x-session-id'] !== undefined || request.headers['x-thread-id'] !== undefined
  if (!hasSession && caller === null) throw new KeyAbsentError(null)
  const session = hasSession ? await requireSession(context, request) : null
  const app = session?.app ?? caller?.app ?? DEFAULT_APP.name
  return { app, session, isAdmin: caller !== null && caller.app === app && Scope.allows(caller.scopes, 'admin') }
}

/** @throws {MandateError} `mandates:owner:required`. */
export function requireRight(
  { session, isAdmin }: Actor,
  owner: { readonly account: Address.Address; readonly chainId: number },
): void {
  if (!isAdmin && !isProofOf(session?.signedIn ?? null, owner)) throw new MandateError('owner')
}

/** A contract that signed in on one chain changes no mandate of the account at its address on another. @throws {MandateError} */
async function refuseOtherChain(
  { store }: Pick<Context, 'store'>,
  { session, isAdmin }: Actor,
  { app, owner }: { app: string; owner: Address.Address },
): Promise<void> {
  if (isAdmin) return
  const mandate = await findMandate(store.read, { app, owner })
  if (mandate !== null && !isMandateOwner(session?.signedIn ?? null, mandate)) throw new MandateError('owner')
}

/** A mandate that the caller may see and change: of its app, and its own unless it is an admin. Others are not there. */
export async function ownMandate(context: Context, request: WithId): Promise<Row> {
  const actor = await actorOf(context, request)
  const row = await loadRow(context.store.read, request.params.id)
  const isOwner = isMandateOwner(actor.session?.signedIn ?? null, fromRow(row))
  if (row.app !== actor.app || !(actor.isAdmin || isOwner)) throw new MandateError('absent')
  return row
}

/** @throws {PolicyError} `mandates:policy:unreadable`, with line and column in the body as it came. */
export function policyIn(context: Context, request: FastifyRequest, app: string): Policy {
  return parsePolicy(request.rawBody, { format: 'json', vocabulary: vocabularyOf(context, app), path: ['policy'] })
}

/** The tokens, targets and tools that a policy of an app may name. */
export function vocabularyOf({ gate, apps }: Pick<Context, 'gate' | 'apps'>, app: string): Vocabulary {
  const own = apps.get(app)
  return {
    token(chainId, name) {
      const chain = own?.chains == null || own.chains.includes(chainId) ? gate.chains.get(chainId) : undefined
      return (
        chain?.tokens.find(({ symbol, address }) =>
          name.startsWith('0x') ? Address.isEqual(address, name) : symbol === name,
        ) ?? null
      )
    },
    targets: new Map(Object.keys(own?.notify ?? {}).map((name) => [name, ['webhook']])),
    tools: new Map((own?.declared ?? []).map(({ name, kind }) => [name, { kind }])),
  }
}

function ownerOf({ session }: Actor, { owner }: Policy): Address.Address {
  if (owner !== 'session') return owner
  if (session?.signedIn == null) throw new MandateError('unproven')
  return session.signedIn.address
}

/** Which version the caller means to change: `previous` (its digest), or `If-Match` (its number). */
function expectedIn(request: FastifyRequest): { readonly digest?: string; readonly version?: number } | null {
  const previous = textField(request, 'previous')
  const match = /^"?(\d{1,9})"?$/.exec(request.headers['if-match'] ?? '')?.[1]
  if (request.headers['if-match'] !== undefined && match === undefined)
    throw invalidField('if_match', 'The number of the version.')
  if (previous === null && match === undefined) return null
  return {
    ...(previous === null ? {} : { digest: previous }),
    ...(match === undefined ? {} : { version: Number(match) }),
  }
}

function becauseIn(request: FastifyRequest): string {
  return `by hand: ${(textField(request, 'reason') ?? '').slice(0, 200)}`.replace(/: $/, '')
}

/** What a freeze is about, within the rights of the caller: an owner freezes their own, an admin all of the app. */
function subjectIn(
  request: FastifyRequest,
  { app, session, isAdmin }: Actor,
): { readonly app: string; readonly owner?: Address.Address } {
  const wallet = textField(request, 'wallet')
  const named = textField(request, 'app')
  const isAll = bodyOf(request)['all'] === true
  const isSession = textField(request, 'session') !== null
  const own = session?.signedIn?.address ?? null
  if ([wallet !== null, named !== null, isAll, isSession].filter(Boolean).length !== 1)
    throw invalidField('wallet', 'Send one of wallet, session, app, all.')
  if (wallet !== null) {
    const owner = Address.parse(wallet)
    if (!isAdmin && (own === null || !Address.isEqual(own, owner))) throw new MandateError('owner')
    return { app, owner }
  }
  if (isSession) {
    if (own === null) throw new MandateError('unproven')
    return { app, owner: own }
  }
  if (named !== null && named !== app) throw new MandateError('owner')
  // Everything that an owner may freeze is their own.
  if (isAdmin) return { app }
  if (own === null || named !== null) throw new MandateError('owner')
  return { app, owner: own }
}

/** As clients see it: `confirmed` of `live` instances act on it, and what was handed out before. */
export function frozenToWire(
  { gate }: Pick<Context, 'gate'>,
  { frozenMs, fence, outstanding }: Frozen,
): Record<string, unknown> {
  return {
    frozen_at: Clock.iso(frozenMs),
    effective_at: Clock.iso(fence.effectiveMs),
    ...{ confirmed: fence.confirmed, live: fence.live, lapsed: fence.lapsed },
    outstanding: outstanding.map(({ reservation, proposal, account, chainId, nonce, moves }) => ({
      ...{ reservation, proposal, account, chain_id: chainId, nonce },
      could_still_move: moves.assets.map(({ token, amount }) => {
        const chain = gate.chains.get(chainId)
        const known = chain?.tokens.find(({ address }) => token !== null && Address.isEqual(address, token))
        const decimals = token === null ? 18 : (known?.decimals ?? null)
        return {
          token,
          symbol: token === null ? (chain?.nativeSymbol ?? null) : (known?.symbol ?? null),
          decimals,
          amount: decimals === null ? amount : Amount.format(BigInt(amount), decimals),
        }
      }),
    })),
  }
}
