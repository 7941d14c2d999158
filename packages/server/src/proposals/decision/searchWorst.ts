import { Address, BaseError, Digest, type Hex } from '@countersign/base'
import { encodeFunctionData, erc20Abi } from 'viem'
import type { Chain } from '../../chains/Chain.ts'
import type { Worst } from '../../mandates/history/worstCase.ts'
import type { Past } from '../../mandates/history/replay.ts'
import { reserve } from '../../mandates/ledger/reserve.ts'
import { ofWrite } from '../../mandates/ledger/Sql.ts'
import * as Amount from '../../mandates/policy/Amount.ts'
import { NATIVE, type Policy } from '../../mandates/policy/Policy.ts'
import * as Window from '../../mandates/policy/Window.ts'
import type { Door } from '../Door.ts'
import type { Gate } from '../Gate.ts'
import { requestFor, simulateBatch, unsaved } from '../simulateBatch.ts'
import { DRY, inPlaceOf, putDry, undone } from './dryWrite.ts'
import { prepare } from './prepareDecision.ts'
import { reserveInput } from './recordDecision.ts'

/** As many plans as are simulated for one search, and how often one is repeated until the limits refuse it. */
const MAX_PLANS = 32
const MAX_TIMES = 100

/** A window of one request bounds no repetition (`Window.words`). */
const PER_CALL = Window.words({ kind: 'call' })

/** Somebody whom no policy names. */
const STRANGER = Address.fromWord(Digest.sha256('countersign: a stranger who takes what can be taken').slice(2))

/** What a stranger could take of one asset by one plan, until the limits refuse. */
export interface Found {
  readonly asset: string
  /** Plain decimals. */
  readonly amount: string
  readonly plan: string
  readonly times: number
  /** Whether it is more than the worst case says: then the worst case is wrong. */
  readonly is_over: boolean
}

export interface Searched {
  readonly plans: number
  readonly found: readonly Found[]
  readonly not_checked: readonly string[]
}

interface Plan {
  readonly name: string
  readonly chain: Chain
  readonly call: { readonly to: Address.Address; readonly value: bigint; readonly data: Hex.Hex }
}

/**
 * Looks for what an agent that turned against its owner could really take inside a policy, on a fork of each chain: payments and allowances
 * to a stranger, and the calls of the history with the owner's address replaced by the stranger's. What the policy allows is repeated with
 * the real ledger until it refuses. Nothing is written. A search that finds nothing proves nothing.
 */
export async function searchWorst(
  gate: Gate,
  {
    app,
    owner,
    policy,
    past,
    worst,
  }: {
    app: string
    owner: Address.Address
    policy: Policy
    past: readonly Past[]
    worst: readonly Worst[]
  },
): Promise<Searched> {
  const chains = policy.chains.flatMap((id) => gate.chains.get(id) ?? [])
  const plans = (await Promise.all(chains.map((chain) => plansOf(chain, { owner, policy, past })))).flat()
  const mandate = { ...(await inPlaceOf(gate, { app, owner, policy })), app }
  const found = new Map<string, Found>()
  const unchecked = new Set<string>(
    policy.chains.length > chains.length ? ['a chain that this server does not have'] : [],
  )
  if (plans.length > MAX_PLANS) unchecked.add(`${plans.length - MAX_PLANS} further plans`)
  for (const plan of plans.slice(0, MAX_PLANS)) {
    try {
      for (const each of await tryPlan(gate, { app, owner, policy, mandate, plan })) {
        const is_over = isOver(each, worst)
        const before = found.get(each.asset)
        if (before === undefined || Number(each.amount) > Number(before.amount))
          found.set(each.asset, { ...each, is_over })
      }
    } catch (error) {
      if (!(error instanceof BaseError)) throw error
      unchecked.add(`${plan.name}: ${error.message}`)
    }
  }
  return { plans: Math.min(plans.length, MAX_PLANS), found: [...found.values()], not_checked: [...unchecked] }
}

/** More than the tightest window of its limits leaves, or anything where the worst case says that nobody gains. */
function isOver({ asset, amount }: Pick<Found, 'asset' | 'amount'>, worst: readonly Worst[]): boolean {
  const own = worst.filter(({ symbol, unit, window }) => symbol === asset && unit !== 'fee' && window !== PER_CALL)
  if (own.length === 0) return false
  return own.some(({ gain }) => gain === null || Number(amount) > Number(gain))
}

async function plansOf(
  chain: Chain,
  { owner, policy, past }: { owner: Address.Address; policy: Policy; past: readonly Past[] },
): Promise<readonly Plan[]> {
  const plans: Plan[] = []
  const state = chain.at(await chain.head())
  for (const { symbol, address, decimals } of chain.tokens) {
    const data = encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [owner] })
    const answer = await state.call({ to: address, data })
    const balance = answer.status === 'returned' && answer.data !== '0x' ? BigInt(answer.data) : 0n
    for (const units of sizesOf(policy, symbol, { decimals, balance })) {
      const amount = Amount.format(units, decimals)
      for (const functionName of ['transfer', 'approve'] as const)
        plans.push({
          ...{ chain, name: `${functionName === 'transfer' ? 'send' : 'let take'} ${amount} ${symbol}` },
          call: {
            to: address,
            value: 0n,
            data: encodeFunctionData({ abi: erc20Abi, functionName, args: [STRANGER, units] }),
          },
        })
    }
  }
  const coins = await state.balance(owner)
  for (const value of sizesOf(policy, NATIVE, { decimals: 18, balance: coins / 2n }))
    plans.push({
      ...{ chain, name: `send ${Amount.format(value, 18)} ${chain.nativeSymbol}` },
      call: { to: STRANGER, value, data: '0x' },
    })
  const word = owner.slice(2).toLowerCase().padStart(64, '0')
  const seen = new Set<string>()
  for (const { moves } of past.toReversed())
    for (const { to, data, value } of moves.chainId === chain.chainId ? moves.steps : []) {
      const key = `${to} ${data.slice(0, 10)}`
      if (to === null || seen.has(key) || !data.toLowerCase().includes(word)) continue
      seen.add(key)
      const turned = data.toLowerCase().replaceAll(word, STRANGER.slice(2).toLowerCase().padStart(64, '0')) as Hex.Hex
      plans.push({
        chain,
        name: `call ${data.slice(0, 10)} of ${to} for a stranger`,
        call: { to, value, data: turned },
      })
    }
  return plans
}

/** Amounts that are worth trying: each cap of the asset, and no more than there is; the largest first. */
function sizesOf(
  { limits }: Policy,
  symbol: string,
  { decimals, balance }: { decimals: number; balance: bigint },
): readonly bigint[] {
  const caps = limits
    .flatMap(({ caps: all }) => all)
    .filter(({ unit }) => (unit.kind === 'token' ? unit.token === symbol : unit.kind === 'native' && symbol === NATIVE))
    .flatMap(({ cap }) => Amount.parse(cap, decimals) ?? [])
  const sizes = [...caps, ...(caps.length === 0 ? [balance] : [])].map((size) => (size < balance ? size : balance))
  return [...new Set(sizes)].filter((size) => size > 0n).toSorted((a, b) => (a > b ? -1 : 1))
}

async function tryPlan(
  gate: Gate,
  {
    app,
    owner,
    policy,
    mandate,
    plan,
  }: {
    app: string
    owner: Address.Address
    policy: Policy
    mandate: NonNullable<Parameters<typeof prepare>[1]['mandate']>
    plan: Plan
  },
): Promise<readonly Omit<Found, 'is_over'>[]> {
  const { chain, name, call } = plan
  const draft = { chainId: chain.chainId, from: owner, calls: [{ ...call, label: name, kind: 'contract_call' }] }
  const asked = unsaved({ app, door: doorOf(policy), draft })
  const request = await requestFor(gate.store.read, chain, asked, { nowMs: gate.clock.nowMs() })
  const simulated = await simulateBatch(chain, request)
  if (simulated.report.verdict === 'block') return []
  const prepared = await prepare(gate, { asked, found: { request, simulated }, mandate })
  const times = await undone(gate, async (write) => {
    await putDry(gate, write, { app, mandate })
    const input = reserveInput(prepared, { bytes: DRY, stepUp: [] })
    for (let i = 0; ; i += 1) {
      if (i === MAX_TIMES) return i
      const own = { ...input, idem: `${DRY} ${i}`, holder: `${DRY} ${i}` }
      const { decision } = await reserve(ofWrite(write), gate.ledgerTime, own)
      if (decision.answer !== 'allow') return i
    }
  })
  if (times === 0) return []
  const taken = new Map<string, { amount: bigint; decimals: number }>()
  const add = (asset: string, amount: bigint, decimals: number): void =>
    void taken.set(asset, { amount: (taken.get(asset)?.amount ?? 0n) + amount, decimals })
  for (const { account, token, token_id: id, delta } of simulated.wire.token_changes) {
    const known = chain.tokens.find(({ address }) => token !== null && Address.isEqual(address, token))
    if (!Address.isEqual(account, STRANGER) || id !== null || BigInt(delta) <= 0n) continue
    if (token === null) add(NATIVE, BigInt(delta), 18)
    else add(known?.symbol ?? token, BigInt(delta), known?.decimals ?? 0)
  }
  for (const { kind, counterparty, token, amount, decimals } of prepared.moves.effects)
    if (kind === 'authority' && counterparty !== null && Address.isEqual(counterparty, STRANGER) && amount !== null)
      add(chain.tokens.find(({ address }) => address === token)?.symbol ?? String(token), amount, decimals ?? 0)
  return [...taken].map(([asset, { amount, decimals }]) => ({
    ...{ asset, plan: name, times, amount: Amount.format(amount * BigInt(times), decimals) },
  }))
}

/** By which door an agent of the policy would come. */
function doorOf({ agent }: Policy): Door | null {
  const doors = ['guard', 'rpc', 'mcp'] as const
  const name = agent.doors === null ? 'guard' : doors.find((each) => agent.doors?.includes(each))
  const [key = ''] = agent.keys ?? []
  return name === undefined ? null : { name, keyId: key, family: key, client: null }
}
