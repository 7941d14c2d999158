import { Address, Digest } from '@countersign/base'
import { encodeAbiParameters, toFunctionSelector, type AbiFunction, type AbiParameter } from 'viem'
import type { Part, Parts } from './Part.ts'

/** A condition of Zodiac Roles v2; `paramType` and `operator` by the names of its enums. */
export interface Condition {
  readonly paramType: 'Static' | 'Dynamic' | 'Tuple' | 'Array' | 'Calldata' | 'None'
  readonly operator: string
  readonly compValue?: string
  readonly children?: readonly Condition[]
}

/** `setAllowance(key, balance, maxRefill, refill, period, timestamp)`. */
export interface Allowance {
  readonly chain_id: number
  readonly key: string
  readonly balance: string
  readonly maxRefill: string
  readonly refill: string
  readonly period: number
  readonly timestamp: number
}

export interface Scoped {
  readonly chain_id: number
  /** A role has one condition for a function: rules about the same one stand in it side by side. */
  readonly rules: readonly string[]
  readonly target: string
  /** Null: a payment of the coin without data. */
  readonly selector: string | null
  readonly options: 'None' | 'Send'
  readonly condition: Condition | null
}

export interface RolesTerms {
  readonly functions: readonly Scoped[]
  readonly allowances: readonly Allowance[]
}

const PASS: Condition = { paramType: 'Static', operator: 'Pass' }

/** Functions with conditions, and allowances that all of them share: here limits hold over rules. */
export function toRoles(
  { parts, capsOf }: Parts,
  { owner, nowMs }: { owner: Address.Address; nowMs: number },
): { readonly terms: RolesTerms; readonly notExpressed: readonly string[] } {
  const allowances = new Map<string, Allowance>()
  const lost = new Set<string>()
  const spends = (part: Part & { kind: 'payment' }): readonly Condition[] => {
    const caps = capsOf(part.asset, part.chainId)
    if (caps.length === 0) lost.add(`Rule "${part.rule}": nothing counts ${part.asset}.`)
    return caps.map(({ limit, window, amount }) => {
      if (window.kind === 'call')
        return {
          paramType: part.token === null ? 'None' : 'Static',
          ...(part.token === null
            ? { operator: 'EtherWithinAllowance', compValue: note(`${limit} call`, part, amount, 0) }
            : { operator: 'LessThan', compValue: encodeAbiParameters([{ type: 'uint256' }], [amount + 1n]) }),
        }
      const seconds = window.kind === 'rolling' ? Math.ceil(window.ms / 1_000) : 0
      const key = note(`${limit} ${seconds}`, part, amount, seconds)
      return part.token === null
        ? { paramType: 'None', operator: 'EtherWithinAllowance', compValue: key }
        : { paramType: 'Static', operator: 'WithinAllowance', compValue: key }
    })
  }
  const note = (name: string, { chainId }: Part, amount: bigint, period: number): string => {
    const key = Digest.sha256(`${chainId} ${name}`)
    allowances.set(`${chainId} ${key}`, {
      ...{ chain_id: chainId, key, balance: amount.toString(), maxRefill: amount.toString() },
      refill: period === 0 ? '0' : amount.toString(),
      ...{ period, timestamp: Math.floor(nowMs / 1_000) },
    })
    return key
  }
  const functions = parts.flatMap((part): Scoped[] => {
    const at = { chain_id: part.chainId, rules: [part.rule] }
    if (part.kind === 'call') return callsOf(part, { at, owner, lost })
    if (part.token !== null) {
      const condition = all('Calldata', 'Matches', [whoOf(part.recipients, owner), and(spends(part))])
      const selector = toFunctionSelector('transfer(address,uint256)')
      return [{ ...at, target: part.token.address, selector, options: 'None', condition }]
    }
    if (part.recipients === null) {
      lost.add(`Rule "${part.rule}": a target must be named for the coin, so it is left out.`)
      return []
    }
    const perCall = capsOf(part.asset, part.chainId).some(({ window }) => window.kind === 'call')
    if (perCall) lost.add(`Rule "${part.rule}": the cap of one request becomes a cap of all, because it never refills.`)
    return part.recipients.map((target) => ({
      ...{ ...at, target, selector: null, options: 'Send' as const },
      condition: all('Calldata', 'Matches', [and(spends(part))]),
    }))
  })
  lost.add('Its validity: assign and revoke the role at those times.')
  return { terms: { functions: merged(functions), allowances: [...allowances.values()] }, notExpressed: [...lost] }
}

function merged(functions: readonly Scoped[]): readonly Scoped[] {
  const found = new Map<string, Scoped>()
  for (const each of functions) {
    const key = `${each.chain_id} ${each.target} ${each.selector ?? ''}`.toLowerCase()
    const other = found.get(key)
    const condition =
      other?.condition == null || each.condition === null ? null : all('None', 'Or', [other.condition, each.condition])
    found.set(key, other === undefined ? each : { ...other, rules: [...other.rules, ...each.rules], condition })
  }
  return [...found.values()]
}

function callsOf(
  part: Part & { kind: 'call' },
  {
    at,
    owner,
    lost,
  }: { at: { chain_id: number; rules: readonly string[] }; owner: Address.Address; lost: Set<string> },
): Scoped[] {
  lost.add(`Rule "${part.rule}": what the calls move is not counted.`)
  return part.contracts.flatMap((target) =>
    part.selectors.flatMap(({ selector, abi }): Scoped[] => {
      const condition = abi === null || part.tests.length === 0 ? null : matching(part, abi, owner)
      if (condition === undefined) {
        lost.add(
          `Rule "${part.rule}": an argument inside of another, or a bound on it, is not written, so it is left out.`,
        )
        return []
      }
      return [{ ...at, target, selector, options: 'None', condition }]
    }),
  )
}

/** Tests of whole parameters; undefined where one looks deeper, or at more than equality. */
function matching(
  { tests }: Part & { kind: 'call' },
  { inputs }: AbiFunction,
  owner: Address.Address,
): Condition | undefined {
  const children = inputs.map((input): Condition => shapeOf(input))
  for (const { at, in: values, min, max } of tests) {
    const name = at.slice(1)
    const i = inputs.findIndex((input, k) => input.name === name || String(k) === name)
    const list = values?.map((value) => (value === 'own' ? owner : value)) ?? []
    if (inputs[i]?.type !== 'address' || min !== undefined || max !== undefined) return undefined
    if (list.length === 0 || !list.every(Address.isAddress)) return undefined
    children[i] = whoOf(list.map(Address.parse), owner)
  }
  return all('Calldata', 'Matches', children)
}

/** Any value of a type. */
function shapeOf(parameter: AbiParameter): Condition {
  const { type } = parameter
  const list = /^(.*)\[\d*\]$/.exec(type)
  if (list !== null) return { ...all('Array', 'Pass', [shapeOf({ ...parameter, type: list[1] ?? '' })]) }
  if (type === 'tuple' && 'components' in parameter) return all('Tuple', 'Pass', parameter.components.map(shapeOf))
  return type === 'bytes' || type === 'string' ? { paramType: 'Dynamic', operator: 'Pass' } : PASS
}

function whoOf(addresses: readonly Address.Address[] | null, owner: Address.Address): Condition {
  if (addresses === null) return PASS
  const each = addresses.map((address): Condition =>
    Address.isEqual(address, owner)
      ? { paramType: 'Static', operator: 'EqualToAvatar' }
      : { paramType: 'Static', operator: 'EqualTo', compValue: encodeAbiParameters([{ type: 'address' }], [address]) },
  )
  const [first] = each
  return each.length === 1 && first !== undefined ? first : all('None', 'Or', each)
}

function and(conditions: readonly Condition[]): Condition {
  const [first] = conditions
  if (first === undefined) return PASS
  return conditions.length === 1 ? first : all('None', 'And', conditions)
}

function all(paramType: Condition['paramType'], operator: string, children: readonly Condition[]): Condition {
  return { paramType, operator, children }
}
