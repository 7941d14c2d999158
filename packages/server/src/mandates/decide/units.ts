import * as Amount from '../policy/Amount.ts'
import { NATIVE, tokenDecimals, type TokenPlace, type Unit } from '../policy/Policy.ts'
import { Address } from '@countersign/base'
import type { Asset, Moves } from './Moves.ts'
import type { Price, Situation } from './Situation.ts'

/** What a request asks of one unit, in its smallest unit. `null`: it cannot be evaluated. `endless`: over every cap. */
export type Asks = bigint | null | 'endless'

/**
 * What of a request is new to the ledger: outflow through an allowance that the mandate already counts moves from that line.
 * A spender to whom the request grants anew can use the old allowance first, so nothing of it is covered.
 */
export function withoutCovered(moves: Moves, covered: ReadonlyMap<string, bigint>): Moves {
  if (covered.size === 0) return moves
  const used = new Map<string, { readonly token: Address.Address; amount: bigint }>()
  for (const { kind, token, contract, amount } of moves.effects) {
    if (kind !== 'outflow' || token === null || contract === null || amount === null) continue
    const key = coverKey(moves.chainId, token, contract)
    const isGrantedAnew = moves.effects.some(
      (effect) =>
        effect.kind === 'authority' &&
        effect.token === token &&
        effect.counterparty !== null &&
        Address.isEqual(effect.counterparty, contract),
    )
    if (isGrantedAnew || !covered.has(key)) continue
    used.set(key, { token, amount: (used.get(key)?.amount ?? 0n) + amount })
  }
  const saved = new Map<string, bigint>()
  for (const [key, { token, amount }] of used) {
    const line = covered.get(key) ?? 0n
    saved.set(token, (saved.get(token) ?? 0n) + (amount < line ? amount : line))
  }
  return {
    ...moves,
    totals: moves.totals.map((total) => {
      const less = total.token === null ? 0n : (saved.get(total.token) ?? 0n)
      return { ...total, amount: total.amount > less ? total.amount - less : 0n }
    }),
  }
}

export function coverKey(chainId: number, token: string, spender: string): string {
  return `${chainId}/${token}/${spender}`.toLowerCase()
}

/** What a request asks of a unit. */
export function asksOf(
  unit: Unit,
  {
    moves,
    situation,
    tokens,
    hasFeeLimit,
  }: {
    moves: Moves
    situation: Situation
    tokens: Readonly<Record<string, readonly TokenPlace[]>>
    hasFeeLimit: boolean
  },
): Asks {
  switch (unit.kind) {
    case 'token':
      return tokenAsks(unit.token, moves, tokens)
    case 'native': {
      const total = moves.totals.find(({ isNative }) => isNative)
      if (total?.isUnlimited === true) return 'endless'
      return (total === undefined ? 0n : counted(total)) + (hasFeeLimit ? 0n : moves.feeWei)
    }
    case 'fee':
      return moves.feeWei
    case 'usd':
      return moves.totals.some(({ isUnlimited }) => isUnlimited)
        ? 'endless'
        : (usdOf(moves, situation.prices)?.out ?? null)
    case 'usd.loss':
      return moves.totals.some(({ isUnlimited }) => isUnlimited)
        ? 'endless'
        : (usdOf(moves, situation.prices)?.loss ?? null)
    case 'calls':
      return 1n
    case 'new_recipients':
      return BigInt(newRecipients(moves, situation).filter((each) => !situation.openRecipients.has(each)).length)
    case 'argument':
      if (moves.tool?.name !== unit.tool) return 0n
      return toolArgument(moves.tool.arguments, unit.argument)
  }
}

function tokenAsks(token: string, moves: Moves, tokens: Readonly<Record<string, readonly TokenPlace[]>>): Asks {
  const place = tokens[token]?.find(({ chainId }) => chainId === moves.chainId)
  const total =
    place === undefined
      ? undefined
      : moves.totals.find((each) => each.token !== null && Address.isEqual(each.token, place.address))
  if (place === undefined || total === undefined) return 0n
  return total.isUnlimited
    ? 'endless'
    : Amount.rescale(counted(total), place.decimals, tokenDecimals({ tokens }, token))
}

/** A predicted amount counts with 1 % more. */
function counted({ amount, grade }: { readonly amount: bigint; readonly grade: string }): bigint {
  return grade === 'simulated' ? (amount * 101n + 99n) / 100n : amount
}

/** Counterparties of outflows that are not the owner and were not paid and settled before. Lower case. */
export function newRecipients({ effects, owner }: Moves, { known }: Pick<Situation, 'known'>): readonly string[] {
  const all = effects.flatMap(({ kind, counterparty }) =>
    kind === 'outflow' && counterparty !== null ? [counterparty.toLowerCase()] : [],
  )
  return [...new Set(all)].filter((each) => each !== owner.toLowerCase() && !known.has(each))
}

/** Dollars, in millionths, that leave at the dearest price, and what is lost of them at the cheapest price of what arrives. */
export function usdOf(
  moves: Moves,
  prices: ReadonlyMap<string, Price>,
): { readonly out: bigint; readonly loss: bigint } | null {
  let out = 0n
  for (const total of moves.totals) {
    const dollars = valueOf(total, counted(total), prices.get(priceKey(moves.chainId, total))?.high, 'up')
    if (dollars === null) return null
    out += dollars
  }
  let back = 0n
  for (const arrival of moves.arrivals) {
    // What has no price is worth nothing to the owner.
    const dollars = valueOf(arrival, arrival.amount, prices.get(priceKey(moves.chainId, arrival))?.low, 'down')
    if (dollars !== null) back += dollars
  }
  return { out, loss: out > back ? out - back : 0n }
}

export function priceKey(chainId: number, asset: Pick<Asset, 'token' | 'isNative'>): string {
  return asset.isNative || asset.token === null ? `${chainId}/${NATIVE}` : `${chainId}/${asset.token.toLowerCase()}`
}

function valueOf(asset: Asset, amount: bigint, price: string | undefined, round: 'up' | 'down'): bigint | null {
  if (amount === 0n) return 0n
  const each = price === undefined ? null : Amount.parse(price, 18)
  if (each === null || asset.decimals === null) return null
  const divisor = 10n ** BigInt(asset.decimals + 18 - Amount.USD_DECIMALS)
  return (amount * each + (round === 'up' ? divisor - 1n : 0n)) / divisor
}

/** A plain number at a pointer into a tool's arguments, in 18 decimals; null where it is not plain. */
export function toolArgument(input: Readonly<Record<string, unknown>>, pointer: string): bigint | null {
  let value: unknown = input
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined
  }
  return typeof value === 'string' || typeof value === 'number' ? Amount.parse(String(value), 18) : null
}
