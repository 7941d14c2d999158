import type { App } from './App.ts'

/** One thing that whoever puts an app, or a server, in front of real money has to know. */
export interface Point {
  /** Its name; `_server` for what holds for all. */
  readonly app: string
  readonly item: AppItem | ServerItem
  /** `warn`: allowed, and weaker than it could be. `fail`: not for production. */
  readonly level: 'pass' | 'warn' | 'fail'
  /** What was seen. */
  readonly because: string
  /** What to do; null when it passes, or when nothing has to be done. */
  readonly remediation: string | null
}

export type AppItem = 'session-policy' | 'browser-keys' | 'session-lifetime' | 'origins' | 'preamble' | 'tools'
export type ServerItem =
  | 'chains'
  | 'provider-transport'
  | 'quorum'
  | 'limits'
  | 'key-scopes'
  | 'key-guard'
  | 'key-rotation'
  | 'files'
  | 'transport'
  | 'model'
  | 'settings'

/** The longest idle time that asks no question, in milliseconds: 30 minutes (Aomi's advice for interactive use). */
const IDLE_MS = 30 * 60_000
/** How old a key may grow, in days (Aomi's security page). */
const ROTATION_DAYS = 90

/** Looks through the configuration of an app. */
export function review(app: App): Point[] {
  const point = (item: AppItem, level: Point['level'], because: string, remediation: string | null = null): Point => ({
    app: app.name,
    ...{ item, level, because, remediation },
  })
  const plain = app.origins.filter((origin) => isPlain(origin))
  return [
    app.sessionPolicy === 'id'
      ? point(
          'session-policy',
          'warn',
          'Whoever knows the id of a session can use it; published clients need that.',
          'Set session policy "key" or "proof" where your clients can send the key.',
        )
      : point('session-policy', 'pass', `Session routes take ${app.sessionPolicy === 'key' ? 'the key' : 'a proof'}.`),
    app.admitsBrowserKeys
      ? point('browser-keys', 'fail', 'Pages may send the key, so everybody has it.', 'Use session tokens.')
      : point('browser-keys', 'pass', 'Keys that come from browsers are refused.'),
    app.lifetime.idleMs > IDLE_MS
      ? point(
          'session-lifetime',
          'warn',
          'Sessions live longer than 30 minutes without use.',
          'Set an idle time of at most 30m.',
        )
      : point('session-lifetime', 'pass', 'Sessions end after at most 30 minutes without use.'),
    plain.length > 0
      ? point(
          'origins',
          'fail',
          `${plain.join(', ')} is not encrypted: anybody on the way can be that page.`,
          'Use https:// origins.',
        )
      : point('origins', 'pass', app.origins.length === 0 ? 'No page of others may call.' : 'Origins are encrypted.'),
    point(
      'preamble',
      'pass',
      app.preamble === null
        ? 'The built-in instructions, alone.'
        : 'Instructions of its own, after the built-in ones, which they cannot remove.',
    ),
    app.tools === null
      ? point('tools', 'warn', 'The model gets every tool.', 'List those that the app needs.')
      : point('tools', 'pass', `The model gets ${app.tools.join(', ')}.`),
  ]
}

/** What can be seen of a server without starting it. */
export interface ServerFacts {
  readonly chains: readonly {
    readonly chainId: number
    readonly providers: readonly string[]
    readonly quorum: 1 | 2
    readonly isProofVerified: boolean
  }[]
  /** Names of limits that are empty: no limit. */
  readonly unlimited: readonly string[]
  /** Null when there is no store to look at. */
  readonly keys:
    | readonly {
        readonly id: string
        readonly scopes: readonly string[]
        readonly ageDays: number
        readonly isExposed: boolean
      }[]
    | null
  /** Files and directories that others than their owner may read; null when there is no store. */
  readonly openFiles: readonly string[] | null
  readonly isLoopback: boolean
  readonly publicOrigins: readonly string[]
  /** Base URLs of language models, where they are not the provider's own. */
  readonly modelUrls: readonly string[]
  readonly modelId: string
  /** Settings in the environment that no command reads. */
  readonly unknownSettings: readonly string[]
}

/** Looks through what holds for all apps. What cannot be looked at is not passed: `notLookedAt` lists it. */
export function reviewServer(facts: ServerFacts): Point[] {
  const point: MakePoint = (item, level, because, remediation = null) => ({
    app: '_server',
    ...{ item, level, because, remediation },
  })
  const plainProviders = facts.chains.flatMap(({ providers }) => providers.filter(isPlain))
  const alone = facts.chains.filter(({ quorum, isProofVerified }) => quorum === 1 && !isProofVerified)
  const plainOrigins = facts.publicOrigins.filter(isPlain)
  const plainModels = facts.modelUrls.filter(isPlain)
  return [
    facts.chains.length === 0
      ? point(
          'chains',
          'warn',
          'No provider is configured: a local chain with test money is started.',
          'Set COUNTERSIGN_RPC_<chainId>.',
        )
      : point(
          'chains',
          'pass',
          `Chains ${facts.chains.map(({ chainId }) => chainId).join(', ')}. Everything is simulated before it is signable; no setting changes that.`,
        ),
    plainProviders.length > 0
      ? point(
          'provider-transport',
          'fail',
          'A provider is asked without encryption: anybody on the way can be the chain.',
          'Use an https:// URL, or a node on this machine.',
        )
      : point('provider-transport', 'pass', 'Providers are asked over encrypted connections, or on this machine.'),
    alone.length > 0
      ? point(
          'quorum',
          'warn',
          `One provider alone is believed for chain ${alone.map(({ chainId }) => chainId).join(', ')}.`,
          'Set COUNTERSIGN_QUORUM=2 with two providers, or COUNTERSIGN_VERIFY_PROOFS=1.',
        )
      : point(
          'quorum',
          'pass',
          facts.chains.length === 0 ? 'The local chain is its own.' : 'Two providers must agree, or state is proven.',
        ),
    facts.unlimited.length > 0
      ? point(
          'limits',
          'fail',
          `There is no limit for ${facts.unlimited.join(', ')}.`,
          'Set one in COUNTERSIGN_LIMITS.',
        )
      : point('limits', 'pass', 'Requests are limited by key and by address.'),
    ...reviewKeys(facts, point),
    ...reviewFiles(facts, point),
    plainOrigins.length > 0
      ? point(
          'transport',
          'fail',
          `${plainOrigins.join(', ')} is not encrypted: keys and cookies can be read on the way.`,
          'Put TLS in front, and name the https:// address.',
        )
      : !facts.isLoopback && facts.publicOrigins.length === 0
        ? point(
            'transport',
            'fail',
            'It listens beyond this machine, and COUNTERSIGN_PUBLIC_ORIGIN names no encrypted address.',
            'Put TLS in front, and set COUNTERSIGN_PUBLIC_ORIGIN=https://….',
          )
        : point(
            'transport',
            'pass',
            facts.publicOrigins.length === 0 ? 'It listens on this machine alone.' : 'Its public address is encrypted.',
          ),
    plainModels.length > 0
      ? point(
          'model',
          'fail',
          'The language model is asked without encryption: its key and all messages can be read on the way.',
          'Use an https:// base URL.',
        )
      : point('model', 'pass', `The model is ${facts.modelId}.`),
    facts.unknownSettings.length > 0
      ? point('settings', 'warn', `Nothing reads ${facts.unknownSettings.join(', ')}.`, 'Check the spelling.')
      : point('settings', 'pass', 'Every COUNTERSIGN_ setting is read.'),
  ]
}

type MakePoint = (item: ServerItem, level: Point['level'], because: string, remediation?: string | null) => Point

function reviewKeys({ keys }: ServerFacts, point: MakePoint): Point[] {
  if (keys === null) return []
  const old = keys.filter(({ ageDays }) => ageDays >= ROTATION_DAYS)
  const exposed = keys.filter(({ isExposed }) => isExposed)
  const broad = keys.filter(({ scopes }) => scopes.includes('admin') && scopes.length > 1)
  // It counts beside `propose` only; without it the key gets nothing signed.
  const guarding = keys.filter(({ scopes }) => scopes.includes('guard'))
  const named = (some: typeof keys): string => some.map(({ id }) => id).join(', ')
  return [
    broad.length > 0
      ? point(
          'key-scopes',
          'warn',
          `${named(broad)} may administer keys and do the work of an agent.`,
          'Give each its own key.',
        )
      : point('key-scopes', 'pass', 'No key of an agent may administer keys.'),
    guarding.length > 0
      ? point(
          'key-guard',
          'warn',
          `${named(guarding)} has the scope "guard": what it proposes within every limit is signed without the owner.`,
          'Take the scope away where no mandate or limit is meant to sign: countersign keys scopes.',
        )
      : point('key-guard', 'pass', 'No key gets anything signed without the owner.'),
    exposed.length > 0
      ? point(
          'key-rotation',
          'fail',
          `${named(exposed)} was seen in public and still opens its app.`,
          'Revoke it: countersign keys revoke.',
        )
      : old.length > 0
        ? point(
            'key-rotation',
            'warn',
            `${named(old)} is older than ${ROTATION_DAYS} days.`,
            'Rotate it: countersign keys rotate.',
          )
        : point('key-rotation', 'pass', `No key is older than ${ROTATION_DAYS} days.`),
  ]
}

function reviewFiles({ openFiles }: ServerFacts, point: MakePoint): Point[] {
  if (openFiles === null) return []
  return [
    openFiles.length > 0
      ? point(
          'files',
          'fail',
          `Others on this machine may read ${openFiles.slice(0, 5).join(', ')}.`,
          'Use chmod 700 for directories and 600 for files.',
        )
      : point('files', 'pass', 'The data directory is for its owner alone.'),
  ]
}

/** What no command can see. Whoever goes into production has to look. */
export function notLookedAt(facts: ServerFacts): string[] {
  return [
    ...(facts.keys === null ? ['keys and files: there is no store in the data directory'] : []),
    'who holds the API keys, and that none is in a client, a repository or a log',
    'whether the proxy in front ends TLS, and which hosts may reach this port',
    'whether checkpoints of the audit record are kept where the operator cannot change them',
    'whether somebody watches /metrics and the log',
  ]
}

/** Not encrypted, and not on this machine. */
function isPlain(url: string): boolean {
  return /^(?:http|ws):/i.test(url) && !/^\w+:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?(?:\/|$)/i.test(url)
}
