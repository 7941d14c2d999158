import type { Address, Hex } from '@countersign/base'
import { encodeFunctionData, parseAbi } from 'viem'

/** The getters that bounds read. */
export const GETTERS = parseAbi([
  'function balanceOf(address account) view returns (uint256)',
  'function balanceOf(address account, uint256 id) view returns (uint256)',
  'function ownerOf(uint256 id) view returns (address)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function allowance(address owner, address token, address spender) view returns (uint160, uint48, uint48)',
  'function isApprovedForAll(address owner, address operator) view returns (bool)',
  'function isOperator(address owner, address spender) view returns (bool)',
  'function owner() view returns (address)',
  'function implementation() view returns (address)',
  'function getThreshold() view returns (uint256)',
  'function getOwners() view returns (address[])',
])

/**
 * Where a token keeps shares and computes the balance, it answers one of these: Lido's stETH (`sharesOf`), Aave's aTokens and AMPL
 * (`scaledBalanceOf`), and tokens whose shares are public (`shares`).
 */
const SHARES = parseAbi([
  'function sharesOf(address account) view returns (uint256)',
  'function scaledBalanceOf(address account) view returns (uint256)',
  'function shares(address account) view returns (uint256)',
])
export const sharesOf = (account: Address.Address): readonly Hex.Hex[] =>
  SHARES.map((getter) => encodeFunctionData({ abi: [getter], args: [account] }))

/** Permit2 stands at the same address on every chain (Uniswap/permit2, README). */
export const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3' as Address.Address

export const balanceOf = (account: Address.Address): Hex.Hex =>
  encodeFunctionData({ abi: GETTERS, functionName: 'balanceOf', args: [account] })
export const balanceOfId = (account: Address.Address, id: bigint): Hex.Hex =>
  encodeFunctionData({ abi: GETTERS, functionName: 'balanceOf', args: [account, id] })
export const ownerOf = (id: bigint): Hex.Hex =>
  encodeFunctionData({ abi: GETTERS, functionName: 'ownerOf', args: [id] })
export const allowance = (owner: Address.Address, spender: Address.Address): Hex.Hex =>
  encodeFunctionData({ abi: GETTERS, functionName: 'allowance', args: [owner, spender] })
/** Words: amount, expiration (seconds), nonce. */
export const permit2Allowance = (owner: Address.Address, token: Address.Address, spender: Address.Address): Hex.Hex =>
  encodeFunctionData({ abi: GETTERS, functionName: 'allowance', args: [owner, token, spender] })
export const isApprovedForAll = (owner: Address.Address, operator: Address.Address): Hex.Hex =>
  encodeFunctionData({ abi: GETTERS, functionName: 'isApprovedForAll', args: [owner, operator] })
/** ERC-6909. */
export const isOperator = (owner: Address.Address, spender: Address.Address): Hex.Hex =>
  encodeFunctionData({ abi: GETTERS, functionName: 'isOperator', args: [owner, spender] })
export const owner = (): Hex.Hex => encodeFunctionData({ abi: GETTERS, functionName: 'owner' })
export const implementation = (): Hex.Hex => encodeFunctionData({ abi: GETTERS, functionName: 'implementation' })
export const getThreshold = (): Hex.Hex => encodeFunctionData({ abi: GETTERS, functionName: 'getThreshold' })
export const getOwners = (): Hex.Hex => encodeFunctionData({ abi: GETTERS, functionName: 'getOwners' })
