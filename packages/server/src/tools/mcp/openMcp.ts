import { setTimeout as pause } from 'node:timers/promises'
import { Json } from '@countersign/base'
import { z } from 'zod'
import type { McpDefinition } from '../../apps/McpEntry.ts'
import { shapeFault, type Answer } from '../http/callOrigin.ts'
import type { FailureCode, OriginTools } from '../http/connect.ts'
import { judgedFetch } from '../http/judgedFetch.ts'

/** The most bytes of an answer that is not a tool's, and of a stream of notices. */
const MAX_BYTES = 1024 * 1024
const MAX_PAGES = 64
const MAX_TOOLS = 1_000

export interface McpPlace {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly allowPrivate: boolean
}

/** A connection to an MCP server of others, of either revision of the protocol. */
export interface McpConnection {
  /** Every definition, as the server wrote it. @throws where it does not answer with a list. */
  list(signal: AbortSignal): Promise<readonly McpDefinition[]>
  call(
    definition: McpDefinition,
    args: Readonly<Record<string, unknown>>,
    options: { maxBytes: number; signal: AbortSignal },
  ): Promise<Answer>
  close(): Promise<void>
}

const LIST = z.looseObject({ tools: z.array(z.record(z.string(), z.unknown())), nextCursor: z.string().optional() })

/**
 * Connects to an MCP server under the rules of an HTTP tool: its own origin, judged addresses, no redirect, bounded answers.
 *
 * @param onChanged - Told when the server says that its list changed; without it no stream is opened.
 * @param onLost - Told when the stream of notices ends.
 */
export async function openMcp(
  tools: OriginTools,
  place: McpPlace,
  { signal, onChanged, onLost }: { signal: AbortSignal; onChanged?: () => void; onLost?: () => void },
): Promise<McpConnection> {
  // Loaded with the first server: most apps have none.
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client')
  const seen: Seen = { failure: null, wasSent: false, status: null, maxBytes: MAX_BYTES, running: null }
  const url = new URL(place.url)
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: judgedFetch(tools, {
      origin: url.origin,
      allowPrivate: place.allowPrivate,
      follows: onChanged !== undefined,
      maxBytes: ({ body }) => (isCall(body) ? seen.maxBytes : MAX_BYTES),
      onOpen({ body, status }) {
        if (!isCall(body)) return
        seen.wasSent = true
        seen.status = status
      },
      onFailure(code, { body, wasSent }) {
        seen.failure ??= code
        // The library would wait for the rest of a stream that has ended.
        seen.running?.abort()
        if (isCall(body) && wasSent) seen.wasSent = true
      },
    }),
    requestInit: { headers: place.headers },
    // What ends is opened again by whoever watches it, who reads the list again then.
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 1_000,
      maxReconnectionDelay: 1_000,
      reconnectionDelayGrowFactor: 1,
    },
  })
  const client = new Client(
    { name: 'countersign', version: '1' },
    {
      versionNegotiation: { mode: 'auto' },
      // Nothing is answered for the user: neither questions nor requests for a model.
      inputRequired: { autoFulfill: false },
      ...(onChanged === undefined
        ? {}
        : { listChanged: { tools: { autoRefresh: false, debounceMs: 50, onChanged: () => onChanged() } } }),
    },
  )
  let isClosed = false
  const lost = (): void => {
    if (!isClosed) onLost?.()
  }
  // The library's own hooks; it has no events.
  Object.assign(client, { onerror: lost, onclose: lost })
  try {
    await client.connect(transport, { signal })
    void client.autoOpenedSubscription?.closed.then(lost, lost)
  } catch (error) {
    isClosed = true
    await client.close().catch(() => undefined)
    throw new McpFailure(seen.failure ?? 'tools:answer:unreachable', error)
  }

  return {
    async list(within) {
      const found: McpDefinition[] = []
      let cursor: string | undefined
      try {
        for (let page = 0; page < MAX_PAGES; page += 1) {
          const params = cursor === undefined ? {} : { cursor }
          const answer = await client.request({ method: 'tools/list', params }, LIST, { signal: bounded(seen, within) })
          found.push(...answer.tools)
          if (found.length > MAX_TOOLS) throw new TypeError('The list has too many tools.')
          // Whatever is done with a definition walks through it: hashed, compared, read as a schema.
          if (shapeFault(found) !== null) throw new TypeError('The list nests too deep, or holds too many values.')
          cursor = answer.nextCursor
          if (cursor === undefined) return found
        }
      } catch (error) {
        throw new McpFailure(seen.failure ?? 'tools:answer:schema', error)
      }
      throw new McpFailure('tools:answer:too-large', null)
    },
    async call(definition, args, options) {
      seen.maxBytes = options.maxBytes
      seen.failure = null
      // The answer is held to our own schema; theirs would turn a call that happened into an error.
      const { outputSchema: _theirs, ...toolDefinition } = definition
      try {
        const result = await client.callTool({ name: String(definition['name']), arguments: { ...args } }, {
          signal: bounded(seen, options.signal),
          toolDefinition,
        } as never)
        return answerOf(result, options.maxBytes)
      } catch (error) {
        return failureOf(error, seen, options.signal)
      }
    },
    async close() {
      isClosed = true
      await Promise.race([client.close().catch(() => undefined), pause(1_000, undefined, { ref: false })])
    },
  }
}

interface Seen {
  failure: FailureCode | null
  /** Whether the call itself left. */
  wasSent: boolean
  status: number | null
  maxBytes: number
  /** Ends the request that is waited for. */
  running: AbortController | null
}

/** A signal that also ends when a request breaks a bound. */
function bounded(seen: Seen, signal: AbortSignal): AbortSignal {
  seen.running = new AbortController()
  return AbortSignal.any([signal, seen.running.signal])
}

/** Whether a message calls a tool: from then on something may have happened. */
function isCall(body: string | null): boolean {
  return body?.includes('"tools/call"') === true
}

/** A tool that says that it failed is a 422, so that nothing counts as done. */
function answerOf(result: object, maxBytes: number): Answer {
  const { content, structuredContent, isError } = result as {
    content?: readonly { readonly type?: unknown; readonly text?: unknown }[]
    structuredContent?: unknown
    isError?: unknown
  }
  const status = isError === true ? 422 : 200
  const texts = (content ?? []).flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : []))
  const body = structuredContent ?? (texts.length === 1 ? parsed(texts[0] ?? '') : texts)
  if (structuredContent === undefined && texts.length === 0 && (content ?? []).length > 0)
    return { kind: 'answered', status, body: null, problem: 'tools:answer:type' }
  const problem = shapeFault(body)
  if (problem !== null) return { kind: 'answered', status, body: null, problem }
  if (Buffer.byteLength(JSON.stringify(body)) > maxBytes)
    return { kind: 'answered', status, body: null, problem: 'tools:answer:too-large' }
  return { kind: 'answered', status, body, problem: null }
}

/** Servers without structured content write an object as text. */
function parsed(text: string): unknown {
  try {
    const value: unknown = Json.parse(text)
    return typeof value === 'object' && value !== null ? value : text
  } catch {
    return text
  }
}

function failureOf(error: unknown, seen: Seen, signal: AbortSignal): Answer {
  // What breaks a bound after the server took the call is an answer that cannot be used: the call happened.
  const isBound = seen.failure === 'tools:answer:too-large' || seen.failure === 'tools:answer:type'
  if (isBound && seen.status !== null && seen.status < 300)
    return { kind: 'answered', status: seen.status, body: null, problem: seen.failure }
  if (seen.failure !== null) return { kind: 'failed', code: seen.failure, wasSent: seen.wasSent }
  if (signal.aborted) {
    const code = typeof signal.reason === 'symbol' ? 'tools:answer:too-slow' : 'tools:call:interrupted'
    return { kind: 'failed', code, wasSent: seen.wasSent }
  }
  if (seen.status !== null && seen.status >= 400)
    return { kind: 'answered', status: seen.status, body: null, problem: null }
  const { code } = (error ?? {}) as { code?: unknown }
  // JSON-RPC: what the server did not take (-32700, -32602 to -32600) did not happen; of all else nobody knows.
  const refused = typeof code === 'number' && (code === -32700 || (code >= -32602 && code <= -32600))
  if (typeof code === 'number') return { kind: 'answered', status: refused ? 400 : 500, body: null, problem: null }
  return { kind: 'failed', code: 'tools:answer:unreachable', wasSent: seen.wasSent }
}

/** The server gave no list. */
export class McpFailure extends Error {
  override readonly name = 'tools.McpFailure'
  readonly code: FailureCode
  constructor(code: FailureCode, cause: unknown) {
    super(code, { cause })
    this.code = code
  }
}
