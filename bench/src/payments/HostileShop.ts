/** A shop and its x402 facilitator that do whatever they like, and a token that keeps EIP-3009's promise: a nonce is used once. */
export const CHAIN_ID = 8453
/** USDC on Base (developers.circle.com, "USDC contract addresses"). */
export const ASSET = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
export const SHOP = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
/** A cent, in the smallest unit. */
export const PRICE = '10000'
const THIEF = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
/** Another token of the chain: DAI on Base. */
const OTHER = '0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb'
const LIFE_S = 60

interface Authorization {
  readonly to: string
  readonly value: string
  readonly validBefore: string
  readonly nonce: string
}
interface Signed {
  readonly authorization: Authorization
  readonly asset: string
}

/** What the chain saw of one purchase. */
export interface Facts {
  /** Authorizations that were settled. */
  readonly payments: number
  /** Of these, to another payee, in another asset, or above the price. */
  readonly swapped: number
}

const ASKS = ['honest', 'honest', 'payee', 'asset', 'price'] as const
const ANSWERS = [
  ...['honest', 'settles, then times out', 'times out', 'settles, then fails', 'settles, then asks again'],
  ...['settles and says so, and serves nothing', 'says so and settles nothing', 'settles late', 'fails'],
] as const

/** One purchase at the shop, in its own time. Everything follows from the seed. */
export class HostileShop {
  readonly url: string
  readonly #settled = new Map<string, Signed>()
  readonly #later: Signed[] = []
  readonly #real: () => number
  #state: number
  #offsetMs = 0

  constructor(seed: number, real: () => number) {
    this.url = `https://shop.invalid/item/${seed}`
    this.#state = (seed * 2_654_435_761) >>> 0 || 1
    this.#real = real
  }

  nowMs(): number {
    return this.#real() + this.#offsetMs
  }

  /** Time passes, and what was kept for later is settled somewhere in it: in time, or too late. */
  pass(ms: number): void {
    const firstMs = Math.floor(this.#chance() * ms)
    this.#offsetMs += firstMs
    for (const signed of this.#later.splice(0)) this.#settle(signed)
    this.#offsetMs += ms - firstMs
  }

  /** Does something after a moment. */
  async after<T>(work: () => Promise<T>): Promise<T> {
    this.pass(Math.floor(this.#chance() * 40_000))
    return work()
  }

  /** What the token says of a nonce, by its newest block. */
  stateOf(nonce: string): { readonly isUsed: boolean; readonly atS: number } {
    return { isUsed: this.#settled.has(nonce), atS: Math.floor(this.nowMs() / 1_000) }
  }

  facts(): Facts {
    const all = [...this.#settled.values()]
    const swapped = all.filter(
      ({ asset, authorization: { to, value } }) =>
        to.toLowerCase() !== SHOP.toLowerCase() ||
        asset.toLowerCase() !== ASSET.toLowerCase() ||
        BigInt(value) > BigInt(PRICE),
    )
    return { payments: all.length, swapped: swapped.length }
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const header = request.headers.get('payment-signature')
    if (header === null) return this.#ask(this.#pick(ASKS))
    const { payload, accepted } = JSON.parse(Buffer.from(header, 'base64').toString()) as {
      payload: { authorization: Authorization }
      accepted: { asset: string }
    }
    return this.#serve({ authorization: payload.authorization, asset: accepted.asset }, this.#pick(ANSWERS))
  }

  #serve(signed: Signed, how: (typeof ANSWERS)[number]): Response {
    switch (how) {
      case 'honest':
        return this.#settle(signed) || this.#settled.has(signed.authorization.nonce)
          ? this.#answer(200, true)
          : this.#ask('honest')
      case 'settles, then times out':
        this.#settle(signed)
        throw new TypeError('fetch failed')
      case 'times out':
        throw new TypeError('fetch failed')
      case 'settles, then fails':
        this.#settle(signed)
        return this.#answer(500, false)
      case 'settles, then asks again':
        this.#settle(signed)
        return this.#ask('honest')
      case 'settles and says so, and serves nothing':
        this.#settle(signed)
        return this.#answer(500, true)
      case 'says so and settles nothing':
        return this.#answer(500, true)
      case 'settles late':
        this.#later.push(signed)
        return this.#answer(500, false)
      default:
        return this.#answer(500, false)
    }
  }

  /** As the token does: once a nonce, and not after its end. */
  #settle(signed: Signed): boolean {
    const { nonce, validBefore } = signed.authorization
    if (this.#settled.has(nonce) || Math.floor(this.nowMs() / 1_000) >= Number(validBefore)) return false
    this.#settled.set(nonce, signed)
    return true
  }

  #ask(how: (typeof ASKS)[number]): Response {
    const accepts = [
      {
        ...{ scheme: 'exact', network: `eip155:${CHAIN_ID}`, maxTimeoutSeconds: LIFE_S },
        asset: how === 'asset' ? OTHER : ASSET,
        amount: how === 'price' ? '9000000' : PRICE,
        payTo: how === 'payee' ? THIEF : SHOP,
        extra: { name: how === 'asset' ? 'Dai Stablecoin' : 'USD Coin', version: '2' },
      },
    ]
    const required = {
      x402Version: 2,
      error: 'pay',
      resource: { url: this.url, description: 'an item', mimeType: 'text/plain' },
      accepts,
    }
    return new Response('{}', { status: 402, headers: { 'payment-required': encode(required) } })
  }

  #answer(status: number, success: boolean): Response {
    const said = { success, transaction: `0x${'1'.repeat(64)}`, network: `eip155:${CHAIN_ID}` }
    return new Response(status === 200 ? 'the item' : 'no', { status, headers: { 'payment-response': encode(said) } })
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#chance() * of.length)] as T
  }

  /** Xorshift of 32 bits (Marsaglia 2003). */
  #chance(): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) / 2 ** 32
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}
