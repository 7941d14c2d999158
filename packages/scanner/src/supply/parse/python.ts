import { parsers } from '../../parsers.ts'
import {
  lineAt,
  lineStarts,
  NOTHING,
  pypiName,
  readPypiSpec,
  shown,
  type Dependency,
  type Hook,
  type Registry,
  type Supplies,
} from '../Dependency.ts'

/** A PEP 508 requirement: name, extras, version specifiers or a direct reference, marker. Null when it is none. */
export function readRequirement(text: string): { name: string; spec: string; source: Dependency['source'] } | null {
  const requirement = text.trim().slice(0, 2_000)
  const direct = /^(?:-e\s{1,5}|--editable[ =]\s{0,5})?((?:git|hg|svn|bzr)\+\S{1,500}|https?:\/\/\S{1,500})/.exec(
    requirement,
  )
  if (direct !== null) {
    const url = direct[1] ?? ''
    const egg =
      /[#&]egg=([\w.-]{1,100})/.exec(url)?.[1] ??
      url
        .replace(/[?#].*$/s, '')
        .split('/')
        .at(-1) ??
      url
    return { name: pypiName(egg.replace(/(?:\.git)?(?:@.{0,100})?$/, '')), spec: url, source: sourceOfUrl(url) }
  }
  const match = /^([A-Za-z0-9](?:[\w.-]{0,98}[A-Za-z0-9])?)\s{0,5}(?:\[[^\]\n]{0,200}\])?\s{0,5}([^\n]{0,1000})$/.exec(
    requirement,
  )
  if (match === null) return null
  const name = pypiName(match[1] ?? '')
  const tail = match[2] ?? ''
  const at = /^@\s{0,5}(\S{1,500})/.exec(tail)
  if (at !== null) return { name, spec: at[1] ?? '', source: sourceOfUrl(at[1] ?? '') }
  const spec = (tail.split(';')[0] ?? '')
    .replace(/\s{1,5}#.{0,500}$/, '')
    .trim()
    .replace(/^\((.{0,300})\)$/, '$1')
  if (
    spec !== '' &&
    !/^[<>=!~]{1,3}\s{0,3}[\w.*+!-]{1,60}(?:\s{0,3},\s{0,3}[<>=!~]{1,3}\s{0,3}[\w.*+!-]{1,60}){0,12}\s{0,3},?$/.test(
      spec,
    )
  )
    return null
  return { name, spec, source: { kind: 'registry' } }
}

function sourceOfUrl(url: string): Dependency['source'] {
  if (/^(?:git|hg|svn|bzr)\+/.test(url)) return { kind: 'git', url, isCommit: /@[0-9a-f]{40}(?:$|[#?])/.test(url) }
  if (/^(?:file:|\.{0,2}\/)/.test(url)) return { kind: 'path', path: url }
  return { kind: 'url', url }
}

/** A requirement as a dependency; `isHashed` when hashes stand beside it. */
export function pypiDependency(
  text: string,
  at: { file: string; line: number; via: Dependency['via']; isHashed?: boolean; isDevelopment?: boolean },
): Dependency | null {
  const requirement = readRequirement(text)
  if (requirement === null) return null
  const { name, spec, source } = requirement
  const { version, pin } = source.kind === 'registry' ? readPypiSpec(spec) : { version: null, pin: pinOfSource(source) }
  return {
    ecosystem: 'PyPI',
    name,
    spec,
    version,
    pin: at.isHashed === true ? 'hash' : pin,
    source,
    file: at.file,
    line: at.line,
    evidence: shown(text),
    via: at.via,
    isDevelopment: at.isDevelopment ?? false,
  }
}

function pinOfSource(source: Dependency['source']): Dependency['pin'] {
  if (source.kind === 'git') return source.isCommit ? 'hash' : 'none'
  if (source.kind === 'url') return /#sha256=[0-9a-f]{64}/.test(source.url) ? 'hash' : 'none'
  return 'exact'
}

/** More than any resolved tree has. */
const LINES_MAX = 20_000

/** requirements*.txt and constraints*.txt (pip's format): continuation lines, hashes, options. */
export function readRequirements(file: string, text: string): Supplies {
  const dependencies: Dependency[] = []
  const registries: Registry[] = []
  const problems: { file: string; line: number; why: string }[] = []
  const lines = text.replace(/\r/g, '').split('\n')
  if (lines.length > LINES_MAX)
    return { ...NOTHING, problems: [{ file, line: LINES_MAX, why: `has more than ${LINES_MAX} lines` }] }
  for (let i = 0; i < lines.length; i += 1) {
    const line = i + 1
    let logical = lines[i] ?? ''
    while (logical.endsWith('\\') && i + 1 < lines.length && logical.length < 10_000) {
      i += 1
      logical = `${logical.slice(0, -1)} ${lines[i] ?? ''}`
    }
    logical = logical
      .slice(0, 10_000)
      .replace(/(?:^|\s)#[^\n]{0,10000}$/, '')
      .trim()
    if (logical === '') continue
    const index = /^(-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host)(?:\s{1,5}|=)(\S{1,500})/.exec(
      logical,
    )
    if (index !== null) {
      registries.push(pipRegistry(index[1] ?? '', index[2] ?? '', { file, line, evidence: shown(logical) }))
      continue
    }
    if (/^-(?:r|c)\b|^--(?:requirement|constraint)\b/.test(logical)) continue
    if (logical.startsWith('-') && !/^(?:-e|--editable)[ =]/.test(logical)) continue
    const isHashed = logical.includes('--hash=')
    const bare = logical.replace(/\s--(?:hash|config-settings|global-option)=?\s{0,3}[^\s]{1,200}/g, '')
    const found = pypiDependency(bare, { file, line, via: 'manifest', isHashed })
    if (found === null) {
      if (!/^\.{0,2}\//.test(bare))
        problems.push({ file, line, why: `holds a line that pip would not read: ${shown(bare)}` })
    } else dependencies.push({ ...found, evidence: shown(lines[line - 1] ?? '') })
  }
  return { ...NOTHING, dependencies, registries, problems }
}

/** A pip option that says where packages come from. */
export function pipRegistry(
  option: string,
  value: string,
  at: { file: string; line: number; evidence: string },
): Registry {
  return {
    ecosystem: 'PyPI',
    url: option === '--trusted-host' ? `https://${value}/` : value,
    isExtra: !(option === '-i' || option === '--index-url' || option === '--default-index'),
    isUnverified: option === '--trusted-host' || value.startsWith('http://'),
    ...at,
  }
}

/** pip.conf, pip.ini: `index-url = …` and its neighbours. */
export function readPipConf(file: string, text: string): Supplies {
  const registries: Registry[] = []
  for (const [i, raw] of text.split('\n').entries()) {
    const match = /^(index-url|extra-index-url|find-links|trusted-host)\s{0,5}[=:]\s{0,5}(\S{1,500})/.exec(
      raw.trim().slice(0, 1_000),
    )
    if (match === null) continue
    registries.push(pipRegistry(`--${match[1] ?? ''}`, match[2] ?? '', { file, line: i + 1, evidence: shown(raw) }))
  }
  return { ...NOTHING, registries }
}

/** pyproject.toml: PEP 621, PEP 735 groups, build requirements, Poetry, uv indexes. */
export function readPyproject(file: string, text: string): Supplies {
  const toml = readToml(file, text)
  if (toml.value === null) return { ...NOTHING, problems: toml.problems }
  const find = lineFinder(text)
  const dependencies: Dependency[] = []
  const registries: Registry[] = []
  const hooks: Hook[] = []
  const add = (requirement: unknown, isDevelopment: boolean): void => {
    if (typeof requirement !== 'string') return
    const found = pypiDependency(requirement, { file, line: find(requirement), via: 'manifest', isDevelopment })
    if (found !== null) dependencies.push(found)
  }
  const project = table(toml.value['project'])
  for (const each of list(project['dependencies'])) add(each, false)
  for (const group of Object.values(table(project['optional-dependencies'])))
    for (const each of list(group)) add(each, false)
  for (const group of Object.values(table(toml.value['dependency-groups'])))
    for (const each of list(group)) add(each, true)
  const build = table(toml.value['build-system'])
  for (const each of list(build['requires'])) add(each, true)
  if (typeof build['backend-path'] === 'object') {
    hooks.push({
      when: 'build',
      name: 'backend-path',
      command: String(build['build-backend'] ?? ''),
      file,
      line: find('backend-path'),
      evidence: 'backend-path',
    })
  }
  const tool = table(toml.value['tool'])
  const poetry = table(tool['poetry'])
  const groups: [unknown, boolean][] = [
    [poetry['dependencies'], false],
    [poetry['dev-dependencies'], true],
    ...Object.values(table(poetry['group'])).map((group): [unknown, boolean] => [table(group)['dependencies'], true]),
  ]
  for (const [group, isDevelopment] of groups) {
    for (const [name, value] of Object.entries(table(group))) {
      if (name !== 'python') dependencies.push(poetryDependency(name, value, { file, line: find(name), isDevelopment }))
    }
  }
  for (const source of [...list(poetry['source']), ...list(table(tool['uv'])['index'])].map(table)) {
    const url = String(source['url'] ?? '')
    if (url !== '') {
      registries.push({
        ecosystem: 'PyPI',
        url,
        isExtra: source['default'] !== true && source['priority'] !== 'primary',
        isUnverified: url.startsWith('http://'),
        file,
        line: find(url),
        evidence: shown(url),
      })
    }
  }
  return { ...NOTHING, dependencies, registries, hooks }
}

/** Poetry and Pipfile: `"^1.2"`, `"*"`, `{ version = "…" }`, `{ git = "…", rev = "…" }`. A bare `1.2.3` is exact. */
function poetryDependency(
  name: string,
  value: unknown,
  at: { file: string; line: number; isDevelopment: boolean },
): Dependency {
  const inline = table(value)
  const spec = typeof value === 'string' ? value : String(inline['version'] ?? inline['ref'] ?? '')
  const git = inline['git']
  const url = inline['url'] ?? inline['file']
  const source: Dependency['source'] =
    typeof git === 'string'
      ? { kind: 'git', url: git, isCommit: /^[0-9a-f]{40}$/.test(String(inline['rev'] ?? inline['ref'] ?? '')) }
      : typeof url === 'string'
        ? { kind: 'url', url }
        : typeof inline['path'] === 'string'
          ? { kind: 'path', path: inline['path'] }
          : { kind: 'registry' }
  const bare = /^\d[\w.+!-]{0,60}$/.test(spec) ? `==${spec}` : spec === '*' ? '' : spec
  const { version, pin } = source.kind === 'registry' ? readPypiSpec(bare) : { version: null, pin: pinOfSource(source) }
  return {
    ecosystem: 'PyPI',
    name: pypiName(name),
    spec: source.kind === 'registry' ? spec : source.kind === 'path' ? source.path : source.url,
    version,
    pin,
    source,
    file: at.file,
    line: at.line,
    evidence: shown(`${name} = ${typeof value === 'string' ? `"${value}"` : JSON.stringify(value)}`),
    via: 'manifest',
    isDevelopment: at.isDevelopment,
  }
}

/** Pipfile. */
export function readPipfile(file: string, text: string): Supplies {
  const toml = readToml(file, text)
  if (toml.value === null) return { ...NOTHING, problems: toml.problems }
  const find = lineFinder(text)
  const dependencies: Dependency[] = []
  for (const [group, isDevelopment] of [
    ['packages', false],
    ['dev-packages', true],
  ] as const) {
    for (const [name, value] of Object.entries(table(toml.value[group]))) {
      dependencies.push(poetryDependency(name, value, { file, line: find(name), isDevelopment }))
    }
  }
  const registries = list(toml.value['source'])
    .map(table)
    .flatMap((source): Registry[] => {
      const url = String(source['url'] ?? '')
      const at = { file, line: find(url), evidence: shown(url) }
      return url === ''
        ? []
        : [
            {
              ecosystem: 'PyPI',
              url,
              isExtra: false,
              isUnverified: source['verify_ssl'] === false || url.startsWith('http://'),
              ...at,
            },
          ]
    })
  return { ...NOTHING, dependencies, registries }
}

/** poetry.lock and uv.lock: `[[package]]` with name, version and files or wheels with hashes. */
export function readTomlLock(file: string, text: string): Supplies {
  const toml = readToml(file, text)
  if (toml.value === null) return { ...NOTHING, problems: toml.problems }
  const find = lineFinder(text)
  const files = table(table(toml.value['metadata'])['files'])
  const dependencies = list(toml.value['package'])
    .map(table)
    .flatMap((entry): Dependency[] => {
      const name = String(entry['name'] ?? '')
      const version = String(entry['version'] ?? '')
      const source = table(entry['source'])
      if (name === '' || version === '' || source['editable'] !== undefined || source['virtual'] !== undefined)
        return []
      const isHashed = [entry['files'], entry['wheels'], files[name]].some((each) =>
        list(each).some((one) => String(table(one)['hash'] ?? '').startsWith('sha256:')),
      )
      const url = String(source['git'] ?? source['url'] ?? '')
      const isGit = source['git'] !== undefined || source['type'] === 'git'
      return [
        {
          ecosystem: 'PyPI',
          name: pypiName(name),
          spec: version,
          version,
          pin: isHashed || (isGit && /[0-9a-f]{40}$/.test(url)) ? 'hash' : 'exact',
          source: isGit ? { kind: 'git', url, isCommit: true } : { kind: 'registry' },
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

/** Pipfile.lock: JSON. */
export function readPipfileLock(file: string, text: string): Supplies {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ...NOTHING, problems: [{ file, line: 1, why: 'is not JSON' }] }
  }
  const find = lineFinder(text)
  const dependencies = (['default', 'develop'] as const).flatMap((group) =>
    Object.entries(table(table(value)[group])).flatMap(([name, entry]): Dependency[] => {
      const version = String(table(entry)['version'] ?? '').replace(/^==/, '')
      if (version === '') return []
      return [
        {
          ecosystem: 'PyPI',
          name: pypiName(name),
          spec: `==${version}`,
          version,
          pin: list(table(entry)['hashes']).length > 0 ? 'hash' : 'exact',
          source: { kind: 'registry' },
          file,
          line: find(`"${name}"`),
          evidence: shown(`${name} ${version}`),
          via: 'lock',
          isDevelopment: group === 'develop',
        },
      ]
    }),
  )
  return { ...NOTHING, dependencies }
}

/** PEP 723: a script's own `# /// script` header, which `uv run` and `pipx run` install from. */
export function readScriptHeader(file: string, text: string): Supplies {
  const start = text.search(/^# \/\/\/ script\s{0,20}$/m)
  if (start === -1) return NOTHING
  const firstLine = text.slice(0, start).split('\n').length
  const body: string[] = []
  let isClosed = false
  for (const line of text.slice(start).split('\n').slice(1, 500)) {
    if (line.trimEnd() === '# ///') {
      isClosed = true
      break
    }
    if (!line.startsWith('#')) break
    body.push(line.replace(/^# ?/, ''))
  }
  if (!isClosed) return NOTHING
  const toml = readToml(file, body.join('\n'))
  if (toml.value === null)
    return { ...NOTHING, problems: [{ file, line: firstLine, why: 'has a script header that is not TOML' }] }
  const find = lineFinder(text)
  const dependencies = list(toml.value['dependencies']).flatMap((each) => {
    const found = typeof each === 'string' ? pypiDependency(each, { file, line: find(each), via: 'manifest' }) : null
    return found === null ? [] : [found]
  })
  const registries = list(table(table(toml.value['tool'])['uv'])['index'])
    .map(table)
    .map((source): Registry => {
      const url = String(source['url'] ?? '')
      return {
        ecosystem: 'PyPI',
        url,
        isExtra: source['default'] !== true,
        isUnverified: url.startsWith('http://'),
        file,
        line: find(url),
        evidence: shown(url),
      }
    })
  return { ...NOTHING, dependencies, registries }
}

/** A TOML file, or what is wrong with it. */
export function readToml(
  file: string,
  text: string,
): { value: Record<string, unknown> | null; problems: { file: string; line: number; why: string }[] } {
  try {
    return { value: parsers.toml().parse(text) as Record<string, unknown>, problems: [] }
  } catch (error) {
    const line = (error as { line?: unknown }).line
    return { value: null, problems: [{ file, line: typeof line === 'number' ? line : 1, why: 'is not TOML' }] }
  }
}

/**
 * Finds the line on which a text stands, from 1; 1 when it does not. What is asked for mostly stands in the order of the
 * file, so each search begins where the last one ended.
 */
export function lineFinder(text: string): (needle: string) => number {
  const starts = lineStarts(text)
  let from = 0
  let misses = 0
  return (needle) => {
    let at = text.indexOf(needle, from)
    // From the top again, but not for ever: a hostile file could make every search a whole reading.
    if (at === -1 && from > 0 && misses < 200) at = text.indexOf(needle)
    if (at === -1) {
      misses += 1
      return 1
    }
    from = at
    return lineAt(starts, at)
  }
}

export function table(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}
