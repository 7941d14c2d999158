import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AST_NAMES } from './Finding.ts'
import { packed } from './packed.ts'
import { RULES } from './rules/index.ts'
import type { Rule } from './Rule.ts'
import type { Severity } from './Severity.ts'

/** What a rule looks for, in the words of its folder. */
export interface Explanation {
  readonly rule: string
  readonly check: string
  /** The rule's own; a finding may be milder or graver by what was found. */
  readonly severity: Severity
  /** Such as `AST01/3.7 Malicious Skills`. */
  readonly owasp: string
  readonly looks_for: string
  readonly because: string
  readonly remediation: string
  /** Text that the rule flags, and near misses that it leaves alone: its own test cases, shortest first. */
  readonly bad: readonly string[]
  readonly good: readonly string[]
}

const EXAMPLES_MAX = 2
const LINES_MAX = 16

/** Explains a rule by its name; null when no rule has it. */
export function explainRule(name: string): Explanation | null {
  const rule = RULES.find((each) => each.name === name)
  if (rule === undefined) return null
  const examples = packed()?.examples[rule.name] ?? examplesOf(rule)
  return {
    rule: rule.name,
    check: rule.check,
    severity: rule.severity,
    owasp: `${rule.ast}${rule.item === null ? '' : `/${rule.item}`} ${AST_NAMES[rule.ast]}`,
    looks_for: rule.about,
    because: rule.because,
    remediation: rule.remediation,
    ...examples,
  }
}

/** The shortest test cases of a rule, from its folder. */
export function examplesOf({ check, name }: Pick<Rule, 'check' | 'name'>): Pick<Explanation, 'bad' | 'good'> {
  const folder = join(import.meta.dirname, check === 'supply' ? 'supply/rules' : 'rules', name)
  return { bad: examplesIn(join(folder, 'bad')), good: examplesIn(join(folder, 'good')) }
}

/** Names of rules that look like a name that none has, nearest first. */
export function rulesLike(name: string): string[] {
  const words = new Set(name.toLowerCase().split(/[^a-z]+/))
  const score = (other: string) => other.split('-').filter((word) => words.has(word)).length
  return RULES.map((rule) => rule.name)
    .filter((other) => score(other) > 0 || other.includes(name.toLowerCase()))
    .toSorted((a, b) => score(b) - score(a) || (a < b ? -1 : 1))
    .slice(0, 5)
}

function examplesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => exampleOf(join(folder, entry.name), entry.isDirectory()))
    .filter((text) => text !== '')
    .toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .slice(0, EXAMPLES_MAX)
}

/** A single file as it stands without its frontmatter; of a directory the file that is not SKILL.md, where there is one. */
function exampleOf(path: string, isDirectory: boolean): string {
  if (!isDirectory) return cut(bodyOf(readFileSync(path, 'utf8')))
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  const main = files.find((file) => !/SKILL\.md$/i.test(file)) ?? files[0]
  if (main === undefined) return ''
  return cut(`${main.slice(path.length + 1)}:\n${bodyOf(readFileSync(main, 'utf8'))}`)
}

function bodyOf(text: string): string {
  const body = text.replace(/^---\n[^]*?\n---\n/, '').trim()
  return body === '' ? text.trim() : body
}

function cut(text: string): string {
  const lines = text.split('\n')
  return lines.length <= LINES_MAX ? text : [...lines.slice(0, LINES_MAX), '…'].join('\n')
}
