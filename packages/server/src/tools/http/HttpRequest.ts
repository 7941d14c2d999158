import { BaseError } from '@countersign/base'
import * as InputSchema from '../../apps/InputSchema.ts'
import type { HttpCall } from '../../apps/ToolSpec.ts'

export interface Target {
  /** Path and query, encoded. */
  readonly target: string
  /** JSON; null for none. */
  readonly body: string | null
}

/**
 * Puts arguments into a request: a parameter is one whole path segment; what remains goes to the query of a GET or a
 * DELETE, to a JSON body otherwise.
 *
 * @throws {PathError} `tools:path:refused` for a value that would be no segment, before anything is sent.
 */
export function build(
  { method, path, places }: Pick<HttpCall, 'method' | 'path' | 'places'>,
  args: Readonly<Record<string, unknown>>,
): Target {
  const used = new Set<string>()
  const segments = path.map((segment) => {
    const name = /^\{(.+)\}$/.exec(segment)?.[1]
    if (name === undefined) return segment
    used.add(name)
    return segmentOf(name, Object.hasOwn(args, name) ? args[name] : undefined)
  })
  const isQuery = (name: string): boolean =>
    (places?.[name] ?? (method === 'GET' || method === 'DELETE' ? 'query' : 'body')) === 'query'
  const rest = Object.entries(args).filter(([name, value]) => !used.has(name) && value !== undefined)
  const query = rest.filter(([name]) => isQuery(name)).flatMap(([name, value]) => queryOf(name, value))
  const body = rest.filter(([name]) => !isQuery(name))
  const takesBody = method !== 'GET' && method !== 'DELETE'
  return {
    target: `/${segments.join('/')}${query.length === 0 ? '' : `?${query.join('&')}`}`,
    body: takesBody || body.length > 0 ? JSON.stringify(Object.fromEntries(body)) : null,
  }
}

function segmentOf(name: string, value: unknown): string {
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  const text = isScalar ? InputSchema.textOf(value) : ''
  const isUsable = text !== '' && text !== '.' && text !== '..' && !/[/\\\p{Cc}\u2028\u2029]/u.test(text)
  if (!isUsable || !text.isWellFormed()) throw new PathError(name)
  return encodeURIComponent(text)
}

function queryOf(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => queryOf(name, each))
  const text =
    typeof value === 'object' && value !== null
      ? JSON.stringify(value)
      : InputSchema.textOf(value as string | number | boolean | null)
  return [`${encodeURIComponent(name)}=${encodeURIComponent(text.toWellFormed())}`]
}

/** A value that would be more, or less, than one path segment. */
export class PathError extends BaseError {
  override readonly name = 'tools.PathError'
  constructor(parameter: string) {
    super(`The argument "${parameter}" cannot stand in a path.`, {
      code: 'tools:path:refused',
      kind: 'invalid',
      hint: 'Use one plain word: not empty, not "." or "..", without "/" and "\\".',
    })
  }
}
