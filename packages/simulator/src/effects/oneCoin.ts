import { Address } from '@countersign/base'
import type { Coin } from '../model/Coin.ts'
import type { Assertion, Intent } from '../model/Intent.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import type { Movement } from '../model/ValueFlow.ts'

/** Where a chain logs each movement of its coin as a token's transfer (EIP-7708; docs.arc.network). */
const COIN_LOG = '0xfffffffffffffffffffffffffffffffffffffffe'

interface Seen {
  readonly tokenChanges: readonly TokenChange[]
  readonly movements: readonly Movement[]
  readonly announced: ReadonlyMap<string, bigint>
}

/** The token that shows the coin as well, and how many of the coin's smallest unit one of the token's is; null where none does. */
function faceOf({ decimals, token }: Coin): { readonly address: Address.Address; readonly scale: bigint } | null {
  return token === undefined ? null : { address: token.address, scale: 10n ** BigInt(decimals - token.decimals) }
}

/**
 * A coin that a token shows as well is one holding with two faces: it is counted once, as the coin. The token's rows are the
 * coin's, where the coin's own say nothing; copies of one movement in its logs are one movement.
 */
export function asOneCoin<T extends Seen>(coin: Coin, seen: T): T {
  const face = faceOf(coin)
  if (face === null) return seen
  const { scale } = face
  const token = face.address.toLowerCase()
  const isFace = (change: TokenChange) => change.token?.toLowerCase() === token
  const own = seen.tokenChanges.filter(({ standard }) => standard === 'native')
  const told = new Set(own.map(({ account }) => account))
  const tokenChanges = seen.tokenChanges.flatMap((change): TokenChange[] => {
    if (!isFace(change)) return change.token?.toLowerCase() === COIN_LOG ? [] : [change]
    if (told.has(change.account)) return []
    const { before, after, delta, ...rest } = change
    const amounts = { before: before * scale, after: after * scale, delta: delta * scale }
    return [{ ...rest, ...amounts, standard: 'native', token: null, symbol: coin.symbol, decimals: coin.decimals }]
  })
  const announced = [...seen.announced].filter(([key]) => ![token, COIN_LOG].includes(key.split('|')[0] ?? ''))
  return { ...seen, tokenChanges, announced: new Map(announced), movements: oneMovement(seen.movements, token, scale) }
}

/** The coin's movements: as the chain logs them, else by the call tree with what the token moved beside it. */
function oneMovement(movements: readonly Movement[], token: string, scale: bigint): Movement[] {
  const asCoin = ({ amount, ...move }: Movement, factor: bigint): Movement => ({
    ...move,
    ...{ token: null, tokenId: null, amount: amount * factor },
  })
  const isLogged = movements.some((move) => move.token === COIN_LOG)
  const copied = movements.filter((move) => move.token === null)
  return movements.flatMap((move): Movement[] => {
    if (move.token === COIN_LOG) return [asCoin(move, 1n)]
    if (move.token === null) return isLogged ? [] : [move]
    if (move.token !== token) return [move]
    if (isLogged) return []
    const i = copied.findIndex(
      ({ step, from, to, amount }) =>
        step === move.step && from === move.from && to === move.to && amount / scale === move.amount,
    )
    if (i < 0) return [asCoin(move, scale)]
    copied.splice(i, 1)
    return []
  })
}

/** How much of the coin the token's events say that an account gains: no call carries it. */
export function announcedOf(coin: Coin, announced: ReadonlyMap<string, bigint>, account: string): bigint {
  const face = faceOf(coin)
  if (face === null) return 0n
  const logged = announced.get(`${COIN_LOG}|${account}`)
  return logged ?? (announced.get(`${face.address.toLowerCase()}|${account}`) ?? 0n) * face.scale
}

/** An intent that names the token means the coin: they are the same money. */
export function meantOf(coin: Coin, intent: Intent): Intent {
  const face = faceOf(coin)
  if (face === null) return intent
  const { address, scale } = face
  const isFace = (token: Address.Address | null) => token !== null && Address.isEqual(token, address)
  const assertions = intent.assertions.map((assertion): Assertion => {
    if (assertion.name === 'min_price') {
      const { give, take, ratio } = assertion
      const numerator = isFace(take) ? ratio.numerator * scale : ratio.numerator
      const denominator = isFace(give) ? ratio.denominator * scale : ratio.denominator
      const sides = { give: isFace(give) ? null : give, take: isFace(take) ? null : take }
      return { ...assertion, ...sides, ratio: { ...ratio, numerator, denominator } }
    }
    return 'token' in assertion && isFace(assertion.token)
      ? { ...assertion, token: null, amount: assertion.amount * scale }
      : assertion
  })
  return { ...intent, assertions }
}
