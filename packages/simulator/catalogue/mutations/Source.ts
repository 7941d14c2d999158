/** Solidity sources with the compiler's syntax trees, and edits by source position. */

/** A node of the compiler's tree (`solc`, output `ast`): fields by the kind of node. */
export interface Node {
  readonly id: number
  readonly nodeType: string
  /** Start and length in bytes, and the number of the file. */
  readonly src: string
  readonly [field: string]: unknown
}

export type Sources = Readonly<Record<string, string>>

/** Replaces a span; `make` gets a function that gives the text of a smaller span with its own edits made. */
export interface Edit {
  readonly start: number
  readonly end: number
  make(text: (start: number, end: number) => string): string
}

/** One file with its tree. */
export interface File {
  readonly name: string
  readonly bytes: Buffer
  readonly root: Node
  readonly parents: ReadonlyMap<Node, Node>
  readonly nodes: readonly Node[]
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).nodeType === 'string'

export function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? (value as unknown[]).filter(isNode) : isNode(value) ? [value] : [],
  )
}

export function openFile(name: string, text: string, root: Node): File {
  const parents = new Map<Node, Node>()
  const nodes: Node[] = []
  const visit = (node: Node): void => {
    nodes.push(node)
    for (const child of childrenOf(node)) {
      parents.set(child, node)
      visit(child)
    }
  }
  visit(root)
  return { name, bytes: Buffer.from(text), root, parents, nodes }
}

export function spanOf({ src }: Pick<Node, 'src'>): { start: number; end: number } {
  const [start = 0, length = 0] = src.split(':').map(Number)
  return { start, end: start + length }
}

export const textOf = (file: File, node: Node): string => {
  const { start, end } = spanOf(node)
  return file.bytes.subarray(start, end).toString()
}

/** Inserts text in front of a byte. */
export const insert = (at: number, text: string): Edit => ({ start: at, end: at, make: () => text })

export const replace = (node: Node, make: Edit['make']): Edit => ({ ...spanOf(node), make })

/** Makes all edits of a file; an edit inside another is made by the outer one when it asks for the text. */
export function apply(file: File, edits: readonly Edit[]): string {
  const isInsert = (edit: Edit) => edit.start === edit.end
  const sorted = edits.toSorted(
    (a, b) => a.start - b.start || Number(isInsert(b)) - Number(isInsert(a)) || b.end - a.end,
  )
  const open = new Set<Edit>()
  const text = (start: number, end: number): string => {
    let out = ''
    let at = start
    for (const edit of sorted) {
      if (open.has(edit) || edit.start < at || edit.start >= end || edit.end > end) continue
      out += file.bytes.subarray(at, edit.start).toString()
      open.add(edit)
      out += edit.make(text)
      open.delete(edit)
      at = edit.end
    }
    return out + file.bytes.subarray(at, end).toString()
  }
  return text(0, file.bytes.length)
}
