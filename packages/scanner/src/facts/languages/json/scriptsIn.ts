import type { Node } from 'jsonc-parser'
import { parsers } from '../../../parsers.ts'

const NODES_MAX = 20_000

/** Every text below `scripts`, `hooks` and `tasks`, at any depth: what a package manager or a host runs by itself. */
export function scriptsIn(text: string): { readonly line: string; readonly offset: number }[] {
  const out: { line: string; offset: number }[] = []
  const root = parsers.json().parseTree(text)
  const queue: { node: Node; isRun: boolean }[] = root === undefined ? [] : [{ node: root, isRun: false }]
  for (let next = queue.pop(); next !== undefined && out.length < NODES_MAX; next = queue.pop()) {
    const { node, isRun } = next
    if (node.type === 'string' && isRun) {
      // Composer's own word for the PHP that runs it.
      out.push({ line: String(node.value).replace(/^@(?=php\b)/, ''), offset: node.offset })
      continue
    }
    if (node.type === 'property') {
      const [key, value] = node.children ?? []
      const isNamed = /^(?:scripts|hooks|tasks)$/.test(String(key?.value))
      if (value !== undefined) queue.push({ node: value, isRun: isRun || isNamed })
    } else for (const child of node.children ?? []) queue.push({ node: child, isRun })
  }
  return out
}
