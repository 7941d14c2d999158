import { docker } from './dockerRun.ts'
import { hostOf } from './node.ts'
import { pipRegistry, pypiDependency } from './python.ts'
import { isPlaceholder, type Words } from './words.ts'
import {
  NOTHING,
  readCargoSpec,
  readNpmSpec,
  shown,
  splitNpm,
  type Dependency,
  type Registry,
  type Supplies,
} from '../Dependency.ts'

/**
 * What a command would install or start. Null for a program that fetches nothing; flags that take a value are known by
 * name, so that `npx -p pkg cmd` is not read as the package `cmd`.
 */
export function readCommand(words: Words): Supplies {
  const { program } = words
  if (program === 'npx' || program === 'bunx' || program === 'pnpx') return nodeRun(words, words.args)
  if (program === 'npm' || program === 'pnpm' || program === 'yarn' || program === 'bun') return nodeManager(words)
  if (program === 'deno') return deno(words)
  if (/^pip\d?(?:\.\d{1,2})?$/.test(program)) return pip(words, words.args)
  if (/^python\d?(?:\.\d{1,2})?$|^py$/.test(program)) {
    const at = words.args.indexOf('-m')
    if (at !== -1 && words.args[at + 1] === 'pip') return pip(words, words.args.slice(at + 2))
    return NOTHING
  }
  if (program === 'pipx' || program === 'uvx' || program === 'uv') return uv(words)
  if (program === 'poetry' && words.args[0] === 'add') return pip(words, ['install', ...words.args.slice(1)])
  if (program === 'cargo') return cargo(words)
  if (program === 'docker' || program === 'podman' || program === 'nerdctl') return docker(words)
  if (program === 'go') return go(words)
  if (program === 'gem' && words.args[0] === 'install') return gem(words)
  if (program === 'claude' || program === 'codex' || program === 'gemini') return agent(words)
  return NOTHING
}

/** Flags of npx and the like that take the next word. */
const NODE_VALUE_FLAGS = new Set([
  '--registry',
  '--prefix',
  '--cache',
  '--workspace',
  '-w',
  '--userconfig',
  '--loglevel',
  '--tag',
  '--cwd',
  '--dir',
  '-C',
  '--shell',
  '--node-arg',
  '--filter',
])

function nodeRun(words: Words, args: readonly string[]): Supplies {
  const packages: string[] = []
  const registries: Registry[] = []
  let i = 0
  for (; i < args.length; i += 1) {
    const word = args[i] ?? ''
    if (word === '-p' || word === '--package') {
      packages.push(args[i + 1] ?? '')
      i += 1
    } else if (word.startsWith('--package=')) packages.push(word.slice('--package='.length))
    else if (word === '--') continue
    else if (word === '-c' || word === '--call') i += 1
    else if (word.startsWith('--registry')) {
      registries.push(...nodeRegistry(words, word, args[i + 1]))
      if (word === '--registry') i += 1
    } else if (NODE_VALUE_FLAGS.has(word)) i += 1
    else if (!word.startsWith('-')) break
  }
  const first = args[i]
  if (packages.length === 0 && first !== undefined) packages.push(first)
  // `npx tsc` and the like run what is already installed here; but without it, npx fetches the package of that name.
  return { ...NOTHING, registries, dependencies: packages.flatMap((word) => nodePackage(words, word)) }
}

function nodeRegistry(words: Words, word: string, next: string | undefined): Registry[] {
  const url = word.includes('=') ? word.slice(word.indexOf('=') + 1) : (next ?? '')
  if (url === '' || isPlaceholder(url)) return []
  return [
    {
      ecosystem: 'npm',
      url,
      isExtra: false,
      isUnverified: url.startsWith('http://'),
      file: words.file,
      line: words.line,
      evidence: shown(words.text),
    },
  ]
}

function nodePackage(words: Words, word: string): Dependency[] {
  if (word === '' || word.startsWith('-') || isPlaceholder(word.replace(/[\^~]/g, ''))) return []
  const isSpec =
    /^(?:git\+|github:|gitlab:|https?:|git@|file:|\.{0,2}\/)/.test(word) || /^[\w.-]+\/[\w.-]+(?:#|$)/.test(word)
  const { name, spec } = isSpec ? { name: word, spec: word } : splitNpm(word)
  const isName = /^(?:@[a-z0-9~-][a-z0-9._~-]{0,100}\/)?[a-z0-9~-][a-z0-9._~-]{0,213}$/i.test(name)
  if (!isSpec && !isName) return []
  if (isPlaceholder(name) || /^v?\d[\d.]{0,20}$/.test(name)) return []
  const { alias, ...pinned } = readNpmSpec(spec)
  return [
    {
      ecosystem: 'npm',
      name: alias ?? name,
      spec,
      ...pinned,
      file: words.file,
      line: words.line,
      evidence: shown(words.text),
      via: 'command',
      isDevelopment: false,
    },
  ]
}

const NODE_VERBS: Readonly<Record<string, readonly string[]>> = {
  npm: ['install', 'i', 'add', 'in', 'ins', 'isntall'],
  pnpm: ['add', 'install', 'i'],
  yarn: ['add'],
  bun: ['add', 'install', 'i'],
}

function nodeManager(words: Words): Supplies {
  const args = words.args.filter((word, i) => !(word === 'global' && i === 0))
  const at = args.findIndex((word, i) => !word.startsWith('-') && !NODE_VALUE_FLAGS.has(args[i - 1] ?? ''))
  const verb = args[at] ?? ''
  const rest = args.slice(at + 1)
  if (verb === 'exec' || verb === 'x' || verb === 'dlx') {
    // `pnpm exec` runs only what is installed; `npm exec`, `pnpm dlx`, `yarn dlx`, `bun x` fetch.
    if (verb === 'exec' && words.program !== 'npm') return NOTHING
    return nodeRun(words, rest)
  }
  if ((verb === 'create' || verb === 'init') && rest[0] !== undefined && !rest[0].startsWith('-')) {
    const { name, spec } = splitNpm(rest[0])
    const full = name.startsWith('@')
      ? name.includes('/')
        ? name.replace('/', '/create-')
        : `${name}/create`
      : `create-${name}`
    return isPlaceholder(name) || !/^[@\w./-]+$/.test(name)
      ? NOTHING
      : { ...NOTHING, dependencies: nodePackage(words, spec === '' ? full : `${full}@${spec}`) }
  }
  if (verb === 'config' && rest[0] === 'set' && (rest[1] ?? '').includes('registry')) {
    return {
      ...NOTHING,
      registries: nodeRegistry(words, '--registry', rest[1]?.includes('=') === true ? rest[1].split('=')[1] : rest[2]),
    }
  }
  if (NODE_VERBS[words.program]?.includes(verb) !== true) return NOTHING
  const dependencies: Dependency[] = []
  const registries: Registry[] = []
  for (let i = 0; i < rest.length; i += 1) {
    const word = rest[i] ?? ''
    if (word.startsWith('--registry')) {
      registries.push(...nodeRegistry(words, word, rest[i + 1]))
      if (word === '--registry') i += 1
    } else if (NODE_VALUE_FLAGS.has(word)) i += 1
    else dependencies.push(...nodePackage(words, word))
  }
  return { ...NOTHING, dependencies, registries }
}

function deno(words: Words): Supplies {
  const dependencies = words.args.flatMap((word): Dependency[] => {
    const match = /^(npm|jsr):\/?(@?[^@\s]{1,214})(?:@([^/\s]{1,100}))?/.exec(word)
    if (match !== null && !isPlaceholder(match[2] ?? '')) {
      const found = nodePackage(words, match[3] === undefined ? (match[2] ?? '') : `${match[2]}@${match[3]}`)
      return found.map((each) => ({ ...each, ecosystem: match[1] === 'jsr' ? 'jsr' : 'npm' }))
    }
    if (!word.startsWith('https://') || isPlaceholder(word)) return []
    const isRun = words.args[0] === 'run' || words.args[0] === 'install'
    return isRun ? [urlDependency(words, 'npm', word)] : []
  })
  return { ...NOTHING, dependencies }
}

function urlDependency(words: Words, ecosystem: Dependency['ecosystem'], url: string): Dependency {
  return {
    ecosystem,
    name: url,
    spec: url,
    version: null,
    pin: 'none',
    source: { kind: 'url', url },
    file: words.file,
    line: words.line,
    evidence: shown(words.text),
    via: 'command',
    isDevelopment: false,
  }
}

/** Options of pip and uv that take the next word. */
const PIP_VALUE_FLAGS = new Set([
  '-r',
  '--requirement',
  '-c',
  '--constraint',
  '-t',
  '--target',
  '--prefix',
  '--root',
  '--python',
  '-p',
  '--cache-dir',
  '--platform',
  '--python-version',
  '--group',
  '--extra',
  '--proxy',
  '--timeout',
  '--no-binary',
  '--only-binary',
  '--src',
  '--directory',
  '--project',
])

const PIP_INDEX_FLAGS = new Set([
  '-i',
  '--index-url',
  '--extra-index-url',
  '-f',
  '--find-links',
  '--trusted-host',
  '--default-index',
  '--index',
])

function pip(words: Words, args: readonly string[]): Supplies {
  const at = args.findIndex((word) => !word.startsWith('-'))
  const verb = args[at] ?? ''
  if (!['install', 'download', 'wheel', 'add'].includes(verb)) return NOTHING
  return pipWords(words, args.slice(at + 1))
}

function pipWords(words: Words, args: readonly string[], isFirstOnly = false): Supplies {
  const dependencies: Dependency[] = []
  const registries: Registry[] = []
  const isHashed = args.includes('--require-hashes')
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i] ?? ''
    const flag = word.includes('=') ? word.slice(0, word.indexOf('=')) : word
    if (PIP_INDEX_FLAGS.has(flag)) {
      const value = flag === word ? (args[i + 1] ?? '') : word.slice(flag.length + 1)
      if (flag === word) i += 1
      if (value !== '' && !isPlaceholder(value)) {
        registries.push({
          ...pipRegistry(flag, value, { file: words.file, line: words.line, evidence: shown(words.text) }),
          isHashed,
        })
      }
    } else if (word === '--with' || word === '--from' || word === '--spec') {
      dependencies.push(...pipPackage(words, args[i + 1] ?? '', isHashed))
      i += 1
      if (word !== '--with' && isFirstOnly) return { ...NOTHING, dependencies, registries }
    } else if (PIP_VALUE_FLAGS.has(word)) i += 1
    else if (word === '-e' || word === '--editable') continue
    else if (!word.startsWith('-')) {
      dependencies.push(...pipPackage(words, word, isHashed))
      if (isFirstOnly) break
    }
  }
  return { ...NOTHING, dependencies, registries }
}

function pipPackage(words: Words, word: string, isHashed: boolean): Dependency[] {
  const bare = word.replace(/[[\]]/g, '').replace(/[<>=!~].{0,200}$/, '')
  const isUrl = /^(?:git\+|https?:)/.test(word)
  if (word === '' || word === '.' || word.startsWith('./') || word.startsWith('/') || word.includes('\\')) return []
  if (!isUrl && (bare.includes('/') || /\.(?:txt|whl|toml|gz|py)$/.test(bare))) return []
  if (isPlaceholder(bare)) return []
  const text = isUrl ? word : word.replace(/@(?=\d)/, '==').replace(/@latest$/, '')
  const found = pypiDependency(text, { file: words.file, line: words.line, via: 'command', isHashed })
  return found === null ? [] : [{ ...found, evidence: shown(words.text) }]
}

function uv(words: Words): Supplies {
  const { args, program } = words
  if (program === 'uvx') return pipWords(words, args, true)
  const [verb = '', second = ''] = args
  if (program === 'pipx') {
    return verb === 'run' || verb === 'install' ? pipWords(words, args.slice(1), true) : NOTHING
  }
  if (verb === 'add') return pipWords(words, args.slice(1))
  if (verb === 'pip') return pip(words, args.slice(1))
  if (verb === 'tool' && (second === 'run' || second === 'install')) return pipWords(words, args.slice(2), true)
  if (verb !== 'run') return NOTHING
  const withs = args.flatMap((word, i) => (word === '--with' ? pipPackage(words, args[i + 1] ?? '', false) : []))
  return { ...NOTHING, dependencies: withs }
}

function cargo(words: Words): Supplies {
  const args = words.args.filter((word) => !word.startsWith('+'))
  const verb = args[0] ?? ''
  if (verb !== 'install' && verb !== 'add' && verb !== 'binstall') return NOTHING
  const flag = (name: string): string | undefined => {
    const at = args.findIndex((word) => word === name || word.startsWith(`${name}=`))
    const word = args[at]
    return at === -1 ? undefined : word === name ? args[at + 1] : word?.slice(name.length + 1)
  }
  if (flag('--path') !== undefined) return NOTHING
  const taking = new Set([
    '--git',
    '--rev',
    '--branch',
    '--tag',
    '--version',
    '--vers',
    '--features',
    '-F',
    '--root',
    '--registry',
    '--index',
    '--target',
    '--profile',
    '-j',
    '--jobs',
    '--bin',
    '--example',
    '--config',
    '-p',
    '--package',
  ])
  const names = args.slice(1).filter((word, i) => !word.startsWith('-') && !taking.has(args[i] ?? ''))
  const git = flag('--git')
  const isCommit = /^[0-9a-f]{40}$/.test(flag('--rev') ?? '')
  const at = {
    file: words.file,
    line: words.line,
    evidence: shown(words.text),
    via: 'command' as const,
    isDevelopment: false,
  }
  if (git !== undefined) {
    if (isPlaceholder(git)) return NOTHING
    return {
      ...NOTHING,
      dependencies: [
        {
          ecosystem: 'crates.io',
          name: names[0] ?? git,
          spec: git,
          version: null,
          pin: isCommit ? 'hash' : 'none',
          source: { kind: 'git', url: git, isCommit },
          ...at,
        },
      ],
    }
  }
  const version = flag('--version') ?? flag('--vers')
  const dependencies = names.flatMap((word): Dependency[] => {
    const [name = '', after = ''] = word.split('@')
    if (!/^[A-Za-z][\w-]{0,63}$/.test(name) || isPlaceholder(name)) return []
    const spec = version ?? after
    // `cargo install --version 1.2.3` takes that version; in `cargo add` the same words are a range.
    const isExact = verb !== 'add' && /^=?\d{1,9}\.\d{1,9}\.\d{1,9}/.test(spec)
    const pinned = isExact ? { version: spec.replace(/^=/, ''), pin: 'exact' as const } : readCargoSpec(spec)
    return [{ ecosystem: 'crates.io', name, spec, ...pinned, source: { kind: 'registry' }, ...at }]
  })
  const index = flag('--index')
  const registries: Registry[] =
    index === undefined || isPlaceholder(index)
      ? []
      : [
          {
            ecosystem: 'crates.io',
            url: index,
            isExtra: false,
            isUnverified: index.startsWith('http://'),
            file: words.file,
            line: words.line,
            evidence: shown(words.text),
          },
        ]
  return { ...NOTHING, dependencies, registries }
}

function go(words: Words): Supplies {
  const [verb = ''] = words.args
  if (!['install', 'get', 'run'].includes(verb)) return NOTHING
  const dependencies = words.args.slice(1).flatMap((word): Dependency[] => {
    const match = /^([a-z0-9-]{1,60}(?:\.[a-z0-9-]{1,60}){1,5}\/[\w./~-]{1,200})(?:@([\w.+-]{1,100}))?$/.exec(word)
    if (match === null || isPlaceholder(word)) return []
    const spec = match[2] ?? ''
    const isExact = /^v\d{1,9}\.\d{1,9}\.\d{1,9}/.test(spec) || /^[0-9a-f]{40}$/.test(spec)
    return [
      {
        ecosystem: 'Go',
        name: match[1] ?? '',
        spec,
        version: isExact ? spec : null,
        // The Go checksum database holds the bytes of a version.
        pin: isExact ? 'hash' : 'none',
        source: { kind: 'registry' },
        file: words.file,
        line: words.line,
        evidence: shown(words.text),
        via: 'command',
        isDevelopment: false,
      },
    ]
  })
  return { ...NOTHING, dependencies }
}

function gem(words: Words): Supplies {
  const at = words.args.findIndex((word) => word === '-v' || word === '--version')
  const spec = at === -1 ? '' : (words.args[at + 1] ?? '')
  const isExact = /^\d{1,9}(?:\.\d{1,9}){0,5}$/.test(spec)
  const dependencies = words.args.slice(1).flatMap((word, i): Dependency[] => {
    if (
      word.startsWith('-') ||
      (at !== -1 && i + 1 === at + 1) ||
      !/^[a-z][\w-]{0,60}$/i.test(word) ||
      isPlaceholder(word)
    )
      return []
    return [
      {
        ecosystem: 'RubyGems',
        name: word,
        spec,
        version: isExact ? spec : null,
        pin: isExact ? 'exact' : 'none',
        source: { kind: 'registry' },
        file: words.file,
        line: words.line,
        evidence: shown(words.text),
        via: 'command',
        isDevelopment: false,
      },
    ]
  })
  return { ...NOTHING, dependencies }
}

/** `claude mcp add name -- npx -y pkg`: the words after `--` are a command of its own. */
function agent(words: Words): Supplies {
  const { args } = words
  if (args[0] !== 'mcp' || args[1] !== 'add') return NOTHING
  const at = args.indexOf('--')
  const [program, ...rest] = at === -1 ? [] : args.slice(at + 1)
  return program === undefined ? NOTHING : readCommand({ ...words, program, args: rest })
}

/** Whether a URL is served from the machine itself. */
export function isLoopback(url: string): boolean {
  return /^(?:localhost|127\.|\[?::1)/.test(hostOf(url))
}
