/**
 * `npm run pack -- --out DIR`: writes one .tgz per published package, and prints their paths, one a line. Sources run
 * without any of this.
 */
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { LIBRARIES, ROOT, STAGE } from './Package.ts'

const run = promisify(execFile)
/** What only tests read. */
const NOT_PACKED =
  /\.test\.|(?:^|\/)(?:RuleC|c)ases\.(?:js|d\.ts)$|(?:^|\/)(?:bad|good|fixtures?|catalogue|test|testing)(?:\/|\.)/

/** Builds all packages and packs them into a folder. */
export async function pack(out: string): Promise<string[]> {
  mkdirSync(out, { recursive: true })
  mkdirSync(STAGE, { recursive: true })
  if (spawnSync(process.execPath, ['tools/build-web.ts', '--if-stale'], { cwd: ROOT, stdio: 'ignore' }).status !== 0)
    throw new Error('The page cannot be built: run node tools/build-web.ts.')
  // Loaded here, so that a missing page is said first.
  const { compile } = await import('./compile.ts')
  const { bundle } = await import('./bundle.ts')
  const bundled = bundle()
  const stages: string[] = []
  for (const library of LIBRARIES) stages.push(await compile(library))
  stages.push(await bundled)
  const paths: string[] = []
  for (const stage of stages) paths.push(await packOne(stage, out))
  rmSync(STAGE, { recursive: true, force: true })
  return paths
}

async function packOne(stage: string, out: string): Promise<string> {
  const npm = process.env['npm_execpath']
  const [program, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm]
  const { stdout } = await run(
    program ?? 'npm',
    [...first, 'pack', '--json', '--ignore-scripts', '--pack-destination', out],
    {
      cwd: stage,
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[]
  if (packed === undefined) throw new Error(`npm packed nothing in ${stage}.`)
  const tests = packed.files.map(({ path }) => path).filter((path) => NOT_PACKED.test(path))
  if (tests.length > 0)
    throw new Error(`${packed.filename} holds what only tests read: ${tests.slice(0, 5).join(', ')}.`)
  return join(out, packed.filename.replace('@', '').replaceAll('/', '-'))
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } })
  if (values.out === undefined) {
    console.error('Usage: npm run pack -- --out DIR')
    process.exit(2)
  }
  for (const path of await pack(resolve(process.env['INIT_CWD'] ?? '.', values.out))) console.log(path)
}
