import * as InputSchema from '../apps/InputSchema.ts'
import type { ToolSpec } from '../apps/ToolSpec.ts'
import { TOO_LONG, withinTime } from '../limits/withinTime.ts'
import { callOrigin, type Answer, type OriginTools } from './http/callOrigin.ts'
import * as HttpRequest from './http/HttpRequest.ts'
import { fill, mask, type Secrets } from './http/Masked.ts'
import { callMcp } from './mcp/callMcp.ts'

/**
 * The most time that an answer may take to be looked through for secrets, in milliseconds. A megabyte of spellings in spellings takes
 * longer than all else of a call, and everybody else waits. What was not looked through reaches nobody.
 */
const MASK_MS = 500

export interface ToolCall {
  readonly spec: ToolSpec
  readonly args: Readonly<Record<string, unknown>>
  readonly secrets: Secrets
  readonly signal?: AbortSignal
}

/**
 * Sends one call of a tool, with its secrets put in at the very edge, and holds the answer to its bounds. What breaks a
 * bound reaches nobody; a secret that comes back is masked.
 *
 * @param key - What the idempotency header holds; null for none.
 * @throws {PathError} before anything is sent.
 */
export async function runTool(
  tools: OriginTools,
  { spec, args, secrets, key = null, signal }: ToolCall & { key?: string | null },
): Promise<Answer> {
  const { result } = spec
  const answer = await send(tools, { spec, args, secrets, key, ...(signal === undefined ? {} : { signal }) })
  if (answer.kind === 'failed' || answer.problem !== null) return answer
  const isGood = answer.status >= 200 && answer.status < 300
  if (isGood && result.schema !== null && InputSchema.misfit(result.schema, answer.body) !== null)
    return { ...answer, body: null, problem: 'tools:answer:schema' }
  const masked = withinTime(() => mask(answer.body, secrets), { maxMs: MASK_MS })
  return masked === TOO_LONG
    ? { ...answer, body: null, problem: 'tools:answer:too-large' }
    : { ...answer, body: masked }
}

async function send(
  tools: OriginTools,
  { spec, args, secrets, key, signal }: ToolCall & { key: string | null },
): Promise<Answer> {
  const { call, result } = spec
  const more = { maxBytes: result.maxBytes, ...(signal === undefined ? {} : { signal }) }
  const auth = call.auth === null ? {} : { [call.auth.header.toLowerCase()]: fill(call.auth.value, secrets) }
  if (call.by === 'mcp') return callMcp(tools, { call, args, headers: auth, ...more })
  const { target, body } = HttpRequest.build(call, args)
  return callOrigin(tools, {
    origin: call.origin,
    method: call.method,
    target,
    body,
    headers: {
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...auth,
      ...(key === null || spec.idempotencyHeader === null ? {} : { [spec.idempotencyHeader.toLowerCase()]: key }),
    },
    allowPrivate: call.allowPrivate,
    follows: spec.kind === 'read',
    ...more,
  })
}
