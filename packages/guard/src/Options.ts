import { Address } from '@countersign/base'
import type { Report, Simulator } from '@countersign/simulator'
import * as Limits from './Limits.ts'
import { OptionsError } from './OptionsError.ts'

/** A proposal that waits for its owner. */
export interface WaitingProposal {
  readonly id: string
  readonly url: string
  readonly expires_at: string
}

interface Common {
  /** Methods that are signed without a judgement, such as `sign` or `signAuthorization`. */
  readonly allow?: readonly string[]
  /** Addresses of paymasters that a user operation may name; every other one is refused. */
  readonly paymasters?: readonly string[]
}

/** A Countersign server judges, and its owner's page answers. */
export interface ServerOptions extends Common {
  readonly server: string
  /** An API key with the scope `propose`; with `guard` too, what is allowed is signed without the owner. */
  readonly key: string
  /** How long a call waits for the owner, in milliseconds. */
  readonly waitMs?: number
  readonly onWaiting?: (proposal: WaitingProposal) => void
}

/** This process judges. */
export interface LocalOptions extends Common {
  readonly simulator: Simulator | { readonly rpcUrl: string; readonly chainId: number }
  readonly limits?: readonly Limits.LimitOption[]
  /** Asked about a warning, or an amount over a limit that asks. Without it both are refused. */
  readonly ask?: (report: Report.Report) => boolean | Promise<boolean>
}

export type GuardOptions = ServerOptions | LocalOptions

/** Options, read once: what happens to the object afterwards changes nothing. */
export type Settings = { readonly allow: ReadonlySet<string>; readonly paymasters: ReadonlySet<string> } & (
  | {
      readonly kind: 'server'
      readonly server: string
      readonly key: string
      readonly waitMs: number
      readonly onWaiting: (proposal: WaitingProposal) => void
    }
  | {
      readonly kind: 'local'
      readonly simulator: Simulator | { readonly rpcUrl: string; readonly chainId: number }
      readonly limits: readonly Limits.Limit[]
      readonly ask: ((report: Report.Report) => boolean | Promise<boolean>) | null
    }
)

const DEFAULT_WAIT_MS = 8_000
const KNOWN = ['server', 'key', 'waitMs', 'onWaiting', 'simulator', 'limits', 'ask', 'allow', 'paymasters']

/** @throws {OptionsError} `guard:options:invalid`. */
export function parse(options: GuardOptions): Settings {
  if (typeof options !== 'object' || options === null) throw new OptionsError('they are missing')
  const { server, key, waitMs, onWaiting, simulator, limits, ask, allow, paymasters } = options as Partial<
    ServerOptions & LocalOptions
  >
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name))
  if (unknown !== undefined) throw new OptionsError(`"${unknown.slice(0, 40)}" is not an option`)
  if ((server === undefined) === (simulator === undefined))
    throw new OptionsError('exactly one of "server" and "simulator" is needed')
  if (allow !== undefined && (!Array.isArray(allow) || allow.some((name) => typeof name !== 'string')))
    throw new OptionsError('"allow" is not a list of method names')
  if (paymasters !== undefined && (!Array.isArray(paymasters) || !paymasters.every(Address.isAddress)))
    throw new OptionsError('"paymasters" is not a list of addresses')
  const both = { allow: new Set(allow), paymasters: new Set(paymasters?.map((each) => each.toLowerCase())) }
  if (server !== undefined) {
    if (limits !== undefined || ask !== undefined)
      throw new OptionsError('"limits" and "ask" belong to "simulator"; a server has rules of its own')
    if (typeof server !== 'string' || !/^(?:https?:|unix:)$/.test(URL.canParse(server) ? new URL(server).protocol : ''))
      throw new OptionsError('"server" is not an http://, https:// or unix: URL')
    if (typeof key !== 'string' || key === '') throw new OptionsError('"key" is missing')
    if (waitMs !== undefined && !(Number.isFinite(waitMs) && waitMs >= 0))
      throw new OptionsError('"waitMs" is not a number of milliseconds')
    if (onWaiting !== undefined && typeof onWaiting !== 'function')
      throw new OptionsError('"onWaiting" is not a function')
    return {
      ...{ kind: 'server', server: server.replace(/\/+$/, ''), key, ...both },
      waitMs: waitMs ?? DEFAULT_WAIT_MS,
      onWaiting: onWaiting ?? (() => undefined),
    }
  }
  if (key !== undefined || waitMs !== undefined || onWaiting !== undefined)
    throw new OptionsError('"key", "waitMs" and "onWaiting" belong to "server"')
  if (ask !== undefined && typeof ask !== 'function') throw new OptionsError('"ask" is not a function')
  return {
    kind: 'local',
    simulator: readSimulator(simulator),
    limits: Limits.parse(limits),
    ask: ask ?? null,
    ...both,
  }
}

function readSimulator(value: unknown): Simulator | { readonly rpcUrl: string; readonly chainId: number } {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (typeof given['simulate'] === 'function') return value as Simulator
  const { rpcUrl, chainId, ...rest } = given
  if (typeof rpcUrl === 'string' && Number.isSafeInteger(chainId) && Object.keys(rest).length === 0)
    return { rpcUrl, chainId: chainId as number }
  throw new OptionsError('"simulator" is neither a Simulator nor { rpcUrl, chainId }')
}
