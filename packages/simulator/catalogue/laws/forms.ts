/** Acts of the generated contracts, and the forms in which each can be done: another layout, name, event, proxy, or way to call. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Address, Hex } from '@countersign/base'
import { encodeDeployData, encodeFunctionData, getContractAddress, zeroHash, type Abi } from 'viem'
import type { Call, Report } from '../../src/index.ts'
import { batch, delegateTo, DOLLAR, ETHER, putProxy, usdc } from '../moves.ts'
import type { Scene, World } from '../World.ts'
import { LAYOUTS } from './layouts.ts'

interface Contracts {
  readonly abi: Readonly<Record<Family, Abi>>
  readonly bytecode: Readonly<Record<string, Hex.Hex>>
}
type Family = 'Book' | 'Token'
const { abi, bytecode } = JSON.parse(readFileSync(join(import.meta.dirname, 'contracts.json'), 'utf8')) as Contracts

/** How an act is written and sent. None of it changes what the act does. */
export interface Form {
  readonly layout: string
  /** Which of its two names the function has. */
  readonly name: 0 | 1
  /** 0: no events; 1: one that is true; 2: that one and another. */
  readonly tells: 0 | 1 | 2
  readonly proxy: 'none' | 'ERC-1167' | 'ERC-1967'
  /** `inside`: in the contract's own multicall; `batched`: in a batch of the user's own account. */
  readonly way: 'alone' | 'inside' | 'batched'
}
export const LAYOUT_NAMES = Object.keys(LAYOUTS)
export const PLAIN: Form = { layout: 'plain', name: 0, tells: 1, proxy: 'none', way: 'alone' }
export const spelledForm = ({ layout, name, tells, proxy, way }: Form): string =>
  `${layout}, ${name === 0 ? 'usual name' : 'other name'}, ${tells} events, proxy ${proxy}, ${way}`

/** Something that a user does in a generated contract, with somebody in it. */
export interface Act {
  readonly family: Family
  /** The function's two names. */
  readonly names: readonly [string, string]
  args(other: Address.Address, amount: bigint): readonly unknown[]
  readonly isPaid?: true
  /** Dollars that the contract takes by an exact allowance of the same batch. */
  readonly isFunded?: true
  /** What somebody else in the user's place means: `gains`: that account ends with the user's own; `null`: nobody is in it. */
  readonly other: 'gains' | null
}

const PIECE = 1n
export const ACTS: Readonly<Record<string, Act>> = {
  'a right for somebody': { family: 'Book', names: ['appoint', 'flag'], args: (other) => [other], other: 'gains' },
  'a right to an amount': {
    ...{ family: 'Book', names: ['allow', 'mark'], other: 'gains' },
    args: (other, amount) => [other, amount],
  },
  'an heir': { family: 'Book', names: ['nameHeir', 'note'], args: (other) => [other], other: 'gains' },
  'an entry moves': {
    ...{ family: 'Book', names: ['move', 'shift'], other: 'gains' },
    args: (other, amount) => [other, amount],
  },
  'a record gets another holder': {
    ...{ family: 'Book', names: ['handOver', 'relabel'], other: 'gains' },
    args: (other) => [PIECE, other],
  },
  'a role of a contract that the user rules': {
    ...{ family: 'Book', names: ['grantRole', 'enlist'], other: 'gains' },
    args: (other) => [zeroHash, other],
  },
  'a deposit': {
    ...{ family: 'Book', names: ['depositFor', 'putFor'], isFunded: true, other: 'gains' },
    args: (other, amount) => [other, amount],
  },
  'a withdrawal': {
    ...{ family: 'Book', names: ['withdrawTo', 'drawTo'], other: 'gains' },
    args: (other, amount) => [other, amount],
  },
  'ether passed on': {
    ...{ family: 'Book', names: ['payOn', 'carry'], isPaid: true, other: 'gains' },
    args: (other) => [other],
  },
  'an entry is burnt': { family: 'Book', names: ['burn', 'fold'], args: (_, amount) => [amount], other: null },
  'a visit': { family: 'Book', names: ['visit', 'touch'], args: () => [], other: null },
  'a transfer': {
    ...{ family: 'Token', names: ['transfer', 'transfer'], other: 'gains' },
    args: (other, amount) => [other, amount],
  },
  'an allowance': {
    ...{ family: 'Token', names: ['approve', 'approve'], other: 'gains' },
    args: (other, amount) => [other, amount],
  },
  'a token moves by another function': {
    ...{ family: 'Token', names: ['skim', 'sync'], other: 'gains' },
    args: (other, amount) => [other, amount],
  },
  'an allowance by another function': {
    ...{ family: 'Token', names: ['entrust', 'link'], other: 'gains' },
    args: (other, amount) => [other, amount],
  },
}

/** Acts of one contract, in this order, and the form of all of them. */
export interface Composed {
  readonly acts: readonly { readonly name: string; readonly other: Address.Address; readonly amount: bigint }[]
  readonly form: Form
}

const deployerOf = (world: World) => world.chain.accounts[0]?.address as Address.Address
const call = (
  to: Address.Address,
  family: Family,
  functionName: string,
  args: readonly unknown[],
  value = 0n,
): Call => ({
  ...{ to, value, gasLimit: null, maxFeePerGasWei: null, label: null },
  data: encodeFunctionData({ abi: abi[family], functionName, args: args as unknown[] }),
})

/** A contract of the user's surroundings: the user has 5,000 dollars, a record and a role in a book, or 1,000 units of a token. */
async function open(world: World, family: Family, form: Form): Promise<Address.Address> {
  const user = world.me
  const coin = world.chain.addresses.usdc
  const code = encodeDeployData({
    abi: abi[family],
    bytecode: bytecode[`${family}_${form.layout.replaceAll('-', '_')}`] as Hex.Hex,
    args: family === 'Book' ? [coin, BigInt(form.tells), user] : [BigInt(form.tells), user],
  })
  const at = await world.deployCode(family.toLowerCase(), code)
  // What a contract keeps in a store of its own is its own.
  if (form.layout === 'elsewhere')
    world.name(getContractAddress({ from: at as Hex.Hex, nonce: 1n }), family.toLowerCase())
  if (form.proxy !== 'none') await putProxy(world, at, form.proxy)
  if (family === 'Token') return at
  await world.send(usdc(world, 'approve', [at, 5_000n * DOLLAR]))
  await world.send(call(at, 'Book', 'depositFor', [user, 5_000n * DOLLAR]))
  await world.send(usdc(world, 'transfer', [at, 9_000n * DOLLAR]), deployerOf(world))
  await world.send(call(at, 'Book', 'open', [PIECE]))
  return at
}

/** A contract that the scenes of one test share, by its family. */
export type Opened = Map<Family, Address.Address>

/** The scene of some acts in a form, each in a contract of its family. */
export async function stage(world: World, { acts, form }: Composed, opened: Opened = new Map()): Promise<Scene> {
  const calls: Call[] = []
  for (const { name, other, amount } of acts) {
    const act = ACTS[name] as Act
    const to = opened.get(act.family) ?? (await open(world, act.family, form))
    opened.set(act.family, to)
    if (act.isFunded === true) calls.push(usdc(world, 'approve', [to, amount]))
    const value = act.isPaid === true ? ETHER / 10n : 0n
    const inner = call(to, act.family, act.names[form.name], act.args(other, amount), value)
    calls.push(form.way === 'inside' ? call(to, act.family, 'multicall', [[inner.data]], value) : inner)
  }
  if (form.way !== 'batched') return { calls, isAgentProposed: true }
  await delegateTo(world, world.me, await world.deploy('Batch'))
  return { calls: [batch(world, calls)], isAgentProposed: true }
}

/** What a report says happened, with the generated contracts by their family, so that two forms can be compared. */
export interface Facts {
  readonly level: number
  readonly verdict: Report.Verdict
  /** Who gains or loses what. */
  readonly balances: readonly string[]
  /** Who may do something afterwards, where. */
  readonly powers: readonly string[]
  /** Entries of the user's own that fell or rose. */
  readonly entries: readonly string[]
  /** Rules above a note. */
  readonly heard: readonly string[]
}
const RANK = { allow: 0, warn: 1, block: 2 } as const
const unique = (list: readonly string[]) => [...new Set(list)].sort()
export function factsOf(report: Report.Report, named: (text: string) => string): Facts {
  return {
    level: RANK[report.verdict],
    verdict: report.verdict,
    balances: unique(
      report.tokenChanges.map(({ account, token, delta }) => named(`${account} ${token ?? 'ether'} ${delta}`)),
    ),
    powers: unique(
      report.authorityChanges.map(({ contract, subject, after }) =>
        named(`${contract} ${subject} ${after === 0n ? 'ends' : 'may'}`),
      ),
    ),
    entries: unique(
      report.keptForYou.map(({ contract, before, after }) =>
        named(`${contract} ${after < before ? 'falls' : 'rises'}`),
      ),
    ),
    heard: unique(report.findings.filter(({ level }) => level !== 'info').map(({ rule, level }) => `${level} ${rule}`)),
  }
}
