import { Digest, type Address, type Hex } from '@countersign/base'
import { concat, decodeErrorResult, decodeFunctionData, encodeFunctionData, getContractAddress, parseAbi } from 'viem'
import { GUARD_CODE, GUARD_CREATION_CODE } from './guardCode.ts'

/** The CREATE2 deployer that stands at the same address on nearly every chain (Arachnid/deterministic-deployment-proxy). */
export const CREATE2_DEPLOYER = '0x4e59b44847b379578588920cA78FbF26c0B4956C' as Address.Address

/** keccak256("countersign.OutcomeGuard.1"). */
const SALT: Hex.Hex = Digest.keccak256(new TextEncoder().encode('countersign.OutcomeGuard.1'))

/**
 * The pinned guard. The address commits to the creation code, so anybody may deploy it; before every use the code that
 * stands there is compared with `codeHash`.
 */
export const GUARD = {
  address: getContractAddress({ opcode: 'CREATE2', from: CREATE2_DEPLOYER, salt: SALT, bytecode: GUARD_CREATION_CODE }),
  codeHash: Digest.keccak256(GUARD_CODE),
  creationCode: GUARD_CREATION_CODE,
  version: 1,
} as const

/** The transaction that deploys the guard, on any chain with EIP-1153 and the CREATE2 deployer. */
export const GUARD_DEPLOYMENT: { readonly to: Address.Address; readonly data: Hex.Hex } = {
  to: CREATE2_DEPLOYER,
  data: concat([SALT, GUARD_CREATION_CODE]),
}

export const GUARD_ABI = parseAbi([
  'function open(bytes conditions, bytes bounds)',
  'function close(bytes bounds)',
  'function check(bytes bounds) view',
  'error OutcomeRefused(uint256 index, uint256 before, uint256 reading)',
  'error ReadFailed(uint256 index)',
  'error BadBound(uint256 index)',
  'error NotOpened()',
  'error AlreadyOpened()',
])

/** Call data of a batch's first call. */
export function openData(conditions: Hex.Hex, bounds: Hex.Hex): Hex.Hex {
  return encodeFunctionData({ abi: GUARD_ABI, functionName: 'open', args: [conditions, bounds] })
}

/** Call data of a batch's last call. */
export function closeData(bounds: Hex.Hex): Hex.Hex {
  return encodeFunctionData({ abi: GUARD_ABI, functionName: 'close', args: [bounds] })
}

/** Call data for absolute bounds alone. */
export function checkData(bounds: Hex.Hex): Hex.Hex {
  return encodeFunctionData({ abi: GUARD_ABI, functionName: 'check', args: [bounds] })
}

/** A guard call as its bytes say it; null for anything else, also when other bytes follow. */
export function parseGuardCall(
  data: Hex.Hex,
): { readonly name: 'open' | 'close' | 'check'; readonly conditions: Hex.Hex; readonly bounds: Hex.Hex } | null {
  try {
    const call = decodeFunctionData({ abi: GUARD_ABI, data })
    const [conditions, bounds] = call.functionName === 'open' ? call.args : (['0x', call.args[0]] as const)
    const again = encodeFunctionData({ abi: GUARD_ABI, ...call })
    return again === data.toLowerCase() ? { name: call.functionName, conditions, bounds } : null
  } catch {
    return null
  }
}

/** An error of the guard by its bytes; null for anybody else's. `index` is null where the error has none. */
export function parseGuardError(data: Hex.Hex): GuardError | null {
  try {
    const error = decodeErrorResult({ abi: GUARD_ABI, data })
    const [index = null, before = null, reading = null] = (error.args ?? []) as readonly bigint[]
    return { name: error.errorName, index: index === null ? null : Number(index), before, reading }
  } catch {
    return null
  }
}

export interface GuardError {
  readonly name: 'OutcomeRefused' | 'ReadFailed' | 'BadBound' | 'NotOpened' | 'AlreadyOpened'
  /** The bound's place among those of its stage. */
  readonly index: number | null
  readonly before: bigint | null
  readonly reading: bigint | null
}
