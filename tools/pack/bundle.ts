/** Bundles the command, with server, chain and page, into the folder that `countersign` is packed from. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { rolldown, type OutputChunk } from 'rolldown'
import { artifactPath } from '../../chain/src/artifacts.ts'
import { takeBuiltins } from './Builtins.ts'
import { common, finish, isData, writePacked } from './compile.ts'
import { LIBRARIES, manifestOf, ROOT, STAGE } from './Package.ts'

const COMMAND = {
  about:
    'Makes AI agents safe to let near a wallet: simulate, show, and only then the owner signs. Command and server.',
  node: '>=22.19',
  keywords: ['ethereum', 'agent', 'wallet', 'security', 'simulation', 'cli'],
}
/** Packages that stay packages: anvil brings a binary; pg is CommonJS whose classes extend what a bundle has not run yet. */
const APART = ['simulator/@foundry-rs/anvil', 'server/pg']
/** What a scan loads by name where it first needs it (`createRequire`), which a bundler does not see. */
const LOADED_BY_NAME = [
  'scanner/dockerfile-ast',
  'scanner/jsonc-parser',
  'scanner/semver',
  'scanner/smol-toml',
  'scanner/yaml',
  'scanner/@sigstore/bundle',
  'scanner/@sigstore/protobuf-specs',
  'scanner/@sigstore/verify',
]

/** What the start of the command loads, each by its name. */
const COMMAND_ENTRIES = {
  main: 'packages/cli/src/main.ts',
  client: 'packages/cli/src/client.ts',
  io: 'packages/cli/src/io.ts',
}
/** What the start does for sources alone: a bundle has few files, and no TypeScript. */
const SOURCES_ONLY = 'resolveFast'

export async function bundle(): Promise<string> {
  const stage = join(STAGE, 'countersign')
  const dist = join(stage, 'dist')
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(dist, { recursive: true })
  const external = Object.keys(versionsOf(APART))
  // Threads and processes are programs of their own: what they share with the main program, they would run a second time.
  const programs: readonly Readonly<Record<string, string>>[] = [
    COMMAND_ENTRIES,
    { worker: 'packages/simulator/src/evm/ethereumjs/worker.ts' },
    { writer: 'packages/server/src/store/writer.ts' },
    { checkpointer: 'packages/server/src/store/checkpointer.ts' },
    { bridgeWorker: 'packages/server/src/store/postgres/bridgeWorker.ts' },
    { simulationProcess: 'packages/server/src/chains/jobs/simulationProcess.ts' },
    { scanWorker: 'packages/server/src/mcp/scanWorker.ts' },
    { reviewWorker: 'packages/server/src/apps/documents/reviewWorker.ts' },
  ]
  const chunks: OutputChunk[] = []
  for (const input of programs) chunks.push(...(await write(dist, input, external)))
  // Every module that reads a file beside it reads it beside its chunk, so data of all of them lies in one folder.
  for (const { folder, data } of LIBRARIES)
    for (const path of data) {
      const parts = path.split('/')
      const from = join(ROOT, 'packages', folder, 'src', path)
      cpSync(from, path === 'supply/popular' ? dist : join(dist, parts.at(-1) ?? ''), {
        recursive: true,
        filter: isData,
      })
    }
  await writePacked(dist)
  copyBin(stage)
  const contracts = copyArtifacts(join(stage, 'artifacts'))
  cpSync(join(ROOT, 'packages', 'web', 'dist'), join(stage, 'web'), {
    recursive: true,
    filter: (path) => !path.endsWith('.sources'),
  })
  writeFileSync(
    join(stage, 'THIRD-PARTY-LICENSES.txt'),
    licensesOf([...chunks.flatMap((chunk) => chunk.moduleIds), ...contracts]),
  )
  const { name, version } = manifestOf('cli')
  finish(stage, {
    ...common({ name, version }, COMMAND),
    bin: { countersign: './bin/countersign.mjs' },
    exports: { './package.json': './package.json' },
    files: ['bin', 'dist', 'web', 'artifacts', 'THIRD-PARTY-LICENSES.txt'],
    dependencies: versionsOf([...APART, ...LOADED_BY_NAME]),
  })
  return stage
}

/** The versions that the packages of this repository depend on, by name. */
function versionsOf(named: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    named.map((each) => {
      const [folder = '', ...name] = each.split('/')
      const version = manifestOf(folder).dependencies?.[name.join('/')]
      if (version === undefined) throw new Error(`${folder} does not depend on ${name.join('/')}.`)
      return [name.join('/'), version]
    }),
  )
}

async function write(
  dist: string,
  input: Readonly<Record<string, string>>,
  external: readonly string[],
): Promise<OutputChunk[]> {
  const build = await rolldown({
    cwd: ROOT,
    input,
    platform: 'node',
    external: [...external],
    logLevel: 'silent',
    resolve: { conditionNames: ['node', 'import', 'default'] },
  })
  const { output } = await build.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[name]-[hash].js',
    // They are in the sources, and every start reads the whole text. Licences stay.
    comments: { legal: true, annotation: false, jsdoc: false },
    plugins: [{ name: 'take-builtins', renderChunk: takeBuiltins }],
  })
  await build.close()
  return output.filter((each) => each.type === 'chunk')
}

/** The start of the command, as in the sources, but for where the rest is. */
function copyBin(stage: string): void {
  const from = join(ROOT, 'packages', 'cli', 'bin')
  mkdirSync(join(stage, 'bin'))
  for (const name of readdirSync(from).filter((each) => each.endsWith('.mjs') && !each.startsWith(SOURCES_ONLY))) {
    const kept = readFileSync(join(from, name), 'utf8')
      .split('\n')
      .filter((line) => !line.includes(SOURCES_ONLY))
      .join('\n')
    const text = kept.replaceAll(/'\.\.\/src\/(\w+)\.ts'/g, "'../dist/$1.js'")
    writeFileSync(join(stage, 'bin', name), takeBuiltins(text), { mode: 0o755 })
  }
}

/**
 * Contracts that the local chain deploys, by the names its sources write.
 *
 * @returns Where each was copied from: its package has a licence that is shipped too.
 */
function copyArtifacts(target: string): string[] {
  mkdirSync(target)
  const sources = ['deployments.ts', 'startLocalChain.ts'].map((name) =>
    readFileSync(join(ROOT, 'chain', 'src', name), 'utf8'),
  )
  const names = new Set([
    'Permit2',
    ...sources.flatMap((text) => [...text.matchAll(/'(\w+)'/g)].map(([, name = '']) => name)),
  ])
  const copied: string[] = []
  for (const name of [...names].toSorted()) {
    const path = artifactPath(name)
    if (!existsSync(path)) continue
    copied.push(path)
    const { abi, bytecode, deployedBytecode } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    const kept = name === 'Permit2' ? { abi, deployedBytecode } : { abi, bytecode }
    writeFileSync(join(target, `${name}.json`), JSON.stringify(kept))
  }
  return copied
}

/** The licenses of everything that was bundled, because its own files are not there any more. */
function licensesOf(files: readonly string[]): string {
  const folders = new Set<string>()
  for (const id of files) {
    const at = id.lastIndexOf(`${sep}node_modules${sep}`)
    if (at < 0) continue
    const start = at + `${sep}node_modules${sep}`.length
    const parts = id.slice(start).split(sep)
    folders.add(id.slice(0, start) + parts.slice(0, parts[0]?.startsWith('@') === true ? 2 : 1).join(sep))
  }
  const texts = [...folders].flatMap((folder) => {
    if (!existsSync(join(folder, 'package.json'))) return []
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>
    if (String(manifest['name']).startsWith('@countersign/')) return []
    const file = readdirSync(folder).find((name) => /^(?:licen[cs]e|copying)/i.test(name))
    const text =
      file === undefined ? `License: ${String(manifest['license'])}` : readFileSync(join(folder, file), 'utf8')
    return [`${String(manifest['name'])} ${String(manifest['version'])}\n\n${text.trim()}\n`]
  })
  return texts.toSorted().join(`\n${'-'.repeat(80)}\n\n`)
}
