import { safeEvidence } from '../Finding.ts'

/** The text of a line of a skill's file, or null when it cannot be had. Paths are the report's. */
export type LineSource = (skillPath: string, file: string, line: number) => string | null

/** A line that can be shown, and the part of it that a finding points at. */
export interface ShownLine {
  readonly text: string
  /** Columns from 0, end exclusive; null when the evidence does not stand in the line as it is. */
  readonly mark: { readonly start: number; readonly end: number } | null
}

/** Longer lines are cut around what they are shown for. */
const WIDTH_MAX = 160

/**
 * Makes a line of a hostile file safe to show and finds the evidence in it. Decoded and hidden text does not stand in its
 * line as it was found: the whole line is then marked.
 */
export function showLine(line: string, evidence: string): ShownLine {
  const text = safeEvidence(line, 2_000)
  const wanted = evidence.replace(/…$/, '')
  const at = wanted === '' ? -1 : text.indexOf(wanted)
  const start = at === -1 ? 0 : at
  const end = at === -1 ? text.length : at + wanted.length
  if (text.length <= WIDTH_MAX) return { text, mark: end > start ? { start, end } : null }
  const from = Math.max(0, Math.min(start - 20, text.length - WIDTH_MAX))
  const cut = `${from > 0 ? '…' : ''}${text.slice(from, from + WIDTH_MAX)}${from + WIDTH_MAX < text.length ? '…' : ''}`
  const shift = from - (from > 0 ? 1 : 0)
  return { text: cut, mark: { start: start - shift, end: Math.min(end - shift, cut.length) } }
}

/**
 * The part of the raw line that a finding points at, as SARIF counts: columns from 1, end exclusive, in UTF-16 units.
 * Null when the evidence was changed to be shown.
 */
export function columnsOf(line: string, evidence: string): { startColumn: number; endColumn: number } | null {
  const wanted = evidence.replace(/…$/, '')
  const at = wanted === '' ? -1 : line.indexOf(wanted)
  return at === -1 ? null : { startColumn: at + 1, endColumn: at + 1 + wanted.length }
}

/** A file of a skill as a path from where the scan began: `a/skill` and `../plugin.json` are `a/plugin.json`. */
export function pathOf(skillPath: string, file: string): string {
  const parts: string[] = []
  for (const part of `${skillPath}/${file}`.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return `${skillPath.startsWith('/') ? '/' : ''}${parts.join('/')}`
}
