import { Address, Wei, type Hex } from '@countersign/base'
import {
  decodeAbiParameters,
  encodeAbiParameters,
  parseAbi,
  toFunctionSelector,
  type AbiFunction,
  type AbiParameter,
} from 'viem'
import type { Action, Value } from './Action.ts'

/** What the app's configuration says of addresses in call data. */
export interface Book {
  readonly account: Address.Address | null
  readonly nativeSymbol: string
  readonly wrappedNative: Address.Address | null
  readonly tokens: readonly {
    readonly address: Address.Address
    readonly symbol: string
    readonly decimals: number
  }[]
}

/**
 * Functions that mean the same everywhere, with parameters named by the part that they play. Any contract may answer to
 * any selector; so the names say what a call asks for, and the simulation says what it does.
 */
const ABI = parseAbi([
  'function transfer(address recipient, uint256 amount)',
  'function transferFrom(address owner, address recipient, uint256 amount)',
  'function safeTransferFrom(address owner, address recipient, uint256 id)',
  'function safeTransferFrom(address owner, address recipient, uint256 id, bytes data)',
  'function safeTransferFrom(address owner, address recipient, uint256 id, uint256 amount, bytes data)',
  'function safeBatchTransferFrom(address owner, address recipient, uint256[] id, uint256[] amount, bytes data)',
  'function approve(address spender, uint256 amount)',
  'function increaseAllowance(address spender, uint256 amount)',
  'function decreaseAllowance(address spender, uint256 amount)',
  'function approve(address asset, address spender, uint160 amount, uint48 until)',
  'function transferFrom(address owner, address recipient, uint160 amount, address asset)',
  'function setApprovalForAll(address spender, bool approved)',
  'function permit(address owner, address spender, uint256 amount, uint256 until, uint8 v, bytes32 r, bytes32 s)',
  'function deposit()',
  'function withdraw(uint256 amount)',
  'function swapExactETHForTokens(uint256 least, address[] path, address recipient, uint256 until)',
  'function swapExactTokensForETH(uint256 amount, uint256 least, address[] path, address recipient, uint256 until)',
  'function swapExactTokensForTokens(uint256 amount, uint256 least, address[] path, address recipient, uint256 until)',
  'function multicall(bytes[] calls)',
  'function multicall(uint256 until, bytes[] calls)',
  'function aggregate3((address target, bool allowFailure, bytes callData)[] batch)',
  'function aggregate((address target, bytes callData)[] batch)',
  'function execute(address target, uint256 wei, bytes callData)',
  'function executeBatch((address target, uint256 wei, bytes callData)[] batch)',
  'function transferOwnership(address recipient)',
  'function upgradeTo(address contract_)',
  'function upgradeToAndCall(address contract_, bytes callData)',
])
const FUNCTIONS = new Map(ABI.map((item) => [toFunctionSelector(item), item as AbiFunction]))

/** A card stays readable; what is beyond is said. */
const MAX_VALUES = 48
const MAX_DEPTH = 4

/**
 * The name of a function by its selector, from our own table: never from whoever proposes the call. Null when it is not
 * in there.
 */
export function nameOf(data: Hex.Hex): string | null {
  return FUNCTIONS.get(data.slice(0, 10) as Hex.Hex)?.name ?? null
}

/**
 * Everything that a call would do, with a line for each address and amount in its data, however deep. What cannot be
 * read is a value of its own, of role `data`.
 *
 * @param item - The function's types where the caller encoded them itself; its names are not used.
 */
export function actionsOf(
  call: { readonly to: Address.Address; readonly value: bigint; readonly data: Hex.Hex },
  book: Book,
  item: AbiFunction | null = null,
): Action[] {
  const budget = { left: MAX_VALUES }
  const actions = read(call, { book, item, at: '', depth: 0, budget })
  if (budget.left > 0) return actions
  return [...actions, { verb: 'act', name: 'call', values: [unread('/data', 'more values than a card shows')] }]
}

interface Place {
  readonly book: Book
  readonly item: AbiFunction | null
  readonly at: string
  readonly depth: number
  readonly budget: { left: number }
}

const unread = (argument: string, value: string): Value => ({ argument, value, role: 'data' })

function read({ to, value, data }: { to: Address.Address; value: bigint; data: Hex.Hex }, place: Place): Action[] {
  const { book, at, depth, budget } = place
  const label = (name: string) => (at === '' ? name : `${at}/${name}`)
  const ether: Value[] =
    value === 0n
      ? []
      : [
          { argument: label('value'), value: Wei.format(value, 18), role: 'amount' },
          { argument: label('coin'), value: book.nativeSymbol, role: 'asset' },
        ]
  if (data === '0x') {
    return [{ verb: 'pay', name: 'send', values: [...ether, { argument: label('to'), value: to, role: 'recipient' }] }]
  }
  const selector = data.slice(0, 10) as Hex.Hex
  const known = FUNCTIONS.get(selector)
  const item = known ?? place.item
  const args = item === null ? null : decode(item, data)
  if (item === null || args === null || depth > MAX_DEPTH) {
    const words = wordsOf(data, label('data'), budget)
    const values: Value[] = [...ether, { argument: label('to'), value: to, role: 'contract' }, ...words]
    return [{ verb: 'act', name: selector, values: [...values, unread(label('data'), selector)] }]
  }
  const trailing = isWhole(item, args, data) ? [] : [unread(label('data'), selector)]
  const token = book.tokens.find(({ address }) => Address.isEqual(address, to))
  const named = new Map(item.inputs.map((input, i) => [known === undefined ? '' : (input.name ?? ''), args[i]]))
  const values: Value[] = []
  const inner: Action[] = []
  item.inputs.forEach((input, i) => {
    // A model's parameter names are a stranger's words: places are numbered then.
    const name = known === undefined ? String(i) : (input.name ?? String(i)).replace(/_$/, '')
    flatten(args[i], input, { name: label(`data/${name}`), role: known === undefined ? '' : name })
  })
  const calls = named.get('calls') as readonly Hex.Hex[] | undefined
  calls?.forEach((each, i) =>
    inner.push(
      ...read({ to, value: 0n, data: each }, { ...place, item: null, at: label(`data/calls/${i}`), depth: depth + 1 }),
    ),
  )
  const batch = named.get('batch') as
    readonly { target: Address.Address; wei?: bigint; callData: Hex.Hex }[] | undefined
  batch?.forEach((each, i) =>
    inner.push(
      ...read(
        { to: Address.parse(each.target), value: each.wei ?? 0n, data: each.callData },
        { ...place, item: null, at: label(`data/batch/${i}`), depth: depth + 1 },
      ),
    ),
  )
  if (named.has('target') && named.has('callData')) {
    const target = Address.parse(named.get('target') as string)
    const wei = named.get('wei') as bigint
    const bytes = named.get('callData') as Hex.Hex
    inner.push(
      ...read(
        { to: target, value: wei, data: bytes },
        { ...place, item: null, at: label('data/call'), depth: depth + 1 },
      ),
    )
  } else if (item.name === 'upgradeToAndCall' && known !== undefined && named.get('callData') !== '0x') {
    const bytes = named.get('callData') as Hex.Hex
    inner.push(
      ...read({ to, value: 0n, data: bytes }, { ...place, item: null, at: label('data/call'), depth: depth + 1 }),
    )
  }
  const kind = known === undefined ? null : kindOf(known.name, to, values, { book, token, value, ether, label })
  if (kind !== null) return [{ ...kind, values: [...kind.values, ...trailing] }, ...inner]
  const contract: Value = { argument: label('to'), value: to, role: 'contract' }
  return [
    {
      verb: 'act',
      name: known?.name ?? selector,
      called: item.name,
      values: [...ether, contract, ...values, ...trailing],
    },
    ...inner,
  ]

  /** Lines for every address, number and text inside a value. */
  function flatten(arg: unknown, input: AbiParameter, { name, role }: { name: string; role: string }): void {
    if (['calls', 'batch', 'callData', 'target', 'wei', 'v', 'r', 's'].includes(role)) return
    if (budget.left <= 0) return
    if (Array.isArray(arg)) {
      const element = { ...input, type: input.type.replace(/\[\d*\]$/, '') } as AbiParameter
      const parts = (input as { components?: readonly AbiParameter[] }).components
      arg.forEach((each, i) => {
        const isTuple = !input.type.endsWith(']') && parts !== undefined
        flatten(each, isTuple ? (parts[i] as AbiParameter) : element, { name: `${name}/${i}`, role })
      })
      return
    }
    if (typeof arg === 'object' && arg !== null) {
      const parts = (input as { components?: readonly AbiParameter[] }).components ?? []
      parts.forEach((part, i) =>
        flatten((arg as Record<string, unknown>)[part.name ?? String(i)], part, { name: `${name}/${i}`, role }),
      )
      return
    }
    budget.left -= 1
    if (input.type === 'address') values.push(addressOf(String(arg), name, role, book))
    else if (typeof arg === 'bigint' || typeof arg === 'number') values.push(numberOf(BigInt(arg), name, role, token))
    else if (typeof arg === 'boolean') values.push({ argument: name, value: String(arg), role: 'other' })
    else if (input.type.startsWith('bytes')) bytesOf(String(arg) as Hex.Hex, name)
    else values.push({ argument: name, value: String(arg).slice(0, 120), role: 'other' })
  }

  /** Bytes may be a call of their own. */
  function bytesOf(bytes: Hex.Hex, name: string): void {
    if (bytes === '0x' || /^0x0*$/.test(bytes)) return
    if (FUNCTIONS.has(bytes.slice(0, 10) as Hex.Hex) && depth < MAX_DEPTH)
      inner.push(...read({ to, value: 0n, data: bytes }, { ...place, item: null, at: name, depth: depth + 1 }))
    else values.push(...wordsOf(`0x00000000${bytes.slice(2)}`, name, budget), unread(name, bytes.slice(0, 10)))
  }
}

function decode(item: AbiFunction, data: Hex.Hex): readonly unknown[] | null {
  try {
    return item.inputs.length === 0 ? [] : decodeAbiParameters(item.inputs, `0x${data.slice(10)}`)
  } catch {
    return null
  }
}

/** Whether the arguments are all that the data holds: bytes behind or between them were not read. */
function isWhole(item: AbiFunction, args: readonly unknown[], data: Hex.Hex): boolean {
  if (item.inputs.length === 0) return data.length === 10
  try {
    return encodeAbiParameters(item.inputs, args).slice(2) === data.slice(10).toLowerCase()
  } catch {
    return false
  }
}

function addressOf(text: string, argument: string, role: string, { account }: Book): Value {
  const address = Address.parse(text)
  if (account !== null && Address.isEqual(address, account)) {
    return { argument, value: address, role: 'recipient', isOurs: true }
  }
  if (role === 'spender') return { argument, value: address, role: 'spender' }
  if (role === 'asset' || role === 'path') return { argument, value: address, role: 'asset' }
  if (role === 'contract') return { argument, value: address, role: 'contract' }
  return { argument, value: address, role: 'recipient' }
}

function numberOf(number: bigint, argument: string, role: string, token: Book['tokens'][number] | undefined): Value {
  if (role === 'least' || role === 'until')
    return { argument, value: number.toString(), role: 'other', isCritical: false }
  const isUnlimited = number >= 2n ** 159n
  if (role === 'amount') {
    const value = isUnlimited
      ? 'unlimited'
      : token === undefined
        ? number.toString()
        : Wei.format(number, token.decimals)
    return { argument, value, role: 'amount' }
  }
  return { argument, value: number.toString(), role: 'other' }
}

/** A call of a function that means the same everywhere, as what a person would call it. */
function kindOf(
  name: string,
  to: Address.Address,
  values: readonly Value[],
  {
    book,
    token,
    value,
    ether,
    label,
  }: {
    book: Book
    token: Book['tokens'][number] | undefined
    value: bigint
    ether: readonly Value[]
    label: (name: string) => string
  },
): Action | null {
  const of: Value = { argument: label('to'), value: token?.symbol ?? to, role: 'asset' }
  const isWrapped = book.wrappedNative !== null && Address.isEqual(to, book.wrappedNative)
  const isPaidInEther = name === 'deposit' || name === 'swapExactETHForTokens'
  const as = (verb: Action['verb'], kept: readonly Value[]): Action => ({
    verb,
    name,
    values: [...kept, ...(isPaidInEther ? [] : ether)],
  })
  const symbolOf = (address: string) =>
    book.tokens.find((each) => each.address.toLowerCase() === address.toLowerCase())?.symbol ?? address
  switch (name) {
    case 'transfer':
    case 'transferFrom':
    case 'safeTransferFrom':
    case 'safeBatchTransferFrom':
      return as('pay', values.some(({ role }) => role === 'asset') ? values : [of, ...values])
    case 'approve':
    case 'increaseAllowance':
    case 'setApprovalForAll':
    case 'permit': {
      const kept = values.some(({ role }) => role === 'asset') ? values : [of, ...values]
      const amount = values.find(({ role }) => role === 'amount')
      if (amount?.value === '0' && name === 'approve')
        return as(
          'revoke',
          kept.filter((each) => each !== amount),
        )
      return as('approve', kept)
    }
    case 'decreaseAllowance':
      return as('revoke', [of, ...values])
    case 'deposit':
    case 'withdraw': {
      if (!isWrapped) return null
      const [give, take] = name === 'deposit' ? [book.nativeSymbol, symbolOf(to)] : [symbolOf(to), book.nativeSymbol]
      const amount =
        name === 'deposit'
          ? ({ argument: label('value'), value: Wei.format(value, 18), role: 'amount' } as const)
          : undefined
      return as('swap', [
        ...(amount === undefined ? values : [amount]),
        { argument: label('to'), value: give, role: 'give' },
        { argument: label('to/take'), value: take, role: 'take' },
      ])
    }
    case 'swapExactETHForTokens':
    case 'swapExactTokensForETH':
    case 'swapExactTokensForTokens': {
      const path = values.filter(({ role }) => role === 'asset')
      const [first, end] = [path[0], path.at(-1)]
      if (first === undefined || end === undefined) return null
      const isFromEther = name === 'swapExactETHForTokens'
      const give = isFromEther ? book.nativeSymbol : symbolOf(first.value)
      const take = name === 'swapExactTokensForETH' ? book.nativeSymbol : symbolOf(end.value)
      const decimals = book.tokens.find(({ address }) => address.toLowerCase() === first.value.toLowerCase())?.decimals
      const rest = values.flatMap((each): Value[] => {
        if (each === first || each === end) return []
        if (each.role === 'asset') return [{ ...each, role: 'contract' }]
        if (each.role !== 'amount' || each.value === 'unlimited' || decimals === undefined) return [each]
        return [{ ...each, value: Wei.format(BigInt(each.value), decimals) }]
      })
      return as('swap', [
        ...(isFromEther ? [{ argument: label('value'), value: Wei.format(value, 18), role: 'amount' } as const] : []),
        { argument: first.argument, value: give, role: 'give' },
        { argument: end.argument, value: take, role: 'take' },
        { argument: label('to'), value: to, role: 'contract' },
        ...rest,
      ])
    }
    default:
      return null
  }
}

/** Words of data that nobody declared: what looks like an address or an amount has a line all the same. */
function wordsOf(data: string, at: string, budget: { left: number }): Value[] {
  const values: Value[] = []
  const hex = data.slice(10).toLowerCase()
  for (let i = 0; i + 64 <= hex.length && budget.left > 0; i += 64) {
    const word = hex.slice(i, i + 64)
    const number = BigInt(`0x${word}`)
    // Small numbers are offsets and lengths as often as amounts.
    if (number < 2n ** 16n) continue
    budget.left -= 1
    const argument = `${at}/${i / 64}`
    const isAddress = word.startsWith('0'.repeat(24)) && number >= 2n ** 120n
    values.push(
      isAddress
        ? { argument, value: Address.parse(`0x${word.slice(24)}`), role: 'recipient' }
        : { argument, value: number >= 2n ** 159n ? `0x${word}` : number.toString(), role: 'other' },
    )
  }
  return values
}
