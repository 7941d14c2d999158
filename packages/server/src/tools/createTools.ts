import { Address, BaseError, Hex, Wei } from '@countersign/base'
import { tool, type ToolSet } from 'ai'
import { decodeFunctionResult, encodeFunctionData, erc20Abi, parseAbi, parseAbiItem, type AbiFunction } from 'viem'
import { z } from 'zod'
import { forModel, untrusted } from './forModel.ts'
import type { ToolName } from '../apps/Tools.ts'
import type { ArgumentProvenance, Draft, DraftCall, RegistryToken, StagedAnswer, ToolHost } from './ToolHost.ts'

const ROUTER = parseAbi([
  'function getAmountsOut(uint256 amountIn, address[] path) view returns (uint256[] amounts)',
  'function swapExactETHForTokens(uint256 amountOutMin, address[] path, address to, uint256 deadline) payable returns (uint256[] amounts)',
  'function swapExactTokensForETH(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
  'function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
])

/** Half a percent: what exchanges' own pages default to. */
const DEFAULT_SLIPPAGE_BPS = 50n
/** The most fields of a document whose origin is told one by one. */
const MAX_PROVENANCE = 12
/** How long a signed swap stays valid, in seconds. */
const SWAP_DEADLINE_S = 1_200n

/**
 * The built-in tools of one turn. Each turns typed arguments into call data itself, labels where every critical
 * argument came from, and stages; none can sign or send. Failures are answers (`{error, hint, code}`), so that the
 * model can tell the user.
 *
 * @param allow - Names this app may use; the others are not in the set and cannot be called. Null means all.
 * @param nowS - Seconds since 1970, for deadlines.
 */
export function createTools(
  host: ToolHost,
  { allow, nowS }: { allow: readonly string[] | null; nowS: () => bigint },
): ToolSet {
  const all: Record<ToolName, ToolSet[string]> = {
    get_balance: tool({
      description: 'Balances of the connected wallet: the native coin and every registered token, or one of them.',
      inputSchema: z.strictObject({ token: z.string().max(42).optional() }),
      execute: (args) => answer(() => getBalance(host, args)),
    }),
    get_price: tool({
      description: 'What an amount of one token would give in another, quoted now on the configured exchange.',
      inputSchema: z.strictObject({ amount: z.string(), give: z.string(), take: z.string() }),
      execute: (args) => answer(() => getPrice(host, args)),
    }),
    swap: tool({
      description: 'Stage a swap of an exact amount. Amount in whole units as decimal text, tokens by symbol.',
      inputSchema: z.strictObject({
        amount: z.string(),
        give: z.string(),
        take: z.string(),
        slippage_percent: z.string().optional(),
      }),
      execute: (args) => answer(() => swap(host, args, nowS())),
    }),
    send: tool({
      description: 'Stage a payment. Amount in whole units as decimal text, token by symbol, recipient as address.',
      inputSchema: z.strictObject({ amount: z.string(), token: z.string(), to: z.string() }),
      execute: (args) => answer(() => send(host, args)),
    }),
    approve: tool({
      description: 'Stage an approval. Amount in whole units as decimal text, or "unlimited" only if the user said so.',
      inputSchema: z.strictObject({ amount: z.string(), token: z.string(), spender: z.string() }),
      execute: (args) => answer(() => approve(host, args)),
    }),
    revoke: tool({
      description: "Stage taking back a spender's approval for a token.",
      inputSchema: z.strictObject({ token: z.string(), spender: z.string() }),
      execute: (args) => answer(() => revoke(host, args)),
    }),
    stage_tx: tool({
      description:
        'Stage any single transaction: either {encode: {signature, args}} or {raw: "0x…"} as data; value in wei.',
      inputSchema: z.strictObject({
        to: z.string(),
        description: z.string().max(200),
        value: z.string().optional(),
        data: z
          .union([
            z.strictObject({ encode: z.strictObject({ signature: z.string().max(400), args: z.array(z.unknown()) }) }),
            z.strictObject({ raw: z.string().max(100_000) }),
          ])
          .optional(),
      }),
      execute: (args) => answer(() => stageTx(host, args)),
    }),
    stage_signature: tool({
      description:
        'Stage an EIP-712 document {types, primaryType, domain, message} for the owner to sign. What its holder could do is simulated first.',
      inputSchema: z.strictObject({ typed_data: z.looseObject({}) }),
      execute: ({ typed_data: document }) => answer(() => stageSignature(host, document)),
    }),
    view_state: tool({
      description: 'Read a contract: function signature with types and returns, arguments, address.',
      inputSchema: z.strictObject({ to: z.string(), signature: z.string().max(400), args: z.array(z.unknown()) }),
      execute: (args) => answer(() => viewState(host, args)),
    }),
    commit_tx: tool({
      description: "Hand a receipted proposal to the owner's wallet queue.",
      inputSchema: z.strictObject({ proposal_id: z.string().max(64) }),
      execute: ({ proposal_id: id }) =>
        answer(async () => {
          const committed = await host.commit(id)
          return { proposal_id: committed.proposalId, pending_tx_ids: committed.txIds, state: 'pending' }
        }),
    }),
  }
  return Object.fromEntries(Object.entries(all).filter(([name]) => allow === null || allow.includes(name)))
}

interface Failure {
  readonly error: string
  readonly hint: string
  readonly code: string
  /** What a contract or a node said of it. */
  readonly untrusted_text?: unknown
}

async function answer<T extends object>(run: () => Promise<T>): Promise<T | Failure> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof BaseError) {
      const said = error instanceof ToolError && error.said !== null ? { untrusted_text: untrusted(error.said) } : {}
      return { error: forModel(error.message), hint: forModel(error.hint), code: error.code, ...said }
    }
    return { error: 'The tool failed.', hint: 'Try again; if it stays, tell the operator.', code: 'tools:tool:failed' }
  }
}

/** A token the tools can name: a registered one, or the native coin. */
type Asset =
  | { readonly native: true; readonly symbol: string; readonly decimals: 18 }
  | ({ readonly native: false } & RegistryToken)

function assetOf(host: ToolHost, name: string): Asset {
  const wanted = name.trim().toLowerCase()
  if (wanted === host.nativeSymbol.toLowerCase() || wanted === 'ether' || wanted === 'native') {
    return { native: true, symbol: host.nativeSymbol, decimals: 18 }
  }
  const token = host.tokens.find(
    (each) => each.symbol.toLowerCase() === wanted || each.address.toLowerCase() === wanted,
  )
  if (token === undefined) {
    throw new ToolError(
      `There is no token "${name.slice(0, 30)}" registered on this chain.`,
      'tools:token:unknown',
      `Use ${[host.nativeSymbol, ...host.tokens.map((each) => each.symbol)].join(', ')}.`,
    )
  }
  return { native: false, ...token }
}

function accountOf(host: ToolHost): Address.Address {
  if (host.account === null) {
    throw new ToolError('No wallet is connected.', 'tools:wallet:absent', 'Connect a wallet, then ask again.')
  }
  return host.account
}

function amountOf(text: string, asset: Asset): bigint {
  const amount = Wei.fromUnits(text.trim(), asset.decimals)
  if (amount === 0n) throw new ToolError('The amount is zero.', 'tools:amount:zero', 'Name an amount above zero.')
  return amount
}

/**
 * Where a value came from: the user's own words in this session, the registry, or nowhere that counts, which means
 * that the model made it up. Looked up, never believed.
 */
function provenanceOf(host: ToolHost, argument: string, value: string): ArgumentProvenance {
  const needle = value.toLowerCase()
  const isWord = (text: string) =>
    text
      .toLowerCase()
      .split(/[^0-9a-z.]+/)
      .some((word) => word === needle || word.replace(/\.$/, '') === needle)
  if (host.userTexts.some(isWord)) return { argument, value, source: 'user' }
  const isRegistered =
    host.tokens.some((token) => token.symbol.toLowerCase() === needle || token.address.toLowerCase() === needle) ||
    host.contracts.some((contract) => contract.address.toLowerCase() === needle)
  return { argument, value, source: isRegistered ? 'registry' : 'model' }
}

async function stage(host: ToolHost, draft: Omit<Draft, 'chainId' | 'from'>): Promise<Record<string, unknown>> {
  return toResult(await host.stage({ ...draft, chainId: host.chainId, from: accountOf(host) }))
}

function toResult(staged: StagedAnswer): Record<string, unknown> {
  return {
    proposal_id: staged.proposalId,
    state: staged.state,
    verdict: staged.verdict,
    reason: staged.reason,
    changes: staged.changes,
    findings: staged.findings,
    fee_wei: staged.feeWei,
  }
}

async function getBalance(host: ToolHost, args: { token?: string | undefined }) {
  const account = accountOf(host)
  const assets: Asset[] =
    args.token === undefined
      ? [
          { native: true, symbol: host.nativeSymbol, decimals: 18 },
          ...host.tokens.map((token): Asset => ({ native: false, ...token })),
        ]
      : [assetOf(host, args.token)]
  const balances = await Promise.all(
    assets.map(async (asset) => ({ asset, amount: await balanceOf(host, asset, account) })),
  )
  const shown =
    args.token === undefined ? balances.filter(({ asset, amount }) => asset.native || amount > 0n) : balances
  return {
    account,
    balances: shown.map(({ asset, amount }) => ({
      symbol: asset.symbol,
      amount: amount.toString(),
      decimals: asset.decimals,
      text: `${Wei.format(amount, asset.decimals)} ${asset.symbol}`,
    })),
  }
}

async function balanceOf(host: ToolHost, asset: Asset, account: Address.Address): Promise<bigint> {
  if (asset.native) return host.nativeBalance(account)
  const data = await readOrThrow(
    host,
    asset.address,
    encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [account] }),
  )
  return decodeFunctionResult({ abi: erc20Abi, functionName: 'balanceOf', data })
}

async function readOrThrow(host: ToolHost, to: Address.Address, data: Hex.Hex): Promise<Hex.Hex> {
  const result = await host.read({ to, data })
  if ('reverted' in result)
    throw new ToolError('The contract refused.', 'tools:read:reverted', 'Check the arguments.', result.reverted)
  return result.data
}

/** The trading path and what comes out of it now. */
async function quote(
  host: ToolHost,
  give: Asset,
  take: Asset,
  amount: bigint,
): Promise<{ path: Address.Address[]; out: bigint }> {
  const exchange = host.exchange
  if (exchange === null)
    throw new ToolError(
      'No exchange is configured on this chain.',
      'tools:exchange:absent',
      'Ask the operator to configure one.',
    )
  const address = (asset: Asset) => (asset.native ? exchange.wrappedNative : asset.address)
  const [from, to] = [address(give), address(take)]
  if (from === to) throw new ToolError('These are the same asset.', 'tools:swap:same', 'Name two different tokens.')
  const paths = [
    [from, to],
    ...(from === exchange.wrappedNative || to === exchange.wrappedNative ? [] : [[from, exchange.wrappedNative, to]]),
  ]
  const quotes = await Promise.all(
    paths.map(async (path) => {
      const result = await host.read({
        to: exchange.router,
        data: encodeFunctionData({ abi: ROUTER, functionName: 'getAmountsOut', args: [amount, path] }),
      })
      if ('reverted' in result) return { path, out: 0n }
      return {
        path,
        out: decodeFunctionResult({ abi: ROUTER, functionName: 'getAmountsOut', data: result.data }).at(-1) ?? 0n,
      }
    }),
  )
  const best = quotes.reduce((a, b) => (b.out > a.out ? b : a))
  if (best.out === 0n) {
    throw new ToolError(
      `${give.symbol} cannot be swapped for ${take.symbol} on the configured exchange.`,
      'tools:swap:unavailable',
      'Try another token or a larger amount.',
    )
  }
  return best
}

async function getPrice(host: ToolHost, args: { amount: string; give: string; take: string }) {
  const give = assetOf(host, args.give)
  const take = assetOf(host, args.take)
  const amount = amountOf(args.amount, give)
  const { out } = await quote(host, give, take, amount)
  const text = `${Wei.format(amount, give.decimals)} ${give.symbol} would give ${Wei.format(out, take.decimals)} ${take.symbol} right now, fees of the pool included.`
  return { give: give.symbol, take: take.symbol, amount: amount.toString(), out: out.toString(), text }
}

async function swap(
  host: ToolHost,
  args: { amount: string; give: string; take: string; slippage_percent?: string | undefined },
  nowS: bigint,
) {
  const account = accountOf(host)
  const give = assetOf(host, args.give)
  const take = assetOf(host, args.take)
  const amount = amountOf(args.amount, give)
  const slippageBps =
    args.slippage_percent === undefined ? DEFAULT_SLIPPAGE_BPS : Wei.fromUnits(args.slippage_percent, 2)
  if (slippageBps === 0n || slippageBps > 5_000n) {
    throw new ToolError(
      'Slippage must be above 0 % and at most 50 %.',
      'tools:slippage:range',
      'Leave it out for half a percent.',
    )
  }
  const wrapped = host.exchange?.wrappedNative
  const calls: DraftCall[] = []
  const isWrap = give.native && !take.native && take.address === wrapped
  const isUnwrap = take.native && !give.native && give.address === wrapped
  let minimum = amount
  if (isWrap || isUnwrap) {
    calls.push({
      to: wrapped as Address.Address,
      value: isWrap ? amount : 0n,
      data: isWrap
        ? '0xd0e30db0'
        : encodeFunctionData({
            abi: parseAbi(['function withdraw(uint256)']),
            functionName: 'withdraw',
            args: [amount],
          }),
      label: isWrap ? `Wrap ${args.amount} ${give.symbol}` : `Unwrap ${args.amount} ${give.symbol}`,
      kind: 'swap',
    })
  } else {
    const { path, out } = await quote(host, give, take, amount)
    minimum = (out * (10_000n - slippageBps)) / 10_000n
    const deadline = nowS + SWAP_DEADLINE_S
    const router = host.exchange?.router as Address.Address
    const label = `Swap ${Wei.format(amount, give.decimals)} ${give.symbol} for ${take.symbol}`
    if (give.native) {
      calls.push({
        to: router,
        value: amount,
        data: encodeFunctionData({
          abi: ROUTER,
          functionName: 'swapExactETHForTokens',
          args: [minimum, path, account, deadline],
        }),
        label,
        kind: 'swap',
      })
    } else {
      calls.push(
        {
          to: give.address,
          value: 0n,
          // Exactly what the swap takes, so that nothing is left behind.
          data: encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [router, amount] }),
          label: `Allow the exchange to take exactly ${Wei.format(amount, give.decimals)} ${give.symbol}`,
          kind: 'erc20_approve',
        },
        {
          to: router,
          value: 0n,
          data: encodeFunctionData({
            abi: ROUTER,
            functionName: take.native ? 'swapExactTokensForETH' : 'swapExactTokensForTokens',
            args: [amount, minimum, path, account, deadline],
          }),
          label,
          kind: 'swap',
        },
      )
    }
  }
  return stage(host, {
    calls,
    summary: `Swap ${Wei.format(amount, give.decimals)} ${give.symbol} for at least ${Wei.format(minimum, take.decimals)} ${take.symbol}`,
    provenance: [
      provenanceOf(host, 'amount', args.amount),
      provenanceOf(host, 'give', give.symbol),
      provenanceOf(host, 'take', take.symbol),
      { argument: 'recipient', value: account, source: 'app' },
    ],
  })
}

async function send(host: ToolHost, args: { amount: string; token: string; to: string }) {
  const asset = assetOf(host, args.token)
  const amount = amountOf(args.amount, asset)
  const recipient = Address.parse(args.to)
  const text = `${Wei.format(amount, asset.decimals)} ${asset.symbol}`
  return stage(host, {
    calls: [
      asset.native
        ? { to: recipient, value: amount, data: '0x', label: `Send ${text}`, kind: 'native_transfer' }
        : {
            to: asset.address,
            value: 0n,
            data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [recipient, amount] }),
            label: `Send ${text}`,
            kind: 'erc20_transfer',
          },
    ],
    summary: `Send ${text} to ${recipient}`,
    provenance: [
      provenanceOf(host, 'amount', args.amount),
      provenanceOf(host, 'token', asset.symbol),
      provenanceOf(host, 'recipient', recipient),
    ],
  })
}

async function approve(host: ToolHost, args: { amount: string; token: string; spender: string }) {
  const asset = assetOf(host, args.token)
  if (asset.native)
    throw new ToolError(`${asset.symbol} needs no approval.`, 'tools:approve:native', 'Approvals are for tokens.')
  const spender = Address.parse(args.spender)
  const isUnlimited = args.amount.trim().toLowerCase() === 'unlimited'
  const amount = isUnlimited ? Wei.MAX_UINT256 : amountOf(args.amount, asset)
  const text = isUnlimited ? `UNLIMITED ${asset.symbol}` : `${Wei.format(amount, asset.decimals)} ${asset.symbol}`
  return stage(host, {
    calls: [
      {
        to: asset.address,
        value: 0n,
        data: encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [spender, amount] }),
        label: `Allow ${spender} to take ${text}`,
        kind: 'erc20_approve',
      },
    ],
    summary: `Allow ${spender} to take ${text}`,
    provenance: [
      provenanceOf(host, 'amount', args.amount),
      provenanceOf(host, 'token', asset.symbol),
      provenanceOf(host, 'spender', spender),
    ],
  })
}

async function revoke(host: ToolHost, args: { token: string; spender: string }) {
  const asset = assetOf(host, args.token)
  if (asset.native)
    throw new ToolError(`${asset.symbol} has no approvals.`, 'tools:approve:native', 'Approvals are for tokens.')
  const spender = Address.parse(args.spender)
  return stage(host, {
    calls: [
      {
        to: asset.address,
        value: 0n,
        data: encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [spender, 0n] }),
        label: `Take back ${asset.symbol} approval`,
        kind: 'erc20_approve',
      },
    ],
    summary: `Take back the ${asset.symbol} approval of ${spender}`,
    provenance: [provenanceOf(host, 'token', asset.symbol), provenanceOf(host, 'spender', spender)],
  })
}

type StageTxArgs = {
  to: string
  description: string
  value?: string | undefined
  data?: { encode: { signature: string; args: unknown[] } } | { raw: string } | undefined
}

async function stageTx(host: ToolHost, args: StageTxArgs) {
  const to = Address.parse(args.to)
  const value = Wei.parse(args.value ?? '0')
  const data = args.data === undefined ? '0x' : 'raw' in args.data ? Hex.parse(args.data.raw) : encode(args.data.encode)
  const signature =
    args.data !== undefined && 'encode' in args.data
      ? args.data.encode.signature.slice(0, 80)
      : data === '0x'
        ? 'a payment'
        : `call data ${data.slice(0, 10)}`
  const amount = value === 0n ? '' : ` with ${Wei.format(value, 18)} ${host.nativeSymbol}`
  return stage(host, {
    calls: [{ to, value, data, label: `Call ${signature}`, kind: data === '0x' ? 'native_transfer' : 'contract_call' }],
    // The model's description is not used: what people read is made by code.
    summary:
      data === '0x'
        ? `Send ${Wei.format(value, 18)} ${host.nativeSymbol} to ${to}`
        : `Call ${signature} of ${to}${amount}`,
    provenance: [provenanceOf(host, 'to', to), provenanceOf(host, 'value', value.toString())],
  })
}

/** A document that the owner would sign. Its title is made by code, from fields that were read strictly. */
async function stageSignature(host: ToolHost, document: Readonly<Record<string, unknown>>) {
  const from = accountOf(host)
  const signature = host.readDocument({ from, document })
  const staged = await host.stageDocument({
    from,
    signature,
    summary: `Sign: ${signature.title}`,
    provenance: signature.lines
      .slice(0, MAX_PROVENANCE)
      .map(({ label, value }) => provenanceOf(host, label.slice(0, 60), value.slice(0, 120))),
  })
  return toResult(staged)
}

async function viewState(host: ToolHost, args: { to: string; signature: string; args: unknown[] }) {
  const item = parseSignature(args.signature)
  const data = await readOrThrow(host, Address.parse(args.to), encode({ signature: args.signature, args: args.args }))
  if (item.outputs.length === 0) return { untrusted_result: untrusted(data) }
  const result: unknown = decodeFunctionResult({ abi: [item], functionName: item.name, data })
  return { untrusted_result: untrusted(result) }
}

function encode({ signature, args }: { signature: string; args: unknown[] }): Hex.Hex {
  const item = parseSignature(signature)
  try {
    return encodeFunctionData({ abi: [item], functionName: item.name, args })
  } catch {
    throw new ToolError(
      'The arguments do not fit the signature.',
      'tools:arguments:unreadable',
      'Give one argument per parameter: addresses as 0x text, numbers as decimal text.',
    )
  }
}

function parseSignature(signature: string): AbiFunction {
  try {
    const item = parseAbiItem((signature.startsWith('function ') ? signature : `function ${signature}`) as string)
    if ((item as { type: string }).type === 'function') return item as unknown as AbiFunction
  } catch {
    // Said below.
  }
  throw new ToolError(
    'The function signature cannot be read.',
    'tools:signature:unreadable',
    'Write it as in Solidity, such as "balanceOf(address) view returns (uint256)".',
  )
}

/** A tool cannot do what it was asked; the sentence is for the user. */
export class ToolError extends BaseError {
  override readonly name = 'tools.ToolError'
  /** What a contract said, where it did. */
  readonly said: string | null
  constructor(message: string, code: string, hint: string, said: string | null = null) {
    super(message, { code, kind: 'invalid', hint })
    this.said = said
  }
}
