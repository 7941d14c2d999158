import { createHash } from 'node:crypto'
import { isUtf8 } from 'node:buffer'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  type Dirent,
} from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { BaseError } from '@countersign/base'
import { digestOf, kindOf, type Skill, type SkillFile, type TreeProblem } from './Skill.ts'

/** What is read at most. More is named in the coverage ledger, never cut off in silence. */
export interface Caps {
  readonly fileBytes: number
  readonly skillBytes: number
  readonly skillFiles: number
  readonly treeEntries: number
  readonly depth: number
}

export const CAPS: Caps = {
  fileBytes: 4 << 20,
  skillBytes: 64 << 20,
  skillFiles: 5_000,
  treeEntries: 200_000,
  depth: 32,
}

/** Version control's own books; they are not part of what is shipped. */
const NOT_SHIPPED = new Set(['.git', '.hg', '.svn', '.DS_Store'])

export interface TreeOptions {
  readonly caps?: Caps
  /**
   * Directories declared as test fixtures, with `/`, relative to `base`: skills at or below them are samples. A skill that
   * names or links to a file of a sample is judged with that file.
   */
  readonly fixtures?: readonly string[]
  /** Told of each path that could not be read as skills, in place of an error: the others are still read. */
  readonly onOdd?: (odd: PathError | NoSkillError | UnreadableError) => void
}

/**
 * Finds every directory with a `SKILL.md` at or below the paths, and reads each as a skill: its own files, and the plugin
 * manifests and references outside it that act on it. Only reads; follows no symbolic link; leaves no root.
 *
 * @param paths - Files or directories. A file must be a `SKILL.md` (its directory is the skill).
 * @param base - What paths in the answer are relative to.
 * @throws {PathError} `scanner:path:absent` for what is not there.
 * @throws {NoSkillError} `scanner:skill:absent` for a path without a skill.
 * @throws {UnreadableError} `scanner:path:unreadable` for a directory that may not be read.
 */
export function readTree(paths: readonly string[], base: string, options: TreeOptions = {}): Skill[] {
  const { caps = CAPS, fixtures = [] } = options
  const found = new Map<string, Skill>()
  const from = realpathSync(base)
  const odd = (error: PathError | NoSkillError | UnreadableError) => {
    if (options.onOdd === undefined) throw error
    options.onOdd(error)
  }
  const isFixture = (directory: string) => isAtOrBelow(pathOf(from, directory), fixtures)
  for (const path of paths) {
    const tree: Tree = { skills: [], unreadable: [], left: caps.treeEntries }
    const root = rootOf(resolve(base, path), path, odd)
    if (root === null) continue
    findSkills(root, 0, tree, caps)
    // What lies inside a skill is in its own ledger.
    const outside = tree.unreadable.filter((each) => !tree.skills.some((skill) => isInside(each, skill)))
    for (const directory of outside) odd(new UnreadableError(directory === root ? path : pathOf(from, directory)))
    if (tree.skills.length === 0 && outside.length === 0) odd(new NoSkillError(path))
    const nested = new Set(tree.skills)
    for (const directory of tree.skills)
      found.set(
        directory,
        readSkill({ root, directory, base: from, nested, caps, isTreeCut: tree.left <= 0, isFixture }),
      )
  }
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

/** Whether a path with `/` is one of the directories, or below one. */
export function isAtOrBelow(path: string, directories: readonly string[]): boolean {
  return directories.some((each) => each === '.' || path === each || path.startsWith(`${each}/`))
}

function rootOf(
  path: string,
  asGiven: string,
  odd: (error: PathError | NoSkillError | UnreadableError) => void,
): string | null {
  try {
    // The path on the command line is the user's own word; links on the way to it are followed, here only.
    const real = realpathSync(path)
    if (lstatSync(real).isDirectory()) return real
    if (basename(real).toLowerCase() === 'skill.md') return dirname(real)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    odd(code === 'EACCES' || code === 'EPERM' ? new UnreadableError(asGiven) : new PathError(asGiven, cause))
    return null
  }
  odd(new NoSkillError(asGiven))
  return null
}

/** What lies at and below one path. */
interface Tree {
  readonly skills: string[]
  /** Directories that may not be listed: a skill may lie in them. */
  readonly unreadable: string[]
  /** Entries that may still be looked at. */
  left: number
}

function findSkills(directory: string, depth: number, tree: Tree, caps: Caps): void {
  if (depth > caps.depth) return
  let entries: Dirent[]
  try {
    entries = readdirSync(directory, { withFileTypes: true }).toSorted((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
    )
  } catch {
    tree.unreadable.push(directory)
    return
  }
  tree.left -= entries.length
  if (tree.left <= 0) return
  if (entries.some((entry) => entry.name.toLowerCase() === 'skill.md')) tree.skills.push(directory)
  for (const entry of entries) {
    if (!entry.isDirectory() || NOT_SHIPPED.has(entry.name) || entry.name === 'node_modules') continue
    findSkills(join(directory, entry.name), depth + 1, tree, caps)
  }
}

function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory + sep)
}

interface Reading {
  readonly root: string
  readonly directory: string
  readonly base: string
  readonly nested: ReadonlySet<string>
  readonly caps: Caps
  readonly isTreeCut: boolean
  readonly isFixture: (directory: string) => boolean
}

function readSkill(reading: Reading): Skill {
  const { root, directory, base, nested, caps } = reading
  const files: SkillFile[] = []
  const problems: TreeProblem[] = []
  const budget = { bytes: caps.skillBytes, files: caps.skillFiles }
  const say = (kind: TreeProblem['kind'], file: string, bytes: number, because: string) =>
    problems.push({ kind, file, bytes, because })
  if (reading.isTreeCut) say('too-many', '.', 1, 'The tree has more entries than are looked at.')

  const samples: SkillFile[] = []
  const isShipped = !reading.isFixture(directory)
  const walk = (folder: string, depth: number, into: SkillFile[], note: Say) => {
    const lower = new Map<string, string>()
    let entries: Dirent[]
    try {
      entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) =>
        a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
      )
    } catch {
      note('unreadable', pathOf(directory, folder), 1, 'The directory cannot be read.')
      return
    }
    for (const entry of entries) {
      if (NOT_SHIPPED.has(entry.name)) continue
      const full = join(folder, entry.name)
      const path = pathOf(directory, full)
      const folded = entry.name.normalize('NFKC').toLowerCase()
      const twin = lower.get(folded)
      if (twin !== undefined)
        note('case-collision', path, 0, `It collides with ${twin} where names ignore case or normal form.`)
      lower.set(folded, entry.name)
      if (/[\p{Cc}\u200b-\u200f\u202a-\u202e\\]|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|[. ]$/iu.test(entry.name))
        note('bad-name', path, 0, 'Its name is not one that every system reads the same way.')
      if (entry.isSymbolicLink()) {
        let target = ''
        try {
          target = realpathSync(full)
        } catch {
          // A link to nowhere.
        }
        const isInside = target !== '' && (target === root || target.startsWith(root + sep))
        note(
          isInside ? 'symlink' : 'link-outside',
          path,
          0,
          isInside
            ? 'It is a symbolic link, and is not followed.'
            : 'It is a symbolic link that leads out of the tree.',
        )
        continue
      }
      if (entry.isDirectory()) {
        const isSample = nested.has(full) && full !== directory && isShipped && reading.isFixture(full)
        if (nested.has(full) && full !== directory && !isSample) continue
        if (depth >= caps.depth) note('too-many', path, 1, 'It lies deeper than is looked at.')
        else if (isSample) walk(full, depth + 1, samples, () => undefined)
        else walk(full, depth + 1, into, note)
        continue
      }
      if (!entry.isFile()) {
        note('not-a-file', path, 0, 'It is neither a file nor a directory.')
        continue
      }
      if (budget.files <= 0) {
        note('too-many', path, 1, 'The skill has more files than are read.')
        continue
      }
      budget.files -= 1
      into.push(readFile(full, path, caps, budget, note))
    }
  }
  walk(directory, 0, files, say)

  const main = files.find((file) => file.path.toLowerCase() === 'skill.md')
  const texts = files.map((file) => file.text ?? '')
  const linked = readSurroundings(reading, files, budget, say)
  const named = samples.filter(
    ({ path }) =>
      !linked.some((file) => file.path === path) &&
      (texts.some((text) => names(text, path)) || leadsTo(main?.text ?? '', path)),
  )
  const surroundings = [...linked, ...named].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const name = /^name:[ \t]*(["']?)([^\n"']{1,200})\1[ \t]*$/m.exec((main?.text ?? '').slice(0, 4_000))?.[2]?.trim()
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return {
    path: relative(base, directory).split(sep).join('/') || '.',
    name: name ?? basename(directory),
    directory: basename(directory),
    files,
    surroundings,
    isFixture: !isShipped,
    problems,
    contentDigest: digestOf(files),
  }
}

/** Whether a text names a sample, by its path, its directory or, where that tells it from others, its name. */
function names(text: string, path: string): boolean {
  const name = basename(path)
  return text.includes(path) || text.includes(dirname(path)) || (!/^skill\.md$/i.test(name) && text.includes(name))
}

/** Whether instructions name a directory on the way to a file. */
function leadsTo(instructions: string, path: string): boolean {
  const parts = path.split('/')
  return parts.some((_, i) => i > 0 && instructions.includes(`${parts.slice(0, i).join('/')}/`))
}

function pathOf(directory: string, full: string): string {
  return relative(directory, full).split(sep).join('/')
}

type Say = (kind: TreeProblem['kind'], file: string, bytes: number, because: string) => void

function readFile(full: string, path: string, caps: Caps, budget: { bytes: number }, say: Say): SkillFile {
  const unread = (bytes: number): SkillFile => ({
    path,
    kind: 'binary',
    bytes,
    digest: null,
    text: null,
    content: new Uint8Array(),
  })
  let handle: number
  try {
    // O_NOFOLLOW closes the gap between looking at an entry and opening it.
    handle = openSync(full, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  } catch {
    say('unreadable', path, 1, 'It cannot be opened.')
    return unread(0)
  }
  try {
    const stat = fstatSync(handle)
    if (!stat.isFile()) {
      say('not-a-file', path, 0, 'It is not a regular file.')
      return unread(0)
    }
    if (stat.size > caps.fileBytes || stat.size > budget.bytes) {
      say(
        'too-large',
        path,
        stat.size,
        `It has ${stat.size} bytes; at most ${Math.min(caps.fileBytes, budget.bytes)} are read.`,
      )
      return unread(stat.size)
    }
    const content = new Uint8Array(stat.size)
    let at = 0
    while (at < content.length) {
      const count = readSync(handle, content, at, content.length - at, at)
      if (count === 0) break
      at += count
    }
    const bytes = content.subarray(0, at)
    budget.bytes -= bytes.length
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    const { text, isText } = textIn(bytes)
    const kind = kindOf(path, bytes, isText)
    if (text === null && isText) say('not-utf8', path, bytes.length, 'It is text in an encoding that is not read.')
    const isPdf = kind === 'binary' || kind === 'archive' || kind === 'image'
    return { path, kind, bytes: bytes.length, digest, text: isPdf ? null : text, content: bytes }
  } catch {
    say('unreadable', path, 1, 'It cannot be read.')
    return unread(0)
  } finally {
    closeSync(handle)
  }
}

/** UTF-8, or UTF-16 with its mark; text with a few bytes of something else is read byte by byte, so that nothing hides in it. */
function textIn(bytes: Uint8Array): { text: string | null; isText: boolean } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes), isText: true }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: new TextDecoder('utf-16be').decode(bytes), isText: true }
  const head = bytes.subarray(0, 8192)
  if (head.includes(0)) return { text: null, isText: false }
  if (isUtf8(bytes)) return { text: new TextDecoder('utf-8').decode(bytes), isText: true }
  let odd = 0
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32) || byte === 127) odd += 1
  if (odd > head.length / 50) return { text: null, isText: false }
  return { text: new TextDecoder('latin1').decode(bytes), isText: true }
}

/** Manifests above the skill, up to the root, and Markdown that it links to outside itself. */
const MANIFESTS = [
  '.claude-plugin/plugin.json',
  '.codex-plugin/plugin.json',
  '.claude-plugin/marketplace.json',
  'plugin.json',
  'agents/openai.yaml',
  '.mcp.json',
  'hooks/hooks.json',
  '.claude/settings.json',
  'gemini-extension.json',
]

function readSurroundings(
  reading: Reading,
  own: readonly SkillFile[],
  budget: { bytes: number; files: number },
  say: Say,
): SkillFile[] {
  const { root, directory, caps, nested, isFixture } = reading
  const wanted = new Set<string>()
  let folder = directory
  // Up to the root, but no further than the plugin that holds the skill.
  for (let steps = 0; folder !== root && steps < 4; steps += 1) {
    folder = dirname(folder)
    for (const manifest of MANIFESTS) wanted.add(join(folder, manifest))
  }
  for (const file of own) {
    if (file.kind !== 'markdown' || file.text === null) continue
    for (const match of file.text.matchAll(/\]\(((?:\.\.\/)[^)\s#?]{1,300})|`((?:\.\.\/)[\w./-]{1,200}\.\w{1,5})`/g)) {
      const target = resolve(directory, dirname(file.path), decodeURISafely(match[1] ?? match[2] ?? ''))
      if (target.startsWith(root + sep) && !target.startsWith(directory + sep)) wanted.add(target)
      else if (!target.startsWith(root + sep))
        say(
          'link-outside',
          file.path,
          0,
          `It links to ${(match[1] ?? match[2] ?? '').slice(0, 100)}, which lies outside the tree.`,
        )
    }
  }
  const files: SkillFile[] = []
  for (const full of [...wanted].sort()) {
    if (budget.files <= 0) break
    let stat
    try {
      stat = lstatSync(full)
      // A directory on the way may be a link as well.
      if (!stat.isFile() || realpathSync(full) !== full) continue
    } catch {
      continue
    }
    // Another skill is judged by itself; a sample only as one, so what links to it answers for it.
    const owners = [...nested].filter((each) => each !== directory && full.startsWith(each + sep))
    if (owners.length > 0 && !owners.some(isFixture)) continue
    budget.files -= 1
    files.push(readFile(full, pathOf(directory, full), caps, budget, say))
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function decodeURISafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export class PathError extends BaseError {
  override readonly name = 'scanner.PathError'
  readonly path: string
  constructor(path: string, cause: unknown) {
    super(`There is nothing to scan at ${path}.`, {
      code: 'scanner:path:absent',
      kind: 'invalid',
      hint: 'Give a skill, or a directory that holds skills.',
      cause,
    })
    this.path = path
  }
}

export class UnreadableError extends BaseError {
  override readonly name = 'scanner.UnreadableError'
  readonly path: string
  constructor(path: string) {
    super(`The directory ${path} cannot be read.`, {
      code: 'scanner:path:unreadable',
      kind: 'unavailable',
      hint: 'Give the user who scans permission to read it.',
    })
    this.path = path
  }
}

export class NoSkillError extends BaseError {
  override readonly name = 'scanner.NoSkillError'
  readonly path: string
  constructor(path: string) {
    super(`No SKILL.md was found at or below ${path}.`, {
      code: 'scanner:skill:absent',
      kind: 'invalid',
      hint: 'A skill is a directory with a SKILL.md in it.',
    })
    this.path = path
  }
}
