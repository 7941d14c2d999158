import { cellsOf } from './notebook.ts'
import { allFiles, skillFile, type Skill, type SkillFile } from '../Skill.ts'
import { lineFinder, liner, type Language, type View } from '../View.ts'
import { languageOfFence, languageOfFile, languageOfText } from '../facts/languages/languageOf.ts'
import { decodeIn } from './decode.ts'
import { fold } from './Fold.ts'
import { lastClause } from './lastClause.ts'
import { imageTexts } from './imageTexts.ts'
import { isCalledBack, isForbidden, isForbiddenInline } from './polarity.ts'
import { BLOCKS_MAX, blocksOf, inlinesOf, type Block } from './Markdown.ts'

/** Something that was not looked at, for the coverage ledger. */
export interface Unseen {
  readonly file: string
  readonly bytes: number
  readonly why: string
}

const DEPTH_MAX = 4
const INLINES_MAX = 4_000
const INLINE_CHARS_MAX = 60_000
/** All that one skill may unfold to; more is a bomb, and is said. */
const DECODED_CHARS_MAX = 4 << 20

/**
 * Characters of all views of one skill, about 20 seconds of rules on a slow machine. A bound on time would make the verdict
 * depend on the machine and on what else runs there.
 */
const VIEW_CHARS_MAX = 8 << 20

/** Every piece of a skill as its readers would see it: prose, code, what is hidden, what was encoded. */
export function viewsOf(skill: Skill): { readonly views: View[]; readonly unseen: Unseen[] } {
  const views: View[] = []
  const unseen: Unseen[] = []
  let decodedChars = 0
  let chars = 0
  const teaches = teachesSecurity(skill)
  const main = skillFile(skill)?.text ?? ''
  for (const file of allFiles(skill)) {
    if (file.text === null && file.kind !== 'image') continue
    if (chars > VIEW_CHARS_MAX) {
      unseen.push({ file: file.path, bytes: file.bytes, why: 'the skill has more text than is analysed' })
      continue
    }
    const own = file.text === null ? viewsOfImage(file) : viewsOfFile(file, teaches, main, unseen)
    const queue: { view: View; depth: number }[] = own.map((view) => ({ view, depth: 0 }))
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      views.push(next.view)
      chars += next.view.text.length
      if (next.view.holder === 'inline' || next.view.holder === 'attribute') {
        if (next.view.text.length < 24) continue
      }
      const { found, left } = decodeIn(next.view.text)
      if (left > 0) unseen.push({ file: file.path, bytes: left, why: 'more encoded pieces than are decoded' })
      const lines = found.length === 0 ? null : liner(next.view)
      for (const each of found) {
        if (next.depth >= DEPTH_MAX) {
          unseen.push({ file: file.path, bytes: each.text.length, why: `encoded more than ${DEPTH_MAX} times` })
          continue
        }
        decodedChars += each.text.length
        if (decodedChars > DECODED_CHARS_MAX) {
          unseen.push({ file: file.path, bytes: each.text.length, why: 'it unfolds to more than is read' })
          continue
        }
        queue.push({
          depth: next.depth + 1,
          view: {
            ...next.view,
            name: 'decoded',
            holder: 'decoded',
            line: lines?.(each.offset) ?? next.view.line,
            text: fold(each.text),
            language: 'unknown',
            decodedBy: [...next.view.decodedBy, each.encoding],
          },
        })
      }
    }
  }
  return { views, unseen }
}

const NO_VIEW = { headings: [] as readonly string[], lead: '', decodedBy: [] as readonly string[] }

function viewsOfFile(file: SkillFile, teaches: boolean, main: string, unseen: Unseen[]): View[] {
  const text = file.text ?? ''
  const fixture =
    (FIXTURE_PATH.test(`/${file.path}`) && !isStarted(file.path, main)) || (teaches && TEACHING_PATH.test(file.path))
  const base = { file: file.path, line: 1, ...NO_VIEW, role: fixture ? ('fixture' as const) : ('instruction' as const) }
  const told = isCodeKind(file.kind) ? null : interpretedAs(file.path, main)
  if (told !== null) return [{ ...base, name: 'code', holder: 'script', text: fold(text), language: told.name }]
  const cells = file.path.endsWith('.ipynb') ? cellsOf(text) : null
  if (cells !== null)
    return cells.map((cell) => ({
      ...base,
      name: 'code',
      holder: 'script',
      text: fold(cell.text),
      language: cell.language,
    }))
  switch (file.kind) {
    case 'shell':
    case 'python':
    case 'javascript':
    case 'dockerfile':
      return [{ ...base, name: 'code', holder: 'script', text: fold(text), language: file.kind }]
    case 'yaml':
    case 'json':
    case 'toml':
      return [{ ...base, name: 'code', holder: 'data', text: fold(text), language: file.kind }]
    case 'code':
      return [
        {
          ...base,
          name: 'code',
          holder: 'script',
          text: fold(text),
          language: languageOfFile(file.path, text)?.name ?? 'unknown',
        },
      ]
    case 'text': {
      // A makefile has no ending, and CMakeLists.txt the wrong one.
      const language = languageOfFile(file.path, '')
      return language === null
        ? viewsOfMarkdown(file, text, base.role, unseen)
        : [{ ...base, name: 'code', holder: 'script', text: fold(text), language: language.name }]
    }
    default:
      return viewsOfMarkdown(file, text, base.role, unseen)
  }
}

function viewsOfImage(file: SkillFile): View[] {
  return imageTexts(file.content).map((text) => ({
    file: file.path,
    line: 1,
    ...NO_VIEW,
    role: 'instruction',
    name: 'hidden',
    holder: 'comment',
    text: fold(text),
    language: null,
  }))
}

/** Whether SKILL.md has a file run or followed: then it is no fixture, wherever it lies. */
const isCodeKind = (kind: SkillFile['kind']) => /^(?:shell|python|javascript|dockerfile|code|binary)$/.test(kind)

const INTERPRETED =
  /\b(bash|sh|zsh|python3?|node|perl|ruby|php|lua|osascript)\s{1,3}(?:-\w{1,12}\s{1,3}){0,3}["']?(?:\.\/)?$/

/** What an interpreter is told to run is in its language, whatever it is called. */
function interpretedAs(path: string, main: string): ReturnType<typeof languageOfFence> {
  for (let at = main.indexOf(path); at >= 0; at = main.indexOf(path, at + 1)) {
    const program = INTERPRETED.exec(main.slice(Math.max(0, at - 40), at))?.[1]
    if (program !== undefined) return languageOfFence(program === 'python3' ? 'python' : program)
  }
  return null
}

function isStarted(path: string, main: string): boolean {
  if (TEST_FILE.test(path) && RUNS_TESTS.test(main)) return true
  for (let at = main.indexOf(path); at >= 0; at = main.indexOf(path, at + 1))
    if (
      /(?:\b(?:bash|sh|zsh|source|python3?|node|run|execute|follow|start|perform)\b[^\n]{0,40}|\.\/)$/i.test(
        main.slice(Math.max(0, at - 60), at),
      )
    )
      return true
  return false
}

/** What the common runners of tests take for a test, and how they are started. */
const TEST_FILE =
  /(?:^|\/)(?:(?:test_\w{1,60}|conftest)\.py|[\w.-]{1,60}[._-](?:test|spec)\.[cm]?[jt]sx?|[\w-]{1,60}_(?:test\.go|spec\.rb))$/i
const RUNS_TESTS =
  /\b(?:node\s[^\n`]{0,40}--test|pytest|python3?\s-m\s(?:pytest|unittest)|(?:npm|pnpm|yarn|bun)\s(?:run\s)?test|go\stest|npx\s(?:vitest|jest|mocha)|rspec|deno\stest)\b/

/** Chapters on attacks, in the references of a skill that is about security. SKILL.md itself is never one. */
const TEACHING_PATH =
  /(?:^|\/)(?!skill\.md$)(?=[\w.-]{0,80}(?:pattern|attack|vector|inject|vulnerab|exploit|malicious|dangerous|threat|unsafe|insecure|ssrf|xss|csrf|sqli|rce|xxe|deserial|supply-chain|escalat|bypass|takeover|poison|smuggl|traversal|hijack|phish|malware|infrastructure|docker|kubernetes|owasp|cwe))[\w.-]{1,80}\.md$/i

function teachesSecurity(skill: Skill): boolean {
  const head = skillFile(skill)?.text?.slice(0, 3_000) ?? ''
  const description = /^description:([^]{0,1500}?)(?:\n[\w-]{1,40}:|\n---)/m.exec(head)?.[1] ?? ''
  return /\b(?:security|vulnerabilit\w+|audit\w*|malicious|injection|pentest\w*|threats?|exploit\w*)\b/i.test(
    description,
  )
}

const FIXTURE_PATH =
  /\/(?:evals?|tests?|__tests__|spec|fixtures?|testdata|test-?cases|detections?|examples?-attacks?|benchmarks?)\//i

function viewsOfMarkdown(file: SkillFile, text: string, fileRole: View['role'], unseen: Unseen[]): View[] {
  let inlines = 0
  const views: View[] = []
  let lead = ''
  // Folded once for the whole file; what folding takes away is looked at by the rules on characters.
  const blocks = blocksOf(fold(text))
  if (blocks.length > BLOCKS_MAX)
    unseen.push({
      file: file.path,
      bytes: blocks.at(-1)?.text.length ?? 1,
      why: `it has more than ${BLOCKS_MAX} blocks`,
    })
  const isShownOnly = !isCalledBack(text)
  for (const block of blocks) {
    const headings = block.headings
    const context = { file: file.path, line: block.line, headings, lead, decodedBy: [] as readonly string[] }
    const role = roleOf(fileRole, block, lead, isShownOnly)
    const folded = block.text
    if (block.kind === 'fence') {
      views.push({
        ...context,
        name: 'code',
        holder: 'fence',
        text: folded,
        language: languageOf(block.info, folded),
        role,
      })
      continue
    }
    if (block.kind === 'comment') {
      views.push({ ...context, name: 'hidden', holder: 'comment', text: folded, language: null, role })
      continue
    }
    if (block.kind === 'definition') {
      const isComment = /^\s{0,3}\[(?:\/\/|comment|hidden|_|#|\*|\.)\]:/i.test(folded)
      const title = /["'(]([^"'()\n]{3,})["')]\s*$/.exec(folded.slice(0, 2000))?.[1] ?? ''
      if (isComment || title !== '')
        views.push({
          ...context,
          name: 'hidden',
          holder: 'attribute',
          text: isComment ? folded.slice(folded.indexOf(':') + 1) : title,
          language: null,
          role,
        })
      views.push({ ...context, name: 'prose', holder: 'paragraph', text: folded, language: null, role })
      continue
    }
    const holder = block.kind === 'frontmatter' ? 'frontmatter' : block.kind
    views.push({
      ...context,
      name: 'prose',
      holder,
      text: folded,
      language: block.kind === 'frontmatter' ? 'yaml' : null,
      role,
    })
    if (block.kind === 'frontmatter') continue
    if (folded.length > INLINE_CHARS_MAX)
      unseen.push({
        file: file.path,
        bytes: folded.length - INLINE_CHARS_MAX,
        why: 'it has a block that is too long to look for links and code in',
      })
    const lineOf = lineFinder(folded, block.line)
    for (const inline of inlinesOf(folded.slice(0, INLINE_CHARS_MAX))) {
      inlines += 1
      if (inlines > INLINES_MAX) {
        if (inlines === INLINES_MAX + 1)
          unseen.push({
            file: file.path,
            bytes: folded.length - inline.offset,
            why: `it has more than ${INLINES_MAX} links and pieces of code in lines`,
          })
        break
      }
      const line = lineOf(inline.offset)
      if (inline.kind === 'code') {
        const before = folded.slice(Math.max(0, inline.offset - 160), inline.offset)
        const told =
          /\b(?:attackers?|malware|malicious|such as|watch (?:out )?for|look for|red flags?)\b[^.!?\n]{0,120}$/i.test(
            before,
          )
        const after = folded.slice(inline.offset + inline.text.length, inline.offset + inline.text.length + 90)
        const isLeftUndone = role !== 'fixture' && isShownOnly && isForbiddenInline(before, after)
        views.push({
          ...context,
          lead: before,
          line,
          name: 'code',
          holder: 'inline',
          text: inline.text,
          language: 'unknown',
          role: isLeftUndone ? 'forbidden' : told && role === 'instruction' ? 'example' : role,
        })
      } else if (inline.kind === 'image' && inline.text.length > 20)
        views.push({ ...context, line, name: 'hidden', holder: 'attribute', text: inline.text, language: null, role })
      if ((inline.kind === 'link' || inline.kind === 'image') && inline.title.length > 12)
        views.push({ ...context, line, name: 'hidden', holder: 'attribute', text: inline.title, language: null, role })
      if (inline.kind === 'html' && HIDING_STYLE.test(inline.text)) {
        const end = folded.indexOf(`</${inline.title}`, inline.offset)
        const body = folded.slice(inline.offset + inline.text.length, end < 0 ? undefined : end)
        if (body.trim() !== '')
          views.push({ ...context, line, name: 'hidden', holder: 'invisible', text: body, language: null, role })
      }
    }
    lead = block.kind === 'heading' ? `${lead.slice(-120)} ${folded}`.trim() : folded.slice(-320)
  }
  return views
}

/** Ways to write text into a page that its reader does not see. */
export const HIDING_STYLE =
  /\bhidden\b|display\s?:\s?none|visibility\s?:\s?hidden|font-size\s?:\s?[01](?:px|pt|em|%)?\s?[;"']|opacity\s?:\s?0(?:\.0\d?)?\s?[;"']|color\s?:\s?(?:white|#fff(?:fff)?|transparent)\s?[;"']|(?:left|top|text-indent)\s?:\s?-\d{3,5}(?:px|em)|(?:height|width)\s?:\s?0(?:px)?\s?[;"']/i

const EXAMPLE_WORDS =
  /\b(?:bad|vulnerable|unsafe|insecure|wrong|incorrect|anti-?patterns?|malicious|attack(?:er|s)?|exploits?|red flags?|detect(?:s|ed|ion|ing)?|scan(?:s|ner)? for|look(?:s|ing)? for|flag(?:s|ged)?|patterns? to|suspicious|threats?|rejected|blocked|dangerous|do not|don't|never|avoid|instead of|vulnerabilit(?:y|ies)|payloads?|injection|cwe-\d+|rationalizations?|what not)\b|❌|🚫|⛔/i

/** Blocks under one heading share its list of headings, and so the answer. */
const UNDER_EXAMPLE = new WeakMap<readonly string[], boolean>()

/** Who a block speaks to: see {@link View.role}. Judged from where it stands, never from a claim inside it. */
function roleOf(fileRole: View['role'], block: Block, lead: string, isShownOnly: boolean): View['role'] {
  if (fileRole === 'fixture') return 'fixture'
  let isUnderExample = UNDER_EXAMPLE.get(block.headings)
  if (isUnderExample === undefined) {
    isUnderExample = EXAMPLE_WORDS.test(block.headings.slice(-2).join(' · '))
    UNDER_EXAMPLE.set(block.headings, isUnderExample)
  }
  // "Run this first:" is an order, whatever stands above it.
  if (block.kind === 'fence' && isOrder(lead)) return 'instruction'
  if (isShownOnly && (block.kind === 'fence' || block.kind === 'item') && isForbidden(lead)) return 'forbidden'
  if (isUnderExample || EXAMPLE_WORDS.test(lead.slice(-160))) return 'example'
  // The author's own mark on a block of code.
  if (
    block.kind === 'fence' &&
    /^\s{0,8}(?:#|\/\/|--|<!--)\s{0,4}(?:\u274c|\ud83d\udeab|bad\b|wrong\b|vulnerable\b|insecure\b|unsafe\b|dangerous\b|attacker\b|don'?t\b|never\b)/i.test(
      block.text,
    )
  )
    return 'example'
  if (block.kind === 'table' && EXAMPLE_WORDS.test(block.text.slice(0, 400))) return 'example'
  return 'instruction'
}

const ORDER = /\b(?:run|execute|paste|launch|type|enter)\b[^.!?\n]{0,80}:?\s{0,3}$/i
const NO_ORDER =
  /\b(?:never|not|don't|avoid|instead|wrong|attackers?|malicious|vulnerable|unsafe|detects?|could|would|might|may|tries|trying|example of|code that)\b|\u274c/i

/** Whether the last sentence before a block tells the reader to run it. */
function isOrder(lead: string): boolean {
  const said = lead
    .slice(-320)
    .trimEnd()
    .replace(/`[^`\n]{1,80}`/g, '')
  const last = lastClause(said, 160)
  return ORDER.test(last) && !NO_ORDER.test(last)
}

function languageOf(info: string, text: string): Language {
  return languageOfFence(info)?.name ?? languageOfText(text)?.name ?? 'unknown'
}
