import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One JSON-RPC answer, as a provider may spell it: also wrongly. */
export type Answer = Record<string, unknown>
export interface Asked {
  readonly method: string
  readonly params: readonly unknown[]
}

/** What the provider does with one call. `honest` asks the chain. */
export type Behaviour = (asked: Asked, honest: () => Promise<Answer>) => Answer | Promise<Answer>

export interface HostileProvider {
  readonly url: string
  /** The secret in its URL, which must never be seen outside. */
  readonly secret: string
  /** Calls that it was asked, by method. */
  readonly asked: Map<string, number>
  /** Edits each answer; null answers honestly. */
  behave: Behaviour | null
  /** Takes over the whole HTTP answer. */
  answer: ((response: ServerResponse) => void) | null
  close(): Promise<void>
}

/** A provider in front of a chain that does what a test tells it to. Honest at first. */
export async function startHostileProvider(chainUrl: string): Promise<HostileProvider> {
  const secret = 'sk-provider-1f2e3d4c5b6a'
  let nextId = 1
  async function honest(asked: Asked): Promise<Answer> {
    const response = await fetch(chainUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: nextId++, ...asked }),
    })
    const { id: _, ...answer } = (await response.json()) as Answer
    return answer
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    request.on('end', () => {
      void (async () => {
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
        const calls = (Array.isArray(body) ? body : [body]) as (Asked & { id: unknown })[]
        for (const { method } of calls) provider.asked.set(method, (provider.asked.get(method) ?? 0) + 1)
        if (provider.answer !== null) return provider.answer(response)
        const answers = await Promise.all(
          calls.map(async ({ id, method, params }) => ({
            jsonrpc: '2.0',
            id,
            ...(await (provider.behave === null
              ? honest({ method, params })
              : provider.behave({ method, params }, () => honest({ method, params })))),
          })),
        )
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
      })().catch(() => response.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const provider: HostileProvider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3/${secret}`,
    secret,
    asked: new Map(),
    behave: null,
    answer: null,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return provider
}

/** Only one method is answered otherwise. */
export const lieAbout =
  (lies: Readonly<Record<string, unknown>>): Behaviour =>
  async ({ method }, honest) =>
    Object.hasOwn(lies, method) ? { result: lies[method] } : honest()
