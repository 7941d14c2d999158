import { Address, type Hex } from '@countersign/base'
import { decodeFunctionResult, encodeFunctionData, parseAbi, toEventSelector } from 'viem'
import type { Chain } from './Chain.ts'

/** Who may move what of an account now, as the contract itself answers at one block. */
export interface Approval {
  readonly kind: 'erc20_allowance' | 'permit2_allowance' | 'operator' | 'nft'
  readonly contract: Address.Address
  /** Of Permit2: the token that may be spent through it. */
  readonly token: Address.Address | null
  readonly spender: Address.Address
  /** In the token's smallest unit; null for operators and single tokens. */
  readonly amount: bigint | null
  readonly isUnlimited: boolean
  readonly tokenId: bigint | null
  readonly expiresMs: number | null
}

export interface Approvals {
  readonly block: bigint
  /** From where on the account's events were read. */
  readonly fromBlock: bigint
  /** False where the provider gave fewer events than were asked for, or where there are too many to read. */
  readonly isComplete: boolean
  readonly approvals: readonly Approval[]
}

const PERMIT2 = Address.parse('0x000000000022D473030F116dDEE9F6B43aC78BA3')
const ABI = parseAbi([
  'function allowance(address owner, address spender) view returns (uint256)',
  'function isApprovedForAll(address owner, address operator) view returns (bool)',
  'function getApproved(uint256 tokenId) view returns (address)',
  'function ownerOf(uint256 tokenId) view returns (address)',
])
const PERMIT2_ABI = parseAbi([
  'function allowance(address owner, address token, address spender) view returns (uint160 amount, uint48 expiration, uint48 nonce)',
])
const APPROVAL = toEventSelector('Approval(address,address,uint256)')
const FOR_ALL = toEventSelector('ApprovalForAll(address,address,bool)')
const PERMIT2_APPROVAL = toEventSelector('Approval(address,address,address,uint160,uint48)')
const PERMIT2_PERMIT = toEventSelector('Permit(address,address,address,uint160,uint48,uint48)')

/** As many questions about ranges of events as one list may cost; providers cap the range or the number. */
const MAX_RANGES = 40
/** As many grants as are looked up. */
const MAX_GRANTS = 300
/** As many lookups at a time. */
const AT_A_TIME = 20
/** More than this can be spent is as good as no limit. */
const UNLIMITED = 2n ** 96n - 1n

interface Log {
  readonly address: string
  readonly topics: readonly string[]
}

/** A grant that an event spoke of. What holds now is asked of the contract. */
interface Grant {
  readonly kind: Approval['kind']
  readonly contract: Address.Address
  readonly token: Address.Address | null
  readonly spender: Address.Address | null
  readonly tokenId: bigint | null
}

/**
 * Lists the standing approvals of an account: its approval events say where to look, and each contract is asked what holds
 * at the newest block. Newest events first, so that what a provider does not give any more is the oldest.
 *
 * @throws {ChainReadError} when the chain gives no answer at all.
 */
export async function listApprovals(
  chain: Pick<Chain, 'head' | 'at' | 'pass'>,
  { owner }: { owner: Address.Address },
): Promise<Approvals> {
  const head = await chain.head()
  const { logs, fromBlock, isComplete } = await eventsOf(chain, { owner, until: head.number })
  const grants = new Map<string, Grant>()
  for (const log of logs) {
    const grant = grantOf(log)
    if (grant !== null)
      grants.set(`${grant.kind} ${grant.contract} ${grant.token} ${grant.spender} ${grant.tokenId}`, grant)
  }
  const all = [...grants.values()]
  const asked = all.slice(0, MAX_GRANTS)
  const state = chain.at(head)
  const found: (Approval | null)[] = []
  for (let i = 0; i < asked.length; i += AT_A_TIME)
    found.push(...(await Promise.all(asked.slice(i, i + AT_A_TIME).map((grant) => standing(state, owner, grant)))))
  return {
    block: head.number,
    fromBlock,
    isComplete: isComplete && asked.length === all.length,
    approvals: found.filter((each) => each !== null),
  }
}

/** The account's approval events, in ranges that are halved where the provider refuses. */
async function eventsOf(
  chain: Pick<Chain, 'pass'>,
  { owner, until }: { owner: Address.Address; until: bigint },
): Promise<{ readonly logs: readonly Log[]; readonly fromBlock: bigint; readonly isComplete: boolean }> {
  const logs: Log[] = []
  const topics = [
    [APPROVAL, FOR_ALL, PERMIT2_APPROVAL, PERMIT2_PERMIT],
    `0x${owner.slice(2).toLowerCase().padStart(64, '0')}`,
  ]
  const open: { from: bigint; to: bigint }[] = [{ from: 0n, to: until }]
  let reached = until + 1n
  for (let i = 0; i < MAX_RANGES; i += 1) {
    const range = open.pop()
    if (range === undefined) return { logs, fromBlock: 0n, isComplete: true }
    const filter = { fromBlock: hex(range.from), toBlock: hex(range.to), topics }
    const answer = await chain.pass('eth_getLogs', [filter])
    const read = answer.ok ? readLogs(answer.result) : null
    if (read !== null) {
      logs.push(...read.toReversed())
      reached = range.from
    } else if (range.from < range.to) {
      const middle = (range.from + range.to) / 2n
      open.push({ from: range.from, to: middle }, { from: middle + 1n, to: range.to })
    } else return { logs, fromBlock: reached, isComplete: false }
  }
  return { logs, fromBlock: reached, isComplete: open.length === 0 }
}

const hex = (value: bigint): string => `0x${value.toString(16)}`

/** Logs as far as they are read here; null for what is no list of logs. */
function readLogs(value: unknown): Log[] | null {
  if (!Array.isArray(value)) return null
  const isLog = (each: unknown): each is Log => {
    const { address, topics } = (each ?? {}) as { address?: unknown; topics?: unknown }
    return typeof address === 'string' && Address.isAddress(address) && Array.isArray(topics) && topics.every(isWord)
  }
  return value.every(isLog) ? value : null
}

const isWord = (value: unknown): boolean => typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value)

function grantOf({ address, topics }: Log): Grant | null {
  const contract = Address.parse(address)
  const [event, , second, third] = topics
  const account = (topic: string | undefined): Address.Address | null =>
    topic === undefined ? null : Address.parse(`0x${topic.slice(26)}`)
  const spender = account(second)
  if (event === FOR_ALL && spender !== null) return { kind: 'operator', contract, token: null, spender, tokenId: null }
  if ((event === PERMIT2_APPROVAL || event === PERMIT2_PERMIT) && contract === PERMIT2)
    return { kind: 'permit2_allowance', contract, token: spender, spender: account(third), tokenId: null }
  if (event !== APPROVAL || spender === null) return null
  // Of a single token (ERC-721) the id is indexed as well, and whom it was given to is asked for.
  if (third !== undefined) return { kind: 'nft', contract, token: null, spender: null, tokenId: BigInt(third) }
  return { kind: 'erc20_allowance', contract, token: null, spender, tokenId: null }
}

/** What holds of a grant at the block; null where nothing does, or where the contract does not say. */
async function standing(
  state: ReturnType<Chain['at']>,
  owner: Address.Address,
  grant: Grant,
): Promise<Approval | null> {
  const { kind, contract, token, spender, tokenId } = grant
  const ask = async (data: Hex.Hex): Promise<Hex.Hex | null> => {
    const answer = await state.call({ to: contract, data })
    return answer.status === 'returned' && answer.data.length >= 66 ? answer.data : null
  }
  const base = { kind, contract, token, tokenId, amount: null, isUnlimited: false, expiresMs: null }
  if (kind === 'nft' && tokenId !== null) {
    const holder = await ask(encodeFunctionData({ abi: ABI, functionName: 'ownerOf', args: [tokenId] }))
    const to = await ask(encodeFunctionData({ abi: ABI, functionName: 'getApproved', args: [tokenId] }))
    if (holder === null || to === null || wordAddress(holder) !== owner) return null
    const approved = wordAddress(to)
    return approved === null || /^0x0{40}$/.test(approved) ? null : { ...base, spender: approved }
  }
  if (spender === null) return null
  if (kind === 'operator') {
    const answer = await ask(encodeFunctionData({ abi: ABI, functionName: 'isApprovedForAll', args: [owner, spender] }))
    return answer === null || BigInt(answer) === 0n ? null : { ...base, spender, isUnlimited: true }
  }
  if (kind === 'permit2_allowance') {
    if (token === null) return null
    const answer = await ask(
      encodeFunctionData({ abi: PERMIT2_ABI, functionName: 'allowance', args: [owner, token, spender] }),
    )
    if (answer === null || answer.length < 2 + 3 * 64) return null
    const [amount, expiration] = decodeFunctionResult({ abi: PERMIT2_ABI, functionName: 'allowance', data: answer })
    return amount === 0n
      ? null
      : { ...base, spender, amount, isUnlimited: amount >= UNLIMITED, expiresMs: expiration * 1000 }
  }
  const answer = await ask(encodeFunctionData({ abi: ABI, functionName: 'allowance', args: [owner, spender] }))
  const amount = answer === null ? 0n : BigInt(answer.slice(0, 66))
  return amount === 0n ? null : { ...base, spender, amount, isUnlimited: amount >= UNLIMITED }
}

function wordAddress(word: Hex.Hex): Address.Address | null {
  const text = `0x${word.slice(26, 66)}`
  return Address.isAddress(text) ? Address.parse(text) : null
}
