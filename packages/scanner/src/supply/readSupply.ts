import { readAgentConfig } from './parse/agents.ts'
import { readCargoConfig, readCargoLock, readCargoToml } from './parse/cargo.ts'
import { readCommand } from './parse/commands.ts'
import { readCompose, readDockerfile } from './parse/docker.ts'
import { readNpmrc, readPackageJson, readPackageLock, readPnpmLock, readYarnLock } from './parse/node.ts'
import {
  readPipConf,
  readPipfile,
  readPipfileLock,
  readPyproject,
  readRequirements,
  readScriptHeader,
  readTomlLock,
} from './parse/python.ts'
import { readBuildScript } from './parse/scripts.ts'
import { join, NOTHING, type Dependency, type Ecosystem, type Supplies } from './Dependency.ts'
import { advisoriesFor, digestOf, type Snapshot } from './osv/Snapshot.ts'
import type { Held, Manifest, SupplyFacts } from './SupplyFacts.ts'
import type { Facts, Place } from '../Fact.ts'
import { allFiles, type Skill, type SkillFile } from '../Skill.ts'
import type { View } from '../View.ts'

/** Reads one kind of file, told by its path in lower case and its text. */
type Reader = (file: string, text: string) => Supplies

const BY_NAME: Readonly<Record<string, Reader>> = {
  'package.json': readPackageJson,
  'package-lock.json': readPackageLock,
  'npm-shrinkwrap.json': readPackageLock,
  'yarn.lock': readYarnLock,
  'pnpm-lock.yaml': readPnpmLock,
  '.npmrc': readNpmrc,
  '.yarnrc': readNpmrc,
  '.yarnrc.yml': readNpmrc,
  'cargo.toml': readCargoToml,
  'cargo.lock': readCargoLock,
  'pyproject.toml': readPyproject,
  pipfile: readPipfile,
  'pipfile.lock': readPipfileLock,
  'poetry.lock': readTomlLock,
  'uv.lock': readTomlLock,
  'pip.conf': readPipConf,
  'pip.ini': readPipConf,
  '.mcp.json': readAgentConfig,
  'mcp.json': readAgentConfig,
  'mcp_config.json': readAgentConfig,
  'claude_desktop_config.json': readAgentConfig,
  'cline_mcp_settings.json': readAgentConfig,
  'plugin.json': readAgentConfig,
  'marketplace.json': readAgentConfig,
  'hooks.json': readAgentConfig,
  'gemini-extension.json': readAgentConfig,
}

/** The reader for a file, or null when it is nothing of the supply chain. */
export function readerFor(path: string): Reader | null {
  const lower = path.toLowerCase()
  const base = lower.split('/').at(-1) ?? lower
  const named = Object.hasOwn(BY_NAME, base) ? BY_NAME[base] : undefined
  if (named !== undefined) return named
  if (
    /^(?:requirements|constraints)[\w.-]{0,60}\.txt$/.test(base) ||
    /(?:^|\/)requirements\/[\w.-]{1,60}\.txt$/.test(lower)
  )
    return readRequirements
  if (
    base === 'dockerfile' ||
    base === 'containerfile' ||
    base.startsWith('dockerfile.') ||
    base.endsWith('.dockerfile')
  )
    return readDockerfile
  if (/^(?:docker-)?compose[\w.-]{0,40}\.ya?ml$/.test(base)) return readCompose
  if (/(?:^|\/)\.cargo\/config(?:\.toml)?$/.test(lower)) return readCargoConfig
  if (/(?:^|\/)\.(?:claude|gemini|cursor|codex|vscode)\/(?:settings(?:\.local)?|mcp|hooks)\.json$/.test(lower))
    return readAgentConfig
  return null
}

/** Files that a package manager, a test runner or an interpreter runs by itself. */
const SELF_RUNNING =
  /(?:^|\/)(?:build\.rs|setup\.py|conftest\.py|sitecustomize\.py|usercustomize\.py|binding\.gyp|noxfile\.py|[^/]{1,100}\.pth)$/i

/** Locks, by the ecosystem whose manifests they cover; one in a directory above covers a workspace. */
const LOCKS: Readonly<Partial<Record<Ecosystem, RegExp>>> = {
  npm: /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock)$/i,
  PyPI: /^(?:poetry\.lock|uv\.lock|pipfile\.lock|pdm\.lock|pylock(?:\.[\w-]{1,40})?\.toml)$/i,
  'crates.io': /^cargo\.lock$/i,
}

/** Manifests of which a lock can be asked. requirements.txt is its own lock where it has hashes. */
const MANIFESTS: Readonly<Partial<Record<Ecosystem, RegExp>>> = {
  npm: /(?:^|\/)package\.json$/i,
  PyPI: /(?:^|\/)(?:pyproject\.toml|pipfile|(?:requirements|constraints)[\w.-]{0,60}\.txt)$/i,
  'crates.io': /(?:^|\/)cargo\.toml$/i,
}

/**
 * Reads manifests, locks, images, agent configurations and install commands. Pure: everything was read before.
 *
 * @param material.osv - Known-vulnerable versions; without it none are looked for, and `osv` in the answer is null.
 */
export function readSupply({
  skill,
  facts,
  osv = null,
}: {
  readonly skill: Skill
  readonly views: readonly View[]
  readonly facts: Facts
  readonly osv?: Snapshot | null
}): SupplyFacts {
  const held: { supplies: Supplies; view: Place['view']; role: Place['role'] }[] = []
  for (const file of allFiles(skill)) {
    if (file.text === null) continue
    const supplies = readFile(file)
    if (supplies !== NOTHING) held.push({ supplies, view: 'code', role: roleOfPath(file.path) })
  }
  for (const command of facts.command) {
    // A command in a manifest's script is that manifest's own hook.
    const { program, args, file, line, text, view, role } = command
    const supplies = readCommand({ program, args, file, line, text })
    if (supplies !== NOTHING) held.push({ supplies, view, role })
  }
  const all = <K extends keyof Supplies>(key: K): Held<Supplies[K][number]>[] =>
    held.flatMap(({ supplies, view, role }) => supplies[key].map((each) => ({ ...each, view, role }))) as Held<
      Supplies[K][number]
    >[]

  const dependencies: Held<Dependency>[] = all('dependencies')
  return {
    dependencies,
    registries: all('registries'),
    hooks: all('hooks'),
    containers: all('containers'),
    problems: join(held.map(({ supplies }) => supplies)).problems,
    manifests: manifestsOf(skill, dependencies),
    vulnerable: osv === null ? [] : vulnerableOf(osv, dependencies),
    osv: osv === null ? null : { as_of: osv.as_of, records: osv.records, digest: digestOfCached(osv) },
  }
}

/**
 * Bytes above which a file is not read as what its name says: several times what people write. The parsers of these
 * formats take more than linear time on hostile text.
 */
const BYTES_MAX: ReadonlyMap<Reader, number> = new Map([
  [readDockerfile, 32 << 10],
  [readCompose, 64 << 10],
  [readCargoToml, 256 << 10],
  [readCargoConfig, 64 << 10],
  [readPyproject, 256 << 10],
  [readPipfile, 256 << 10],
])

function readFile(file: SkillFile): Supplies {
  const text = file.text ?? ''
  const reader = readerFor(file.path)
  const limit = reader === null ? undefined : BYTES_MAX.get(reader)
  if (limit !== undefined && text.length > limit) {
    return {
      ...NOTHING,
      problems: [{ file: file.path, line: 1, why: `is larger than such a file is read (${limit} bytes)` }],
    }
  }
  if (reader !== null) return guarded(reader, file.path, text)
  if (SELF_RUNNING.test(file.path)) return guarded(readBuildScript, file.path, text)
  if (file.kind === 'python' && text.includes('# /// script')) return guarded(readScriptHeader, file.path, text)
  return NOTHING
}

/** A parser that throws on hostile input must not end the scan: the file is then not analysed, and that is said. */
function guarded(reader: Reader, file: string, text: string): Supplies {
  try {
    return reader(file, text)
  } catch (error) {
    const why = error instanceof Error ? error.name : 'an error'
    return { ...NOTHING, problems: [{ file, line: 1, why: `could not be read (${why})` }] }
  }
}

/** Tests and examples are read like all else, a step milder. */
export function roleOfPath(path: string): Place['role'] {
  if (/(?:^|\/)(?:tests?|__tests__|evals?|fixtures|testdata|test-data|detections)\//i.test(path)) return 'fixture'
  if (/(?:^|\/)(?:examples?|samples?|demos?|templates?)\//i.test(path)) return 'example'
  return 'instruction'
}

function manifestsOf(skill: Skill, dependencies: readonly Held<Dependency>[]): Manifest[] {
  const paths = allFiles(skill).map((file) => file.path)
  const manifests: Manifest[] = []
  for (const [ecosystem, pattern] of Object.entries(MANIFESTS) as [Ecosystem, RegExp][]) {
    for (const file of paths.filter((path) => pattern.test(path))) {
      const own = dependencies.filter(
        (each) => each.file === file && each.ecosystem === ecosystem && each.source.kind === 'registry',
      )
      if (own.length === 0) continue
      const directory = file.slice(0, file.lastIndexOf('/') + 1)
      const lock = paths.find((path) => {
        const at = path.lastIndexOf('/') + 1
        return directory.startsWith(path.slice(0, at)) && LOCKS[ecosystem]?.test(path.slice(at)) === true
      })
      const loose = own.filter((each) => each.pin === 'range' || each.pin === 'none').length
      manifests.push({ file, ecosystem, lock: lock ?? null, dependencies: own.length, loose, role: roleOfPath(file) })
    }
  }
  return manifests
}

function vulnerableOf(osv: Snapshot, dependencies: readonly Held<Dependency>[]): SupplyFacts['vulnerable'] {
  return dependencies.flatMap((dependency) => {
    const { ecosystem, name, version } = dependency
    const advisories = version === null ? [] : advisoriesFor(osv, { ecosystem, name, version })
    // Malware is malware in any version: a name whose every version is bad needs no pin to be found.
    const malware =
      version === null
        ? advisoriesFor(osv, { ecosystem, name, version: '0' }).filter((each) => each.id.startsWith('MAL-'))
        : []
    const found = [...advisories, ...malware]
    return found.length === 0 ? [] : [{ dependency, advisories: found }]
  })
}

const digests = new WeakMap<Snapshot, string>()

function digestOfCached(osv: Snapshot): string {
  const digest = digests.get(osv) ?? digestOf(osv)
  digests.set(osv, digest)
  return digest
}
