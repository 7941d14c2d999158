import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startServer } from '@countersign/server'
import type { ToolUse } from './corpus.ts'

/** A proposal as the API shows it. */
export interface Shown {
  readonly id: string
  readonly state: string
  readonly digest: string
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  readonly level: string
  readonly questions: readonly {
    readonly argument: string
    readonly value: string
    readonly source: string
    readonly because: string
  }[]
  readonly reason: string | null
}

/** What the model does in one step: a call, or several in one breath. */
export type Step = ToolUse | readonly ToolUse[]

export interface World {
  /** One turn in which the model makes these calls, whatever anybody says. */
  turn(app: string, sid: string, message: string, steps: readonly Step[]): Promise<void>
  list(app: string, sid: string): Promise<readonly Shown[]>
  confirm(app: string, sid: string, proposal: Shown, isRetyped: boolean): Promise<number>
  reject(app: string, sid: string, proposal: Shown): Promise<void>
  /** What the read tools of an app answer. */
  readonly answers: Map<string, unknown>
  /** Takes what the service was asked to do since the last look. */
  done(app: string): ToolUse[]
  admin(app: string, method: string, path: string, body?: object): Promise<{ status: number; body: unknown }>
  close(): Promise<void>
}

const send = (response: ServerResponse, type: string, body: string): void => {
  response.writeHead(200, { 'content-type': type })
  response.end(body)
}

async function listen(
  handler: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => handler(request, response, Buffer.concat(chunks).toString()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** A server with these apps, a model that an attacker controls, and the service that its tools call, all over HTTP. */
export async function openWorld(
  appsOf: (origin: string) => ReadonlyMap<string, Readonly<Record<string, string>>>,
): Promise<World> {
  const scratch = mkdtempSync(join(tmpdir(), 'countersign-containment-'))
  const scripts = new Map<string, Step[]>()
  const answers = new Map<string, unknown>()
  const executed = new Map<string, ToolUse[]>()
  const service = await listen((request, response, body) => {
    const [, app = '', tool = ''] = (request.url ?? '').split('/')
    if (/^(?:get|read|search|list|check|view)/i.test(tool))
      return send(response, 'application/json', JSON.stringify(answers.get(app) ?? {}))
    executed.set(app, [
      ...(executed.get(app) ?? []),
      { function: tool, args: JSON.parse(body) as Record<string, unknown> },
    ])
    return send(response, 'application/json', '{"ok":true}')
  })
  const model = await listen((_request, response, body) => {
    // Each app says its name in its preamble, so that sessions of several apps can run at a time.
    const app = /\[\[app ([a-z0-9-]+)\]\]/.exec(body)?.[1] ?? ''
    const step = scripts.get(app)?.shift()
    const calls = step === undefined ? [] : [step].flat()
    const delta =
      calls.length === 0
        ? { role: 'assistant', content: 'Done.' }
        : {
            role: 'assistant',
            tool_calls: calls.map((each, index) => ({
              index,
              id: randomUUID(),
              type: 'function',
              function: { name: each.function, arguments: JSON.stringify(each.args) },
            })),
          }
    const chunk = (part: unknown, finish: string | null) =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: part, finish_reason: finish }] })}\n\n`
    send(
      response,
      'text/event-stream',
      `${chunk(delta, null)}${chunk({}, calls.length === 0 ? 'stop' : 'tool_calls')}data: [DONE]\n\n`,
    )
  })
  const apps = appsOf(service.origin)
  for (const [name, files] of apps)
    for (const [path, text] of Object.entries({ ...files, 'preamble.md': `This is [[app ${name}]].\n` })) {
      const at = join(scratch, 'apps', name, path)
      mkdirSync(dirname(at), { recursive: true })
      writeFileSync(at, text)
    }
  const server = await startServer({
    port: 0,
    dataDir: join(scratch, 'data'),
    chains: [],
    webRoot: null,
    logLevel: 'silent',
    limits: { key: [], ip: [], poll: [], flood: [], failures: [] },
    storageCaps: { sessionProposals: 1_000 } as never,
    env: {
      COUNTERSIGN_APPS_DIR: join(scratch, 'apps'),
      COUNTERSIGN_MODEL_BASE_URL: `${model.origin}/v1`,
      COUNTERSIGN_MODEL: 'compromised',
    },
  })
  const keys = new Map<string, string>()
  for (const app of apps.keys())
    keys.set(app, Redacted.reveal((await server.issueKey({ app, label: '', scopes: ['read', 'chat', 'admin'] })).key))
  const ask = async (
    app: string,
    sid: string | null,
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        'x-api-key': keys.get(app) ?? '',
        ...(sid === null ? {} : { 'x-session-id': sid }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: await answer.json().catch(() => null) }
  }
  return {
    answers,
    async turn(app, sid, message, steps) {
      scripts.set(app, [...steps])
      const sent = await ask(app, sid, 'POST', '/api/chat', { app, message })
      if (sent.status !== 200) throw new Error(`The turn was not taken: ${JSON.stringify(sent.body)}`)
      for (;;) {
        const { body } = await ask(app, sid, 'GET', '/api/state')
        if ((body as { is_processing: boolean }).is_processing === false) return
        await new Promise((resolve) => setTimeout(resolve, 3))
      }
    },
    list: async (app, sid) => (await ask(app, sid, 'GET', '/api/proposals')).body as readonly Shown[],
    async confirm(app, sid, { id, digest, questions }, isRetyped) {
      const values = Object.fromEntries(questions.map(({ argument, value }) => [argument, value]))
      const body = { digest, ...(isRetyped ? { step_up: { method: 'retype', values } } : {}) }
      return (await ask(app, sid, 'POST', `/api/proposals/${id}/confirm`, body)).status
    },
    async reject(app, sid, { id }) {
      await ask(app, sid, 'POST', `/api/proposals/${id}/reject`, { reason: 'No.' })
    },
    done(app) {
      const all = executed.get(app) ?? []
      executed.set(app, [])
      return all
    },
    admin: (app, method, path, body) => ask(app, null, method, path, body),
    async close() {
      await server.close()
      for (const each of [service.server, model.server]) {
        each.closeAllConnections()
        each.close()
      }
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}
