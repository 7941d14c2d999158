import { Address, type Hex } from '@countersign/base'
import {
  concat,
  decodeAbiParameters,
  decodeFunctionData,
  encodeAbiParameters,
  encodeFunctionData,
  encodePacked,
  pad,
  parseAbi,
  size,
} from 'viem'
import type { BatchCall } from '../model/OutcomeBound.ts'

const CALLS = [
  {
    type: 'tuple[]',
    components: [
      { name: 'to', type: 'address' },
      { name: 'value', type: 'uint256' },
      { name: 'data', type: 'bytes' },
    ],
  },
] as const

export const ACCOUNT_ABI = parseAbi([
  'function execute(bytes32 mode, bytes executionData) payable',
  'function supportsExecutionMode(bytes32 mode) view returns (bool)',
])

/** ERC-7579 / ERC-7821: a batch, default exec type, so that one failing call reverts all. */
export const BATCH_MODE = pad('0x01', { dir: 'right', size: 32 })

/** ERC-4337's EntryPoint v0.7, at the same address on every chain. */
export const ENTRY_POINT = '0x0000000071727De22E5E9d8BAf0edAc6f37da032' as Address.Address

/** `MultiSendCallOnly` 1.4.1 and 1.3.0 (safe-deployments): only calls, no delegatecalls inside. */
export const MULTI_SEND = [
  '0x9641d764fc13c8B624c04430C7356C1C7C8102e2',
  '0x40A2aCCbd92BCA938b02010E17A5b8929b49130D',
] as const satisfies readonly Address.Address[]

/** An account's own batch, for 7702, ERC-7821, ERC-7579 and the `callData` of a user operation. */
export function accountBatch(account: Address.Address, calls: readonly BatchCall[]): BatchCall {
  const executionData = encodeAbiParameters(CALLS, [calls.map(({ to, value, data }) => ({ to, value, data }))])
  return {
    to: account,
    value: 0n,
    data: encodeFunctionData({ abi: ACCOUNT_ABI, functionName: 'execute', args: [BATCH_MODE, executionData] }),
  }
}

/** What an account's `execute` would run; null when the bytes are none. `isAtomic` only for the default exec type. */
export function readAccountBatch(
  data: Hex.Hex,
): { readonly calls: readonly BatchCall[]; readonly isAtomic: boolean } | null {
  try {
    const { functionName, args } = decodeFunctionData({ abi: ACCOUNT_ABI, data })
    if (functionName !== 'execute') return null
    const [mode, executionData] = args
    if (!mode.startsWith('0x01')) return null
    const [calls] = decodeAbiParameters(CALLS, executionData)
    return { calls, isAtomic: mode.startsWith('0x0100') }
  } catch {
    return null
  }
}

const SAFE_ABI = parseAbi([
  'function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures) payable returns (bool)',
  'function multiSend(bytes transactions) payable',
])

/** `multiSend(bytes)`: operation 0, to, value, length, data, one after another. */
export function multiSend(calls: readonly BatchCall[]): Hex.Hex {
  const transactions = concat(
    calls.map(({ to, value, data }) =>
      encodePacked(['uint8', 'address', 'uint256', 'uint256', 'bytes'], [0, to, value, BigInt(size(data)), data]),
    ),
  )
  return encodeFunctionData({ abi: SAFE_ABI, functionName: 'multiSend', args: [transactions] })
}

/**
 * A Safe's batch: `MultiSendCallOnly` by delegatecall, with `safeTxGas` and `gasPrice` 0, so that a failure inside reverts the
 * transaction.
 *
 * @param signatures - Of the owners; for a simulation, that of an owner who sends it (v = 1).
 */
export function safeBatch({
  safe,
  multiSendAt,
  calls,
  signatures,
}: {
  readonly safe: Address.Address
  readonly multiSendAt: Address.Address
  readonly calls: readonly BatchCall[]
  readonly signatures: Hex.Hex
}): BatchCall {
  const args = [multiSendAt, 0n, multiSend(calls), 1, 0n, 0n, 0n, Address.ZERO, Address.ZERO, signatures] as const
  return { to: safe, value: 0n, data: encodeFunctionData({ abi: SAFE_ABI, functionName: 'execTransaction', args }) }
}

/** The signature of an owner who sends the transaction: r is the owner, v is 1 (Safe, `checkNSignatures`). */
export function senderSignature(owner: Address.Address): Hex.Hex {
  return concat([pad(owner), pad('0x00', { size: 32 }), '0x01'])
}

/** `wallet_sendCalls` 2.0.0 (EIP-5792), which a wallet must run all or nothing. */
export function sendCalls(from: Address.Address, chainId: number, calls: readonly BatchCall[]) {
  const hex = (amount: bigint): Hex.Hex => `0x${amount.toString(16)}`
  return {
    version: '2.0.0',
    from,
    chainId: hex(BigInt(chainId)),
    atomicRequired: true,
    calls: calls.map(({ to, value, data }) => ({ to, value: hex(value), data })),
  } as const
}
