import { pinOf } from '../../apps/McpEntry.ts'
import type { McpCall } from '../../apps/ToolSpec.ts'
import { limited, type Answer } from '../http/callOrigin.ts'
import type { OriginTools } from '../http/connect.ts'
import { McpFailure, openMcp } from './openMcp.ts'

/**
 * Calls a tool of an MCP server of others. The list is read first, on the same connection: a definition that is not the pinned
 * one, is missing or occurs twice is not called, whatever was read before.
 */
export async function callMcp(
  tools: OriginTools,
  {
    call,
    args,
    headers,
    maxBytes,
    signal: other,
  }: {
    call: McpCall
    args: Readonly<Record<string, unknown>>
    headers: Readonly<Record<string, string>>
    maxBytes: number
    signal?: AbortSignal
  },
): Promise<Answer> {
  const { signal, stop } = limited(tools, other)
  try {
    const { url, allowPrivate } = call
    const connection = await openMcp(tools, { url, allowPrivate, headers }, { signal })
    try {
      const found = (await connection.list(signal)).filter((each) => each['name'] === call.tool)
      const [definition] = found
      if (definition === undefined || found.length > 1 || pinOf(definition) !== call.pin)
        return { kind: 'failed', code: 'tools:definition:changed', wasSent: false }
      return await connection.call(definition, args, { maxBytes, signal })
    } finally {
      await connection.close()
    }
  } catch (error) {
    if (!(error instanceof McpFailure)) throw error
    const code = signal.aborted && typeof signal.reason === 'symbol' ? 'tools:answer:too-slow' : error.code
    return { kind: 'failed', code, wasSent: false }
  } finally {
    stop()
  }
}
