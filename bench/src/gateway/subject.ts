/**
 * One server under load, in a process of its own. `ours` is the whole server; `node:http, same work` does by hand what
 * the gate does for the route (parse, checksum, hash, cached look-up, constant-time compare, flood, key and address
 * limits, headers, JSON), with our own pure functions; `node:http, nothing` only answers; `node:http, fsync` answers when
 * a thread has kept what a commit writes, with one `fsync` for all that wait; `better-auth` verifies the same keys with
 * its API-key plugin on its in-memory adapter.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { startServer } from '@countersign/server'
import * as ApiKey from '../../../packages/server/src/keys/ApiKey.ts'
import type { Decision, Window } from '../../../packages/server/src/limits/Gcra.ts'
import { createLocalLimiter } from '../../../packages/server/src/limits/localLimiter.ts'
import * as RateLimitHeaders from '../../../packages/server/src/limits/RateLimitHeaders.ts'

export type Kind = 'ours' | 'node:http, same work' | 'node:http, nothing' | 'node:http, fsync' | 'better-auth'

export interface SubjectInput {
  readonly kind: Kind
  readonly dataDir: string
  /** The keys that will be presented. */
  readonly keys: readonly { readonly id: string; readonly text: string }[]
}

/** Far above what is sent, so that every limit is computed and none refuses. */
const wide = (name: string): Window[] => [{ name, limit: 100_000_000, windowMs: 60_000 }]

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function open({ kind, dataDir, keys }: SubjectInput): Promise<string> {
  switch (kind) {
    case 'ours': {
      const server = await startServer({
        port: 0,
        dataDir,
        chains: [],
        env: {},
        webRoot: null,
        logLevel: 'warn',
        limits: {
          key: wide('key'),
          ip: wide('ip'),
          flood: wide('flood'),
          failures: wide('failures'),
          poll: wide('poll'),
        },
      })
      return server.url
    }
    case 'node:http, same work': {
      const mac = (text: string) => hash('sha256', text)
      const cache = new Map(keys.map(({ id, text }) => [mac(text), { id, digest: Buffer.from(mac(text), 'hex') }]))
      const limiter = createLocalLimiter()
      const [flood, ofKey, ofAddress] = [wide('flood'), wide('key'), wide('ip')]
      return listen((request, response) => {
        const text = request.headers['aomi-app-key']
        const parsed = typeof text === 'string' ? ApiKey.parse(text) : null
        if (parsed === null) return void response.writeHead(401).end()
        const ip = `ip:${request.socket.remoteAddress ?? ''}`
        void limiter.charge([{ bucket: ip, windows: flood, cost: 1 }])
        const digest = mac(parsed.text)
        const found = cache.get(digest)
        if (found === undefined || !timingSafeEqual(found.digest, Buffer.from(digest, 'hex')))
          return void response.writeHead(401).end()
        const decision = limiter.charge([
          { bucket: `key:${found.id}`, windows: ofKey, cost: 1 },
          { bucket: ip, windows: ofAddress, cost: 1 },
        ]) as Decision
        const fields = RateLimitHeaders.of(decision.states)
        const body = JSON.stringify({
          id: found.id,
          app: parsed.app,
          scopes: ['read', 'chat', 'simulate'],
          expires_at: null,
          quarantine: null,
        })
        response.writeHead(200, {
          'content-type': 'application/json; charset=utf-8',
          'content-length': body.length,
          'ratelimit-policy': fields?.policy ?? '',
          ratelimit: fields?.state ?? '',
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
        })
        response.end(body)
      })
    }
    case 'node:http, nothing':
      return listen((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 }).end('{}')
      })
    case 'node:http, fsync': {
      const waiting = new Map<number, () => void>()
      let fsyncsMs: number[] = []
      const thread = new Worker(new URL('./fsyncThread.ts', import.meta.url), {
        workerData: { path: join(dataDir, 'fsync') },
      })
      thread.on('message', ({ ids, tookMs }: { ids: readonly number[]; tookMs: number }) => {
        fsyncsMs.push(tookMs)
        for (const id of ids) {
          waiting.get(id)?.()
          waiting.delete(id)
        }
      })
      let lastId = 0
      return listen((request, response) => {
        const answer = (body: string): void =>
          void response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
        if (request.method === 'GET') {
          // How long each took since the last question.
          answer(JSON.stringify(fsyncsMs))
          fsyncsMs = []
          return
        }
        request.resume().on('end', () => {
          lastId += 1
          waiting.set(lastId, () => answer('{}'))
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
          thread.postMessage(lastId)
        })
      })
    }
    case 'better-auth': {
      const { betterAuth } = await import('better-auth')
      const { memoryAdapter } = await import('better-auth/adapters/memory')
      const { apiKey, defaultKeyHasher } = await import('@better-auth/api-key')
      const db: Record<string, Record<string, unknown>[]> = {
        user: [],
        session: [],
        account: [],
        verification: [],
        apikey: [],
      }
      const auth = betterAuth({
        baseURL: 'http://127.0.0.1',
        secret: createHmac('sha256', 'bench').update('bench').digest('base64'),
        database: memoryAdapter(db),
        telemetry: { enabled: false },
        logger: { disabled: true },
        plugins: [apiKey({ rateLimit: { enabled: true, timeWindow: 60_000, maxRequests: 100_000_000 } })],
      })
      const now = new Date()
      for (const { id, text } of keys) {
        db['apikey']?.push({
          id,
          configId: 'default',
          name: id,
          start: text.slice(0, 6),
          referenceId: 'bench',
          prefix: null,
          key: await defaultKeyHasher(text),
          refillInterval: null,
          refillAmount: null,
          lastRefillAt: null,
          enabled: true,
          rateLimitEnabled: true,
          rateLimitTimeWindow: 60_000,
          rateLimitMax: 100_000_000,
          requestCount: 0,
          remaining: null,
          lastRequest: null,
          expiresAt: null,
          createdAt: now,
          updatedAt: now,
          permissions: null,
          metadata: null,
        })
      }
      return listen((request, response) => {
        const key = request.headers['aomi-app-key'] as string
        auth.api.verifyApiKey({ body: { key } }).then(
          (answer) => {
            const body = JSON.stringify({ id: answer.key?.id })
            response
              .writeHead(answer.valid ? 200 : 401, {
                'content-type': 'application/json',
                'content-length': body.length,
              })
              .end(body)
          },
          () => response.writeHead(500).end(),
        )
      })
    }
  }
}

const url = await open(JSON.parse(readFileSync(0, 'utf8')) as SubjectInput)
process.stdout.write(`${JSON.stringify({ url })}\n`)
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.exit(0)
}, 1_000).unref()
