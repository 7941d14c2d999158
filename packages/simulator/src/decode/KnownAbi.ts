import { Hex } from '@countersign/base'
import {
  decodeAbiParameters,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionData,
  parseAbi,
  toEventSelector,
  toFunctionSelector,
  type AbiEvent,
  type AbiFunction,
} from 'viem'
import { safeText } from './safeText.ts'

/**
 * Interfaces that are the same everywhere. Names of functions and events help people read; no rule trusts them, since
 * any contract may answer to any selector.
 */
const ABI = parseAbi([
  // ERC-20, EIP-2612, DAI's permit, common extensions
  'function transfer(address to, uint256 amount) returns (bool)',
  'function transferFrom(address from, address to, uint256 amount) returns (bool)',
  'function approve(address spender, uint256 amount) returns (bool)',
  'function increaseAllowance(address spender, uint256 addedValue) returns (bool)',
  'function decreaseAllowance(address spender, uint256 subtractedValue) returns (bool)',
  'function balanceOf(address account) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)',
  'function permit(address holder, address spender, uint256 nonce, uint256 expiry, bool allowed, uint8 v, bytes32 r, bytes32 s)',
  'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)',
  'function mint(address to, uint256 amount)',
  'function burn(uint256 amount)',
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  // ERC-721 and ERC-1155
  'function setApprovalForAll(address operator, bool approved)',
  'function safeTransferFrom(address from, address to, uint256 tokenId)',
  'function safeTransferFrom(address from, address to, uint256 tokenId, bytes data)',
  'function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes data)',
  'function safeBatchTransferFrom(address from, address to, uint256[] ids, uint256[] amounts, bytes data)',
  'function ownerOf(uint256 tokenId) view returns (address)',
  'function onERC721Received(address operator, address from, uint256 tokenId, bytes data) returns (bytes4)',
  // Signatures given on chain: Safe, CoW Protocol
  'function approveHash(bytes32 hashToApprove)',
  'function setPreSignature(bytes orderUid, bool signed)',
  // ERC-5805
  'function delegate(address delegatee)',
  // WETH
  'function deposit() payable',
  'function withdraw(uint256 amount)',
  // Uniswap V2
  'function swapExactETHForTokens(uint256 amountOutMin, address[] path, address to, uint256 deadline) payable returns (uint256[] amounts)',
  'function swapExactTokensForETH(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
  'function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
  'function swapExactETHForTokensSupportingFeeOnTransferTokens(uint256 amountOutMin, address[] path, address to, uint256 deadline) payable',
  'function swapExactTokensForETHSupportingFeeOnTransferTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline)',
  'function swapExactTokensForTokensSupportingFeeOnTransferTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline)',
  'function swapETHForExactTokens(uint256 amountOut, address[] path, address to, uint256 deadline) payable returns (uint256[] amounts)',
  'function swapTokensForExactTokens(uint256 amountOut, uint256 amountInMax, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
  'function swapTokensForExactETH(uint256 amountOut, uint256 amountInMax, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
  'function addLiquidityETH(address token, uint256 amountTokenDesired, uint256 amountTokenMin, uint256 amountETHMin, address to, uint256 deadline) payable',
  'function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes data)',
  'function getReserves() view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast)',
  // Uniswap V3
  'function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 deadline, uint256 amountIn, uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params) payable returns (uint256 amountOut)',
  'function exactInput((bytes path, address recipient, uint256 deadline, uint256 amountIn, uint256 amountOutMinimum) params) payable returns (uint256 amountOut)',
  'function swap(address recipient, bool zeroForOne, int256 amountSpecified, uint160 sqrtPriceLimitX96, bytes data) returns (int256 amount0, int256 amount1)',
  'function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes data)',
  'function unwrapWETH9(uint256 amountMinimum, address recipient) payable',
  'function multicall(bytes[] data) payable returns (bytes[] results)',
  // Permit2
  'function approve(address token, address spender, uint160 amount, uint48 expiration)',
  'function transferFrom(address from, address to, uint160 amount, address token)',
  // Multicall3
  'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[] returnData)',
  // Ownership and upgrades
  'function transferOwnership(address newOwner)',
  'function upgradeTo(address newImplementation)',
  'function upgradeToAndCall(address newImplementation, bytes data) payable',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event Approval(address indexed owner, address indexed spender, uint256 value)',
  'event ApprovalForAll(address indexed owner, address indexed operator, bool approved)',
  'event TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value)',
  'event TransferBatch(address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] values)',
  'event Deposit(address indexed dst, uint256 wad)',
  'event Withdrawal(address indexed src, uint256 wad)',
  'event Sync(uint112 reserve0, uint112 reserve1)',
  'event Swap(address indexed sender, uint256 amount0In, uint256 amount1In, uint256 amount0Out, uint256 amount1Out, address indexed to)',
  'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)',
  'event Approval(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration)',
  'event Permit(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration, uint48 nonce)',
  'event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)',
  'event Upgraded(address indexed implementation)',
  // OpenZeppelin 5 token errors (ERC-6093)
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
  'error ERC721NonexistentToken(uint256 tokenId)',
  'error OwnableUnauthorizedAccount(address account)',
  'error AllowanceExpired(uint256 deadline)',
  'error InsufficientAllowance(uint256 amount)',
])
/** ERC-721 spells the same topics with a third indexed argument. */
const ABI_721 = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)',
  'event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId)',
])

const FUNCTIONS = new Map<string, AbiFunction>()
const EVENTS = new Map<string, AbiEvent>()
for (const item of [...ABI, ...ABI_721]) {
  if (item.type === 'function') FUNCTIONS.set(toFunctionSelector(item), item)
  if (item.type === 'event') {
    EVENTS.set(
      `${toEventSelector(item)}|${item.inputs.filter((input) => 'indexed' in input && input.indexed).length}`,
      item,
    )
  }
}

/** `name(type,…)` as people quote it. */
function signatureOf(item: AbiFunction | AbiEvent): string {
  return `${item.name}(${item.inputs.map((input) => input.type).join(',')})`
}

/** The function that a selector means where it means the same everywhere; its parameters have names. */
export function knownFunction(selector: Hex.Hex): AbiFunction | null {
  return FUNCTIONS.get(selector.toLowerCase()) ?? null
}

/** A call's signature and arguments, where its selector is known and its data really decodes. */
export function decodeCall(data: Hex.Hex): { signature: string; args: readonly unknown[] } | null {
  const known = decodedCalls.get(data)
  if (known !== undefined) return known
  const decoded = decodeFresh(data)
  // Bounded, and only for ordinary sizes: a bomb's call data is not kept.
  if (data.length < 2_000) {
    if (decodedCalls.size >= 2_000) decodedCalls.clear()
    decodedCalls.set(data, decoded)
  }
  return decoded
}

const decodedCalls = new Map<Hex.Hex, { signature: string; args: readonly unknown[] } | null>()

function decodeFresh(data: Hex.Hex): { signature: string; args: readonly unknown[] } | null {
  const item = FUNCTIONS.get(data.slice(0, 10))
  if (item === undefined) return null
  try {
    const { args } = decodeFunctionData({ abi: [item], data })
    return { signature: signatureOf(item), args: args ?? [] }
  } catch {
    return null
  }
}

/** A log's event and arguments, where its topic is known and its data really decodes. */
export function decodeLog(
  topics: readonly Hex.Hex[],
  data: Hex.Hex,
): { event: string; args: Record<string, unknown> } | null {
  const item = EVENTS.get(`${topics[0] ?? ''}|${topics.length - 1}`)
  if (item === undefined) return null
  try {
    const { args } = decodeEventLog({ abi: [item], topics: [...topics] as [Hex.Hex, ...Hex.Hex[]], data })
    return { event: signatureOf(item), args: args as unknown as Record<string, unknown> }
  } catch {
    return null
  }
}

/** Solidity's panic codes (Solidity documentation, "Panic via assert and Error via require"). */
const PANICS: Readonly<Record<string, string>> = {
  '1': 'an assertion failed',
  '17': 'arithmetic overflow or underflow',
  '18': 'division by zero',
  '33': 'invalid enum value',
  '49': 'pop from an empty array',
  '50': 'array index out of bounds',
  '65': 'out of memory',
  '81': 'call of an uninitialised function',
}

/** Why a call reverted, in words. The contract's own text is escaped and capped. */
export function decodeRevert(data: Hex.Hex): { reason: string; error: string | null } {
  if (data === '0x') return { reason: 'reverted without a reason', error: null }
  try {
    if (data.startsWith('0x08c379a0')) {
      const [text] = decodeAbiParameters([{ type: 'string' }], `0x${data.slice(10)}`)
      return { reason: safeText(text, 300), error: 'Error(string)' }
    }
    if (data.startsWith('0x4e487b71')) {
      const [code] = decodeAbiParameters([{ type: 'uint256' }], `0x${data.slice(10)}`)
      return { reason: `panic: ${PANICS[code.toString()] ?? `code ${code}`}`, error: 'Panic(uint256)' }
    }
    const { errorName, args } = decodeErrorResult({ abi: ABI, data })
    return { reason: `${errorName}(${((args ?? []) as readonly unknown[]).map(String).join(', ')})`, error: errorName }
  } catch {
    return { reason: `custom error ${data.slice(0, 10)}`, error: null }
  }
}
