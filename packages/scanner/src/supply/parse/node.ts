import type { Node } from 'jsonc-parser'
import { NOTHING, readNpmSpec, shown, type Dependency, type Hook, type Registry, type Supplies } from '../Dependency.ts'
import { member, members, readJsonTree, textOf } from './json.ts'

/** The groups of a package.json that something is installed from. */
const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

/** Scripts that npm, pnpm and yarn run by themselves when the package is installed (npm's `scripts`, life cycle). */
const INSTALL_SCRIPTS = new Set([
  'preinstall',
  'install',
  'postinstall',
  'preprepare',
  'prepare',
  'postprepare',
  'prepublish',
  'dependencies',
])

/** package.json: what it needs, what it runs at install. */
export function readPackageJson(file: string, text: string): Supplies {
  const tree = readJsonTree(text)
  const dependencies: Dependency[] = []
  for (const group of GROUPS) {
    for (const { key, value, at } of members(member(tree.root, group))) {
      const spec = textOf(value)
      const { alias, ...pinned } = readNpmSpec(spec)
      dependencies.push({
        ecosystem: 'npm',
        name: alias ?? key,
        spec,
        ...pinned,
        file,
        line: tree.line(at),
        evidence: shown(`"${key}": "${spec}"`),
        via: 'manifest',
        isDevelopment: group === 'devDependencies',
      })
    }
  }
  for (const [path, value, at] of replacedIn(tree.root))
    dependencies.push({
      ecosystem: 'npm',
      name: path,
      spec: value,
      ...readNpmSpec(value),
      file,
      line: tree.line(at),
      evidence: shown(`"${path}": "${value}"`),
      via: 'config',
      isDevelopment: false,
    })
  const hooks: Hook[] = members(member(tree.root, 'scripts'))
    .filter(({ key }) => INSTALL_SCRIPTS.has(key))
    .map(({ key, value, at }) => ({
      when: 'install' as const,
      name: key,
      command: textOf(value),
      file,
      line: tree.line(at),
      evidence: shown(`"${key}": "${textOf(value)}"`),
    }))
  return {
    ...NOTHING,
    dependencies,
    hooks,
    problems: tree.error === null ? [] : [{ file, line: tree.error.line, why: 'is not JSON' }],
  }
}

/** What takes the place of packages of packages (`overrides`, `resolutions`), where it comes from an address. */
function replacedIn(root: Node | undefined): [string, string, Node][] {
  const out: [string, string, Node][] = []
  const walk = (node: Node | undefined, depth: number): void => {
    if (depth > 6) return
    for (const { key, value, at } of members(node)) {
      const spec = textOf(value)
      if (/^(?:https?|git|git\+\w+|github|file|npm):/.test(spec)) out.push([key, spec, at])
      else walk(value, depth + 1)
    }
  }
  for (const group of ['overrides', 'resolutions']) walk(member(root, group), 0)
  walk(member(member(root, 'pnpm'), 'overrides'), 0)
  return out
}

/** package-lock.json and npm-shrinkwrap.json, versions 1 to 3: each package's version, place and hash. */
export function readPackageLock(file: string, text: string): Supplies {
  const tree = readJsonTree(text)
  const dependencies: Dependency[] = []
  const add = (name: string, entry: Node, at: Node): void => {
    const version = textOf(member(entry, 'version'))
    const resolved = textOf(member(entry, 'resolved'))
    if (version === '' || member(entry, 'link')?.value === true) return
    const isGit = /^git[+:]/.test(resolved)
    const isHashed = textOf(member(entry, 'integrity')) !== '' || /#[0-9a-f]{40}$/.test(resolved)
    const source = sourceOfResolved(resolved, isGit)
    dependencies.push({
      ecosystem: 'npm',
      name: textOf(member(entry, 'name')) || name,
      spec: version,
      version: isGit ? null : version,
      pin: isHashed ? 'hash' : 'exact',
      source,
      file,
      line: tree.line(at),
      evidence: shown(source.kind === 'registry' ? `${name} ${version}` : `${name} ${version} ${resolved}`),
      via: 'lock',
      isDevelopment: member(entry, 'dev')?.value === true,
    })
  }
  for (const { key, value, at } of members(member(tree.root, 'packages'))) {
    const name = key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length)
    if (key.includes('node_modules/')) add(name, value, at)
  }
  if (member(tree.root, 'packages') === undefined) walk(member(tree.root, 'dependencies'), 0)
  function walk(node: Node | undefined, depth: number): void {
    if (depth > 16) return
    for (const { key, value, at } of members(node)) {
      add(key, value, at)
      walk(member(value, 'dependencies'), depth + 1)
    }
  }
  return {
    ...NOTHING,
    dependencies,
    problems: tree.error === null ? [] : [{ file, line: tree.error.line, why: 'is not JSON' }],
  }
}

function sourceOfResolved(resolved: string, isGit: boolean): Dependency['source'] {
  if (isGit) return { kind: 'git', url: resolved, isCommit: /#[0-9a-f]{40}$/.test(resolved) }
  if (!/^https?:/.test(resolved)) return { kind: 'registry' }
  return isNpmRegistry(resolved) ? { kind: 'registry' } : { kind: 'url', url: resolved }
}

/** The registries that answer for npm's own names: npm's and yarn's alias of it. */
export function isNpmRegistry(url: string): boolean {
  const host = hostOf(url)
  // Not written out: no registry's host stands in this repository.
  return /^registry\.(?:npmjs\.org|yarnpkg\.com)$/.test(host)
}

export function hostOf(url: string): string {
  const text = url.replace(/^git\+/, '')
  return URL.canParse(text) ? new URL(text).hostname.toLowerCase() : ''
}

/** yarn.lock (v1 and berry) and pnpm-lock.yaml are read for names and versions only, line by line. */
export function readYarnLock(file: string, text: string): Supplies {
  const dependencies: Dependency[] = []
  let open: { name: string; line: number } | null = null
  let index = 0
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) {
    const head = /^"?(@?[^@\s",]{1,214})@[^\n]{1,400}:\s{0,3}$/.exec(line.slice(0, 700))
    if (head !== null) open = { name: head[1] ?? '', line: i + 1 }
    const version = /^ {2}version:? "?([0-9][\w.+-]{0,100})"?\s{0,3}$/.exec(line.slice(0, 200))
    if (version === null || open === null) continue
    const block = lines.slice(i, i + 12)
    const isHashed = block.some((each) => /^ {2}(?:integrity|checksum):? /.test(each))
    dependencies.push({
      ecosystem: 'npm',
      name: open.name,
      spec: version[1] ?? '',
      version: version[1] ?? null,
      pin: isHashed ? 'hash' : 'exact',
      source: { kind: 'registry' },
      file,
      line: open.line,
      evidence: shown(`${open.name} ${version[1]}`),
      via: 'lock',
      isDevelopment: false,
    })
    open = null
    index += 1
  }
  const isEmpty = index === 0 && text.trim() !== ''
  return {
    ...NOTHING,
    dependencies,
    problems: isEmpty && /@/.test(text) ? [{ file, line: 1, why: 'is not a yarn.lock that can be read' }] : [],
  }
}

/** pnpm-lock.yaml: the keys under `packages:` are `/name@1.2.3` or `name@1.2.3`, with a hash in `resolution`. */
export function readPnpmLock(file: string, text: string): Supplies {
  const dependencies: Dependency[] = []
  let isInside = false
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) {
    if (/^\S/.test(line)) isInside = line.startsWith('packages:')
    if (!isInside) continue
    const head = /^ {2}'?\/?(@?[^@\s'():]{1,214})@([0-9][\w.+-]{0,100})[^\n]{0,300}:\s{0,3}$/.exec(line.slice(0, 700))
    if (head === null) continue
    const isHashed = lines.slice(i + 1, i + 4).some((each) => /integrity: sha/.test(each.slice(0, 300)))
    dependencies.push({
      ecosystem: 'npm',
      name: head[1] ?? '',
      spec: head[2] ?? '',
      version: head[2] ?? null,
      pin: isHashed ? 'hash' : 'exact',
      source: { kind: 'registry' },
      file,
      line: i + 1,
      evidence: shown(line),
      via: 'lock',
      isDevelopment: false,
    })
  }
  return { ...NOTHING, dependencies }
}

/** .npmrc and .yarnrc: where packages are taken from. Tokens are not repeated. */
export function readNpmrc(file: string, text: string): Supplies {
  const registries: Registry[] = []
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.slice(0, 1_000).trim()
    const registry =
      /^(?:(@[\w.-]{1,100}):)?registry\s{0,5}[= ]\s{0,5}"?(\S{1,500}?)"?$/.exec(line) ??
      /^()npmRegistryServer:\s{0,5}"?(\S{1,500}?)"?$/.exec(line)
    const isLax = /^(?:strict-ssl|enableStrictSsl)\s{0,5}[=:]\s{0,5}false$/.test(line)
    if (registry === null && !isLax) continue
    const url = registry?.[2] ?? ''
    if (registry !== null && isNpmRegistry(url)) continue
    registries.push({
      ecosystem: 'npm',
      url,
      isExtra: registry?.[1] !== undefined && registry[1] !== '',
      isUnverified: isLax || url.startsWith('http://'),
      file,
      line: i + 1,
      evidence: shown(line),
    })
  }
  return { ...NOTHING, registries }
}
