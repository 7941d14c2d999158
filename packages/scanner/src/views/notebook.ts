import { parsers } from '../parsers.ts'

/** One piece of a notebook, in its own language. */
export interface Cell {
  readonly text: string
  readonly language: 'python' | 'shell'
}

/** More cells than a person writes. */
const CELLS_MAX = 400
const SHELL_CELL = /^%%(?:bash|sh|script)\b[^\n]{0,80}\n/
const SHELL_LINE = /^[ \t]{0,12}(?:!{1,2}|%(?:sx|system)\s)(.{1,1000})$/gm

/** The code of a notebook: cells are Python, lines with `!` and cells with `%%bash` are shell. Null where it is none. */
export function cellsOf(text: string): Cell[] | null {
  const root = parsers.json().parseTree(text)
  const list = root?.children?.find((property) => property.children?.[0]?.value === 'cells')?.children?.[1]
  if (list?.type !== 'array') return null
  const cells: Cell[] = []
  for (const node of (list.children ?? []).slice(0, CELLS_MAX)) {
    const fieldOf = (name: string) =>
      node.children?.find((property) => property.children?.[0]?.value === name)?.children?.[1]
    if (fieldOf('cell_type')?.value !== 'code') continue
    const source = fieldOf('source')
    const code =
      source?.type === 'array'
        ? (source.children ?? []).map((each) => String(each.value)).join('')
        : String(source?.value ?? '')
    if (SHELL_CELL.test(code)) cells.push({ text: code.replace(SHELL_CELL, ''), language: 'shell' })
    else {
      const lines = [...code.matchAll(SHELL_LINE)].map((found) => found[1] ?? '')
      if (lines.length > 0) cells.push({ text: lines.join('\n'), language: 'shell' })
      const rest = code.replace(SHELL_LINE, '')
      if (rest.trim() !== '') cells.push({ text: rest, language: 'python' })
    }
  }
  return cells
}
