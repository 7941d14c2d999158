import { stripTypeScriptTypes } from 'node:module'
import { parse, type AnyNode } from 'acorn'

/** One place of a source, and what stands there instead in the mutant. Offsets are characters of the source. */
export interface Site {
  readonly kind: 'comparison' | 'logic' | 'condition' | 'arithmetic' | 'number' | 'boolean' | 'throw'
  readonly start: number
  readonly end: number
  readonly text: string
  /** Around this expression or in front of this statement a probe can stand that says the place was reached. */
  readonly probe: { readonly start: number; readonly end: number; readonly isStatement: boolean }
}

const OPPOSITES: Readonly<Record<string, readonly [Site['kind'], string]>> = {
  '===': ['comparison', '!=='],
  '!==': ['comparison', '==='],
  '<': ['comparison', '<='],
  '<=': ['comparison', '<'],
  '>': ['comparison', '>='],
  '>=': ['comparison', '>'],
  '&&': ['logic', '||'],
  '||': ['logic', '&&'],
  '+': ['arithmetic', '-'],
  '-': ['arithmetic', '+'],
  '*': ['arithmetic', '/'],
}

/**
 * Every place of a source at which a mutant differs: a comparison turned or moved by one, `and` for `or`, a condition turned
 * round, a sum for a difference, a number or a truth value changed, a refusal left out. Only inside functions: a test of a
 * constant would repeat it. Left out is what nothing can find: of a number that a function for sorting answers only the sign counts.
 * The types are blanked, and so every offset of the tree is one of the source.
 */
export function sitesOf(source: string): Site[] {
  const sites: Site[] = []
  const program = parse(stripTypeScriptTypes(source), { ecmaVersion: 'latest', sourceType: 'module' })
  visit(program, { parent: null, isInFunction: false, isSign: false }, (node, { parent, isInFunction, isSign }) => {
    if (!isInFunction) return
    const probe = { start: node.start, end: node.end, isStatement: false }
    if (node.type === 'BinaryExpression' || node.type === 'LogicalExpression') {
      const [kind, other] = OPPOSITES[node.operator] ?? []
      // A sum of texts has no difference.
      if (kind === undefined || other === undefined || (kind === 'arithmetic' && isText(node))) return
      const at = source.indexOf(node.operator, node.left.end)
      sites.push({ kind, start: at, end: at + node.operator.length, text: other, probe })
    } else if ((node.type === 'IfStatement' || node.type === 'ConditionalExpression') && !isSite(node.test)) {
      const { start, end } = node.test
      const text = `!(${source.slice(start, end)})`
      sites.push({ kind: 'condition', start, end, text, probe: { start, end, isStatement: false } })
    } else if (node.type === 'Literal' && typeof node.value === 'number' && parent?.type !== 'Property') {
      if (isSign && node.value > 0) return
      sites.push({ kind: 'number', start: node.start, end: node.end, text: String(node.value + 1), probe })
    } else if (node.type === 'Literal' && typeof node.value === 'boolean') {
      sites.push({ kind: 'boolean', start: node.start, end: node.end, text: String(!node.value), probe })
    } else if (node.type === 'ThrowStatement') {
      sites.push({ kind: 'throw', start: node.start, end: node.end, text: ';', probe: { ...probe, isStatement: true } })
    }
  })
  return sites
}

/** The source with a call of `reached` at every site, by its index. */
export function probed(source: string, sites: readonly Site[], reached: string): string {
  const edits = sites.flatMap(({ probe: { start, end, isStatement } }, index) =>
    isStatement
      ? [
          { at: start, rank: -end, text: `{${reached}(${index});` },
          { at: end, rank: start, text: '}' },
        ]
      : [
          { at: start, rank: -end, text: `(${reached}(${index}),` },
          { at: end, rank: start, text: ')' },
        ],
  )
  // Inner ones close before outer ones, and outer ones open before inner ones.
  const isOpening = ({ text }: { text: string }) => /^[({]/.test(text)
  edits.sort((a, b) => b.at - a.at || Number(isOpening(b)) - Number(isOpening(a)) || b.rank - a.rank)
  return edits.reduce((text, edit) => text.slice(0, edit.at) + edit.text + text.slice(edit.at), source)
}

export function mutated(source: string, { start, end, text }: Site): string {
  return source.slice(0, start) + text + source.slice(end)
}

const isSite = (node: AnyNode): boolean =>
  (node.type === 'BinaryExpression' || node.type === 'LogicalExpression') && node.operator in OPPOSITES

function isText(node: AnyNode): boolean {
  if (node.type === 'TemplateLiteral') return true
  if (node.type === 'Literal') return typeof node.value === 'string'
  return node.type === 'BinaryExpression' && (isText(node.left) || isText(node.right))
}

interface Where {
  readonly parent: AnyNode | null
  readonly isInFunction: boolean
  /** Whether only the sign of what it is counts. */
  readonly isSign: boolean
}

function visit(node: AnyNode, where: Where, see: (node: AnyNode, where: Where) => void): void {
  see(node, where)
  const isInFunction = where.isInFunction || /Function/.test(node.type)
  for (const value of Object.values(node) as unknown[])
    for (const child of [value].flat())
      if (isNode(child)) visit(child, { parent: node, isInFunction, isSign: isSignIn(child, node, where) }, see)
}

function isSignIn(child: AnyNode, node: AnyNode, { parent, isSign }: Where): boolean {
  if (node.type === 'ArrowFunctionExpression')
    return (
      child === node.body &&
      parent?.type === 'CallExpression' &&
      parent.callee.type === 'MemberExpression' &&
      parent.callee.property.type === 'Identifier' &&
      /^(?:sort|toSorted)$/.test(parent.callee.property.name)
    )
  if (node.type === 'ConditionalExpression') return isSign && child !== node.test
  return isSign && (node.type === 'UnaryExpression' || node.type === 'LogicalExpression')
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
