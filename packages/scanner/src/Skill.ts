import { createHash } from 'node:crypto'
import { Table } from '@countersign/base'
import { SIGNATURE_FILES } from './identity/Signature.ts'

/** What a file is, by its name and its first bytes; decides who reads it. */
export type FileKind =
  | 'markdown'
  | 'shell'
  | 'javascript'
  | 'python'
  | 'yaml'
  | 'json'
  | 'toml'
  | 'dockerfile'
  | 'code'
  | 'text'
  | 'archive'
  | 'image'
  | 'binary'

/** One file, read once. */
export interface SkillFile {
  /** Relative to the skill's directory, with `/`. A file outside it (a plugin manifest, a linked reference) starts with `../`. */
  readonly path: string
  readonly kind: FileKind
  /** Size on disk, also when the contents were not read. */
  readonly bytes: number
  /** `sha256:` and 64 hex digits over the bytes; null when they were not read. */
  readonly digest: string | null
  /** Decoded text without its byte order mark, line ends as they are; null for what is not text, or was not read. */
  readonly text: string | null
  /** The bytes; empty when they were not read. */
  readonly content: Uint8Array
}

/** Something about the tree itself: a link that leads out, a name that collides, a file too big to read. */
export interface TreeProblem {
  readonly kind:
    | 'symlink'
    | 'link-outside'
    | 'case-collision'
    | 'not-a-file'
    | 'too-large'
    | 'too-many'
    | 'unreadable'
    | 'not-utf8'
    | 'bad-name'
  readonly file: string
  readonly bytes: number
  /** A sentence. */
  readonly because: string
}

/** A directory that holds a `SKILL.md`, read with caps and never followed outside the root. */
export interface Skill {
  /** Where it is, as reports show it: relative to the working directory, with `/`. */
  readonly path: string
  /** The name in the frontmatter, else the directory's. */
  readonly name: string
  /** The directory's own name, which the specification wants to equal `name`. */
  readonly directory: string
  /** The skill's own files, sorted by path. */
  readonly files: readonly SkillFile[]
  /**
   * Files outside the directory that act on it: plugin manifests above it, references it links to, samples inside it that it
   * names although they were declared test fixtures. Sorted by path.
   */
  readonly surroundings: readonly SkillFile[]
  /** Whether the skill itself was declared a test fixture, outside of it. */
  readonly isFixture: boolean
  readonly problems: readonly TreeProblem[]
  /** See {@link digestOf}. */
  readonly contentDigest: string
}

/**
 * What "the same skill" means: SHA-256 over the manifest. OWASP names `content_hash` without saying which bytes; these are
 * they.
 *
 * @returns `sha256:` and 64 hex digits.
 */
export function digestOf(files: readonly SkillFile[]): string {
  return `sha256:${createHash('sha256').update(manifestOf(files)).digest('hex')}`
}

/** The sorted list of `path NUL sha256 LF` of a skill's files, leaving out the detached signatures of the list itself. */
export function manifestOf(files: readonly SkillFile[]): Buffer {
  const signatures: readonly string[] = Object.values(SIGNATURE_FILES)
  const lines = files
    .filter((file) => !signatures.includes(file.path))
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map((file) => `${file.path}\0${file.digest ?? `unread:${file.bytes}`}\n`)
  return Buffer.from(lines.join(''), 'utf8')
}

/** Every file that the rules may look at, the skill's own first. */
export function allFiles(skill: Skill): readonly SkillFile[] {
  return [...skill.files, ...skill.surroundings]
}

/** `SKILL.md`, whatever its case. */
export function skillFile(skill: Skill): SkillFile | undefined {
  return skill.files.find((file) => file.path.toLowerCase() === 'skill.md')
}

const EXTENSIONS = Table.of<FileKind>({
  md: 'markdown',
  mdx: 'markdown',
  markdown: 'markdown',
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  ksh: 'shell',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  ts: 'javascript',
  mts: 'javascript',
  cts: 'javascript',
  tsx: 'javascript',
  py: 'python',
  pyw: 'python',
  yaml: 'yaml',
  yml: 'yaml',
  json: 'json',
  jsonc: 'json',
  json5: 'json',
  toml: 'toml',
  dockerfile: 'dockerfile',
  ps1: 'code',
  psm1: 'code',
  bat: 'code',
  cmd: 'code',
  rb: 'code',
  pl: 'code',
  php: 'code',
  go: 'code',
  rs: 'code',
  java: 'code',
  kt: 'code',
  swift: 'code',
  c: 'code',
  h: 'code',
  cc: 'code',
  cpp: 'code',
  cs: 'code',
  lua: 'code',
  sol: 'code',
  scpt: 'code',
  applescript: 'code',
  html: 'markdown',
  htm: 'markdown',
  svg: 'markdown',
  png: 'image',
  jpg: 'image',
  jpeg: 'image',
  gif: 'image',
  webp: 'image',
  ico: 'image',
})

const MAGIC: readonly (readonly [string, FileKind])[] = [
  ['504b0304', 'archive'],
  ['504b0506', 'archive'],
  ['1f8b', 'archive'],
  ['425a68', 'archive'],
  ['fd377a585a00', 'archive'],
  ['377abcaf271c', 'archive'],
  ['52617221', 'archive'],
  ['28b52ffd', 'archive'],
  ['89504e47', 'image'],
  ['ffd8ff', 'image'],
  ['47494638', 'image'],
  ['7f454c46', 'binary'],
  ['4d5a', 'binary'],
  ['cafebabe', 'binary'],
  ['feedface', 'binary'],
  ['feedfacf', 'binary'],
  ['cefaedfe', 'binary'],
  ['cffaedfe', 'binary'],
  ['0061736d', 'binary'],
  ['25504446', 'binary'],
]

/** The kind of a file by its name and first bytes. Bytes win over the name, except between kinds of text. */
export function kindOf(path: string, content: Uint8Array, isText: boolean): FileKind {
  const head = Buffer.from(content.subarray(0, 8)).toString('hex')
  if (!isText || head.startsWith('25504446')) {
    const magic = MAGIC.find(([prefix]) => head.startsWith(prefix))
    return magic?.[1] ?? 'binary'
  }
  const base = (path.split('/').at(-1) ?? '').toLowerCase()
  if (base === 'dockerfile' || base.startsWith('dockerfile.') || base === 'containerfile') return 'dockerfile'
  const dot = base.lastIndexOf('.')
  const byName = dot < 0 ? undefined : EXTENSIONS[base.slice(dot + 1)]
  if (byName !== undefined && byName !== 'image') return byName
  const first = Buffer.from(content.subarray(0, 128)).toString('latin1').split('\n', 1)[0] ?? ''
  if (first.startsWith('#!')) {
    if (/python/.test(first)) return 'python'
    if (/\b(?:node|deno|bun)\b/.test(first)) return 'javascript'
    if (/sh\b/.test(first)) return 'shell'
    return 'code'
  }
  return 'text'
}
