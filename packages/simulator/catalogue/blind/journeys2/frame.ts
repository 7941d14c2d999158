/** What the second set stands on: its own contracts, the real ones from npm, signatures, and reading. */
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { Address, type Hex } from '@countersign/base'
import { decodeFunctionResult, type Abi, type TypedDataDefinition } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Call } from '../../../src/index.ts'
import { ETHER } from '../../moves.ts'
import type { Scene, World } from '../../World.ts'
import { contractsOf } from '../frame.ts'
import { balance, type Journey, type Make } from '../journeys/frame.ts'

export const { make, call } = contractsOf(join(import.meta.dirname, 'contracts.json'))
/** Contracts as their npm packages publish them. */
export const { make: makeReal, call: callReal } = contractsOf(join(import.meta.dirname, 'npm.json'))

type Artifacts = Readonly<Record<string, { readonly abi: Abi; readonly bytecode: Hex.Hex }>>
const loaded = new Map<string, Artifacts>()
export function abiOf(name: string): Abi {
  for (const file of ['contracts.json', 'npm.json']) {
    const path = join(import.meta.dirname, file)
    const all = loaded.get(file) ?? (JSON.parse(readFileSync(path, 'utf8')) as Artifacts)
    loaded.set(file, all)
    const found = all[name]
    if (found !== undefined) return found.abi
  }
  throw new Error(`no contract ${name}`)
}

/** What a contract of either file answers. */
export async function ask(
  at: World,
  to: Address.Address,
  name: string,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  const abi = abiOf(name)
  const of = (isReal: boolean) => (isReal ? callReal : call)(to, name, functionName, args)
  let data: Call
  try {
    data = of(false)
  } catch {
    data = of(true)
  }
  return decodeFunctionResult({ abi, functionName, data: await at.read(data) })
}

/** Somebody sends calls, one after the other; who was never used gets ether for gas. */
export async function act(at: World, who: Address.Address, ...calls: Call[]): Promise<void> {
  await at.chain.rpc('anvil_impersonateAccount', [who])
  const has = await balance(at, who, null)
  if (has < ETHER / 10n) await at.enrich(who, has + ETHER / 10n)
  for (const each of calls) await at.send(each, who)
}
/** Whether a call reverts; that it went through before is checked where the case is made. */
export async function isRefused(at: World, who: Address.Address, each: Call): Promise<boolean> {
  try {
    await act(at, who, each)
    return false
  } catch {
    return true
  }
}

type Document = Readonly<Record<string, unknown>>
/** The user's signature on a document. */
export async function signed(at: World, document: Document): Promise<Hex.Hex> {
  const key = at.chain.accounts.find(({ address }) => address === at.me)?.privateKey
  if (key === undefined) throw new Error('no key')
  return (await privateKeyToAccount(key).signTypedData(document as unknown as TypedDataDefinition)) as Hex.Hex
}
export function partsOf(signature: Hex.Hex): { readonly r: Hex.Hex; readonly s: Hex.Hex; readonly v: number } {
  return {
    r: `0x${signature.slice(2, 66)}`,
    s: `0x${signature.slice(66, 130)}`,
    v: Number.parseInt(signature.slice(130), 16),
  }
}

/** An agent asks for a signature. */
export const asks = (document: Document): Scene => ({ document, isAgentProposed: true })
export const journey = (scene: Scene, truth: () => Promise<boolean>, more: Partial<Journey> = {}): Journey => ({
  scene,
  truth,
  ...more,
})
export const word = (value: bigint): Hex.Hex => `0x${value.toString(16).padStart(64, '0')}`
/** Ends with somebody (not the user) having at least so much more of a token; dollars unless given. */
export async function gains(
  at: World,
  scene: Scene,
  who: Address.Address,
  least: bigint,
  then: () => Promise<void> = () => Promise.resolve(),
  token?: Address.Address | null,
): Promise<Journey> {
  // Who acts afterwards pays for gas, and is not to be enriched in between.
  if (token === null && (await balance(at, who, null)) < ETHER / 10n) await at.enrich(who, ETHER)
  const before = await balance(at, who, token)
  return journey(scene, async () => {
    await then()
    return (await balance(at, who, token)) - before >= least
  })
}

/** One case: what kind it is, what the user wants, and why it is what it is. */
export interface Case {
  /** The letters of the brief: whose value, a right left, when mined, price, signature, batch, lookalike, nothing done, takeover. */
  readonly kind: 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'honest' | 'honest, npm'
  readonly wish: string
  readonly why: string
  readonly make: Make
}
export type Cases = Readonly<Record<string, Case>>
/** Which of some cases stand on contracts that npm packages publish. */
export const npmOf = (...all: readonly Cases[]): ReadonlySet<string> =>
  new Set(all.flatMap((each) => Object.entries(each).flatMap(([id, { kind }]) => (/npm/.test(kind) ? [id] : []))))
export const makesOf = (...all: readonly Cases[]): Readonly<Record<string, Make>> =>
  Object.fromEntries(all.flatMap((each) => Object.entries(each).map(([id, { make: of }]) => [id, of])))
