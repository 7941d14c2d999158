import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { batchDigest } from '@countersign/sdk'
import type { Frozen } from '../Frozen.ts'
import { GuardRefusedError, refused, unjudged, type RefusalData } from '../GuardRefusedError.ts'
import type { Settings } from '../Options.ts'
import { accountOf } from './Account.ts'
import { spentByServer } from './AskSpent.ts'
import { askServer, type Answer } from './askServer.ts'
import type { Gate } from './Gate.ts'

type ServerSettings = Extract<Settings, { kind: 'server' }>

/** For one request to the server, in milliseconds. */
const REQUEST_MS = 30_000
/** How often a proposal that waits is asked about, in milliseconds. */
const POLL_MS = 400

/** A request that waits for its owner: the same request again is the same proposal. */
interface Waiting {
  readonly idempotencyKey: string
}

/** A server judges: it gives a grant for these bytes, its owner's page does, or nothing is signed. */
export function serverGate(settings: ServerSettings): Gate {
  const waiting = new Map<string, Waiting>()
  return {
    allow: settings.allow,
    paymasters: settings.paymasters,
    isSpent: spentByServer(settings),
    run: (request, sign) =>
      // The server has one queue for all processes; this one keeps this process from asking for two grants at a time.
      accountOf(request).enqueue(async () => {
        const name = nameOf(request)
        const { idempotencyKey } = waiting.get(name) ?? { idempotencyKey: randomUUID() }
        waiting.set(name, { idempotencyKey })
        let isOver = true
        try {
          const expiresMs = await askForGrant(settings, request, idempotencyKey)
          if (Date.now() >= expiresMs) throw refused('the grant expired before it could be used')
          return await sign()
        } catch (error) {
          isOver = !(error instanceof GuardRefusedError && error.code === -32002)
          throw error
        } finally {
          if (isOver) waiting.delete(name)
        }
      }),
  }
}

function nameOf({ chainId, from, calls, typedData, message }: Frozen): string {
  const text = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value)
  const bytes = calls.map(({ to, value, data }) => ({ to, value, data }))
  return JSON.stringify({ chainId, from, bytes, typedData, message }, text)
}

/** @returns until when the grant is good. */
async function askForGrant(settings: ServerSettings, request: Frozen, idempotencyKey: string): Promise<number> {
  const endMs = Date.now() + settings.waitMs
  const proposed = await propose(settings, request, { idempotencyKey, endMs })
  const { id, state, verdict, url, digest } = proposed
  const data: Partial<RefusalData> = { verdict: text(verdict), proposal: text(id), url: text(url) }
  if (typeof id !== 'string' || typeof url !== 'string')
    throw unjudged('the server answered something else than a proposal')
  if (state === 'blocked') {
    const { because, findings } = await findingsOf(settings, id)
    throw refused(because, { ...data, findings })
  }
  if (request.calls.length > 0 && digest !== (await digestOf(request)))
    throw refused('the server judged other bytes', data)
  if (request.calls.length > 0) await refuseDearFee(settings, request, id)
  let isAnnounced = false
  for (;;) {
    const answer = await post(settings, `/api/proposals/${id}/grant`, { from: request.from, chain_id: request.chainId })
    if (answer.status === 200) return usable(answer.body, request, data)
    if (answer.body['code'] !== 'proposals:grant:waiting') throw ended(answer, data)
    if (!isAnnounced) settings.onWaiting({ id, url, expires_at: String(proposed['expires_at']) })
    isAnnounced = true
    if (Date.now() + POLL_MS > endMs) throw new GuardRefusedError(-32002, `Waiting for the owner: ${url}`, data)
    await sleep(POLL_MS)
  }
}

/** As at the server's JSON-RPC door: a stated price of more than ten times what is needed, once it is above 100 gwei. */
const MAX_FEE_FACTOR = 10n
const MIN_PRICE_WEI = 100n * 10n ** 9n
/** What a user operation needs beside its calls: its verification and its bundler. */
const OPERATION_GAS = 1_000_000n

/** The digest that a grant is for holds no fees, so what the bytes state is measured by what the server's simulation needs. */
async function refuseDearFee(settings: ServerSettings, { calls, feeWei }: Frozen, id: string): Promise<void> {
  const stated = calls.flatMap(({ maxFeePerGas }) => (maxFeePerGas === null ? [] : [maxFeePerGas]))
  if (stated.length === 0 && feeWei === null) return
  const { body } = await call(settings, 'GET', `/api/proposals/${id}`)
  const { gas_estimate: found } = (body['report'] ?? {}) as { readonly gas_estimate?: Record<string, unknown> }
  const [gas, most] = [found?.['gas_limit'], found?.['max_fee_wei']].map((each) =>
    typeof each === 'string' && /^\d+$/.test(each) ? BigInt(each) : null,
  )
  if (gas == null || most == null) throw unjudged('the server does not say what the fee should be')
  const needed = MAX_FEE_FACTOR * (gas === 0n ? 0n : most / gas + 1n)
  const cap = needed > MIN_PRICE_WEI ? needed : MIN_PRICE_WEI
  const isDear =
    stated.some((price) => price > cap) || (feeWei !== null && feeWei > cap * (gas * MAX_FEE_FACTOR + OPERATION_GAS))
  if (isDear) throw refused('its fee is more than ten times what it needs')
}

function usable(grant: Readonly<Record<string, unknown>>, { nonce }: Frozen, data: Partial<RefusalData>): number {
  const expiresMs = Date.parse(String(grant['expires_at']))
  if (typeof grant['grant'] !== 'string' || Number.isNaN(expiresMs))
    throw unjudged('the server answered something else than a grant')
  const granted = grant['nonce']
  if (nonce !== null && typeof granted === 'number' && granted !== nonce)
    throw refused(`nonce ${nonce} of the transaction, nonce ${granted} of the grant`, data)
  return expiresMs
}

async function propose(
  settings: ServerSettings,
  request: Frozen,
  { idempotencyKey, endMs }: { readonly idempotencyKey: string; readonly endMs: number },
): Promise<Readonly<Record<string, unknown>>> {
  const { chainId, from, calls, typedData, message } = request
  const body = {
    ...{ from, chain_id: chainId, idempotency_key: idempotencyKey, client: { name: '@countersign/guard' } },
    ...(message !== null ? { message } : typedData !== null ? { typed_data: typedData } : {}),
    ...(calls.length === 0
      ? {}
      : {
          transactions: calls.map(({ to, value, data, gas }) => ({
            ...(to === null ? {} : { to }),
            ...{ value: value.toString(), data },
            ...(gas === null ? {} : { gas: gas.toString() }),
          })),
        }),
  }
  for (;;) {
    const answer = await post(settings, '/api/proposals', body)
    if (answer.status === 200 || answer.status === 201) return answer.body
    // Something of the account is on its way; it is soon over.
    if (answer.status !== 503 || Date.now() + POLL_MS > endMs) throw ended(answer, {})
    await sleep(POLL_MS)
  }
}

async function findingsOf(
  settings: ServerSettings,
  id: string,
): Promise<{ readonly because: string; readonly findings: RefusalData['findings'] }> {
  const fallback = { because: 'the simulation blocked it', findings: [] }
  try {
    const { body } = await call(settings, 'GET', `/api/proposals/${id}`)
    const { findings } = (body['report'] ?? {}) as { readonly findings?: RefusalData['findings'] }
    const worst = findings?.find(({ level }) => level === 'block')?.['because']
    return { because: typeof worst === 'string' ? worst : fallback.because, findings: findings ?? [] }
  } catch {
    return fallback
  }
}

/** What became of a request that gets no grant. */
function ended({ status, body }: Answer, data: Partial<RefusalData>): GuardRefusedError {
  const sentence = text(body['error']) ?? `the server answered HTTP ${status}`
  return status === 400 || status === 404 || status === 409 ? refused(sentence, data) : unjudged(sentence)
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function digestOf({ chainId, from, calls }: Frozen): Promise<string> {
  const wire = calls.map(({ to, value, data }) => ({ to, value: value.toString(), data }))
  return batchDigest({ chain_id: chainId, from, calls: wire })
}

function post(settings: ServerSettings, path: string, body: unknown): Promise<Answer> {
  return call(settings, 'POST', path, body)
}

function call(settings: ServerSettings, method: string, path: string, body?: unknown): Promise<Answer> {
  return askServer(settings, { method, path, timeoutMs: REQUEST_MS, ...(body === undefined ? {} : { body }) })
}

/** The first chain that a server serves: where what names no chain is judged. */
export async function serverChain(settings: ServerSettings): Promise<number> {
  const { body } = await call(settings, 'GET', '/api/config')
  const [first] = (body['chains'] ?? []) as readonly { readonly chain_id?: unknown }[]
  if (typeof first?.chain_id !== 'number') throw unjudged('the server serves no chain')
  return first.chain_id
}
