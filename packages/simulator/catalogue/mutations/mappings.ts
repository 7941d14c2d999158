import { childrenOf, replace, spanOf, textOf, type Edit, type File, type Node } from './Source.ts'

/** A mapping among a contract's variables, whose every use reaches through all of its keys. */
export interface MappingVariable {
  readonly file: File
  readonly declaration: Node
  readonly name: string
  readonly isPublic: boolean
  /** Types of the keys, from the outside in. */
  readonly keys: readonly string[]
  readonly value: Node
  readonly valueType: string
  readonly uses: readonly { readonly file: File; readonly node: Node; readonly keys: readonly Node[] }[]
}

const isStruct = (type: string) => type.startsWith('struct ')
const isText = (type: string) => type === 'string' || type === 'bytes'
export const typeOf = (node: Node): string =>
  (node['typeDescriptions'] as { typeString?: string } | undefined)?.typeString ?? ''

/** Declarations that inline assembly names: their place in storage is part of what the contract does. */
export function inAssembly(files: readonly File[]): ReadonlySet<number> {
  return new Set(
    files.flatMap(({ nodes }) =>
      nodes
        .filter(({ nodeType }) => nodeType === 'InlineAssembly')
        .flatMap((node) => (node['externalReferences'] as { declaration: number }[]).map((each) => each.declaration)),
    ),
  )
}

/** Whether a variable stands in storage for good. */
export const isStored = (node: Node): boolean =>
  node.nodeType === 'VariableDeclaration' &&
  node['stateVariable'] === true &&
  node['mutability'] === 'mutable' &&
  node['storageLocation'] === 'default'

export function usesOf(files: readonly File[], id: number): { file: File; node: Node }[] {
  return files.flatMap((file) =>
    file.nodes
      .filter(
        (node) =>
          (node.nodeType === 'Identifier' || node.nodeType === 'MemberAccess') && node['referencedDeclaration'] === id,
      )
      .map((node) => ({ file, node })),
  )
}

/** Where a variable is used by its own name; from outside, its getter is. */
export const readsOf = (files: readonly File[], id: number) =>
  usesOf(files, id).filter(({ node }) => node.nodeType === 'Identifier')

export function mappingsOf(files: readonly File[]): MappingVariable[] {
  const named = inAssembly(files)
  return files.flatMap((file) =>
    file.nodes.flatMap((declaration) => {
      if (!isStored(declaration) || named.has(declaration.id) || declaration['overrides'] != null) return []
      const keys: Node[] = []
      let value = declaration['typeName'] as Node
      while (value.nodeType === 'Mapping') {
        keys.push(value['keyType'] as Node)
        value = value['valueType'] as Node
      }
      const valueType = typeOf(value)
      const isPublic = declaration['visibility'] === 'public'
      if (keys.length === 0 || keys.some((key) => isText(typeOf(key))) || isText(valueType)) return []
      if (isPublic && (isStruct(valueType) || value.nodeType === 'ArrayTypeName')) return []
      const uses = readsOf(files, declaration.id).map(({ file: where, node }) => {
        let at = node
        const found: Node[] = []
        for (;;) {
          const parent = where.parents.get(at)
          if (parent?.nodeType !== 'IndexAccess' || parent['baseExpression'] !== at) break
          found.push(parent['indexExpression'] as Node)
          at = parent
          if (found.length === keys.length) break
        }
        return { file: where, node: at, keys: found }
      })
      if (uses.some((use) => use.keys.length !== keys.length)) return []
      const found = { keys: keys.map((key) => textOf(file, key)), value, valueType, uses }
      return [{ file, declaration, name: declaration['name'] as string, isPublic, ...found }]
    }),
  )
}

/** How a mapping is stored instead. `null`: this one stays. */
export interface Layout {
  /** Members of the record that holds the value, in front of it. */
  readonly front?: string
  /** The declaration of the new variable, and statements that find the record `box` under the keys `k0`, `k1` …; the record's type is `Box`. */
  store(
    variable: MappingVariable,
    names: { readonly box: string; readonly store: string; readonly keys: readonly string[] },
  ): {
    readonly declarations: string
    readonly find: string
    readonly findToWrite?: string
    readonly mutability: string
  } | null
}

/** Edits, by file, that store mappings in another way. */
export function storeAs(files: readonly File[], layout: Layout): Map<File, Edit[]> {
  const edits = new Map<File, Edit[]>()
  const add = (file: File, edit: Edit) => edits.set(file, [...(edits.get(file) ?? []), edit])
  for (const variable of mappingsOf(files)) {
    const { file, declaration, name, keys, value, isPublic, uses } = variable
    const names = {
      box: `Box${declaration.id}`,
      store: `store${declaration.id}_`,
      keys: keys.map((_, i) => `k${i}`),
    }
    const made = layout.store(variable, names)
    if (made === null) continue
    const find = `find${declaration.id}_`
    const parameters = keys.map((type, i) => `${type} k${i}`).join(', ')
    const valueText = textOf(file, value)
    const finder = (suffix: string, mutability: string, body: string) =>
      `function ${find}${suffix}(${parameters}) internal ${mutability} returns (${names.box} storage box) { ${body} }`
    const declared = [
      `struct ${names.box} { ${layout.front ?? ''} ${valueText} v; }`,
      finder('', made.mutability, made.find),
      ...(made.findToWrite === undefined ? [] : [finder('w', '', made.findToWrite)]),
      ...(isPublic
        ? [
            `function ${name}(${parameters}) public view returns (${valueText}) { return ${find}(${names.keys.join(', ')}).v; }`,
          ]
        : []),
      made.declarations,
    ].join('\n    ')
    // A declaration ends with its semicolon, which stays.
    add(
      file,
      replace(declaration, () => declared),
    )
    for (const use of uses) {
      const isWritten = made.findToWrite !== undefined && use.node['lValueRequested'] === true
      add(
        use.file,
        replace(use.node, (text) => {
          const given = use.keys.map((key) => text(spanOf(key).start, spanOf(key).end))
          return `${find}${isWritten ? 'w' : ''}(${given.join(', ')}).v`
        }),
      )
    }
  }
  return edits
}

const SMALL = /^(address|bool|contract |enum |u?int(8|16|32|40|48|64|96|128|160|192|208|224)$|bytes([1-9]|1\d|2[0-8])$)/

export const isSmall = (type: string): boolean => SMALL.test(type)

const nest = (keys: readonly string[], value: string) =>
  keys.reduceRight((inner, key) => `mapping(${key} => ${inner})`, value)

export const HASHED: Layout = {
  store: ({ name }, { box, store, keys }) => ({
    declarations: `mapping(bytes32 => ${box}) private ${store}`,
    find: `box = ${store}[keccak256(abi.encode("${name}", ${keys.join(', ')}))];`,
    mutability: 'view',
  }),
}

export const RECORD: Layout = {
  front: 'uint256 note; address by;',
  store: (variable, { box, store, keys }) => ({
    declarations: `${nest(variable.keys, box)} private ${store}`,
    find: `box = ${store}${keys.map((key) => `[${key}]`).join('')};`,
    mutability: 'view',
  }),
}

export const PACKED: Layout = {
  front: 'uint32 note;',
  store: (variable, { box, store, keys }) =>
    isSmall(variable.valueType)
      ? {
          declarations: `${nest(variable.keys, box)} private ${store}`,
          find: `box = ${store}${keys.map((key) => `[${key}]`).join('')};`,
          mutability: 'view',
        }
      : null,
}

export const SWAPPED: Layout = {
  store: (variable, { box, store, keys }) =>
    keys.length < 2
      ? null
      : {
          declarations: `${nest(variable.keys.toReversed(), box)} private ${store}`,
          find: `box = ${store}${keys
            .toReversed()
            .map((key) => `[${key}]`)
            .join('')};`,
          mutability: 'view',
        },
}

/** Slot first, then key, as Vyper hashes. */
export const SLOT_FIRST: Layout = {
  store: ({ declaration }, { keys, store }) => ({
    declarations: `uint256 private ${store}`,
    find: `bytes32 at = bytes32(uint256(${900 + declaration.id})); ${keys.map((key) => `at = keccak256(abi.encode(at, ${key}));`).join(' ')} assembly { box.slot := at }`,
    mutability: 'pure',
  }),
}

/** Keys side by side with a seed of four bytes, as Solady hashes. */
export const SEEDED: Layout = {
  store: ({ declaration }, { keys, store }) => ({
    declarations: `uint256 private ${store}`,
    find: `bytes32 at = keccak256(abi.encodePacked(${keys.join(', ')}, uint32(${(0x87a2_0000 + declaration.id) >>> 0}))); assembly { box.slot := at }`,
    mutability: 'pure',
  }),
}

/** Entries in a list, and beside it where each key's entry stands. */
export const LISTED: Layout = {
  store: (variable, { box, store, keys }) => {
    if (isStruct(variable.valueType) || variable.value.nodeType === 'ArrayTypeName') return null
    const key = `keccak256(abi.encode(${keys.join(', ')}))`
    return {
      declarations: `${box}[] private ${store}; mapping(bytes32 => uint256) private ${store}at; ${box} private ${store}none`,
      find: `uint256 at = ${store}at[${key}]; box = ${store}none; if (at != 0) box = ${store}[at - 1];`,
      findToWrite: `uint256 at = ${store}at[${key}]; if (at == 0) { ${store}.push(); at = ${store}.length; ${store}at[${key}] = at; } box = ${store}[at - 1];`,
      mutability: 'view',
    }
  },
}

/** Where a contract's body begins: behind its opening brace. */
export function bodyOf(file: File, contract: Node): number {
  const bases = contract['baseContracts'] as Node[]
  const last = bases.at(-1)
  const from = last === undefined ? spanOf({ src: contract['nameLocation'] as string }).end : spanOf(last).end
  return file.bytes.indexOf('{', from) + 1
}

export const contractsIn = (file: File): Node[] =>
  childrenOf(file.root).filter((node) => node.nodeType === 'ContractDefinition' && node['contractKind'] === 'contract')
