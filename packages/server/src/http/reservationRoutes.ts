import { Address, Clock } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { MandateError } from '../mandates/MandateError.ts'
import type { Held } from '../mandates/ledger/close.ts'
import type { State } from '../mandates/ledger/Reservation.ts'
import * as Amount from '../mandates/policy/Amount.ts'
import { cancelReservation } from '../proposals/decision/cancelReservation.ts'
import { listReservations, type Listed, type ListedLine } from '../proposals/decision/listReservations.ts'
import { proposeNotSigned, releaseNotSigned } from '../proposals/decision/releaseByWord.ts'
import { isProofOf } from '../sessions/Session.ts'
import { field, textField, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { actorOf, mandateToolsOf, type Actor } from './mandateRoutes.ts'
import { showProposal } from './proposalAccess.ts'
import { refuseUnknown, signatureOf } from './proposalRoutes.ts'

const STATES: readonly State[] = ['held', 'open', 'settled', 'released']

/** What the ledger holds, and the owner's word that gives it back: `docs/reference/mandates.md`, "Routes". */
export function reservationRoutes(server: FastifyInstance, context: Context): void {
  const tools = mandateToolsOf(context)

  server.get('/api/reservations', async (request) => {
    const actor = await actorOf(context, request)
    const asked = field(request, 'state')
    const state = STATES.find((each) => each === asked) ?? null
    if (asked !== undefined && state === null) throw invalidField('state', `One of ${STATES.join(', ')}.`)
    const found = await listReservations(context.store.read, { app: actor.app, owner: ownerOf(actor), state })
    return found.filter(isOwnOf(actor)).map((each) => toWire(context, each))
  })

  server.post('/api/reservations/:id/cancel', async (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
    refuseUnknown(request, [])
    const actor = await actorOf(context, request)
    const { app, session } = actor
    // What is staged is signed by the owner's wallet, in the owner's session.
    if (session?.signedIn == null) throw new MandateError('owner')
    const one = { app, owner: session.signedIn.address, id: request.params.id }
    const [found] = (await listReservations(context.store.read, one)).filter(isOwnOf({ ...actor, isAdmin: false }))
    if (found === undefined) throw new MandateError('no-reservation')
    const staged = await cancelReservation(context.gate, { held: found.held, session })
    const [after = found] = await listReservations(context.store.read, one)
    const proposal = staged === null ? null : showProposal(context, staged, session.publicId)
    return reply.status(staged === null ? 200 : 201).send({ reservation: toWire(context, after), proposal })
  })

  server.post(
    '/api/reservations/:id/not-signed',
    async (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
      refuseUnknown(request, ['draft', 'signature'])
      const actor = await actorOf(context, request)
      const { app } = actor
      const { id } = request.params
      const one = { app, owner: ownerOf(actor), id }
      const found = await listReservations(context.store.read, one)
      if (!found.some(isOwnOf(actor))) throw new MandateError('no-reservation')
      const text = textField(request, 'signature')
      if (text === null) {
        const { draft, typedData, expiresMs } = await proposeNotSigned(tools, { id, app })
        return reply.status(202).send({ typed_data: typedData, draft, expires_at: Clock.iso(expiresMs) })
      }
      const draft = textField(request, 'draft') ?? ''
      await releaseNotSigned(tools, { id, app, draft, signature: signatureOf(text) })
      const [after] = await listReservations(context.store.read, one)
      if (after === undefined) throw new MandateError('no-reservation')
      return toWire(context, after)
    },
  )
}

/** Whose reservations the caller sees: their own, or all of the app; without either it sees none. */
function ownerOf({ session, isAdmin }: Actor): Address.Address | null {
  if (isAdmin) return null
  if (session?.signedIn == null) throw new MandateError('owner')
  return session.signedIn.address
}

/** What a contract answered for is proven on its chain alone; a call of a tool is on none. */
function isOwnOf({ session, isAdmin }: Actor): (listed: Listed) => boolean {
  return ({ held: { account, chainId, kind } }) =>
    isAdmin || kind === 'call' || isProofOf(session?.signedIn ?? null, { account, chainId })
}

function toWire(context: Context, { held, lines }: Listed): Record<string, unknown> {
  return {
    ...{ id: held.id, proposal: held.proposal, mandate: held.mandate, kind: held.kind, account: held.account },
    ...{ chain_id: held.chainId, nonce: held.nonce, state: held.state, waits_for: waitsFor(held) },
    deadline: held.deadlineMs === null ? null : Clock.iso(held.deadlineMs),
    lines: lines.map((line) => ({
      ...{ limit: line.limit, unit: line.unit.split(':')[0], window: line.window },
      ...{ symbol: symbolOf(context, held, line), decimals: line.decimals, beyond: line.isBeyond },
      amount: Amount.format(line.amount, line.decimals),
      settled: line.settled === null ? null : Amount.format(line.settled, line.decimals),
    })),
  }
}

/** What closes it; null for what is closed. */
function waitsFor({ state, kind, nonceKind }: Held): string | null {
  if (state === 'held') return 'proposal'
  if (state !== 'open') return null
  if (kind === 'tx') return nonceKind === 'wallet' ? 'transaction or not-signed' : 'nonce or not-signed'
  if (kind === 'document') return 'deadline or not-signed'
  return kind === 'call' ? 'outcome or not-signed' : 'allowance'
}

function symbolOf({ gate }: Pick<Context, 'gate'>, { chainId }: Held, { unit }: ListedLine): string | null {
  const chain = gate.chains.get(chainId)
  if (unit === 'native' || unit === 'fee') return chain?.nativeSymbol ?? null
  const places = unit.startsWith('token:') ? unit.slice('token:'.length).split(',') : []
  const address = places.find((place) => place.startsWith(`${chainId}/`))?.split('/')[1]
  return chain?.tokens.find((token) => address !== undefined && Address.isEqual(token.address, address))?.symbol ?? null
}
