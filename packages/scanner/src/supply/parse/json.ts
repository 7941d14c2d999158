import type { Node, ParseError } from 'jsonc-parser'
import { parsers } from '../../parsers.ts'
import { lineAt, lineStarts } from '../Dependency.ts'

/** JSON with the line of everything in it. Comments and trailing commas are accepted: tools that read configs do so. */
export interface JsonTree {
  readonly root: Node | undefined
  readonly value: unknown
  /** Line of a node, from 1. */
  line(node: Node | undefined): number
  /** The first thing wrong with it, or null. */
  readonly error: { line: number } | null
}

/** Deeper nesting than any manifest has; what is deeper is not read. */
const DEPTH_MAX = 64

export function readJsonTree(text: string): JsonTree {
  const starts = lineStarts(text)
  const line = (node: Node | undefined): number => (node === undefined ? 1 : lineAt(starts, node.offset))
  if (isDeep(text)) return { root: undefined, value: undefined, line, error: { line: 1 } }
  const { getNodeValue, parseTree } = parsers.json()
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  const first = errors[0]
  return {
    root,
    value: root === undefined ? undefined : getNodeValue(root),
    line,
    error: first === undefined ? null : { line: lineAt(starts, first.offset) },
  }
}

/** The members of an object node, in their order; none for anything else. */
export function members(node: Node | undefined): { key: string; value: Node; at: Node }[] {
  if (node?.type !== 'object') return []
  return (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? []
    return key === undefined || value === undefined ? [] : [{ key: String(key.value), value, at: key }]
  })
}

export function member(node: Node | undefined, key: string): Node | undefined {
  if (node?.type !== 'object') return undefined
  return node.children?.find(({ children }) => children?.[1] !== undefined && String(children[0]?.value) === key)
    ?.children?.[1]
}

/** A string node's text, or ''. */
export function textOf(node: Node | undefined): string {
  return node?.type === 'string' ? String(node.value) : ''
}

/** An array node's strings. */
export function textsOf(node: Node | undefined): string[] {
  return node?.type === 'array' ? (node.children ?? []).map(textOf).filter((text) => text !== '') : []
}

function isDeep(text: string): boolean {
  let depth = 0
  let isString = false
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i)
    if (isString) {
      if (c === 92) i += 1
      else if (c === 34) isString = false
    } else if (c === 34) isString = true
    else if (c === 123 || c === 91) {
      depth += 1
      if (depth > DEPTH_MAX) return true
    } else if (c === 125 || c === 93) depth -= 1
  }
  return false
}
