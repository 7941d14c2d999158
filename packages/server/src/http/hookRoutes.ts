import { timingSafeEqual } from 'node:crypto'
import { Address } from '@countersign/base'
import { signWebhook, WEBHOOK_HEADER, WEBHOOK_WINDOW_S } from '@countersign/sdk'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { freezeMandates, loadRow, type Subject } from '../mandates/grant/changeState.ts'
import { MandateError } from '../mandates/MandateError.ts'
import { showMandate } from '../mandates/grant/showMandate.ts'
import { textField, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'
import { frozenToWire, mandateToolsOf } from './mandateRoutes.ts'
import { refuseUnknown } from './proposalRoutes.ts'

/**
 * `POST /api/hooks/freeze`: another program's alarm freezes. It is signed like a webhook that this server sends, with the secret of
 * one of the app's webhooks, and reaches no further than that app. A message that is sent again freezes again.
 */
export function hookRoutes(server: FastifyInstance, context: Context): void {
  const tools = mandateToolsOf(context)
  server.post('/api/hooks/freeze', async (request) => {
    refuseUnknown(request, ['app', 'mandate', 'wallet', 'session'])
    const app = textField(request, 'app') ?? ''
    await requireSigned(context, request, app)
    const frozen = await freezeMandates(tools, { subject: await subjectIn(context, request, app), because: 'hook' })
    const nowMs = context.clock.nowMs()
    return {
      ...frozenToWire(context, frozen),
      mandates: await Promise.all(frozen.mandates.map((row) => showMandate(context.store.read, row, nowMs))),
    }
  })
}

/** One answer for an app that is not there, one without webhooks, and a signature that does not match. */
async function requireSigned({ apps, clock, secretOf }: Context, request: FastifyRequest, app: string): Promise<void> {
  const own = apps.get(app)
  const header = request.headers[WEBHOOK_HEADER.toLowerCase()]
  const [, time = '', marks = ''] = /^t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,4})$/.exec(String(header ?? '')) ?? []
  const atS = Number(time)
  const isFresh = time !== '' && Math.abs(clock.nowMs() / 1_000 - atS) <= WEBHOOK_WINDOW_S
  const names = Object.values(own?.notify ?? {}).flatMap(({ webhook }) => webhook?.secrets ?? [])
  let isSigned = false
  for (const name of new Set(names)) {
    const secret = own === undefined ? null : secretOf(own, name)
    if (secret === null || secret === '') continue
    const expected = Buffer.from(
      (await signWebhook(request.rawBody, { secrets: [secret], atS })).split(',v1=')[1] ?? '',
    )
    for (const mark of marks.split(',v1=').slice(1)) isSigned = timingSafeEqual(Buffer.from(mark), expected) || isSigned
  }
  if (!isFresh || !isSigned)
    throw new HttpError(
      401,
      'http:hook:unsigned',
      'The message is not signed with a secret of a webhook of this app, or not within 300 seconds.',
      `Send ${WEBHOOK_HEADER}: t=<seconds>,v1=<hmac-sha256(secret, t "." body)>.`,
    )
}

/** One mandate, one wallet, the wallet of one session (by its handle), or all of the app. */
async function subjectIn({ store }: Context, request: FastifyRequest, app: string): Promise<Subject> {
  const [mandate, wallet, session] = ['mandate', 'wallet', 'session'].map((name) => textField(request, name))
  if ([mandate, wallet, session].filter((each) => each != null).length > 1)
    throw invalidField('wallet', 'Send one of mandate, wallet, session, or none for all of the app.')
  if (mandate != null) {
    if ((await loadRow(store.read, mandate)).app !== app) throw new MandateError('absent')
    return { mandate, app }
  }
  if (wallet != null) {
    if (!Address.isAddress(wallet)) throw invalidField('wallet', 'An address.')
    return { owner: Address.parse(wallet), app }
  }
  if (session == null) return { app }
  const row = await store.read
    .selectFrom('sessions')
    .select('wallet_address')
    .where('handle', '=', session)
    .where('app', '=', app)
    .executeTakeFirst()
  if (row?.wallet_address == null) throw new MandateError('unproven')
  return { owner: Address.parse(row.wallet_address), app }
}
