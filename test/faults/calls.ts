import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'

/** No limit of any kind: these tests are about what happens under load, not about how load is kept away. */
export const NO_LIMITS = { key: [], ip: [], poll: [], flood: [], failures: [] } as const
export const NO_CAPS = { COUNTERSIGN_CONNECTIONS_PER_ADDRESS: '100000' }

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Record<string, unknown>
}

const agents = new Map<string, Agent>()

/** One request on kept-alive connections: `fetch` would cost more than what it measures. */
export function call(
  method: string,
  url: string,
  { sessionId, body, headers = {} }: { sessionId?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const { origin } = new URL(url)
  const agent = agents.get(origin) ?? new Agent({ keepAlive: true, maxSockets: 128 })
  agents.set(origin, agent)
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        agent,
        headers: {
          ...(sessionId === undefined ? {} : { 'x-session-id': sessionId }),
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
          ...headers,
        },
      },
      (response) => {
        let received = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (received += chunk))
        response.on('error', reject)
        response.on('end', () => {
          const isJson = received.startsWith('{')
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: isJson ? (JSON.parse(received) as Record<string, unknown>) : {},
          })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(text)
  })
}

/** Makes a session of the keyless app; its id. */
export async function newSession(url: string, sessionId: string = randomUUID()): Promise<string> {
  const { status } = await call('POST', `${url}/api/sessions`, { sessionId, body: {} })
  if (status !== 200) throw new Error(`a session was answered ${status}`)
  return sessionId
}

/** The same where it may have to wait: it asks again until there is a session. */
export async function waitForSession(urlNow: () => string): Promise<string> {
  for (;;) {
    const made = await newSession(urlNow()).catch(() => null)
    if (made !== null) return made
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** The cheapest durable write that clients can make: it is acknowledged when its event is on disk. */
export async function append(url: string, sessionId: string, title: string): Promise<Reply> {
  return call('PATCH', `${url}/api/sessions/${sessionId}`, { sessionId, body: { title } })
}

export interface SseEvent {
  readonly id: number
  readonly data: Record<string, unknown>
}

/** A stream on a bare socket: it can stop reading, and costs next to nothing. */
export interface Stream {
  readonly socket: Socket
  readonly events: SseEvent[]
  /** Resolves with the status line; rejects when the connection ends before. */
  readonly opened: Promise<string>
  readonly closed: Promise<void>
  until(done: (events: readonly SseEvent[]) => boolean): Promise<void>
}

/** Opens `/api/updates`; `onEvent` sees every durable frame as it comes. */
export function openStream(
  url: string,
  sessionId: string,
  { afterId, onEvent, keep = true }: { afterId?: number; onEvent?: (event: SseEvent) => void; keep?: boolean } = {},
): Stream {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  const last = afterId === undefined ? '' : `last-event-id: ${afterId}\r\n`
  socket.write(
    `GET /api/updates HTTP/1.1\r\nhost: ${hostname}:${port}\r\naccept: text/event-stream\r\nx-session-id: ${sessionId}\r\n${last}\r\n`,
  )
  const events: SseEvent[] = []
  let text = ''
  let waiting: (() => void) | null = null
  let opened: (line: string) => void = () => undefined
  let failed: (error: Error) => void = () => undefined
  const isOpened = new Promise<string>((resolve, reject) => {
    opened = resolve
    failed = reject
  })
  isOpened.catch(() => undefined)
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
    const head = text.indexOf(': connected')
    if (head >= 0 || !text.startsWith('HTTP/1.1 200')) opened(text.slice(0, text.indexOf('\r\n')))
    for (;;) {
      // Chunk sizes stand on lines of their own, and never inside a frame: the server writes whole frames.
      const end = text.indexOf('\n\n')
      if (end < 0) break
      const match = /id: (\d+)\ndata: (.*)$/.exec(text.slice(0, end))
      text = text.slice(end + 2)
      if (match === null) continue
      const event = { id: Number(match[1]), data: JSON.parse(match[2] as string) as Record<string, unknown> }
      if (keep) events.push(event)
      onEvent?.(event)
      waiting?.()
    }
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', (error) => failed(error))
  socket.once('close', () => failed(new Error('closed')))
  return {
    socket,
    events,
    opened: isOpened,
    closed,
    until: (done) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!done(events)) return
          waiting = null
          resolve()
        }
        waiting = look
        look()
        void closed.then(() => reject(new Error('the stream ended')))
      }),
  }
}

/** Resident memory of a process now, in MiB; null where there is no /proc. */
export async function residentMiB(pid: number | undefined): Promise<number | null> {
  const text = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '')
  const match = /VmRSS:\s+(\d+) kB/.exec(text)
  return match === null ? null : Number(match[1]) / 1024
}

/** Runs `count` jobs, `width` at a time. */
export async function pool(count: number, width: number, job: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: Math.min(width, count) }, async () => {
      for (let index = next++; index < count; index = next++) await job(index)
    }),
  )
}

/** Figures are printed, never asserted: machines differ. */
export function print(name: string, figures: Readonly<Record<string, unknown>>): void {
  console.log(`figure ${name}: ${JSON.stringify(figures)}`)
}
