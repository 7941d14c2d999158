import { Address } from '@countersign/base'
import { encodeFunctionData, parseAbi } from 'viem'
import { asNumber, balanceOf, type Probe, type ProbeAnswer } from '../../effects/probes.ts'
import type { Effects } from '../../effects/readEffects.ts'
import type { BlockEnv } from '../../model/Block.ts'
import type { SellBack } from '../../model/Evidence.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import type { Log } from '../../model/Step.ts'

const ABI = parseAbi([
  'function transfer(address to, uint256 amount) returns (bool)',
  'function getReserves() view returns (uint112, uint112, uint32)',
  'function token0() view returns (address)',
  'function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes data)',
])
const HOUR_S = 3_600n
/** swap(uint256,uint256,address,bytes), and how long the code of a proxy may be. */
const SWAP = '022c0d9f'
const MAX_PROXY_DIGITS = 800
/** transfer(address,uint256) */
const TRANSFER = 'a9059cbb'
/** Somebody without code, who takes what is sent. */
export const BENEFICIARY = Address.parse('0x5741a6e200000000000000000000000000000bad')

type Attempt = Probe

/** Runs calls in order, from an account, on the state after the batch. */
export type Play = (from: string, attempts: readonly Attempt[], env?: BlockEnv) => Promise<ProbeAnswer[]>

/** The code at an address in lower case after the batch; null when it was not read. */
export type CodeOf = (address: string) => string | null

/** Whether the code tells `transfer(address,uint256)` apart: what only counts, such as a stake, has none. */
export function canSend(code: string | null): boolean {
  if (code === null) return false
  for (let at = code.indexOf(TRANSFER); at >= 0; at = code.indexOf(TRANSFER, at + 1))
    if (!SENT_OUT.test(code.slice(at + TRANSFER.length))) return true
  return false
}

/**
 * Behind a selector that only begins a call of another contract: moved to the front of a word, or there already (solc). What is put
 * together otherwise counts as one of its own functions.
 */
const SENT_OUT = /^(?:60e01b|0{24})/

/** Whether it has Uniswap V2's `swap`; a proxy may have it. Other pools answer to `getReserves` as well. */
const isPair = (code: string | null): boolean => code === null || code.length < MAX_PROXY_DIGITS || code.includes(SWAP)

/** Sends a bought token back to where it came from and, where that is a pair, swaps it back, now and in an hour. */
export async function sellBack(
  {
    play,
    from,
    env: expected,
    codeOf,
  }: { readonly play: Play; readonly from: Address.Address; readonly env: BlockEnv; readonly codeOf: CodeOf },
  { token, source, amount }: Bought,
): Promise<SellBack> {
  const transfer: Attempt = {
    to: token,
    data: encodeFunctionData({ abi: ABI, functionName: 'transfer', args: [source, amount] }),
  }
  const view = (functionName: 'getReserves' | 'token0'): Attempt => ({
    to: source,
    data: encodeFunctionData({ abi: ABI, functionName }),
  })
  const attempt = async (env: BlockEnv): Promise<bigint | null> => {
    const answers = await play(
      from,
      [balanceOf(token, source), transfer, balanceOf(token, source), view('getReserves'), view('token0')],
      env,
    )
    const before = asNumber(answers[0])
    const after = asNumber(answers[2])
    if (answers[1]?.success !== true || before === null || after === null) return null
    const received = after - before
    const reserves = [asNumber(answers[3], 0), asNumber(answers[3], 1)]
    const token0 = asNumber(answers[4])
    const [reserve0, reserve1] = reserves
    if (reserve0 == null || reserve1 == null || token0 === null || received <= 0n) return received
    if (!isPair(codeOf(source.toLowerCase()))) return received
    const isToken0 = token0 === BigInt(token)
    const [reserveIn, reserveOut] = isToken0 ? [reserve0, reserve1] : [reserve1, reserve0]
    // Uniswap V2's formula with its 0.3 % fee, and half a percent less for pairs that take more.
    const out = (((received * 997n * reserveOut) / (reserveIn * 1000n + received * 997n)) * 995n) / 1000n
    if (out === 0n) return received
    const [swapped] = (
      await play(
        from,
        [
          transfer,
          {
            to: source,
            data: encodeFunctionData({
              abi: ABI,
              functionName: 'swap',
              args: [isToken0 ? 0n : out, isToken0 ? out : 0n, from, '0x'],
            }),
          },
        ],
        env,
      )
    ).slice(1)
    return swapped?.success === true ? received : null
  }
  const [now, later] = await Promise.all([
    attempt(expected),
    attempt({ ...expected, timestampS: expected.timestampS + HOUR_S, number: expected.number + 300n }),
  ])
  return { token, source, amount, now, later }
}

export interface Bought {
  readonly token: Address.Address
  readonly source: Address.Address
  readonly amount: bigint
}

/** Fungible tokens that arrived in exchange for something, from somebody, and that nobody vouches for. */
export function boughtTokens(
  request: SimulationRequest,
  { effects, logs, codeOf }: { effects: Effects; logs: readonly Log[]; codeOf: CodeOf },
): Bought[] {
  const own = effects.tokenChanges.filter((change) => change.account === request.from)
  if (!own.some((change) => change.delta < 0n)) return []
  const vouched = new Set(request.known.filter((entry) => entry.kind === 'token').map((entry) => entry.address))
  return own.flatMap((change): Bought[] => {
    if (change.standard !== 'erc20' || change.token === null || change.delta <= 0n || vouched.has(change.token))
      return []
    const arrival = logs.findLast(
      (log) =>
        log.address === change.token &&
        log.event === 'Transfer(address,address,uint256)' &&
        log.topics.length === 3 &&
        Address.isEqual(String(log.args?.['to']) as Address.Address, request.from),
    )
    // Whoever lost it, where no event says it came from anywhere.
    const losers = effects.tokenChanges.filter((other) => other.token === change.token && other.delta < 0n)
    const most = losers.reduce<(typeof losers)[number] | null>(
      (found, other) => (found === null || other.delta < found.delta ? other : found),
      null,
    )
    const source = arrival === undefined ? (most?.account ?? null) : Address.parse(String(arrival.args?.['from']))
    // Minted tokens (shares, receipts) go back to their contract by its own ways, not by a transfer.
    if (source === Address.ZERO) return []
    // No event and nobody who lost it: whether it moves at all is tried with somebody who takes anything.
    if (source === null && !canSend(codeOf(change.token.toLowerCase()))) return []
    return [{ token: change.token, source: source ?? BENEFICIARY, amount: change.delta }]
  })
}
