import { BaseError } from '@countersign/base'
import { APP_NAME } from '../keys/ApiKey.ts'

/**
 * What the session routes of an app take besides the session id. `key`: the API key, on every call. `id`: nothing
 * more, for published clients that send only the id there. `proof` is known and refused: it comes with sign-in.
 */
export type SessionPolicy = 'key' | 'proof' | 'id'

/** One agent as data: the tenancy boundary. */
export interface App {
  readonly name: string
  readonly title: string
  /** The app's own instructions; null uses the built-in ones. They set tone and task, never authority. */
  readonly preamble: string | null
  /** Tools the model is given; everything else does not exist for it. Null means all built-in tools. */
  readonly tools: readonly string[] | null
  readonly sessionPolicy: SessionPolicy
  /** Model id, null for the server's default. */
  readonly model: string | null
}

/** Works without a key, for the page and for first steps. */
export const DEFAULT_APP: App = {
  name: 'default',
  title: 'Countersign',
  preamble: null,
  tools: null,
  sessionPolicy: 'id',
  model: null,
}

/** The app whose key is printed once at first start, open to published clients. */
export const DEMO_APP: App = { ...DEFAULT_APP, name: 'demo', title: 'Demo' }

/** An app that was never configured but has a key: nothing but defaults, and the strict session policy. */
export function fromName(name: string): App {
  return { ...DEFAULT_APP, name, title: name, sessionPolicy: 'key' }
}

/**
 * Reads configured apps: a JSON array of `{name, title?, preamble?, tools?, session_policy?, model?}`.
 *
 * @throws {AppConfigError} `apps:config:unreadable`, naming the entry.
 */
export function parseApps(text: string): App[] {
  let entries: unknown
  try {
    entries = JSON.parse(text)
  } catch {
    throw new AppConfigError('it is not JSON')
  }
  if (!Array.isArray(entries)) throw new AppConfigError('it is not an array')
  return entries.map((entry: unknown, i) => parseApp(entry, i))
}

function parseApp(entry: unknown, i: number): App {
  const where = `entry ${i + 1}`
  if (typeof entry !== 'object' || entry === null) throw new AppConfigError(`${where} is not an object`)
  const { name, title, preamble, tools, session_policy: policy, model, ...rest } = entry as Record<string, unknown>
  const unknown = Object.keys(rest)
  if (unknown.length > 0) throw new AppConfigError(`${where} has the unknown field "${unknown[0]}"`)
  if (typeof name !== 'string' || !APP_NAME.test(name)) throw new AppConfigError(`${where} has no usable name`)
  if (policy === 'proof')
    throw new AppConfigError(`${where} asks for "proof", which this version cannot check; use "key"`)
  if (policy !== undefined && policy !== 'key' && policy !== 'id') {
    throw new AppConfigError(`${where}: session_policy is "key" or "id"`)
  }
  if (tools !== undefined && !(Array.isArray(tools) && tools.every((tool) => typeof tool === 'string'))) {
    throw new AppConfigError(`${where}: tools is a list of tool names`)
  }
  for (const [field, value] of Object.entries({ title, preamble, model })) {
    if (value !== undefined && typeof value !== 'string') throw new AppConfigError(`${where}: ${field} is text`)
  }
  return {
    name,
    title: (title as string | undefined) ?? name,
    preamble: (preamble as string | undefined) ?? null,
    tools: (tools as string[] | undefined) ?? null,
    sessionPolicy: policy ?? 'key',
    model: (model as string | undefined) ?? null,
  }
}

export class AppConfigError extends BaseError {
  override readonly name = 'apps.AppConfigError'
  constructor(reason: string) {
    super(`The apps file cannot be used: ${reason}.`, {
      code: 'apps:config:unreadable',
      kind: 'invalid',
      hint: 'Write [{"name": "trader", "session_policy": "key", "tools": ["swap", "get_balance"]}].',
    })
  }
}
