import { parsers } from '../parsers.ts'
import type { Frontmatter } from '../Frontmatter.ts'
import { skillFile, type Skill } from '../Skill.ts'
import { readPlainYaml } from './PlainYaml.ts'

const NONE: Frontmatter = { data: null, line: 0, endLine: 0, text: '', problems: [], lines: {} }
const ALIASES_MAX = 16

/**
 * Reads the head of a SKILL.md. Strictly first; what a strict reader objects to is written down, and a lenient reading
 * of `key: value` lines stands in, because hosts read leniently too (56 of 468 real skills do not parse strictly).
 * Tags are never resolved into anything but text.
 */
export function readFrontmatter(skill: Skill): Frontmatter {
  return frontmatterOf(skillFile(skill)?.text ?? '')
}

/** The same, of the text of a SKILL.md. */
export function frontmatterOf(text: string): Frontmatter {
  const lines = text.split('\n', 2_000)
  if (!/^---\s*$/.test(lines[0] ?? ''))
    return {
      ...NONE,
      problems: [
        { kind: 'absent', line: 1, because: 'SKILL.md has no frontmatter', text: lines[0]?.slice(0, 80) ?? '' },
      ],
    }
  const end = lines.findIndex((line, i) => i > 0 && /^(?:---|\.\.\.)\s*$/.test(line))
  if (end < 0)
    return {
      ...NONE,
      line: 1,
      problems: [{ kind: 'syntax', line: 1, because: 'the frontmatter is not closed', text: '---' }],
    }
  const body = lines.slice(1, end).join('\n')
  const plain = readPlainYaml(body)
  if (plain !== null) {
    const own = Object.assign(Object.create(null) as Record<string, number>, plain.lines)
    for (const key of Object.keys(own)) own[key] = (own[key] ?? 0) + 2
    return { data: plain.value, line: 2, endLine: end + 1, text: body, problems: [], lines: own }
  }
  return readFully(body, end)
}

/** What may hold tags, aliases and errors. */
function readFully(body: string, end: number): Frontmatter {
  const problems: Frontmatter['problems'][number][] = []
  const keyLines: Record<string, number> = Object.create(null) as Record<string, number>
  const lineOf = (offset: number) => 2 + body.slice(0, offset).split('\n').length - 1
  const say = (kind: Frontmatter['problems'][number]['kind'], offset: number, because: string) =>
    problems.push({ kind, line: lineOf(offset), because, text: body.slice(offset, offset + 120).split('\n')[0] ?? '' })

  const { isAlias, isMap, isScalar, parseDocument, visit } = parsers.yaml()
  const document = parseDocument(body, {
    uniqueKeys: true,
    strict: true,
    resolveKnownTags: false,
    logLevel: 'silent',
    schema: 'core',
    merge: false,
  })
  for (const error of document.errors.slice(0, 8))
    say(
      error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'syntax',
      error.pos[0],
      error.message.split('\n')[0] ?? 'it is not YAML',
    )
  let aliases = 0
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        aliases += 1
        if (aliases === 1)
          say('alias', node.range?.[0] ?? 0, 'it uses aliases, which can unfold to more than they seem')
      } else if (
        node.tag !== undefined &&
        !/^(?:!|tag:yaml\.org,2002:(?:map|seq|str|int|float|bool|null))$/.test(node.tag)
      )
        say('tag', node.range?.[0] ?? 0, `it carries the tag ${node.tag.slice(0, 60)}, which some readers run`)
      else if (node.anchor !== undefined && node.anchor !== '') aliases += 0
    },
    Pair(_, pair) {
      const key = isScalar(pair.key) ? String(pair.key.value) : ''
      const at = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
      if (key === '__proto__' || key === 'constructor' || key === 'prototype')
        say('prototype-key', at, `it sets the key ${key}, which reaches into the host's objects`)
      if (key === '<<') say('alias', at, 'it uses a merge key')
    },
  })
  if (isMap(document.contents)) {
    for (const pair of document.contents.items)
      if (isScalar(pair.key)) keyLines[String(pair.key.value)] = lineOf(pair.key.range?.[0] ?? 0)
  }
  let data: Record<string, unknown> | null = null
  if (document.errors.length === 0 && aliases <= ALIASES_MAX) {
    const plain: unknown = document.toJS({ maxAliasCount: ALIASES_MAX })
    if (typeof plain === 'object' && plain !== null && !Array.isArray(plain)) data = plain as Record<string, unknown>
    else if (plain !== null) say('not-a-map', 0, 'it is not a list of keys and values')
  }
  if (data === null) data = readLeniently(body, keyLines)
  return { data, line: 2, endLine: end + 1, text: body, problems, lines: keyLines }
}

/** `key: value` lines at the left edge; everything deeper is left as text. */
function readLeniently(body: string, keyLines: Record<string, number>): Record<string, unknown> | null {
  const data = Object.create(null) as Record<string, unknown>
  let key: string | null = null
  for (const [i, line] of body.split('\n').entries()) {
    const match = /^([\w-]{1,64}):(.{0,20000})$/.exec(line)
    if (match !== null) {
      key = match[1] ?? ''
      if (key === '__proto__') continue
      keyLines[key] ??= 2 + i
      data[key] = (match[2] ?? '').trim().replace(/^(['"])(.*)\1$/, '$2')
    } else if (key !== null && typeof data[key] === 'string') data[key] = `${data[key] as string}\n${line}`.trim()
  }
  return Object.keys(data).length === 0 ? null : data
}
