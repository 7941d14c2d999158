import {
  modelsOf,
  notLookedAt,
  readApps,
  reviewApp,
  reviewServer,
  type Checklist,
  type Point,
} from '@countersign/server'
import { Command } from 'commander'
import { factsOf } from './checklist.ts'
import { chainRecords, configuredChains } from './configuredChains.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import { ITEMS, notChecked, worst, type Check, type Status } from './doctor/Check.ts'
import { checkApps } from './doctor/checkApps.ts'
import { checkChains } from './doctor/checkChains.ts'
import { byConstruction, fromPoints } from './doctor/checkConfiguration.ts'
import { checkEngine } from './doctor/checkEngine.ts'
import { checkLedger } from './doctor/checkLedger.ts'
import { checkReach } from './doctor/checkReach.ts'
import { checkBundle, checkEnvironment } from './doctor/checkSecrets.ts'
import { checkAudit, checkBackups, checkDatabase } from './doctor/checkStore.ts'
import type { Io } from './io.ts'

const EXIT: Readonly<Record<Status, number>> = { pass: 0, not_checked: 0, warn: 10, fail: 11 }

interface Options {
  readonly dataDir?: string
  readonly client?: string
  readonly backups?: string
  readonly offline?: boolean
  readonly ci?: boolean
  readonly json?: boolean
}

/** `countersign doctor`: the production checklist and what it implies, each line with what was seen and what to do. */
export function doctorCommand(io: Io): Command {
  return new Command('doctor')
    .option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)')
    .option('--client <dir>', 'the built page of a client: no key may stand in it')
    .option('--backups <dir>', 'where backups are kept: the newest must be of today')
    .option('--offline', 'ask no provider, and do not run the engine')
    .option('--ci', 'for pipelines: what could not be checked is a failure, a warning is none')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Run it with the environment of the server; the server may be running. Nothing is changed.
Exit codes: 0 pass, 10 warnings, 11 failures. With --ci: 0, or 11 for failures and for what could not be checked.`,
    )
    .action(async (options: Options) => {
      const checks = await allChecks(io, options)
      const status = worst(checks.map((check) => check.status))
      const isOk =
        options.ci === true
          ? checks.every((check) => check.status === 'pass' || check.status === 'warn')
          : status !== 'fail'
      if (options.json === true)
        io.out(JSON.stringify({ ok: isOk, status, counts: countsOf(checks), items: [...ITEMS], checks }))
      else print(io, checks)
      io.exit(options.ci === true ? (isOk ? EXIT.pass : EXIT.fail) : EXIT[status])
    })
}

/**
 * The same checks for the dashboard of a server that runs, but for the engine and the providers: they take minutes, and the
 * list says that they were not checked.
 */
export async function checklistOf({ env, dataDir }: { env: NodeJS.ProcessEnv; dataDir: string }): Promise<Checklist> {
  const silent: Io = { env, out: () => {}, err: () => {}, exit: () => {}, columns: 100, color: false }
  return { items: ITEMS, checks: await allChecks(silent, { dataDir, offline: true }) }
}

async function allChecks(io: Io, options: Options): Promise<Check[]> {
  const { env } = io
  const say = (what: string): void => {
    if (options.json !== true && options.ci !== true) io.err(`doctor: ${what} …`)
  }
  const models = await modelsOf(env)
  const ids = models.list.map(({ id }) => id)
  const facts = await factsOf(io, options.dataDir, models.defaultId)
  const dataDir = options.dataDir ?? defaultDataDir(env)
  const points: Point[] = [...[...readApps(env, { models: ids }).values()].flatMap(reviewApp), ...reviewServer(facts)]
  say('reading the settings, apps, keys and files')
  const checks = [
    ...fromPoints(points),
    ...checkApps(env, ids),
    ...byConstruction(facts.everyKey),
    checkEnvironment(env),
    checkBundle(options.client ?? null),
    ...checkReach(env),
    ...checkDatabase(dataDir, env),
    await checkAudit(dataDir, env),
    await checkLedger(dataDir, env),
    checkBackups(options.backups ?? null, Date.now()),
  ]
  if (options.offline === true) {
    checks.push(notChecked('engine', 'server', 'The engine was not run.', 'Run countersign doctor without --offline.'))
    if (facts.chains.length > 0)
      checks.push(
        notChecked('provider', 'server', 'No provider was asked.', 'Run countersign doctor without --offline.'),
      )
  } else {
    say('running the engine on a chain of its own')
    checks.push(await checkEngine())
    checks.push(...(await checkChains(configuredChains(env), { records: chainRecords(env), say })))
  }
  for (const each of notLookedAt({ ...facts, keys: facts.keys ?? [] }))
    checks.push(notChecked('outside', 'server', `No command can see ${each}.`))
  return checks.toSorted((a, b) => (a.item ?? ITEMS.length + 1) - (b.item ?? ITEMS.length + 1))
}

function countsOf(checks: readonly Check[]): Record<Status, number> {
  const counts = { pass: 0, warn: 0, fail: 0, not_checked: 0 }
  for (const { status } of checks) counts[status] += 1
  return counts
}

const WORDS: Readonly<Record<Status, string>> = {
  pass: 'pass       ',
  warn: 'warn       ',
  fail: 'FAIL       ',
  not_checked: 'not checked',
}

function print(io: Io, checks: readonly Check[]): void {
  let item: number | null | undefined
  for (const check of checks) {
    if (check.item !== item) {
      item = check.item
      io.out(`\n${item === null ? 'Beyond the checklist' : `${item}. ${ITEMS[item - 1] ?? ''}`}`)
    }
    io.out(`  ${WORDS[check.status]}  ${check.about}  ${check.id}: ${check.evidence}`)
    if (check.remediation !== null) io.out(`               → ${check.remediation}`)
  }
  const { pass, warn, fail, not_checked: unknown } = countsOf(checks)
  io.out(`\n${pass} passed, ${warn} warnings, ${fail} failures, ${unknown} not checked.`)
}
