import { timingSafeEqual, createHash } from 'node:crypto'
import { Clock, Redacted } from '@countersign/base'
import type { FastifyInstance } from 'fastify'
import * as InitData from '../telegram/InitData.ts'
import { BotUnreachableError } from '../telegram/TelegramBot.ts'
import { listWaiting } from '../telegram/listWaiting.ts'
import { answerChat, listWaitingChats, makeCode, takeOnce } from '../telegram/wallets.ts'
import { bodyOf, textField, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'
import { policyWith, type SendPage } from './pages.ts'
import { refuseUnknown } from './proposalRoutes.ts'
import { ownerIn } from './reachRoutes.ts'

/** The bot's webhook, the mini app, and how an owner connects a chat: `docs/guide/telegram.md`. */
export function telegramRoutes(server: FastifyInstance, context: Context, { sendPage }: { sendPage: SendPage }): void {
  const { telegram } = context

  server.post('/telegram/webhook', async (request) => {
    const secret = telegram?.webhookSecret ?? null
    if (telegram === null || secret === null)
      throw new HttpError(404, 'telegram:webhook:off', 'This server has no webhook of Telegram.', 'The bot polls.')
    const header = request.headers['x-telegram-bot-api-secret-token']
    if (typeof header !== 'string' || !isSame(header, Redacted.reveal(secret)))
      throw new HttpError(
        401,
        'telegram:webhook:unsigned',
        'The update does not bear the secret of the webhook.',
        'Telegram sends it in X-Telegram-Bot-Api-Secret-Token.',
      )
    const update = bodyOf(request)
    if (!Number.isSafeInteger(update['update_id']))
      throw new HttpError(400, 'telegram:update:unreadable', 'The update has no update_id.', 'Send an Update.')
    await telegram.take(update)
    return { taken: true }
  })

  // What the mini app shows: what waits for the wallets of its user, with links that open where a wallet is.
  server.post('/api/telegram/open', async (request, reply) => {
    refuseUnknown(request, ['init_data'])
    if (telegram === null) throw off()
    const launch = InitData.check(textField(request, 'init_data') ?? '', {
      ...{ token: Redacted.reveal(telegram.token), nowMs: context.clock.nowMs() },
    })
    if (!(await takeOnce(context, { id: `launch:${launch.hash}`, untilMs: launch.untilMs })))
      throw new InitData.InitDataError('used')
    const waiting = await listWaiting(context, { userId: launch.userId, page: context.origins.page() })
    return reply.header('cache-control', 'no-store').send({ waiting })
  })

  server.post('/api/reach/telegram', async (request, reply) => {
    // Who asks comes first: a key that is held is told nothing else.
    const { app, sid, signedIn } = await ownerIn(context, request)
    refuseUnknown(request, [])
    if (telegram === null) throw off()
    const { username } = telegram
    if (username === null) throw new BotUnreachableError()
    const { code, expiresMs } = await makeCode(context, { app, sid, wallet: signedIn })
    const url = `https://t.me/${encodeURIComponent(username)}?start=${code}`
    return reply.header('cache-control', 'no-store').send({ url, bot: username, expires_at: Clock.iso(expiresMs) })
  })

  // Which chats were brought a code of this very session. A code that got around connects nothing without its owner.
  server.get('/api/reach/telegram', async (request, reply) => {
    const { sid } = await ownerIn(context, request)
    const waiting = await listWaitingChats(context, { sid })
    return reply.header('cache-control', 'no-store').send({
      waiting: waiting.map((each) => ({
        ...{ id: each.id, user: each.label, user_id: each.userId, expires_at: Clock.iso(each.expiresMs) },
      })),
    })
  })

  server.post('/api/reach/telegram/answer', async (request) => {
    const { sid, owner } = await ownerIn(context, request)
    refuseUnknown(request, ['id', 'connect'])
    const { connect } = bodyOf(request)
    if (typeof connect !== 'boolean') throw invalidField('connect', 'Send true or false.')
    const answer = { id: textField(request, 'id') ?? '', sid, owner, isOwn: connect }
    const connected = await answerChat(context.reach, answer)
    if (connected !== null) await telegram?.connected(connected)
    return { connected: connected !== null }
  })

  // Telegram in a browser shows mini apps in a frame; its own programs do not.
  const framed = {
    ...policyWith("frame-ancestors 'none'", 'frame-ancestors https://web.telegram.org'),
    'cross-origin-resource-policy': 'cross-origin',
  }
  server.get('/telegram', async (_request, reply) => sendPage(reply, 'telegram.html', framed))
}

function off(): HttpError {
  return new HttpError(
    503,
    'telegram:bot:off',
    'This server has no bot of Telegram.',
    'Its operator can set COUNTERSIGN_TELEGRAM_TOKEN.',
  )
}

/** Compares without telling where two texts differ, or how long one is. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
