import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { startServer, type RunningServer, type ServerOptions } from '@countersign/server'
import { expect } from 'vitest'
import { call } from '../faults/calls.ts'

/** A proposal as the API shows it. */
export interface Shown {
  readonly id: string
  readonly state: string
  readonly digest: string
  readonly level: string
  readonly questions: readonly { readonly argument: string; readonly value: string; readonly source: string }[]
  readonly provenance: readonly { readonly argument: string; readonly value: string; readonly source: string }[]
  readonly result: { readonly status: number | null; readonly body: unknown; readonly problem?: string } | null
  readonly [more: string]: unknown
}

/** A client of an app, with one key. */
export interface AppClient {
  ask(
    method: string,
    path: string,
    sessionId: string | null,
    body?: object,
  ): Promise<{ status: number; body: Record<string, unknown>; code: unknown }>
  /** Says something and waits for the turn; answers the last message. */
  say(sessionId: string, message: string, more?: object): Promise<string>
  list(sessionId: string): Promise<Shown[]>
  confirm(sessionId: string, proposal: Shown, more?: object): ReturnType<AppClient['ask']>
  /** Confirms as a person does who types whatever is asked. */
  retype(sessionId: string, proposal: Shown): ReturnType<AppClient['ask']>
}

export function appClient(url: string, { app, key }: { app: string; key: string }): AppClient {
  const headers = key === '' ? {} : { 'x-api-key': key }
  const ask: AppClient['ask'] = async (method, path, sessionId, body) => {
    const answer = await call(method, `${url}${path}`, {
      ...(sessionId === null ? {} : { sessionId }),
      headers,
      ...(body === undefined ? {} : { body }),
    })
    return { status: answer.status, body: answer.body, code: answer.body['code'] }
  }
  return {
    ask,
    async say(sessionId, message, more = {}) {
      const sent = await ask('POST', '/api/chat', sessionId, { app, message, ...more })
      expect(sent.status, JSON.stringify(sent.body)).toBe(200)
      for (;;) {
        const { body } = await ask('GET', '/api/state', sessionId)
        if (body['is_processing'] === false) return (body['messages'] as { content: string }[]).at(-1)?.content ?? ''
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
    },
    async list(sessionId) {
      const response = await fetch(`${url}/api/proposals`, { headers: { ...headers, 'x-session-id': sessionId } })
      return (await response.json()) as Shown[]
    },
    confirm: (sessionId, { id, digest }, more = {}) =>
      ask('POST', `/api/proposals/${id}/confirm`, sessionId, { digest, ...more }),
    retype: (sessionId, { id, digest, questions }) =>
      ask('POST', `/api/proposals/${id}/confirm`, sessionId, {
        digest,
        step_up: {
          method: 'retype',
          values: Object.fromEntries(questions.map(({ argument, value }) => [argument, value])),
        },
      }),
  }
}

/** Writes the files of an app below a folder of apps. */
export function writeApp(folder: string, name: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const at = join(folder, name, path)
    mkdirSync(dirname(at), { recursive: true })
    writeFileSync(at, text)
  }
}

/** A server with a folder of apps, without chains and limits. */
export function startApps(
  { dataDir, folder }: { dataDir: string; folder: string },
  more: Partial<ServerOptions> = {},
): Promise<RunningServer> {
  return startServer({
    port: 0,
    dataDir,
    chains: [],
    webRoot: null,
    logLevel: 'silent',
    limits: { key: [], ip: [], poll: [], flood: [], failures: [] },
    ...more,
    env: { COUNTERSIGN_APPS_DIR: folder, ...more.env },
  })
}

export interface Service {
  readonly origin: string
  close(): void
}

/** An HTTP server on loopback that answers as it is told. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void | Promise<void>,
): Promise<Service> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      await answer(request, response, Buffer.concat(chunks).toString())
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
