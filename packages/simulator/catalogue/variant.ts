import { loadArtifact, type Artifact, type Rpc } from '@countersign/chain'
import type { Address, Hex } from '@countersign/base'
import { encodeDeployData, encodeFunctionData, type Abi } from 'viem'

/** Contracts of the local chain's own fixtures; a blind set has the path of its artifacts. */
export const FIXTURES = 'chain'

/** What stands in for contracts and amounts of the scenes while mutants are measured. */
export interface Variant {
  /** Another artifact for a contract; null: the original. */
  artifact(set: string, name: string): Artifact | null
  /** The name that a function has in this variant. */
  functionName(name: string): string
  amount(value: bigint): bigint
  /** Puts a proxy in front, for example. */
  afterDeploy(rpc: Rpc, address: Address.Address): Promise<void>
}

let current: Variant | null = null

/** Uses a variant in every scene that is staged from now on; null: scenes as they were written. */
export function useVariant(variant: Variant | null): void {
  current = variant
}

/** Does something with contracts as they were written: what is the user's own and not the scene's. */
export async function asWritten<T>(work: () => Promise<T>): Promise<T> {
  const worn = current
  current = null
  try {
    return await work()
  } finally {
    current = worn
  }
}

export const amount = (value: bigint): bigint => current?.amount(value) ?? value

const scaled = (value: unknown): unknown =>
  typeof value === 'bigint' ? amount(value) : Array.isArray(value) ? value.map(scaled) : value

/** Creation code of a contract with its arguments. */
export function creation(set: string, name: string, args: readonly unknown[], original = loadArtifact): Hex.Hex {
  const { abi, bytecode } = current?.artifact(set, name) ?? original(name)
  return encodeDeployData({ abi: abi as Abi, bytecode, args: args.map(scaled) })
}

/** Call data of a function by its original name. */
export function calldata(
  set: string,
  { name, functionName, args }: { name: string; functionName: string; args: readonly unknown[] },
  original = loadArtifact,
): Hex.Hex {
  const other = current?.artifact(set, name) ?? null
  return encodeFunctionData({
    abi: (other ?? original(name)).abi as Abi,
    functionName: other === null ? functionName : (current?.functionName(functionName) ?? functionName),
    args: args.map(scaled),
  })
}

export const afterDeploy = async (rpc: Rpc, address: Address.Address): Promise<void> =>
  current?.afterDeploy(rpc, address)
