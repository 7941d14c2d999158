import { bodyOf, contractsIn, inAssembly, isSmall, isStored, readsOf, typeOf } from './mappings.ts'
import { insert, replace, spanOf, textOf, type Edit, type File, type Node } from './Source.ts'

type Edits = Map<File, Edit[]>
function collector(): { edits: Edits; add: (file: File, edit: Edit) => void } {
  const edits: Edits = new Map()
  return { edits, add: (file, edit) => void edits.set(file, [...(edits.get(file) ?? []), edit]) }
}

const variablesOf = (contract: Node): Node[] => (contract['nodes'] as Node[]).filter(isStored)

/** 300 unused words in front of each contract's own variables. */
export function shift(files: readonly File[]): Edits {
  const { edits, add } = collector()
  for (const file of files)
    for (const contract of contractsIn(file))
      if (variablesOf(contract).length > 0)
        add(file, insert(bodyOf(file, contract), `\n    uint256[300] private gap${contract.id}_;\n`))
  return edits
}

/** Four bytes in front of each small variable, so that it starts inside a word. */
export function crowd(files: readonly File[]): Edits {
  const { edits, add } = collector()
  for (const file of files)
    for (const contract of contractsIn(file))
      for (const variable of variablesOf(contract))
        if (isSmall(typeOf(variable['typeName'] as Node)))
          add(file, insert(spanOf(variable).start, `uint32 private front${variable.id}_ = 5; `))
  return edits
}

/** A flag of another type: a number that is 7 or 0. */
export function flag(files: readonly File[]): Edits {
  const { edits, add } = collector()
  const named = inAssembly(files)
  for (const file of files)
    for (const contract of contractsIn(file))
      for (const variable of variablesOf(contract)) {
        if (typeOf(variable['typeName'] as Node) !== 'bool' || named.has(variable.id)) continue
        const stored = `flag${variable.id}_`
        const value = variable['value'] as Node | null
        const getter = `function ${variable['name'] as string}() public view returns (bool) { return ${stored} != 0; }\n    `
        add(
          file,
          replace(variable, (text) => {
            const first = value == null ? '0' : `(${text(spanOf(value).start, spanOf(value).end)}) ? 7 : 0`
            return `${variable['visibility'] === 'public' ? getter : ''}uint256 internal ${stored} = ${first}`
          }),
        )
        for (const { file: where, node } of readsOf(files, variable.id)) {
          const parent = where.parents.get(node)
          if (parent?.nodeType === 'Assignment' && parent['leftHandSide'] === node) {
            const right = spanOf(parent['rightHandSide'] as Node)
            add(
              where,
              replace(parent, (text) => `${stored} = (${text(right.start, right.end)}) ? 7 : 0`),
            )
          } else
            add(
              where,
              replace(node, () => `(${stored} != 0)`),
            )
        }
      }
  return edits
}

/** All variables of a contract in one record at a slot of its own (ERC-7201). */
export function namespace(files: readonly File[]): Edits {
  const { edits, add } = collector()
  const named = inAssembly(files)
  for (const file of files)
    for (const contract of contractsIn(file)) {
      const moved = variablesOf(contract).filter(
        (each) => !named.has(each.id) && each['overrides'] == null && hasGetter(file, each),
      )
      if (moved.length === 0) continue
      const space = `space${contract.id}_`
      const members = moved.map((each) => `${textOf(file, each['typeName'] as Node)} ${each['name'] as string};`)
      const slot = `0x${(0x51a7_0000 + contract.id).toString(16).repeat(8).slice(0, 62).padStart(62, '7')}00`
      const declared = [
        `struct Space${contract.id} { ${members.join(' ')} }`,
        `function ${space}() internal pure returns (Space${contract.id} storage s) { assembly { s.slot := ${slot} } }`,
        ...moved.filter((each) => each['visibility'] === 'public').map((each) => getterOf(file, each, space)),
      ]
      const first = moved.filter((each) => each['value'] != null)
      const set = (text: (start: number, end: number) => string) =>
        first.map((each) => {
          const { start, end } = spanOf(each['value'] as Node)
          return `${space}().${each['name'] as string} = ${text(start, end)};`
        })
      for (const each of moved) add(file, { ...withSemicolon(file, each), make: () => '' })
      const constructor = (contract['nodes'] as Node[]).find((each) => each['kind'] === 'constructor')
      const start = bodyOf(file, contract)
      const plain = (from: number, to: number) => file.bytes.subarray(from, to).toString()
      if (constructor !== undefined)
        add(file, insert(spanOf(constructor['body'] as Node).start + 1, ` ${set(plain).join(' ')} `))
      else if (first.length > 0) declared.push(`constructor() { ${set(plain).join(' ')} }`)
      add(file, insert(start, `\n    ${declared.join('\n    ')}\n`))
      for (const each of moved)
        for (const { file: where, node } of readsOf(files, each.id))
          add(
            where,
            replace(node, () => `${space}().${each['name'] as string}`),
          )
    }
  return edits
}

function withSemicolon(file: File, node: Node): { start: number; end: number } {
  const { start, end } = spanOf(node)
  return { start, end: file.bytes.indexOf(';', end) + 1 }
}

/** Whether a getter can be written for it, or none is needed. */
function hasGetter(file: File, variable: Node): boolean {
  if (variable['visibility'] !== 'public') return true
  let type = variable['typeName'] as Node
  while (type.nodeType === 'Mapping' || type.nodeType === 'ArrayTypeName')
    type = (type['valueType'] ?? type['baseType']) as Node
  return !typeOf(type).startsWith('struct ')
}

function getterOf(file: File, variable: Node, space: string): string {
  const name = variable['name'] as string
  const keys: string[] = []
  let type = variable['typeName'] as Node
  while (type.nodeType === 'Mapping' || type.nodeType === 'ArrayTypeName') {
    keys.push(type.nodeType === 'Mapping' ? textOf(file, type['keyType'] as Node) : 'uint256')
    type = (type['valueType'] ?? type['baseType']) as Node
  }
  const text = textOf(file, type)
  const result = text === 'string' || text === 'bytes' ? `${text} memory` : text
  const parameters = keys.map((key, i) => `${key} k${i}`).join(', ')
  return `function ${name}(${parameters}) public view returns (${result}) { return ${space}().${name}${keys.map((_, i) => `[k${i}]`).join('')}; }`
}
