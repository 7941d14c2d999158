/**
 * `npm run pack:check [-- [--lean] [--keep]]`: packs every package, installs the tarballs in an empty folder, and tries them
 * there as a stranger would: on each Node they promise, in a strict program, in a browser's bundle, and under the linters
 * of packages. `--lean` leaves out what needs further downloads: older Nodes, TypeScript 5.9, publint and attw.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { spawnAnvil } from '../../packages/simulator/src/evm/anvil/spawnAnvil.ts'
import { pack } from './main.ts'
import { manifestOf, ROOT } from './Package.ts'

const isLean = process.argv.includes('--lean')
const PLATFORM = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
/** What the check itself installs, apart from the packages. */
const TOOLS = [
  `node20@npm:node-${PLATFORM}@20.20.2`,
  `node22@npm:node-${PLATFORM}@22.23.3`,
  'typescript5@npm:typescript@5.9.3',
  'publint@0.3.25',
  '@arethetypeswrong/cli@0.18.5',
]
const folder = mkdtempSync(join(tmpdir(), 'countersign-pack-check-'))
let failures = 0

async function step(what: string, work: () => Promise<void> | void): Promise<void> {
  const startMs = performance.now()
  let problem: unknown = null
  try {
    await work()
  } catch (error) {
    problem = error
    failures += 1
  }
  console.log(`${problem === null ? 'ok  ' : 'FAIL'} ${what} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`)
  if (problem === null) return
  const { message, stdout, stderr } = problem as { message?: string; stdout?: string; stderr?: string }
  console.log([message, stdout, stderr].filter((text) => (text ?? '') !== '').join('\n'))
}

function run(program: string, args: readonly string[], cwd = join(folder, 'app')): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 })
}

function npmInstall(cwd: string, what: readonly string[]): void {
  mkdirSync(cwd, { recursive: true })
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
  const npm = process.env['npm_execpath']
  const [program, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm]
  run(
    program ?? 'npm',
    [...first, 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...what],
    cwd,
  )
}

/** Ends as told, with this on standard output or error. */
function expectEnd(node: string, args: readonly string[], { code, says }: { code: number; says: RegExp }): void {
  const { status, stdout, stderr } = spawnSync(node, args, {
    cwd: join(folder, 'app'),
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, COUNTERSIGN_DATA_DIR: join(folder, 'data'), NO_COLOR: '1' },
  })
  if (status === code && says.test(`${stdout}${stderr}`)) return
  throw new Error(`${args.slice(1).join(' ')} ended with ${status}, not ${code} and ${says}:\n${stdout}${stderr}`)
}

/** The first two accounts of a fresh anvil. */
const [PAYER, PAYEE] = ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8']
const COMMAND = 'node_modules/countersign/bin/countersign.mjs'

function tryCommand(node: string, rpcUrl: string): void {
  expectEnd(node, [COMMAND, '--version'], { code: 0, says: new RegExp(`^${manifestOf('cli').version}\n$`) })
  expectEnd(node, [COMMAND, '--help'], { code: 0, says: /simulate/ })
  const payment = ['--from', PAYER, '--tx', JSON.stringify({ to: PAYEE, value: '1' }), '--json']
  expectEnd(node, [COMMAND, 'simulate', '--rpc-url', rpcUrl, ...payment], { code: 0, says: /"verdict":"allow"/ })
  expectEnd(node, [COMMAND, 'scan', 'skill', '--json'], { code: 0, says: /"verdict"/ })
  expectEnd(node, [COMMAND, 'scan', '--explain', 'hidden-unicode'], { code: 0, says: /Flagged/ })
}

async function tryServe(node: string): Promise<void> {
  const child = spawn(node, [COMMAND, 'serve', '--port', '0', '--data-dir', join(folder, 'data')], {
    cwd: join(folder, 'app'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, COUNTERSIGN_CACHE_DIR: join(ROOT, 'node_modules', '.cache', 'countersign') },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (text += bytes.toString()))
  try {
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    let url: string | undefined
    for (let i = 0; i < 1_200 && url === undefined && child.exitCode === null; i += 1) {
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 100))])
      url = /ready at (\S+)/.exec(text)?.[1]
    }
    if (url === undefined) throw new Error(`serve did not start:\n${text}`)
    for (const path of ['/ready', '/', '/api/openapi.json']) {
      const { status } = await fetch(new URL(path, url))
      if (status !== 200) throw new Error(`${path} answered ${status}:\n${text}`)
    }
  } finally {
    child.kill('SIGTERM')
  }
}

/** A program in the strictest settings sees declarations only. */
function tryTypes(tsc: string): void {
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['preserve', 'bundler'],
  ] as const) {
    const config = {
      compilerOptions: {
        ...{ module, moduleResolution, target: 'es2023', lib: ['es2023', 'dom'], types: ['node'], noEmit: true },
        ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
      },
      files: ['consumer.ts'],
    }
    writeFileSync(join(folder, 'app', 'tsconfig.json'), JSON.stringify(config))
    run(process.execPath, [tsc, '-p', 'tsconfig.json'])
  }
}

/** The SDK must find everything it imports in itself. */
async function tryBrowser(): Promise<void> {
  const warnings: string[] = []
  const build = await rolldown({
    cwd: join(folder, 'app'),
    input: 'browser.mjs',
    platform: 'browser',
    onLog: (_level, log) => warnings.push(log.message),
  })
  const { output } = await build.generate({ format: 'esm' })
  await build.close()
  const imports = output.flatMap((each) => (each.type === 'chunk' ? each.imports : []))
  if (warnings.length > 0 || imports.length > 0 || /\bprocess\.|\brequire\(/.test(output[0].code))
    throw new Error(`The SDK does not stand alone in a browser: ${[...warnings, ...imports].join('; ')}`)
}

const chain = await spawnAnvil({ args: [] })
try {
  let tarballs: string[] = []
  await step('pack', async () => {
    tarballs = await pack(join(folder, 'tarballs'))
  })
  const app = join(folder, 'app')
  await step('install in an empty folder', () => npmInstall(app, [...tarballs, '@types/node@24.19.2', 'viem@2.57.20']))
  cpSync(join(import.meta.dirname, 'consumer'), app, { recursive: true })
  const node24 = process.execPath
  await step('packages on Node 24', () => void run(node24, ['smoke.mjs', 'all']))
  await step('command on Node 24', () => tryCommand(node24, chain.url))
  await step('serve on Node 24', () => tryServe(node24))
  await step('types, strict, TypeScript 7', () => tryTypes(join(ROOT, 'node_modules/typescript/bin/tsc')))
  await step('sdk in a browser', tryBrowser)
  if (!isLean) {
    const tools = join(folder, 'tools')
    await step('install the tools of this check', () => npmInstall(tools, TOOLS))
    const nodeOf = (name: string): string => {
      const bin = join(tools, 'node_modules', name, 'bin')
      return join(bin, readdirSync(bin).find((file) => /^node(?:\.exe)?$/.test(file)) ?? 'node')
    }
    await step('packages on Node 22', () => void run(nodeOf('node22'), ['smoke.mjs', 'all']))
    await step('command on Node 22', () => {
      tryCommand(nodeOf('node22'), chain.url)
      expectEnd(nodeOf('node22'), [COMMAND, 'serve'], {
        code: 2,
        says: /^Countersign needs Node 24 or newer for "serve"/,
      })
    })
    await step('base and sdk on Node 20', () => void run(nodeOf('node20'), ['smoke.mjs', 'portable']))
    await step('command on Node 20 ends in one sentence', () =>
      expectEnd(nodeOf('node20'), [COMMAND, 'scan'], { code: 2, says: /^Countersign needs Node 22\.19 or newer.*\n$/ }),
    )
    await step('types, strict, TypeScript 5.9', () => tryTypes(join(tools, 'node_modules/typescript5/bin/tsc')))
    for (const tarball of tarballs) {
      const name = tarball.split('/').at(-1) ?? ''
      await step(
        `publint ${name}`,
        () => void run(process.execPath, ['node_modules/publint/src/cli.js', '--strict', tarball], tools),
      )
      // The command has no module to import.
      if (!/^countersign-\d/.test(name))
        await step(
          `attw ${name}`,
          () =>
            void run(
              process.execPath,
              ['node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only'],
              tools,
            ),
        )
    }
  }
} finally {
  await chain.close()
  if (!process.argv.includes('--keep')) rmSync(folder, { recursive: true, force: true })
  else console.log(folder)
}
process.exit(failures === 0 ? 0 : 1)
