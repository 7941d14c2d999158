import { BaseError, Json } from '@countersign/base'
import type { TurnLimits } from './TurnLimits.ts'
import { APP_NAME } from '../keys/ApiKey.ts'
import type { Guards } from '../mandates/guards/Guards.ts'
import { DEFAULT_LIFETIME, type Lifetime } from '../sessions/Lifetime.ts'
import type { NotifyTarget } from './NotifyTarget.ts'
import type { DisabledTool, McpEntry } from './McpEntry.ts'
import type { SkillState } from './skills/SkillState.ts'
import { TOOL_NAMES } from './Tools.ts'
import type { ToolSpec } from './ToolSpec.ts'

/**
 * What the session routes of an app take besides the session id. `key`: the API key, on every call. `proof`: the key
 * and a proof of possession (DPoP or MAC) of what the session was bound to when it began. `id`: nothing more, for
 * published clients that send only the id there. Whatever the policy, a session that was bound once needs its proof.
 */
export type SessionPolicy = 'key' | 'proof' | 'id'

/** One agent as data: the tenancy boundary. */
export interface App {
  readonly name: string
  readonly title: string
  /** Instructions of the app's own, added to the built-in ones; null adds none. They set tone and task, never authority. */
  readonly preamble: string | null
  /** Tools the model is given; everything else does not exist for it. Null means all built-in tools. */
  readonly tools: readonly string[] | null
  readonly sessionPolicy: SessionPolicy
  readonly lifetime: Lifetime
  /** How many sessions one owner (a key's family, a browser) may have open; null for no limit. */
  readonly maxSessions: number | null
  /** Whether DPoP proofs must carry a server nonce (RFC 9449, section 8). */
  readonly needsProofNonce: boolean
  /** Origins whose pages may embed the app and call for it, such as `https://shop.example`. */
  readonly origins: readonly string[]
  /** Model id, null for the server's default. */
  readonly model: string | null
  /** Whether a stock widget may send the key from a page. Then the key is public: the checklist fails the app. */
  readonly admitsBrowserKeys: boolean
  /** How much one turn may do, where the app says something else than the server. */
  readonly limits?: Partial<TurnLimits>
  /** What only an app that is a folder has (`apps/folder/readApp.ts`). */
  /** Tools of its own, beside the built-in ones. */
  readonly declared?: readonly ToolSpec[]
  /** Servers of others, whose tools are added to `declared` while their definitions are the pinned ones. */
  readonly mcp?: readonly McpEntry[]
  /** Tools that are not offered now, and why. */
  readonly disabled?: readonly DisabledTool[]
  /** Chains that it may use; null for all. */
  readonly chains?: readonly number[] | null
  /** Values that it vouches for, by name. */
  readonly values?: Readonly<Record<string, string>>
  /** What its proposals are held to. */
  readonly guards?: Guards
  /** What its batches need of the chain; absent: enforced where the wallet can. */
  readonly enforcement?: {
    readonly mode: 'preferred' | 'required' | 'off'
    readonly slippageBps: number
    readonly maxGas: number
  }
  readonly secrets?: readonly SecretSlot[]
  /** Where messages about it go, by name. */
  readonly notify?: Readonly<Record<string, NotifyTarget>>
  readonly documents?: readonly string[]
  /** Tools over its released documents; absent where none is released (`apps/documents/AppDocuments.ts`). */
  readonly documentTools?: readonly string[]
  readonly skills?: readonly string[]
  /** What became of each skill (`apps/skills/AppSkills.ts`). */
  readonly skillStates?: readonly SkillState[]
  /** Tools that loaded skills declare: the model is given no others; absent where none declares any. */
  readonly skillTools?: readonly string[]
  /** Whose it is: the operator's folder, or pushed with a key. */
  readonly by?: 'operator' | 'key'
  /** The key that pushed it. */
  readonly pushedBy?: string
  /** Of the content of all its files. */
  readonly version?: string
}

/** A name whose value stands elsewhere. */
export interface SecretSlot {
  readonly name: string
  readonly from: 'operator' | 'user'
}

/** Works without a key, for the page and for first steps. */
export const DEFAULT_APP: App = {
  name: 'default',
  title: 'Countersign',
  preamble: null,
  tools: null,
  sessionPolicy: 'id',
  lifetime: DEFAULT_LIFETIME,
  maxSessions: null,
  needsProofNonce: false,
  origins: [],
  model: null,
  admitsBrowserKeys: false,
}

/** The app whose key is printed once at first start, open to published clients. */
export const DEMO_APP: App = { ...DEFAULT_APP, name: 'demo', title: 'Demo' }

/** An app that was never configured but has a key: nothing but defaults, and the strict session policy. */
export function fromName(name: string): App {
  return { ...DEFAULT_APP, name, title: name, sessionPolicy: 'key' }
}

/**
 * Reads configured apps: a JSON array of `{name, title?, preamble?, tools?, session_policy?, session_idle_s?,
 * session_absolute_s?, max_sessions?, proof_nonce?, origins?, stock_widget?, model?, limits?}`.
 *
 * What is not known, or is there twice, is refused: left out silently, it would take away what somebody counted on.
 *
 * @throws {AppConfigError} `apps:config:unreadable`, naming the entry and the word.
 */
export function parseApps(text: string): App[] {
  let entries: unknown
  try {
    entries = Json.parse(text)
  } catch (error) {
    throw new AppConfigError(Json.faultOf(error))
  }
  if (!Array.isArray(entries)) throw new AppConfigError('it is not an array')
  const apps = entries.map((entry: unknown, i) => parseApp(entry, i))
  for (const [i, { name }] of apps.entries()) {
    const first = apps.findIndex((app) => app.name === name)
    if (first !== i) throw new AppConfigError(`entries ${first + 1} and ${i + 1} have the same name "${name}"`)
  }
  return apps
}

function parseApp(entry: unknown, i: number): App {
  const where = `entry ${i + 1}`
  if (typeof entry !== 'object' || entry === null) throw new AppConfigError(`${where} is not an object`)
  const {
    name,
    title,
    preamble,
    tools,
    session_policy: policy,
    session_idle_s: idleS,
    session_absolute_s: absoluteS,
    max_sessions: max,
    proof_nonce: nonce,
    origins,
    model,
    stock_widget: stockWidget,
    limits,
    ...rest
  } = entry as Record<string, unknown>
  const unknown = Object.keys(rest)
  if (unknown.length > 0) throw new AppConfigError(`${where} has the unknown field "${unknown[0]}"`)
  if (typeof name !== 'string' || !APP_NAME.test(name)) throw new AppConfigError(`${where} has no usable name`)
  if (policy !== undefined && policy !== 'key' && policy !== 'proof' && policy !== 'id') {
    throw new AppConfigError(`${where}: session_policy is "key", "proof" or "id"`)
  }
  for (const [field, value] of Object.entries({
    session_idle_s: idleS,
    session_absolute_s: absoluteS,
    max_sessions: max,
  })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) > 0))
      throw new AppConfigError(`${where}: ${field} is a whole number above 0`)
  }
  if (stockWidget !== undefined && typeof stockWidget !== 'boolean')
    throw new AppConfigError(`${where}: stock_widget is true or false`)
  if (nonce !== undefined && typeof nonce !== 'boolean')
    throw new AppConfigError(`${where}: proof_nonce is true or false`)
  if (origins !== undefined && !(Array.isArray(origins) && origins.every(isOrigin)))
    throw new AppConfigError(`${where}: origins is a list such as ["https://shop.example"], without paths`)
  if (tools !== undefined && !(Array.isArray(tools) && tools.every((tool) => typeof tool === 'string'))) {
    throw new AppConfigError(`${where}: tools is a list of tool names`)
  }
  if (Array.isArray(tools)) refuseTools(where, tools as string[])
  if (Array.isArray(origins)) refuseRepeated(where, 'origins', origins as string[])
  for (const [field, value] of Object.entries({ title, preamble, model })) {
    if (value !== undefined && typeof value !== 'string') throw new AppConfigError(`${where}: ${field} is text`)
  }
  return {
    name,
    title: (title as string | undefined) ?? name,
    preamble: (preamble as string | undefined) ?? null,
    tools: (tools as string[] | undefined) ?? null,
    sessionPolicy: policy ?? 'key',
    lifetime: {
      idleMs: typeof idleS === 'number' ? idleS * 1_000 : DEFAULT_LIFETIME.idleMs,
      absoluteMs: typeof absoluteS === 'number' ? absoluteS * 1_000 : DEFAULT_LIFETIME.absoluteMs,
    },
    maxSessions: (max as number | undefined) ?? null,
    needsProofNonce: nonce === true,
    origins: (origins as string[] | undefined) ?? [],
    model: (model as string | undefined) ?? null,
    admitsBrowserKeys: stockWidget === true,
    ...(limits === undefined ? {} : { limits: parseLimits(limits, where) }),
  }
}

/** The fields of `limits`, and the most that each may be. */
const LIMITS = { steps_per_turn: 100, calls_per_tool: 100, turn_seconds: 600 } as const

function parseLimits(value: unknown, where: string): Partial<TurnLimits> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AppConfigError(`${where}: limits is an object of ${Object.keys(LIMITS).join(', ')}`)
  for (const [name, limit] of Object.entries(value)) {
    if (!Object.hasOwn(LIMITS, name)) throw new AppConfigError(`${where}: limits has the unknown field "${name}"`)
    const max = LIMITS[name as keyof typeof LIMITS]
    if (!(Number.isSafeInteger(limit) && limit >= 1 && limit <= max))
      throw new AppConfigError(`${where}: limits.${name} is a whole number from 1 to ${max}`)
  }
  const { steps_per_turn: steps, calls_per_tool: calls, turn_seconds: seconds } = value as Record<string, number>
  return {
    ...(steps === undefined ? {} : { stepsPerTurn: steps }),
    ...(calls === undefined ? {} : { callsPerTool: calls }),
    ...(seconds === undefined ? {} : { turnMs: seconds * 1_000 }),
  }
}

/** @throws {AppConfigError} for no tools, tools that do not exist, and tools named twice. */
function refuseTools(where: string, tools: readonly string[]): void {
  if (tools.length === 0)
    throw new AppConfigError(
      `${where}: tools is empty, and a model without tools can do nothing; leave it out for all tools`,
    )
  const unknown = tools.find((tool) => !(TOOL_NAMES as readonly string[]).includes(tool))
  if (unknown !== undefined)
    throw new AppConfigError(`${where}: there is no tool "${unknown.slice(0, 40)}"; there are ${TOOL_NAMES.join(', ')}`)
  refuseRepeated(where, 'tools', tools)
}

function refuseRepeated(where: string, field: string, values: readonly string[]): void {
  const repeated = values.find((value, i) => values.indexOf(value) !== i)
  if (repeated !== undefined)
    throw new AppConfigError(`${where}: ${field} has "${repeated.slice(0, 80)}" more than once`)
}

/** An origin exactly as browsers send it. */
function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value
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
