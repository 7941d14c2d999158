import { Redacted } from '@countersign/base'
import { refusal, type ToolAnswer, type ToolName } from '@countersign/server/mcp'
import type { ServerPlace } from '../serverPlace.ts'
import type { ToolHost } from './ToolHost.ts'

const PROTOCOL = '2026-07-28'
/** Longer than any tool takes; clients give up after 60 s. */
const TIMEOUT_MS = 55_000

/** The tools of a server: each call goes to its `/mcp`, so that the door, the rights and the budgets are the server's. */
export function remoteTools({ url, key }: ServerPlace): ToolHost {
  let lastId = 0
  return {
    async call(name, args) {
      if (key === null)
        return refusal({
          message: 'There is no API key for the server.',
          code: 'mcp:key:absent',
          hint: 'Set COUNTERSIGN_API_KEY in the environment of this program.',
        })
      let response: Response
      try {
        response = await fetch(`${url}/mcp`, {
          method: 'POST',
          redirect: 'error',
          signal: AbortSignal.timeout(TIMEOUT_MS),
          headers: {
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            authorization: `Bearer ${Redacted.reveal(key)}`,
            'mcp-protocol-version': PROTOCOL,
            'mcp-method': 'tools/call',
            'mcp-name': name,
          },
          body: JSON.stringify(request((lastId += 1), name, args)),
        })
      } catch {
        return unreachable(url)
      }
      return answerOf(url, response)
    },
    close: async () => undefined,
  }
}

function request(id: number, name: ToolName, args: Readonly<Record<string, unknown>>): unknown {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': PROTOCOL,
    // Whom to ask is decided where the client is: the server is told that nobody can be asked here.
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'countersign mcp', version: '1' },
  }
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args, _meta: meta } }
}

async function answerOf(url: string, response: Response): Promise<ToolAnswer> {
  let body: Record<string, unknown>
  try {
    body = (await response.json()) as Record<string, unknown>
  } catch {
    return unreachable(url)
  }
  const { result, error, code, hint } = body as {
    result?: { structuredContent?: Record<string, unknown>; content?: { text?: unknown }[]; isError?: boolean }
    error?: unknown
    code?: unknown
    hint?: unknown
  }
  if (result?.structuredContent === undefined) {
    const message = typeof error === 'string' ? error : (error as { message?: unknown } | undefined)?.message
    if (typeof message !== 'string') return unreachable(url)
    return refusal({
      message,
      code: typeof code === 'string' ? code : 'mcp:server:refused',
      hint: typeof hint === 'string' ? hint : '',
    })
  }
  const text = result.content?.[0]?.text
  return {
    structured: result.structuredContent,
    text: typeof text === 'string' ? text : '',
    ...(result.isError === true ? { isError: true } : {}),
  }
}

function unreachable(url: string): ToolAnswer {
  return refusal({
    message: `The Countersign server at ${new URL(url).host} does not answer.`,
    code: 'mcp:server:unreachable',
    hint: 'Check COUNTERSIGN_SERVER, and that the server runs.',
  })
}
