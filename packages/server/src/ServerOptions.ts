import type { Clock, Redacted } from '@countersign/base'
import type { TurnLimits } from './apps/TurnLimits.ts'
import type { AuditEntry } from './audit/Audit.ts'
import type { ChainConfig } from './chains/Chain.ts'
import type { Checklist } from './http/overviewRoutes.ts'
import type { McpOptions } from './http/mcpRoute.ts'
import type { StreamPoint } from './http/streamRoute.ts'
import type { StreamCaps } from './http/Streams.ts'
import type { IssuedKey, IssueInput } from './keys/issueKey.ts'
import type { Keyring } from './keys/openKeyring.ts'
import type { LimitPolicy } from './limits/LimitPolicy.ts'
import type { Gate, Policy } from './proposals/Gate.ts'
import type { StorageCaps } from './sessions/Storage.ts'
import type { Store } from './store/openStore.ts'

export interface ServerOptions {
  /** 0 picks a free port. */
  readonly port: number
  /** Loopback by default: put a TLS proxy in front to serve others. */
  readonly host?: string
  readonly dataDir: string
  readonly chains: readonly ChainConfig[]
  /** For model keys, `COUNTERSIGN_PEPPER`, `COUNTERSIGN_APPS` and `COUNTERSIGN_CORS_ORIGINS`. */
  readonly env: NodeJS.ProcessEnv
  /** Built page to serve at `/`; null serves none. */
  readonly webRoot: string | null
  readonly clock?: Clock.Clock
  /**
   * The store's time, by which everything lives and ends, so that processes whose own clocks differ agree. On one
   * machine that is the machine's clock.
   */
  readonly storeClock?: Clock.Clock
  readonly policy?: Partial<Policy>
  /** Limits other than the default ones; also `COUNTERSIGN_LIMITS`. */
  readonly limits?: Partial<LimitPolicy>
  /** What one turn may do, other than the default. */
  readonly turnLimits?: Partial<TurnLimits>
  /** How much conversation may be stored, other than the default. */
  readonly storageCaps?: Partial<StorageCaps>
  /** How many streams may be open at once, other than the default. */
  readonly streamCaps?: Partial<StreamCaps>
  /** For tests: waited for at each point at which a stream waits for something. */
  readonly pauseStream?: (at: StreamPoint) => Promise<void>
  /** For tests: waited for between reading a key and remembering it. */
  readonly pauseFill?: () => Promise<void>
  /** How long a client that is about to sign waits for its answer, in milliseconds; then it is a no. Default 25 s. */
  readonly signerDeadlineMs?: number
  /** Where to listen besides, for programs of this user on this machine: `openLocalSocket`. Default: nowhere. */
  readonly socketPath?: string
  /** What `countersign doctor` sees, for the dashboard. Default: it lists nothing. */
  readonly checklist?: () => Promise<Checklist>
  /** For tests: another server behind `/mcp`, with the same checks in front. */
  readonly mcp?: NonNullable<McpOptions['wrap']>
  /** pino's level; default `warn`. */
  readonly logLevel?: string
  /** Where the log goes, a line of JSON at a time; default standard output. */
  readonly logStream?: { write(line: string): void }
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  /** The demo app's key, only at the start that issued it. */
  readonly demoKey: Redacted.Redacted<string> | null
  readonly modelId: string
  readonly store: Store
  readonly gate: Gate
  issueKey(input: IssueInput): Promise<IssuedKey>
  readonly keyring: Keyring
  /** Every route of the router, as `METHOD /path`, but for what HEAD and preflights add. */
  routes(): readonly string[]
  audit(app: string): Promise<AuditEntry[]>
  /** What is held for open streams now; nothing when no client is there. */
  held(): { readonly streams: number; readonly payers: number; readonly timers: number; readonly listeners: number }
  /** Clears away now what is over, and writes down what keys did; otherwise it happens every half minute, and every minute. */
  sweep(): Promise<void>
  close(): Promise<void>
}
