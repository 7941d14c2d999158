import { existsSync, readdirSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { Clock, Redacted } from '@countersign/base'
import {
  DATABASE_FILE,
  isPostgres,
  KeyRecord,
  modelsOf,
  notLookedAt,
  openKeyring,
  readApps,
  readLimits,
  reviewApp,
  reviewServer,
  StoreAbsentError,
  type ServerFacts,
} from '@countersign/server'
import { Command } from 'commander'
import { configuredChains } from './configuredChains.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import type { Io } from './io.ts'
import { unknownSettings } from './settings.ts'

const EXIT = { pass: 0, warn: 10, fail: 11 } as const

/** `countersign checklist`: what about apps and server is weaker than it could be, and what is not for production. */
export function checklistCommand(io: Io): Command {
  return new Command('checklist')
    .option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nRun it with the environment of the server. It starts nothing and asks nobody.')
    .action(async (options: { dataDir?: string; json?: boolean }) => {
      const models = await modelsOf(io.env)
      const apps = readApps(io.env, { models: models.list.map(({ id }) => id) })
      const facts = await factsOf(io, options.dataDir, models.defaultId)
      const points = [...[...apps.values()].flatMap(reviewApp), ...reviewServer(facts)]
      const unseen = notLookedAt(facts)
      const worst = (['fail', 'warn'] as const).find((level) => points.some((point) => point.level === level)) ?? 'pass'
      if (options.json === true) io.out(JSON.stringify({ level: worst, points, not_looked_at: unseen }))
      else {
        for (const { level, app, item, because, remediation } of points)
          io.out(`${level.padEnd(4)}  ${app}  ${item}: ${because}${remediation === null ? '' : ` ${remediation}`}`)
        for (const each of unseen) io.out(`      not looked at: ${each}`)
      }
      io.exit(EXIT[worst])
    })
}

/** Facts, and the apps of all keys that there ever were. */
export interface Facts extends ServerFacts {
  readonly everyKey: readonly { readonly app: string }[] | null
}

/** What `checklist` and `doctor` see without starting anything. */
export async function factsOf(io: Io, given: string | undefined, modelId: string): Promise<Facts> {
  const { env } = io
  const dataDir = given ?? defaultDataDir(env)
  const isThere = isPostgres(env) || existsSync(join(dataDir, DATABASE_FILE))
  // A directory that somebody names is meant; the default one need not exist before the first start.
  if (!isThere && given !== undefined) throw new StoreAbsentError(dataDir)
  const host = env['COUNTERSIGN_HOST'] ?? '127.0.0.1'
  return {
    ...(isThere ? await keysOf(dataDir, env) : { keys: null, everyKey: null }),
    chains: configuredChains(env).map(
      ({ chainId, rpcUrl, fallbackRpcUrls = [], quorum = 1, isProofVerified = false }) => ({
        chainId,
        // Scheme and host are all that is looked at.
        providers: [rpcUrl, ...fallbackRpcUrls].map((url) => Redacted.url(Redacted.reveal(url))),
        quorum,
        isProofVerified,
      }),
    ),
    unlimited: Object.entries(readLimits(env)).flatMap(([name, windows]) => (windows.length === 0 ? [name] : [])),
    openFiles: isThere && existsSync(dataDir) ? openFilesIn(dataDir) : null,
    isLoopback: host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.')),
    publicOrigins: list(env['COUNTERSIGN_PUBLIC_ORIGIN']),
    modelUrls: ['COUNTERSIGN_MODEL_BASE_URL', 'ANTHROPIC_BASE_URL', 'OPENAI_BASE_URL'].flatMap((name) =>
      list(env[name]),
    ),
    modelId,
    unknownSettings: unknownSettings(env),
  }
}

const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')

async function keysOf(dataDir: string, env: NodeJS.ProcessEnv): Promise<Pick<Facts, 'keys' | 'everyKey'>> {
  const keyring = await openKeyring({ dataDir, env, clock: Clock.system, mustExist: true })
  try {
    const nowMs = keyring.nowMs()
    const everyKey = await keyring.list({})
    const keys = everyKey
      .filter((key) => !key.isCanary && ['active', 'pending'].includes(KeyRecord.standingAt(key, nowMs)))
      .map((key) => ({
        id: key.id,
        scopes: key.scopes,
        ageDays: Math.floor((nowMs - key.createdMs) / 86_400_000),
        isExposed: key.exposedMs !== null,
      }))
    return { keys, everyKey }
  } finally {
    await keyring.close()
  }
}

/** What others than the owner may read or write, the directory itself included. Windows has no such modes. */
function openFilesIn(dataDir: string): string[] {
  if (process.platform === 'win32') return []
  const names = ['', ...readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).sort()]
  return names.flatMap((name) => {
    const mode = statSync(join(dataDir, name), { throwIfNoEntry: false })?.mode
    return mode === undefined || (mode & 0o077) === 0 ? [] : [name === '' ? dataDir : name]
  })
}
