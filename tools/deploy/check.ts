/**
 * `npm run deploy:check [-- --strict]`: holds the files of `deploy/` against the programs that read them (nginx, Caddy, promtool,
 * systemd-analyze, where they are installed) and against a running server: the metrics that dashboard and alerts name, the
 * settings that the manifests name, and what nginx does to streams and addresses. `--strict` fails where a program is missing.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from 'countersign'
import { parseAllDocuments } from 'yaml'
import { checkChart, type Renderer } from './chart/checkChart.ts'
import { COMPOSE, missingMetrics, missingSettings, weakContainers } from './claims.ts'
import { tryNginx } from './tryNginx.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const DEPLOY = join(ROOT, 'deploy')
const isStrict = process.argv.includes('--strict')
const counts = { passed: 0, failed: 0, skipped: 0 }

async function step(what: string, work: () => Promise<string | null> | string | null): Promise<void> {
  let problem: string | null
  try {
    problem = await work()
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  counts[problem === null ? 'passed' : 'failed'] += 1
  console.log(`${problem === null ? 'ok  ' : 'FAIL'} ${what}${problem === null ? '' : `\n${problem}`}`)
}

/** A check by a program that may not be here. */
async function stepBy(
  program: string,
  what: string,
  work: () => string | null | Promise<string | null>,
): Promise<void> {
  if (spawnSync('which', [program]).status === 0) return step(`${program}: ${what}`, work)
  counts[isStrict ? 'failed' : 'skipped'] += 1
  console.log(`${isStrict ? 'FAIL' : 'skip'} ${program}: ${what}: ${program} is not installed`)
}

function runs(program: string, args: readonly string[], cwd = DEPLOY): string | null {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  return status === 0 ? null : `${stdout}${stderr}`
}

const scratch = mkdtempSync(join(tmpdir(), 'countersign-deploy-'))
const server = await launch({
  port: 0,
  dataDir: join(scratch, 'data'),
  env: { COUNTERSIGN_TRUSTED_PROXY_HOPS: '1', COUNTERSIGN_PUBLIC_ORIGIN: 'https://agent.example.com' },
  logLevel: 'silent',
})
try {
  await step('every YAML file parses', () => {
    for (const file of [
      ...COMPOSE,
      'kubernetes/countersign.yaml',
      'kubernetes/simulate-worker.yaml',
      'prometheus/alerts.yaml',
    ])
      for (const { errors } of parseAllDocuments(readFileSync(join(DEPLOY, file), 'utf8'), { merge: true }))
        if (errors[0] !== undefined) return `${file}: ${errors[0].message}`
    return null
  })
  await step('containers run without root, privileges or a root to write to', () => listed(weakContainers(DEPLOY)))
  await step('every setting that they name exists', () => {
    const help = execFileSync(process.execPath, ['packages/cli/bin/countersign.mjs', 'serve', '--help'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    return listed(missingSettings(DEPLOY, help))
  })
  await step('every metric that dashboard and alerts name is served', async () =>
    listed(missingMetrics(DEPLOY, await (await fetch(`${server.url}/metrics`)).text())),
  )
  await stepBy(
    'promtool',
    'alert rules and their tests',
    () =>
      runs('promtool', ['check', 'rules', 'alerts.yaml'], join(DEPLOY, 'prometheus')) ??
      runs('promtool', ['test', 'rules', 'alerts.test.yaml'], join(DEPLOY, 'prometheus')),
  )
  await stepBy('caddy', 'Caddyfile', () =>
    runs('caddy', ['validate', '--config', 'caddy/Caddyfile', '--adapter', 'caddyfile']),
  )
  await stepBy('systemd-analyze', 'unit files', () => {
    for (const file of ['countersign.service', 'countersign-simulate@.service']) {
      // The unit names a program that this machine does not have.
      const unit = readFileSync(join(DEPLOY, 'systemd', file), 'utf8')
      const named = join(scratch, file.replace('@', '@1'))
      writeFileSync(named, unit.replace(/^ExecStart=.*$/m, 'ExecStart=/bin/true'))
      const problem = runs('systemd-analyze', ['verify', named])
      if (problem !== null) return problem
    }
    return null
  })
  const chart = join(DEPLOY, 'helm', 'countersign')
  await stepBy('helm', 'the chart lints', () => runs('helm', ['lint', '--strict', chart]))
  // Without helm, its own template engine and functions, as a distribution's Go packages bring them.
  for (const renderer of ['helm', 'go'] satisfies Renderer[])
    await stepBy(renderer, 'the chart gives the plain manifests, and refuses what could not work', () =>
      listed(checkChart({ chart, manifests: join(DEPLOY, 'kubernetes'), renderer, scratch })),
    )
  await stepBy('nginx', 'streams arrive as they are sent, the client’s address is believed, metrics stay inside', () =>
    tryNginx({ configFile: join(DEPLOY, 'nginx/countersign.conf'), scratch, server }),
  )
} finally {
  await server.close()
  rmSync(scratch, { recursive: true, force: true })
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed === 0 ? 0 : 1)

function listed(problems: readonly string[]): string | null {
  return problems.length === 0 ? null : problems.join('\n')
}
