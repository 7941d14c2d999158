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

/**
 * Finds every directory with a `SKILL.md` at or below the paths, and reads each as a skill: its own files, and the plugin
 * manifests and references outside it that act on it. Only reads; follows no symbolic link; leaves no root.
 *
 * @param paths - Files or directories. A file must be a `SKILL.md` (its directory is the skill).
 * @param base - What paths in the answer are relative to.
 * @throws {PathError} `scanner:path:absent` for what is not there.
 * @throws {NoSkillError} `scanner:skill:absent` for a path without a skill.
 */
export function readTree(paths: readonly string[], base: string, caps: Caps = CAPS): Skill[] {
  const found = new Map<string, Skill>()
  const from = realpathSync(base)
  for (const path of paths) {
    const root = rootOf(resolve(base, path), path)
    const directories: string[] = []
    const limits = { left: caps.treeEntries }
    findSkills(root, 0, directories, caps, limits)
    if (directories.length === 0) throw new NoSkillError(path)
    const all = new Set(directories)
    for (const directory of directories) {
      const skill = readSkill({ root, directory, base: from, nested: all, caps, isTreeCut: limits.left <= 0 })
      found.set(directory, skill)
    }
  }
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

function rootOf(path: string, asGiven: string): string {
  let stat
  try {
    stat = lstatSync(path)
  } catch (cause) {
    throw new PathError(asGiven, cause)
  }
  // The path on the command line is the user's own word; links on the way to it are followed, here only.
  const real = realpathSync(path)
  if (stat.isDirectory() || lstatSync(real).isDirectory()) return real
  if (basename(real).toLowerCase() === 'skill.md') return dirname(real)
  throw new NoSkillError(asGiven)
}

function findSkills(directory: string, depth: number, out: string[], caps: Caps, limits: { left: number }): void {
  if (depth > caps.depth) return
  const entries = list(directory)
  limits.left -= entries.length
  if (limits.left <= 0) return
  if (entries.some((entry) => entry.name.toLowerCase() === 'skill.md')) out.push(directory)
  for (const entry of entries) {
    if (!entry.isDirectory() || NOT_SHIPPED.has(entry.name) || entry.name === 'node_modules') continue
    findSkills(join(directory, entry.name), depth + 1, out, caps, limits)
  }
}

function list(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).toSorted((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
    )
  } catch {
    return []
  }
}

interface Reading {
  readonly root: string
  readonly directory: string
  readonly base: string
  readonly nested: ReadonlySet<string>
  readonly caps: Caps
  readonly isTreeCut: boolean
}

function readSkill(reading: Reading): Skill {
  const { root, directory, base, nested, caps } = reading
  const files: SkillFile[] = []
  const problems: TreeProblem[] = []
  const budget = { bytes: caps.skillBytes, files: caps.skillFiles }
  const say = (kind: TreeProblem['kind'], file: string, bytes: number, because: string) =>
    problems.push({ kind, file, bytes, because })
  if (reading.isTreeCut) say('too-many', '.', 1, 'The tree has more entries than are looked at.')

  const walk = (folder: string, depth: number) => {
    const lower = new Map<string, string>()
    let entries: Dirent[]
    try {
      entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) =>
        a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
      )
    } catch {
      say('unreadable', pathOf(directory, folder), 1, 'The directory cannot be read.')
      return
    }
    for (const entry of entries) {
      if (NOT_SHIPPED.has(entry.name)) continue
      const full = join(folder, entry.name)
      const path = pathOf(directory, full)
      const folded = entry.name.normalize('NFKC').toLowerCase()
      const twin = lower.get(folded)
      if (twin !== undefined)
        say('case-collision', path, 0, `It collides with ${twin} where names ignore case or normal form.`)
      lower.set(folded, entry.name)
      if (/[\p{Cc}\u200b-\u200f\u202a-\u202e\\]|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|[. ]$/iu.test(entry.name))
        say('bad-name', path, 0, 'Its name is not one that every system reads the same way.')
      if (entry.isSymbolicLink()) {
        let target = ''
        try {
          target = realpathSync(full)
        } catch {
          // A link to nowhere.
        }
        const isInside = target !== '' && (target === root || target.startsWith(root + sep))
        say(
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
        if (nested.has(full) && full !== directory) continue
        if (depth >= caps.depth) say('too-many', path, 1, 'It lies deeper than is looked at.')
        else walk(full, depth + 1)
        continue
      }
      if (!entry.isFile()) {
        say('not-a-file', path, 0, 'It is neither a file nor a directory.')
        continue
      }
      if (budget.files <= 0) {
        say('too-many', path, 1, 'The skill has more files than are read.')
        continue
      }
      budget.files -= 1
      files.push(readFile(full, path, caps, budget, say))
    }
  }
  walk(directory, 0)

  const surroundings = readSurroundings(reading, files, budget, say)
  const main = files.find((file) => file.path.toLowerCase() === 'skill.md')
  const name = /^name:[ \t]*(["']?)([^\n"']{1,200})\1[ \t]*$/m.exec((main?.text ?? '').slice(0, 4_000))?.[2]?.trim()
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return {
    path: relative(base, directory).split(sep).join('/') || '.',
    name: name ?? basename(directory),
    directory: basename(directory),
    files,
    surroundings,
    problems,
    contentDigest: digestOf(files),
  }
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
  const { root, directory, caps, nested } = reading
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
    if ([...nested].some((each) => each !== directory && full.startsWith(each + sep))) continue
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
  constructor(path: string, cause: unknown) {
    super(`There is nothing to scan at ${path}.`, {
      code: 'scanner:path:absent',
      kind: 'invalid',
      hint: 'Give a skill, or a directory that holds skills.',
      cause,
    })
  }
}

export class NoSkillError extends BaseError {
  override readonly name = 'scanner.NoSkillError'
  constructor(path: string) {
    super(`No SKILL.md was found at or below ${path}.`, {
      code: 'scanner:skill:absent',
      kind: 'invalid',
      hint: 'A skill is a directory with a SKILL.md in it.',
    })
  }
}
