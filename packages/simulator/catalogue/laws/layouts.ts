/** The ways in which a generated contract stores what it knows: each gives the declaration, the getter and the setter of a variable. */

/** A variable of a generated contract: keys by their Solidity types, and the value's. */
export interface Variable {
  readonly name: string
  readonly keys: readonly string[]
  readonly value: 'uint128' | 'address' | 'bool'
}

interface Stored {
  /** Declarations in the contract. */
  readonly declare: string
  /** Statements that return the value of the keys `a` and `b`. */
  readonly get: string
  /** Statements that set it to `value`. */
  readonly set: string
}

type Layout = (variable: Variable, index: number) => Stored

const capital = (name: string) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`
const letters = ({ keys }: Variable) => keys.map((_, i) => 'ab'[i] as string)
const nested = ({ keys, value }: Pick<Variable, 'keys'> & { readonly value: string }) =>
  keys.reduceRight((inner, key) => `mapping(${key} => ${inner})`, value)
const at = (variable: Variable) =>
  letters(variable)
    .map((key) => `[${key}]`)
    .join('')
/** A value as a word, and back. */
const toWord = ({ value }: Variable, text: string) =>
  value === 'address' ? `uint256(uint160(${text}))` : value === 'bool' ? `uint256(${text} ? 1 : 0)` : `uint256(${text})`
const fromWord = ({ value }: Variable, text: string) =>
  value === 'address' ? `address(uint160(${text}))` : value === 'bool' ? `(${text}) & 1 == 1` : `uint128(${text})`
const plain: Layout = (variable) => ({
  declare: `${nested(variable)} private ${variable.name};`,
  get: `return ${variable.name}${at(variable)};`,
  set: `${variable.name}${at(variable)} = value;`,
})
const underKey =
  (keyOf: (variable: Variable) => string): Layout =>
  (variable) => ({
    declare: `mapping(bytes32 => ${variable.value}) private ${variable.name};`,
    get: `return ${variable.name}[${keyOf(variable)}];`,
    set: `${variable.name}[${keyOf(variable)}] = value;`,
  })
/** Reads and writes a word at a slot that `slot` computes; the value stands above a version of eight bits. */
const inWord =
  (slotOf: (variable: Variable, index: number) => string): Layout =>
  (variable, index) => ({
    declare: '',
    get: `bytes32 slot = ${slotOf(variable, index)}; uint256 word; assembly { word := sload(slot) } return ${fromWord(variable, 'word >> 8')};`,
    set: `bytes32 slot = ${slotOf(variable, index)}; uint256 word = (${toWord(variable, 'value')} << 8) | 1; assembly { sstore(slot, word) }`,
  })

export const LAYOUTS: Readonly<Record<string, Layout>> = {
  plain,
  shifted: plain,
  swapped: (variable) => {
    const keys = variable.keys.toReversed()
    const path = letters(variable)
      .toReversed()
      .map((key) => `[${key}]`)
      .join('')
    return {
      declare: `${nested({ keys, value: variable.value })} private ${variable.name};`,
      get: `return ${variable.name}${path};`,
      set: `${variable.name}${path} = value;`,
    }
  },
  record: (variable) => {
    const record = `${capital(variable.name)}Record`
    return {
      declare: `struct ${record} { uint40 sinceS; ${variable.value} value; bool isOpen; } ${nested({ keys: variable.keys, value: record })} private ${variable.name};`,
      get: `return ${variable.name}${at(variable)}.value;`,
      set: `${variable.name}${at(variable)} = ${record}(uint40(block.timestamp), value, true);`,
    }
  },
  high: (variable) => ({
    declare: `${nested({ keys: variable.keys, value: 'uint256' })} private ${variable.name};`,
    get: `return ${fromWord(variable, `${variable.name}${at(variable)} >> 96`)};`,
    set: `uint256 count = (${variable.name}${at(variable)} + 1) & 0xffff; ${variable.name}${at(variable)} = (${toWord(variable, 'value')} << 96) | count;`,
  }),
  hashed: underKey((variable) => `keccak256(abi.encode("${variable.name}", ${letters(variable).join(', ')}))`),
  joined: underKey((variable) => `keccak256(abi.encodePacked(${letters(variable).join(', ')}))`),
  person: underKey((variable) =>
    variable.keys.length === 1
      ? `keccak256(abi.encodePacked(a))`
      : `keccak256(abi.encode(keccak256(abi.encodePacked(a)), b))`,
  ),
  seeded: inWord(
    (variable, index) => `keccak256(abi.encodePacked(uint32(${0x9d3f + index}), ${letters(variable).join(', ')}))`,
  ),
  'slot-first': inWord((variable, index) =>
    letters(variable).reduce((slot, key) => `keccak256(abi.encode(${slot}, ${key}))`, `uint256(${index})`),
  ),
  listed: (variable) => ({
    declare: `${variable.value}[] private ${variable.name}List; ${nested({ keys: variable.keys, value: 'uint256' })} private ${variable.name}At;`,
    get: `uint256 i = ${variable.name}At${at(variable)}; if (i > 0) return ${variable.name}List[i - 1];`,
    set: `if (${variable.name}At${at(variable)} == 0) { ${variable.name}List.push(value); ${variable.name}At${at(variable)} = ${variable.name}List.length; } else ${variable.name}List[${variable.name}At${at(variable)} - 1] = value;`,
  }),
  namespace: (variable, index) => {
    const space = `${capital(variable.name)}Space`
    return {
      declare: `struct ${space} { ${nested(variable)} entries; } function ${variable.name}Space() private pure returns (${space} storage found) { assembly { found.slot := 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bac${(index * 16).toString(16).padStart(3, '0')} } }`,
      get: `return ${variable.name}Space().entries${at(variable)};`,
      set: `${variable.name}Space().entries${at(variable)} = value;`,
    }
  },
  elsewhere: (variable) => {
    const key = `keccak256(abi.encode("${variable.name}", ${letters(variable).join(', ')}))`
    return {
      declare: '',
      get: `uint256 word = store.entries(${key}); return ${fromWord(variable, 'word')};`,
      set: `store.set(${key}, ${toWord(variable, 'value')});`,
    }
  },
}

/** A variable's functions in a layout. */
export function accessors(layout: string, variable: Variable, index: number): string {
  const { declare, get, set } = (LAYOUTS[layout] as Layout)(variable, index)
  const args = variable.keys.map((type, i) => `${type} ${'ab'[i]}`).join(', ')
  return [
    declare,
    `function ${variable.name}Of(${args}) internal view returns (${variable.value} found) { ${get} }`,
    `function set${capital(variable.name)}(${args}, ${variable.value} value) internal { ${set} }`,
  ]
    .filter((line) => line !== '')
    .join('\n    ')
}
