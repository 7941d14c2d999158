import { Address, Wei, type Hex } from '@countersign/base'
import { coinOf, type Chain } from '../chain/Chain.ts'
import type { SwitchRun, EnvironmentRun, Ahead, Tries } from '../model/Evidence.ts'
import type { PoolTrade } from '../effects/PoolTrade.ts'
import { safeText, said } from '../decode/safeText.ts'
import type { EngineLimit } from '../evm/EngineLimitError.ts'
import type { AuthorityChange } from '../model/Authority.ts'
import type { KeptForYou } from '../model/KeptForYou.ts'
import type { CallFrame, Step } from '../model/Step.ts'
import type { Finding } from '../model/Finding.ts'
import type { IntentResult } from '../model/Report.ts'
import type { Proceeds, Unit } from '../model/ValueFlow.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import type { Call, SignedAuthorization } from '../model/Call.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { VouchedAddress } from '../model/KnownAddress.ts'

/** What the engine itself noticed: what ended early, and what could not be read. */
export interface EngineFacts {
  readonly tooManyReads: { readonly reads: number; readonly limit: number } | null
  /**
   * Why the run did not come to its end: it needed more time or memory than an honest transaction does, the machine was too
   * busy to run it, or nothing tells which; null when it ended.
   */
  readonly ranOut: EngineLimit | null
  readonly refusals: readonly { readonly step: number; readonly refused: string; readonly because: string }[]
  /** Reads that answer at one time and not at the other: `kind|contract|…`. */
  readonly unreadable: readonly string[]
  readonly disagreements: readonly string[]
  /** Coin that ceases to exist, by the contract that held it. */
  readonly destroyed: readonly { readonly account: Address.Address; readonly amount: bigint }[]
  /** What the provider said that its own proofs do not bear out, where proofs were asked for. */
  readonly proofMismatches: readonly string[]
  /** What the chain's own node gave, where no local EVM models the chain; null where one does. */
  readonly node: NodeFacts | null
  /** What the second EVM tells otherwise, where it was asked. */
  readonly engineDifferences: readonly string[]
  readonly wasCut: boolean
  /** The run could not be watched step by step, on a chain whose runs are. */
  readonly isUnwatched: boolean
}

/** A run by the chain's own node alone: why, and what is known of it. */
export interface NodeFacts {
  /** Why no local EVM models the chain. */
  readonly why: string
  /** Balances and allowances were read before and after. */
  readonly hasBalances: boolean
  /** All stored words that the run changed are known. */
  readonly hasStorage: boolean
  /** In how many blocks it was run, the expected one included. */
  readonly environments: number
  /** What the operator accepts of the chain; null: by what the node gave. */
  readonly accept: 'warn' | 'block' | null
}

/** What a rule may look at: everything that was found out, nothing that has to be fetched. */
export interface RuleContext {
  readonly request: SimulationRequest
  readonly chain: Chain
  readonly steps: readonly Step[]
  readonly tokenChanges: readonly TokenChange[]
  readonly authorityChanges: readonly AuthorityChange[]
  /** Numbers that contracts keep for the user and that differ. */
  readonly keptForYou: readonly KeptForYou[]
  /** The most the whole batch can cost in fees. */
  readonly maxFeeWei: bigint
  /** Of the next block. */
  readonly baseFeeWei: bigint
  /** Net movement that events announced, by `token|account` in lower case. */
  readonly announced: ReadonlyMap<string, bigint>
  /** Where a grant was written, for those that were found in storage. */
  readonly grantSlots: ReadonlyMap<AuthorityChange, Hex.Hex>
  /** The user and the accounts that the user controls: what leaves any of them is the user's loss. */
  readonly mine: ReadonlySet<string>
  /** What was to be the user's and ends with somebody else. */
  readonly proceeds: readonly Proceeds[]
  /** The whole batch, and each step of it where there are several. */
  readonly units: readonly Unit[]
  /** Contracts that each step calls, lower case. */
  readonly contracts: readonly ReadonlySet<string>[]
  /** Contracts in which an entry of the user's own grew. Lower case. */
  readonly credits: ReadonlySet<string>
  /** Contracts that wrote something about the user that nothing explains, and have something in reach. Lower case. */
  readonly reach: ReadonlySet<string>
  /** Those of them that reach nothing but what the user allows them in this very batch. Lower case. */
  readonly lent: ReadonlySet<string>
  /** Stored words that mention the user and that no effect explains. */
  readonly unexplained: readonly {
    readonly contract: Address.Address
    readonly slot: Hex.Hex
    readonly isOwn?: boolean
  }[]
  /** Flags, counts and times under the user's key that turn on, and entries with another account that end. */
  readonly marks: readonly { readonly contract: Address.Address; readonly slot: Hex.Hex }[]
  /** Pools that the run traded with, with their prices before it. */
  readonly trades: readonly PoolTrade[]
  readonly environments: readonly EnvironmentRun[]
  /** Stored switches that would turn the outcome against the user. */
  readonly switches: readonly SwitchRun[]
  /** What could happen next; empty when it was not looked at. */
  readonly ahead: Omit<Ahead, 'leftOut' | 'deposits'>
  /** What others can do after it; empty when it was not tried. */
  readonly tries: Omit<Tries, 'untried'>
  readonly engine: EngineFacts
  /** What the user meant, checked; null without an intent. */
  readonly intent: IntentResult | null
  /** An account at the block; undefined when it was not read. */
  account(
    address: Address.Address,
  ): { readonly hasCode: boolean; readonly nonce: bigint; readonly balance: bigint } | undefined
  /** What the app's configuration says of an address. That the user mentioned it is not in here. */
  known(address: Address.Address): VouchedAddress | undefined
  /** Who signed an authorization; null for a signature that nobody made. */
  authorityOf(authorization: SignedAuthorization): string | null
  /** Whether the intent names this very permission, which nobody can read, with its grantee. */
  isMeantGrant(change: AuthorityChange): boolean
  /** Whether the checked intent names the address as one that receives. */
  isMeantRecipient(address: Address.Address): boolean
}

/** One rule: pure, named, never throwing. */
export interface Rule {
  /** In findings, for good: its meaning never changes. */
  readonly name: string
  /** What to do about it, in one plain sentence. */
  readonly remediation: string
  /** When it speaks, for docs/reference/findings.md. */
  readonly about: string
  /** At which level, for the same page. */
  readonly levels: string
  check(context: RuleContext): readonly Finding[]
}

/** A finding with what is usual left out. */
export function finding(
  rule: string,
  level: Finding['level'],
  title: string,
  because: string,
  { step = null, subject = null, evidence = {} }: Partial<Pick<Finding, 'step' | 'subject' | 'evidence'>> = {},
): Finding {
  return { rule, level, title, because, step, subject, evidence }
}

/** Every call of the batch that was not undone, in execution order, with the step it belongs to. */
export function* framesOf(
  context: Pick<RuleContext, 'steps'>,
): Generator<{ readonly frame: CallFrame; readonly step: Step }> {
  function* walk(frame: CallFrame, step: Step): Generator<{ readonly frame: CallFrame; readonly step: Step }> {
    if (frame.status !== 'success') return
    yield { frame, step }
    for (const inner of frame.calls) yield* walk(inner, step)
  }
  for (const step of context.steps) if (step.calls !== null) yield* walk(step.calls, step)
}

/** How a rule names an address to people: the registry's name, and always the address in full. */
export function nameOf(context: Pick<RuleContext, 'known'>, address: Address.Address): string {
  const known = context.known(address)
  return known === undefined ? address : `${safeText(known.name, 48)} (${address})`
}

/**
 * How a rule names a token: as the app has it; otherwise in the token's own words, quoted, since anybody may choose them;
 * otherwise by its address.
 *
 * @param symbol - As the report has it, escaped already.
 */
export function tokenName(
  context: Pick<RuleContext, 'known' | 'chain'>,
  token: Address.Address | null,
  symbol: string | null | undefined,
): string {
  if (token === null) return coinOf(context.chain).symbol
  const known = context.known(token)
  if (known?.kind === 'token') return safeText(known.symbol ?? known.name, 32)
  return symbol == null ? token : `${said(symbol)} (${token})`
}

/** How a rule says how much of what: in whole units where the decimals are known. */
export function amountText(
  context: Pick<RuleContext, 'known' | 'chain' | 'tokenChanges'>,
  token: string | null,
  amount: bigint,
): string {
  const address = token === null ? null : Address.parse(token)
  const known = address === null ? undefined : context.known(address)
  const named = context.tokenChanges.find((change) => change.token === address && change.decimals !== null)
  const decimals = address === null ? 18 : (known?.decimals ?? named?.decimals)
  const symbol = tokenName(context, address, named?.symbol)
  return decimals == null ? `${amount} of the smallest unit of ${symbol}` : `${Wei.format(amount, decimals)} ${symbol}`
}

/** How a rule names the token that an allowance is about; Permit2 keeps allowances for all of them. */
export function grantedToken(context: Pick<RuleContext, 'known' | 'chain'>, change: AuthorityChange): string {
  const token = tokenOfGrant(change)
  if (token !== null) return tokenName(context, token, change.symbol)
  return change.symbol === null ? 'a token' : said(change.symbol)
}

/** The token that a grant is about. Of Permit2's it is known only where there is something to take. */
export function tokenOfGrant({ kind, contract, valueAtRisk }: AuthorityChange): Address.Address | null {
  return kind === 'permit2_allowance' ? (valueAtRisk[0]?.token ?? null) : contract
}

/** Whether the app names this account as one to deal with. */
export function isVouchedFor(context: Pick<RuleContext, 'known'>, address: Address.Address): boolean {
  const kind = context.known(address)?.kind
  return kind !== undefined && kind !== 'token'
}

/** Contracts that the run itself makes: they had no code at the block, and have it now. */
export function madeIn(context: Pick<RuleContext, 'steps'>): ReadonlySet<string> {
  const made = new Set<string>()
  for (const { frame } of framesOf(context)) {
    if (frame.to !== null && frame.status === 'success' && frame.type.startsWith('CREATE')) made.add(frame.to)
  }
  return made
}

/** Whether the agent, and not the user or the intent, chose this recipient. */
export function isAgentsChoice(
  { request, isMeantRecipient }: Pick<RuleContext, 'request' | 'isMeantRecipient'>,
  recipient: Address.Address,
): boolean {
  if (request.isAgentProposed !== true || isMeantRecipient(recipient)) return false
  return !(request.saidRecipients ?? []).some((said) => Address.isEqual(said, recipient))
}

/** Whether an argument of some call is this account: a whole word, at any depth of bytes within bytes. */
export function isArgument({ request }: Pick<RuleContext, 'request'>, account: Address.Address): boolean {
  const word = account.slice(2).toLowerCase().padStart(64, '0')
  return request.calls.some(({ data }) => data.toLowerCase().includes(word))
}

/** A plain payment that a call makes: who gets it and in what. Null for anything else. */
export function paymentOf(
  call: Pick<Call, 'to' | 'data' | 'value'>,
): { readonly recipient: Address.Address; readonly token: Address.Address | null } | null {
  if (call.to === null) return null
  if (call.data === '0x') return call.value > 0n ? { recipient: call.to, token: null } : null
  const word = (i: number): Address.Address => Address.fromWord(call.data.slice(10 + 64 * i, 74 + 64 * i))
  const selector = call.data.slice(0, 10)
  // transfer(address,uint256)
  if (selector === '0xa9059cbb' && call.data.length >= 138) return { recipient: word(0), token: call.to }
  // transferFrom and safeTransferFrom(address,address,uint256[,bytes]) and ERC-1155's safeTransferFrom
  if (['0x23b872dd', '0x42842e0e', '0xb88d4fde', '0xf242432a'].includes(selector) && call.data.length >= 202) {
    return { recipient: word(1), token: call.to }
  }
  return null
}
