import { hkdfSync } from 'node:crypto'
import { Readable } from 'node:stream'
import { Json, Redacted } from '@countersign/base'
import type { McpHttpHandler, McpServerFactory } from '@modelcontextprotocol/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { KeyAbsentError } from '../keys/verifyKey.ts'
import type { McpParts } from '../mcp/createMcp.ts'
import { withCode } from '../mcp/refusal.ts'
import type { Context } from './context.ts'
import { callTool } from './mcpTools.ts'
import { refuseHeld } from './proposalAccess.ts'
import { onceGone } from './onceGone.ts'

export interface McpOptions {
  /** The page that shows a proposal inside a client; null where it was not built. */
  readonly card: string | null
  /** Makes the handler of another server, or adds to this one; for tests. */
  readonly wrap?: { readonly extend: NonNullable<McpParts['extend']>; handler(build: McpServerFactory): McpHttpHandler }
}

/**
 * `/mcp`: the tools over streamable HTTP, for the revisions 2026-07-28 and 2025-11-25 of the protocol. The key comes as
 * every key does, and our own verifier has looked at it before this: what may be done with it is what it may do elsewhere.
 */
export function mcpRoute(server: FastifyInstance, context: Context, { card, wrap }: McpOptions): void {
  const parts: McpParts = {
    version: context.version,
    card,
    stateKey: new Uint8Array(
      hkdfSync('sha256', Redacted.reveal(context.sessionSecret), '', 'countersign mcp request state', 32),
    ),
    call: (name, args, ctx) => {
      const { request, reply } = ctx.http?.authInfo?.extra as unknown as Exchange
      return callTool(server, context, { request, reply, name, args })
    },
    ...(wrap === undefined ? {} : { extend: wrap.extend }),
  }
  let opened: Promise<McpHttpHandler> | null = null
  // The protocol's library is loaded with the first request: most servers never see one.
  const open = async (): Promise<McpHttpHandler> => {
    const [{ createMcp }, { createMcpHandler }] = await Promise.all([
      import('../mcp/createMcp.ts'),
      import('@modelcontextprotocol/server'),
    ])
    const build = createMcp(parts)
    return wrap?.handler(build) ?? createMcpHandler(build)
  }
  server.addHook('onClose', async () => (await opened)?.close())
  server.route({
    // Without sessions there is nothing to follow or to end: GET and DELETE are 405, as for every route.
    method: wrap === undefined ? ['POST'] : ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    // What is sent to a client is written as it comes.
    handler: async (request, reply) => {
      const { caller } = request
      if (caller === null) throw new KeyAbsentError(null)
      refuseHeld(caller)
      const abort = new AbortController()
      onceGone(reply.raw, () => abort.abort())
      const handler = await (opened ??= open())
      const answer = await handler.fetch(toRequest(request, abort.signal), {
        authInfo: {
          // The key itself goes no further.
          token: caller.keyId,
          clientId: caller.family,
          scopes: [...caller.scopes],
          extra: { request, reply } satisfies Exchange,
        },
        ...(request.body === undefined ? {} : { parsedBody: request.body }),
      })
      reply.status(answer.status)
      for (const [name, value] of answer.headers) reply.header(name, value)
      reply.header('cache-control', 'no-store')
      if (answer.body === null) return reply.send()
      if (answer.headers.get('content-type')?.startsWith('text/event-stream') !== true)
        return reply.send(coded(await answer.text()))
      return reply.send(Readable.fromWeb(answer.body as never))
    },
  })
}

/** An answer in JSON, with our code where the protocol's own library left it out. */
function coded(text: string): string {
  return text.includes('invalid_request_state') ? JSON.stringify(withCode(Json.parse(text))) : text
}

/** What a tool needs of the request that it came with. */
interface Exchange extends Record<string, unknown> {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

function toRequest(request: FastifyRequest, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || KEYS.has(name)) continue
    headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return new Request(`http://${request.headers.host ?? 'localhost'}/mcp`, { method: request.method, headers, signal })
}

/** Headers that hold a secret: what is verified is not handed on. */
const KEYS = new Set(['authorization', 'x-api-key', 'aomi-app-key', 'cookie', 'dpop', 'content-length'])
