import {
  NOTHING,
  readCargoSpec,
  shown,
  type Dependency,
  type Hook,
  type Registry,
  type Supplies,
} from '../Dependency.ts'
import { lineFinder, list, readToml, table } from './python.ts'

const GROUPS: readonly [string, boolean][] = [
  ['dependencies', false],
  ['build-dependencies', false],
  ['dev-dependencies', true],
]

/** Cargo.toml, targets and workspace included. */
export function readCargoToml(file: string, text: string): Supplies {
  const toml = readToml(file, text)
  if (toml.value === null) return { ...NOTHING, problems: toml.problems }
  const lineOf = linesOfKeys(text)
  const dependencies: Dependency[] = []
  const scopes = [toml.value, table(toml.value['workspace']), ...Object.values(table(toml.value['target'])).map(table)]
  for (const scope of scopes) {
    for (const [group, isDevelopment] of GROUPS) {
      for (const [key, value] of Object.entries(table(scope[group]))) {
        if (table(value)['workspace'] === true) continue
        dependencies.push(cargoDependency(key, value, { file, line: lineOf(key), isDevelopment }))
      }
    }
  }
  const hooks: Hook[] = []
  const build = table(toml.value['package'])['build']
  if (typeof build === 'string') {
    const line = lineOf('build')
    hooks.push({ when: 'build', name: 'build.rs', command: build, file, line, evidence: `build = "${shown(build)}"` })
  }
  return { ...NOTHING, dependencies, hooks }
}

function cargoDependency(
  key: string,
  value: unknown,
  at: { file: string; line: number; isDevelopment: boolean },
): Dependency {
  const inline = table(value)
  const spec = typeof value === 'string' ? value : String(inline['version'] ?? '')
  const git = inline['git']
  const path = inline['path']
  const isCommit = /^[0-9a-f]{40}$/.test(String(inline['rev'] ?? ''))
  const source: Dependency['source'] =
    typeof git === 'string'
      ? { kind: 'git', url: git, isCommit }
      : typeof path === 'string'
        ? { kind: 'path', path }
        : { kind: 'registry' }
  const { version, pin } = readCargoSpec(spec)
  return {
    ecosystem: 'crates.io',
    name: typeof inline['package'] === 'string' ? inline['package'] : key,
    spec: source.kind === 'git' ? source.url : spec,
    version: source.kind === 'registry' ? version : null,
    pin: source.kind === 'registry' ? pin : source.kind === 'git' && !isCommit ? 'none' : 'hash',
    source,
    file: at.file,
    line: at.line,
    evidence: shown(`${key} = ${typeof value === 'string' ? `"${value}"` : JSON.stringify(value)}`),
    via: 'manifest',
    isDevelopment: at.isDevelopment,
  }
}

/** The line of each key, and of each `[dependencies.key]`, the first of its name. */
function linesOfKeys(text: string): (key: string) => number {
  const lines = new Map<string, number>()
  for (const [i, line] of text.split('\n').entries()) {
    const match =
      /^\s{0,20}(?:"([\w-]{1,100})"|([\w-]{1,100}))\s{0,20}[=.]|^\[[\w.'"()= -]{0,200}\.([\w-]{1,100})\]/.exec(
        line.slice(0, 400),
      )
    const key = match?.[1] ?? match?.[2] ?? match?.[3]
    if (key !== undefined && !lines.has(key)) lines.set(key, i + 1)
  }
  return (key) => lines.get(key) ?? 1
}

/** Cargo.lock: a package from a registry has a checksum; one from git names its commit. */
export function readCargoLock(file: string, text: string): Supplies {
  const toml = readToml(file, text)
  if (toml.value === null) return { ...NOTHING, problems: toml.problems }
  const find = lineFinder(text)
  const dependencies = list(toml.value['package'])
    .map(table)
    .flatMap((entry): Dependency[] => {
      const name = String(entry['name'] ?? '')
      const version = String(entry['version'] ?? '')
      const from = String(entry['source'] ?? '')
      // Without a source it is a member of the workspace.
      if (name === '' || version === '' || from === '') return []
      const isGit = from.startsWith('git+')
      return [
        {
          ecosystem: 'crates.io',
          name,
          spec: `=${version}`,
          version: isGit ? null : version,
          pin: isGit || typeof entry['checksum'] === 'string' ? 'hash' : 'exact',
          source: isGit ? { kind: 'git', url: from, isCommit: /#[0-9a-f]{40}$/.test(from) } : { kind: 'registry' },
          file,
          line: find(`name = "${name}"`),
          evidence: shown(`${name} ${version}`),
          via: 'lock',
          isDevelopment: false,
        },
      ]
    })
  return { ...NOTHING, dependencies }
}

/** .cargo/config.toml: replaced sources, other registries, and runners or wrappers that Cargo starts. */
export function readCargoConfig(file: string, text: string): Supplies {
  const toml = readToml(file, text)
  if (toml.value === null) return { ...NOTHING, problems: toml.problems }
  const find = lineFinder(text)
  const registries: Registry[] = []
  for (const scope of [table(toml.value['source']), table(toml.value['registries'])]) {
    for (const entry of Object.values(scope).map(table)) {
      const url = String(entry['registry'] ?? entry['index'] ?? '')
      if (url === '' || /(?:github\.com\/rust-lang\/crates\.io-index|index\.crates\.io)/.test(url)) continue
      registries.push({
        ecosystem: 'crates.io',
        url,
        isExtra: false,
        isUnverified: url.startsWith('http://'),
        file,
        line: find(url),
        evidence: shown(url),
      })
    }
  }
  const hooks: Hook[] = []
  const build = table(toml.value['build'])
  for (const key of ['rustc-wrapper', 'rustc', 'rustc-workspace-wrapper'] as const) {
    const command = build[key]
    if (typeof command === 'string')
      hooks.push({ when: 'build', name: key, command, file, line: find(key), evidence: shown(`${key} = "${command}"`) })
  }
  return { ...NOTHING, registries, hooks }
}
