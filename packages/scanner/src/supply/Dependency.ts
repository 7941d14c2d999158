/**
 * Something that a skill would have fetched and run: a package, an image, an action. What is written is kept as it is
 * written; what it resolves to is only known where somebody pinned it.
 */
export interface Dependency {
  readonly ecosystem: Ecosystem
  /** As the registry spells it: npm with its scope, PyPI normalised by PEP 503, an image with its registry host. */
  readonly name: string
  /** The version or range as written; '' when nothing is said. */
  readonly spec: string
  /** The one version it can be, or null. */
  readonly version: string | null
  readonly pin: Pin
  readonly source: Source
  /** Relative to the skill, with `/`. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** The text to show, one line. */
  readonly evidence: string
  readonly via: 'manifest' | 'lock' | 'command' | 'config'
  /** Only for those who develop the skill. */
  readonly isDevelopment: boolean
}

/** OSV's names of ecosystems, where it has one. */
export type Ecosystem = 'npm' | 'PyPI' | 'crates.io' | 'Go' | 'RubyGems' | 'docker' | 'github' | 'jsr'

/**
 * How firmly a version is held: `hash` names the bytes, `exact` a version that a registry could serve differently,
 * `range` and `none` whatever is newest on the day.
 */
export type Pin = 'hash' | 'exact' | 'range' | 'none'

/** Where the bytes come from. */
export type Source =
  | { readonly kind: 'registry' }
  /** `commit` is true for a full commit hash; branches and tags can be moved. */
  | { readonly kind: 'git'; readonly url: string; readonly isCommit: boolean }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'path'; readonly path: string }

/** A place that packages are taken from, other than the default. */
export interface Registry {
  readonly ecosystem: Ecosystem
  readonly url: string
  /** True when it is asked beside the default one, which lets the higher version win (dependency confusion). */
  readonly isExtra: boolean
  /** True for `trusted-host`, `strict-ssl=false`, `GOINSECURE`: nobody checks who answers. */
  readonly isUnverified: boolean
  /** True where nothing is taken from it that does not match a digest: `--require-hashes`. */
  readonly isHashed?: boolean
  readonly file: string
  readonly line: number
  readonly evidence: string
}

/** Code that a package manager runs by itself: at install, at build, at test. */
export interface Hook {
  readonly when: 'install' | 'build' | 'test' | 'session'
  /** Such as `postinstall`, `build.rs`, `setup.py`. */
  readonly name: string
  readonly command: string
  readonly file: string
  readonly line: number
  readonly evidence: string
}

/** What one manifest, lock, Dockerfile or command says. */
export interface Supplies {
  readonly dependencies: readonly Dependency[]
  readonly registries: readonly Registry[]
  readonly hooks: readonly Hook[]
  readonly containers: readonly ContainerFact[]
  /** What is wrong with the file itself: it could not be read as what it is. */
  readonly problems: readonly Problem[]
}

/** One thing that a Dockerfile, a compose file or a `docker run` asks for. */
export interface ContainerFact {
  readonly what:
    | 'privileged'
    | 'docker-socket'
    | 'host-network'
    | 'host-pid'
    | 'host-ipc'
    | 'host-mount'
    | 'capability'
    | 'unconfined'
    | 'root-user'
    | 'no-user'
    | 'add-remote'
    | 'fetch-and-run'
    | 'secret'
    | 'public-port'
    | 'device'
  /** The thing itself: the path mounted, the capability, the variable. Never a secret's value. */
  readonly subject: string
  /** True where the image has a name that only documentation uses, such as `myimage`. */
  readonly isIllustration: boolean
  readonly file: string
  readonly line: number
  readonly evidence: string
}

export interface Problem {
  readonly file: string
  readonly line: number
  readonly why: string
}

export const NOTHING: Supplies = { dependencies: [], registries: [], hooks: [], containers: [], problems: [] }

/** Several at once, in their order. */
export function join(all: readonly Supplies[]): Supplies {
  return {
    dependencies: all.flatMap((each) => each.dependencies),
    registries: all.flatMap((each) => each.registries),
    hooks: all.flatMap((each) => each.hooks),
    containers: all.flatMap((each) => each.containers),
    problems: all.flatMap((each) => each.problems),
  }
}

/** PEP 503: `Foo.Bar_baz` and `foo-bar-baz` are one project. */
export function pypiName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}

/** One line that can be shown: at most 200 characters, without line breaks. */
export function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`
}

/** Line of an offset, from 1. `starts` are the offsets at which lines begin. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low + 1
}

export function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/**
 * How a Node package is pinned and where it comes from, by the text of its specifier (npm's package-spec): a version, a
 * range, a tag, `git+…`, a tarball's URL, `npm:other@1`, `file:…`, `owner/repo`.
 */
export function readNpmSpec(spec: string): Pick<Dependency, 'version' | 'pin' | 'source'> & { alias: string | null } {
  const text = spec.trim()
  const registry: Source = { kind: 'registry' }
  const alias = /^npm:(@?[^@\s]{1,214})(?:@(.{0,200}))?$/.exec(text)
  if (alias !== null) return { ...readNpmSpec(alias[2] ?? ''), alias: alias[1] ?? null }
  if (/^(?:file|link|workspace|portal|patch|catalog):/.test(text) || /^\.{0,2}\//.test(text)) {
    return { version: null, pin: 'exact', source: { kind: 'path', path: text }, alias: null }
  }
  const isGit =
    /^(?:git\+|git:|git@|github:|gitlab:|bitbucket:|gist:|ssh:)/.test(text) ||
    /^https?:\/\/[^\s#]{1,200}\.git(?:#|$)/.test(text) ||
    /^[\w.-]{1,100}\/[\w.-]{1,100}(?:#|$)/.test(text)
  if (isGit) {
    const isCommit = /#[0-9a-f]{40}$/.test(text)
    return { version: null, pin: isCommit ? 'hash' : 'none', source: { kind: 'git', url: text, isCommit }, alias: null }
  }
  if (/^https?:\/\//.test(text)) return { version: null, pin: 'none', source: { kind: 'url', url: text }, alias: null }
  const exact = /^[=v]{0,2}(\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][0-9A-Za-z.+-]{1,100})?)$/.exec(text)
  if (exact !== null) return { version: exact[1] ?? null, pin: 'exact', source: registry, alias: null }
  const isAny = text === '' || text === '*' || text === 'x' || /^[a-z][a-z-]{0,30}$/.test(text)
  return { version: null, pin: isAny ? 'none' : 'range', source: registry, alias: null }
}

/** The same for Cargo: a bare `1.2.3` is a range (`^1.2.3`), only `=1.2.3` is one version. */
export function readCargoSpec(spec: string): Pick<Dependency, 'version' | 'pin'> {
  const exact = /^=\s{0,3}(\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][0-9A-Za-z.+-]{1,100})?)$/.exec(spec.trim())
  if (exact !== null) return { version: exact[1] ?? null, pin: 'exact' }
  return { version: null, pin: spec.trim() === '' || spec.trim() === '*' ? 'none' : 'range' }
}

/** The same for PEP 440: one `==` without a wildcard, or `===`. */
export function readPypiSpec(spec: string): Pick<Dependency, 'version' | 'pin'> {
  const exact = /^={2,3}\s{0,3}([0-9][0-9A-Za-z.!+_-]{0,100})$/.exec(spec.trim())
  if (exact !== null) return { version: exact[1] ?? null, pin: 'exact' }
  return { version: null, pin: spec.trim() === '' ? 'none' : 'range' }
}

/** `name@spec` on a command line: `@scope/name@^1`, `name`, `name@latest`, `github:owner/repo`. */
export function splitNpm(word: string): { name: string; spec: string } {
  const at = word.indexOf('@', 1)
  return at === -1 ? { name: word, spec: '' } : { name: word.slice(0, at), spec: word.slice(at + 1) }
}

/** An image reference: `[host[:port]/]path[:tag][@sha256:…]`. */
export function readImage(
  reference: string,
): (Pick<Dependency, 'name' | 'spec' | 'version' | 'pin'> & { host: string }) | null {
  const match =
    /^((?:[\w.-]{1,200}(?::\d{1,5})?\/)?(?:[\w.-]{1,200}\/){0,6}[\w.-]{1,200})(?::([\w.-]{1,128}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(
      reference,
    )
  if (match === null) return null
  const [, path = '', tag, digest] = match
  const first = path.split('/')[0] ?? ''
  // Docker's own rule: the first part is a host when it holds a dot or a port, or is localhost.
  const hasHost = path.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  const host = hasHost ? first : 'docker.io'
  const rest = hasHost ? path.slice(first.length + 1) : path
  const name = `${host}/${host === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest}`
  const pin: Pin = digest !== undefined ? 'hash' : tag === undefined || tag === 'latest' ? 'none' : 'exact'
  return { name, spec: [tag, digest].filter((part) => part !== undefined).join('@'), version: tag ?? null, pin, host }
}
