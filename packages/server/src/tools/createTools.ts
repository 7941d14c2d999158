import { Address, BaseError, Hex, Wei } from '@countersign/base'
import { Chain, safeText, said } from '@countersign/simulator'
import { tool, type ToolSet } from 'ai'
import { decodeFunctionResult, encodeFunctionData, erc20Abi, parseAbi, parseAbiItem, type AbiFunction } from 'viem'
import { z } from 'zod'
import { quote, tradeCall } from './exchanges.ts'
import { forModel, untrusted } from '../provenance/forModel.ts'
import type { ToolName } from '../apps/Tools.ts'
import type { Value } from '../provenance/Action.ts'
import * as CallData from '../provenance/CallData.ts'
import { documentAction } from '../provenance/documentAction.ts'
import type { Heard } from '../provenance/Provenance.ts'
import { accountOf, asked, assess, isPasted, stage, toResult, type Turn } from './stageDraft.ts'
import { ToolError } from './ToolError.ts'
import type { ToolHost } from './ToolHost.ts'
import type { DraftCall } from '../proposals/Draft.ts'
import type { RegistryToken } from '../chains/Registry.ts'

/** Half a percent: what exchanges' own pages default to. */
const DEFAULT_SLIPPAGE_BPS = 50n
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
  given: ToolHost,
  { allow, nowS, heard = [] }: { allow: readonly string[] | null; nowS: () => bigint; heard?: Heard[] },
): ToolSet {
  const host: Turn = { ...given, heard }
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
    finish_batch: tool({
      description:
        'After a batch ended half done: "continue" hands the steps that are left to the owner\'s wallet queue, "revoke" what takes the given permission back. Only when the user says which.',
      inputSchema: z.strictObject({ how: z.enum(['continue', 'revoke']) }),
      execute: ({ how }) =>
        answer(async () => {
          const { proposalId, txIds, state, reason } = await host.finish(how)
          return { proposal_id: proposalId, pending_tx_ids: txIds, state, reason }
        }),
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
  if (wanted === 'native' || Chain.isCalled(host.nativeSymbol, wanted)) {
    return { native: true, symbol: host.nativeSymbol, decimals: 18 }
  }
  const same = host.tokens.filter(
    (each) => each.symbol.toLowerCase() === wanted || each.address.toLowerCase() === wanted,
  )
  const meant = same.filter((each) => each.address.toLowerCase() === wanted || each.isCanonical !== false)
  if (meant.length === 1 && meant[0] !== undefined) return { native: false, ...meant[0] }
  // A plain word is repeated; what else a model wrote is quoted as a stranger's.
  const shown = /^[\w.-]{1,30}$/.test(name) ? `"${name}"` : said(safeText(name, 30))
  if (same.length > 0) {
    const choices = same.map((each) => `${each.address} (${safeText(each.name, 60)})`).join(' or ')
    throw new ToolError(
      `${shown} could be more than one token on this chain: ${choices}.`,
      'tools:token:ambiguous',
      'Ask the user which one, by its address.',
    )
  }
  const symbols = [...new Set(host.tokens.map((each) => each.symbol))]
  throw new ToolError(
    `There is no token ${shown} registered on this chain.`,
    'tools:token:unknown',
    `Use ${[host.nativeSymbol, ...symbols].join(', ')}.`,
  )
}

/** A token as the user named it: by its symbol, or by its address where the symbol alone would not do. */
function spelled(asset: Asset, given: string): string {
  return !asset.native && asset.address.toLowerCase() === given.trim().toLowerCase() ? asset.address : asset.symbol
}

function wrappedOf(host: ToolHost): Address.Address | undefined {
  return host.exchanges[0]?.wrappedNative
}

function amountOf(text: string, asset: Asset): bigint {
  const amount = Wei.fromUnits(text.trim(), asset.decimals)
  if (amount === 0n) throw new ToolError('The amount is zero.', 'tools:amount:zero', 'Name an amount above zero.')
  return amount
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
  const unread = balances.flatMap(({ asset, amount }) => (amount === null && !asset.native ? [asset] : []))
  if (args.token !== undefined && unread.length > 0)
    throw new ToolError(
      `${args.token} does not answer on this chain.`,
      'tools:balance:unread',
      'Check that the token is the right one for this chain.',
    )
  return {
    account,
    balances: balances.flatMap(({ asset, amount }) => {
      if (amount === null || (args.token === undefined && !asset.native && amount === 0n)) return []
      const text = `${Wei.format(amount, asset.decimals)} ${asset.symbol}`
      return [{ symbol: asset.symbol, amount: amount.toString(), decimals: asset.decimals, text }]
    }),
    // One token that does not answer hides none of the others, and is not said to be none.
    ...(unread.length === 0 ? {} : { unread: unread.map(({ symbol }) => symbol) }),
  }
}

/** Null where the token does not answer as one does: no code, a revert, or an answer that is no number. */
async function balanceOf(host: ToolHost, asset: Asset, account: Address.Address): Promise<bigint | null> {
  if (asset.native) return host.nativeBalance(account)
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [account] })
  const result = await host.read({ to: asset.address, data })
  // A word of 32 bytes in hex; some tokens answer with more.
  return 'reverted' in result || result.data.length < 66 ? null : BigInt(result.data.slice(0, 66))
}

async function readOrThrow(host: ToolHost, to: Address.Address, data: Hex.Hex): Promise<Hex.Hex> {
  const result = await host.read({ to, data })
  if ('reverted' in result)
    throw new ToolError('The contract refused.', 'tools:read:reverted', 'Check the arguments.', result.reverted)
  return result.data
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
  host: Turn,
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
  const wrapped = wrappedOf(host)
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
    const quoted = await quote(host, give, take, amount)
    minimum = (quoted.out * (10_000n - slippageBps)) / 10_000n
    if (!give.native) {
      calls.push({
        to: give.address,
        value: 0n,
        // Exactly what the swap takes, so that nothing is left behind.
        data: encodeFunctionData({
          abi: erc20Abi,
          functionName: 'approve',
          args: [quoted.exchange.router, amount],
        }),
        label: `Allow the exchange to take exactly ${Wei.format(amount, give.decimals)} ${give.symbol}`,
        kind: 'erc20_approve',
      })
    }
    calls.push({
      ...tradeCall(quoted, { give, take, amount, minimum, account, deadline: nowS + SWAP_DEADLINE_S }),
      label: `Swap ${Wei.format(amount, give.decimals)} ${give.symbol} for ${take.symbol}`,
      kind: 'swap',
    })
  }
  return stage(host, {
    calls,
    summary: `Swap ${Wei.format(amount, give.decimals)} ${give.symbol} for at least ${Wei.format(minimum, take.decimals)} ${take.symbol}`,
    actions: [
      {
        verb: 'swap',
        name: 'swap',
        values: [
          { argument: 'amount', value: args.amount.trim(), role: 'amount' },
          { argument: 'give', value: spelled(give, args.give), role: 'give' },
          { argument: 'take', value: spelled(take, args.take), role: 'take' },
          ...slippageValue(args.slippage_percent, slippageBps),
          { argument: 'recipient', value: account, role: 'recipient', isOurs: true },
        ],
      },
    ],
  })
}

async function send(host: Turn, args: { amount: string; token: string; to: string }) {
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
    actions: [
      {
        verb: 'pay',
        name: 'send',
        values: [
          { argument: 'amount', value: args.amount.trim(), role: 'amount' },
          { argument: 'token', value: spelled(asset, args.token), role: 'asset' },
          { argument: 'recipient', value: recipient, role: 'recipient' },
        ],
      },
    ],
  })
}

async function approve(host: Turn, args: { amount: string; token: string; spender: string }) {
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
    actions: [
      {
        verb: 'approve',
        name: 'approve',
        values: [
          { argument: 'amount', value: isUnlimited ? 'unlimited' : args.amount.trim(), role: 'amount' },
          { argument: 'token', value: spelled(asset, args.token), role: 'asset' },
          { argument: 'spender', value: spender, role: 'spender' },
        ],
      },
    ],
  })
}

async function revoke(host: Turn, args: { token: string; spender: string }) {
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
    actions: [
      {
        verb: 'revoke',
        name: 'revoke',
        values: [
          { argument: 'token', value: spelled(asset, args.token), role: 'asset' },
          { argument: 'spender', value: spender, role: 'spender' },
        ],
      },
    ],
  })
}

type StageTxArgs = {
  to: string
  description: string
  value?: string | undefined
  data?: { encode: { signature: string; args: unknown[] } } | { raw: string } | undefined
}

async function stageTx(host: Turn, args: StageTxArgs) {
  const to = Address.parse(args.to)
  const value = Wei.parse(args.value ?? '0')
  const data = args.data === undefined ? '0x' : 'raw' in args.data ? Hex.parse(args.data.raw) : encode(args.data.encode)
  // A model writes no word of this: the selector is in the bytes, and the name is from our own table.
  const name = CallData.nameOf(data)
  const called = `${data.slice(0, 10)}${name === null ? '' : ` (${name})`}`
  const amount = value === 0n ? '' : ` with ${Wei.format(value, 18)} ${host.nativeSymbol}`
  const item = args.data !== undefined && 'encode' in args.data ? parseSignature(args.data.encode.signature) : null
  const book = { ...host, wrappedNative: wrappedOf(host) ?? null }
  return stage(host, {
    calls: [
      {
        to,
        value,
        data,
        label: data === '0x' ? `Send ${Wei.format(value, 18)} ${host.nativeSymbol}` : `Call ${called}`,
        kind: data === '0x' ? 'native_transfer' : 'contract_call',
      },
    ],
    summary:
      data === '0x'
        ? `Send ${Wei.format(value, 18)} ${host.nativeSymbol} to ${to}`
        : `Call ${called} of ${to}${amount}`,
    actions: CallData.actionsOf({ to, value, data }, book, item),
  })
}

/** A document that the owner would sign. Its title is made by code, from fields that were read strictly. */
async function stageSignature(host: Turn, document: Readonly<Record<string, unknown>>) {
  const from = accountOf(host)
  const signature = host.readDocument({ from, document })
  const found = await assess(host, {
    actions: [documentAction(signature, from)],
    isDocument: isPasted(host.userTexts.at(-1) ?? '', document),
  })
  const staged = await host.stageDocument({ from, signature, summary: `Sign: ${signature.title}`, ...found })
  return { ...toResult(staged), ...asked(found) }
}

async function viewState(host: Turn, args: { to: string; signature: string; args: unknown[] }) {
  const item = parseSignature(args.signature)
  const to = Address.parse(args.to)
  const isName = ['symbol', 'name'].includes(item.name)
  const hear = (value: unknown) => host.heard.push({ from: `view_state ${to}`, text: textOf(value), isName })
  let data: Hex.Hex
  try {
    data = await readOrThrow(host, to, encode({ signature: args.signature, args: args.args }))
  } catch (error) {
    if (error instanceof ToolError && error.said !== null) hear(error.said)
    throw error
  }
  if (item.outputs.length === 0) {
    hear(data)
    return { untrusted_result: untrusted(data) }
  }
  const result: unknown = decodeFunctionResult({ abi: [item], functionName: item.name, data })
  hear(result)
  return { untrusted_result: untrusted(result) }
}

/** Everything in a decoded answer, as words. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? each.toString() : each)) ?? ''
}

/** A slippage that is worse than the default is the user's to choose. */
function slippageValue(percent: string | undefined, bps: bigint): Value[] {
  return percent === undefined
    ? []
    : [
        {
          argument: 'slippage_percent',
          value: percent.trim(),
          role: 'slippage',
          isCritical: bps > DEFAULT_SLIPPAGE_BPS,
        },
      ]
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
