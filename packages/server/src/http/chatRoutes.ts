import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { BaseError, Clock, Hex, Json } from '@countersign/base'
import { safeText } from '@countersign/simulator'
import type { App } from '../apps/App.ts'
import { reportUnsigned } from '../proposals/rejectProposal.ts'
import { findByTxIds } from '../proposals/rows.ts'
import { submitSignature } from '../proposals/submitSignature.ts'
import { submitSteps } from '../proposals/submitStep.ts'
import { readWallet, SessionAbsentError, type Session, type WalletClaim } from '../sessions/Session.ts'
import { loadSession, noteWallet } from '../sessions/sessions.ts'
import { MAX_MESSAGE_LENGTH } from '../turns/createTurns.ts'
import { appOf, bodyOf, field, sessionIdOf, textField, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'
import { isFromBrowser } from './gateway.ts'
import { signatureOf } from './proposalRoutes.ts'
import { MAX_VALUES } from './rawBody.ts'
import { authorityOf, enterSession, openApp, requireSession, sessionOf } from './sessionAccess.ts'
import { NO_SESSION, snapshotOf, takeSystemEvents } from './snapshot.ts'

/** How many lines a client has of the conversation, where it says so; null where it wants all. */
function messagesFrom(request: FastifyRequest): number | null {
  const from = field(request, 'messages_from')
  return from === undefined ? null : wholeNumber('messages_from', from, { max: 1_000_000 })
}

/** Chat, state, interrupt, system and events, as Aomi's published clients (G1, G2) speak them. */
export function chatRoutes(server: FastifyInstance, context: Context): void {
  server.post('/api/chat', async (request) => {
    const { app, owner } = await openApp(context, request)
    const publicId = sessionIdOf(request)
    const message = textField(request, 'message')
    if (message === null || message.trim() === '')
      throw invalidField('message', 'Say something: message must not be empty.')
    if (message.length > MAX_MESSAGE_LENGTH) {
      throw new HttpError(
        413,
        'http:message:oversize',
        'The message is too long.',
        `Send at most ${MAX_MESSAGE_LENGTH} characters.`,
      )
    }
    const wallet = walletOf(request)
    const opened = await enterSession(context, request, { publicId, app, owner })
    if (wallet !== null) await noteWallet(context, { session: opened, wallet })
    const fromIdx = messagesFrom(request) ?? 0
    const tools = toolNames(bodyOf(request)['tools'])
    const authority = await authorityOf(context, request, opened)
    await context.turns.say(opened, app, message, tools === null ? authority : { ...authority, tools })
    return snapshotOf(context, loadSession(context.store, { sid: opened.sid }), { fromIdx })
  })

  server.get('/api/state', async (request, reply) => {
    const session = await sessionOf(context, request)
    if (session === null) return NO_SESSION
    const wallet = walletOf(request)
    // Published clients get the whole list, and pay for what is copied; who says what it has gets what is new.
    const from = messagesFrom(request)
    const fromIdx = from ?? 0
    if (from === null) await server.charge(request, reply, Math.floor(session.messageBytes / POLLED_BYTES))
    if (wallet === null) return snapshotOf(context, session, { fromIdx })
    await noteWallet(context, { session, wallet })
    return snapshotOf(context, loadSession(context.store, { sid: session.sid }), { fromIdx })
  })

  server.post('/api/interrupt', async (request) => {
    const session = await requireSession(context, request, undefined, { onlyEnds: true })
    await context.turns.interrupt(session.sid)
    // As it is now: published clients go on when no turn runs any more.
    return snapshotOf(context, loadSession(context.store, { sid: session.sid }))
  })

  server.get('/api/events', async (request, reply) => {
    const session = await requireSession(context, request)
    const count = field(request, 'count')
    const limit = count === undefined ? 200 : Number(count)
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1_000)
      throw invalidField('count', 'A whole number from 1 to 1000.')
    await server.charge(request, reply, Math.floor(limit / 250))
    return takeSystemEvents(context, session.sid, 'events_seq', limit)
  })

  server.post('/api/system', async (request) => {
    const message = textField(request, 'message')
    const session = await sessionOf(context, request)
    // Pages say so the moment a wallet connects; the first message says it again.
    if (session === null && !isWalletState(message)) throw new SessionAbsentError()
    const said = session === null ? 'Noted with the first message.' : await handleSystem(context, session, message)
    return {
      res: {
        sender: 'system',
        content: said,
        timestamp: Clock.iso(context.clock.nowMs()),
        is_streaming: false,
        tool_result: null,
      },
    }
  })
}

/** A list of tools that something is held to; null where none is given. */
export function toolNames(value: unknown): readonly string[] | null {
  if (value === undefined || value === null) return null
  if (
    !Array.isArray(value) ||
    value.length > 200 ||
    !value.every((each) => typeof each === 'string' && each.length <= 200)
  )
    throw invalidField('tools', 'A list of names of tools.')
  return value as string[]
}

/** What a poll copies for one further unit. */
const POLLED_BYTES = 256 * 1024

function wholeNumber(name: string, value: unknown, { max }: { max: number }): number {
  const number = typeof value === 'string' && /^\d{1,7}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 && number <= max) return number
  throw invalidField(name, `A whole number from 0 to ${max}.`)
}

/**
 * `user_state` as JSON text in the query (published clients) or as an object in the body. What is no wallet is "no wallet",
 * because a chat that fails tells its user less than an agent that asks for one.
 *
 * @throws {BaseError} `base:json:duplicate`.
 */
function walletOf(request: FastifyRequest): WalletClaim | null {
  const claim = claimOf(request)
  return claim !== null && isFromBrowser(request) ? { ...claim, isPage: true } : claim
}

function claimOf(request: FastifyRequest): WalletClaim | null {
  const value = field(request, 'user_state')
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') return readWallet(value)
  if (Json.holdsMore(value, MAX_VALUES)) throw invalidField('user_state', 'Send the wallet, and what it is asked for.')
  try {
    return readWallet(Json.parse(value))
  } catch (error) {
    if (error instanceof BaseError) throw error
    return readWallet(null)
  }
}

const SYSTEM = z.object({ type: z.string().max(100), payload: z.record(z.string(), z.unknown()).optional() })
/** Whether a wallet connected, changed or went away, and nothing else. */
function isWalletState(message: string | null): boolean {
  try {
    return SYSTEM.parse(Json.parse(message ?? '')).type === 'wallet:state_changed'
  } catch {
    return false
  }
}

const TX_COMPLETE = z.object({
  txHash: z.string().optional(),
  status: z.enum(['success', 'failed']),
  error: z.string().optional(),
  pending_tx_ids: z.array(z.number().int().positive()).min(1).max(32),
})

const EIP712_RESPONSE = z.object({
  status: z.enum(['success', 'failed']),
  signature: z.string().optional(),
  error: z.string().optional(),
  pending_eip712_id: z.union([z.number().int().positive(), z.string().regex(/^[1-9]\d{0,15}$/)]),
})

/** A signature, or its refusal, as published clients report it. It is verified before anything is believed. */
async function handleSignature(
  context: Context,
  session: Session,
  payload: Readonly<Record<string, unknown>>,
  app: App | undefined,
): Promise<string> {
  const parsed = EIP712_RESPONSE.safeParse(payload)
  if (!parsed.success) {
    throw new HttpError(
      400,
      'http:system:unreadable',
      'wallet_eip712_response cannot be read.',
      'It needs status, signature and pending_eip712_id.',
    )
  }
  const { status, signature, error, pending_eip712_id: id } = parsed.data
  const [proposal] = await findByTxIds(context.store.read, { sid: session.sid, txIds: [Number(id)] })
  if (proposal === undefined) {
    throw new HttpError(
      404,
      'proposals:proposal:absent',
      'No proposal of this session has this document.',
      'Use the ids of pending_eip712s.',
    )
  }
  const where = { id: proposal.id, sid: session.sid }
  if (status === 'failed') {
    const because = error ?? 'The wallet did not sign it.'
    return noteUnsigned(context, session, app, where, because)
  }
  await submitSignature(context.gate, { ...where, signature: signatureOf(signature ?? null) })
  // The signature is a power of its own: the model is told that there is one, not what it is.
  if (app !== undefined) await context.turns.notify(session, app, '[wallet] Signed and verified.')
  return 'Noted. The signature is good.'
}

/** A client says that it did not sign. The chain is looked at first: it may have lost sight of what it sent. */
async function noteUnsigned(
  context: Context,
  session: Session,
  app: App | undefined,
  where: { readonly id: string; readonly sid: string },
  because: string,
): Promise<string> {
  const proposal = await reportUnsigned(context.gate, { ...where, because })
  const hash = proposal.calls.find((call) => call.txNonce !== null)?.txHash ?? null
  if (hash !== null) return `Noted. It was sent all the same: ${hash} is on chain or on its way.`
  if (app !== undefined && proposal.state === 'rejected')
    await context.turns.notify(
      session,
      app,
      `[wallet] Not signed. The wallet said: ${JSON.stringify(safeText(because, 200))}`,
    )
  return 'Noted: it was not signed.'
}

/** A wallet's answer, as published clients report it. The hash is noted, looked up on chain, and never believed. */
async function handleSystem(context: Context, session: Session, message: string | null): Promise<string> {
  let parsed: z.infer<typeof SYSTEM>
  try {
    parsed = SYSTEM.parse(Json.parse(message ?? ''))
  } catch {
    throw new HttpError(
      400,
      'http:system:unreadable',
      'The system message cannot be read.',
      'Send message={"type": "…", "payload": {…}} as JSON text.',
    )
  }
  const app = appOf(context, session.app) ?? undefined
  if (parsed.type === 'wallet:state_changed') {
    await noteWallet(context, { session, wallet: { ...readWallet(parsed.payload ?? {}), ext: session.wallet.ext } })
    return 'Wallet state noted.'
  }
  if (parsed.type === 'wallet_eip712_response') return handleSignature(context, session, parsed.payload ?? {}, app)
  if (parsed.type !== 'wallet:tx_complete') {
    throw new HttpError(
      400,
      'http:system:unknown',
      `The system message "${parsed.type.slice(0, 60)}" is not known here.`,
      'Known: wallet:tx_complete, wallet_eip712_response, wallet:state_changed.',
    )
  }
  const payload = TX_COMPLETE.safeParse(parsed.payload ?? {})
  if (!payload.success) {
    throw new HttpError(
      400,
      'http:system:unreadable',
      'wallet:tx_complete cannot be read.',
      'It needs txHash, status and pending_tx_ids.',
    )
  }
  const { status, error, pending_tx_ids: ids, txHash } = payload.data
  const owners = await findByTxIds(context.store.read, { sid: session.sid, txIds: ids })
  if (owners.length === 0) {
    throw new HttpError(
      404,
      'proposals:proposal:absent',
      'No proposal of this session has these transactions.',
      'Use the ids of pending_txs.',
    )
  }
  const hash = status === 'failed' ? null : Hex.parse(txHash ?? '')
  if (hash !== null && Hex.size(hash) !== 32) throw invalidField('txHash', 'A transaction hash has 32 bytes.')
  // Each is noted by itself: what is wrong with one says nothing of the others.
  const noted = await Promise.allSettled(
    owners.map(async (proposal) => {
      const where = { id: proposal.id, sid: session.sid }
      if (hash === null) return noteUnsigned(context, session, app, where, error ?? 'The wallet did not sign it.')
      const steps = proposal.calls.filter((call) => ids.includes(call.txId)).map((call) => call.step)
      const noted = await submitSteps(context.gate, { ...where, steps, txHash: hash })
      if (!noted.calls.some((call) => steps.includes(call.step) && call.txHash !== null))
        return `Noted. The proposal is ${noted.state}, and nothing of it is on chain yet; it is looked for.`
      if (app !== undefined)
        await context.turns.notify(session, app, `[wallet] Submitted ${hash}; checking it on chain.`)
      return 'Noted. The transaction is being verified on chain.'
    }),
  )
  for (const each of noted) if (each.status === 'rejected') throw each.reason
  const said = noted.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  return [...new Set(said)].join(' ')
}
