/**
 * `node tools/image/copyLocked.ts APP`: copies into APP/node_modules exactly the packages that APP/package.json needs, in the
 * versions of this checkout's lockfile. `npm install` of a tarball would choose versions of what lies deeper by itself.
 */
import { cpSync, existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/** Where the dependencies of the bundled command stand in this checkout. */
const SOURCES = ['packages/cli', 'packages/server', 'packages/simulator', 'packages/scanner', 'chain', '.']

/**
 * Copies what `app/package.json` needs, as deep as it goes.
 *
 * @returns how many packages were copied.
 * @throws {Error} when a package is not installed, or two places of this checkout would need the same place in `app`.
 */
export function copyLocked(app: string): number {
  const placed = new Map<string, string>()
  const queue = Object.entries(manifestIn(app).dependencies ?? {}).map(([name, version]) => ({
    from: pinnedAt(name, version),
    name,
  }))
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const target = targetOf(next.from)
    const known = placed.get(target)
    if (known === next.from) continue
    if (known !== undefined) throw new Error(`${known} and ${next.from} would both be ${target}.`)
    placed.set(target, next.from)
    for (const { name, isOptional } of needsOf(manifestIn(next.from))) {
      const from = resolve(next.from, name)
      if (from !== null) queue.push({ from, name })
      else if (!isOptional) throw new Error(`${next.name} needs ${name}, which is not installed. Run npm ci.`)
    }
  }
  for (const [target, from] of placed)
    cpSync(from, join(app, target), { recursive: true, filter: (path) => !/[/\\]node_modules$/.test(path) })
  return placed.size
}

function needsOf(manifest: Manifest): { name: string; isOptional: boolean }[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest
  return [
    ...Object.keys(dependencies).map((name) => ({ name, isOptional: name in optionalDependencies })),
    ...Object.keys(optionalDependencies).map((name) => ({ name, isOptional: true })),
    ...Object.keys(peerDependencies)
      .filter((name) => peerDependenciesMeta[name]?.optional !== true)
      .map((name) => ({ name, isOptional: false })),
  ]
}

/** The installed package of this very version: the published command pins what it needs. */
function pinnedAt(name: string, version: string): string {
  for (const source of SOURCES) {
    const found = resolve(join(ROOT, source), name)
    if (found !== null && manifestIn(found).version === version) return found
  }
  throw new Error(`${name} ${version} is not installed. Run npm ci.`)
}

/** As Node resolves a package: in each `node_modules` on the way up. */
function resolve(from: string, name: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name)
    if (existsSync(join(found, 'package.json'))) return realpathSync(found)
    if (folder === ROOT || folder === dirname(folder)) return null
  }
}

/** The same nesting below `app`; what a workspace has for itself moves to the top. */
function targetOf(from: string): string {
  const path = relative(ROOT, from).replaceAll('\\', '/')
  return path.slice(path.indexOf('node_modules/'))
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

if (import.meta.main) {
  const app = process.argv[2]
  if (app === undefined) {
    console.error('Usage: node tools/image/copyLocked.ts APP')
    process.exit(2)
  }
  console.log(`${copyLocked(app)} packages copied.`)
}
