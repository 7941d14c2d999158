import { ExactEvmScheme } from '@x402/evm'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { privateKeyToAccount } from 'viem/accounts'
import { guardX402ClientWith } from '../../packages/guard/src/adapters/guardX402.ts'
import { openX402Buyer } from '../../packages/guard/src/adapters/x402Buyer.ts'
import { refused } from '../../packages/guard/src/GuardRefusedError.ts'
import type { Gate } from '../../packages/guard/src/gate/Gate.ts'
import { ASSET, CHAIN_ID, HostileShop, PRICE, SHOP, type Facts } from './payments/HostileShop.ts'
import { empty, type Rate, type Result } from './Result.ts'
import { share } from './Wilson.ts'

const RUNS = 10_000
const SEED = 402
/** How often an agent asks for the same thing before it gives up. */
const TRIES = 4
/** Longer than an authorization lives, with the margin for clocks. Milliseconds. */
const LONG_MS = 200_000
const OURS = 'countersign'
const THEIRS = '@x402/fetch 2.27.0'

const account = privateKeyToAccount(`0x${'5d'.repeat(32)}`)

function openClient(): x402Client {
  const client = new x402Client()
  client.register(`eip155:${CHAIN_ID}`, new ExactEvmScheme(account as never))
  return client
}

/** What came of one purchase. */
interface Outcome extends Facts {
  /** Whether the buyer knows at the end that it was paid, or has what it bought. */
  readonly isKnown: boolean
  /** Whether the buyer can still not tell whether it was paid. */
  readonly isOpen: boolean
}

/** The limits that a mandate or `guard()` would have, on the document itself: payee, asset and price. */
function limitGate(shop: HostileShop): Gate {
  return {
    allow: new Set(),
    paymasters: new Set(),
    isSpent: async ({ nonce }) => shop.stateOf(nonce),
    async run({ typedData }, sign) {
      const { domain = {}, message = {} } = (typedData ?? {}) as Partial<
        Record<'domain' | 'message', Record<string, unknown>>
      >
      const isWithin =
        String(message['to']).toLowerCase() === SHOP.toLowerCase() &&
        String(domain['verifyingContract']).toLowerCase() === ASSET.toLowerCase() &&
        BigInt(String(message['value'])) <= BigInt(PRICE)
      if (!isWithin) throw refused('it is not within the limits')
      return sign()
    },
  }
}

async function buyOurs(shop: HostileShop): Promise<Outcome> {
  const gate = limitGate(shop)
  const client = guardX402ClientWith(openClient() as never, { gate })
  const buyer = openX402Buyer(client, { fetch: shop.fetch, isSpent: gate.isSpent })
  const ask = async (): Promise<boolean> => {
    const { ok } = await buyer.buy(shop.url).catch(() => ({ ok: false }))
    return ok
  }
  let isDelivered = false
  for (let i = 0; i < TRIES && !isDelivered; i += 1) isDelivered = await shop.after(ask)
  for (let i = 0; i < 2 && !isDelivered; i += 1) {
    shop.pass(LONG_MS)
    await buyer.reconcile()
    isDelivered = await ask()
  }
  shop.pass(LONG_MS)
  const [purchase] = await buyer.reconcile()
  const status = purchase?.status ?? 'void'
  return { ...shop.facts(), isKnown: status === 'delivered' || status === 'paid', isOpen: status === 'open' }
}

/** The reference client as its documentation uses it, asked again where it failed. */
async function buyTheirs(shop: HostileShop): Promise<Outcome> {
  const pay = wrapFetchWithPayment(shop.fetch, openClient())
  const ask = async (): Promise<boolean> => {
    const { ok } = await pay(shop.url).catch(() => ({ ok: false }))
    return ok
  }
  let isDelivered = false
  for (let i = 0; i < TRIES && !isDelivered; i += 1) isDelivered = await shop.after(ask)
  for (let i = 0; i < 2 && !isDelivered; i += 1) {
    shop.pass(LONG_MS)
    isDelivered = await ask()
  }
  shop.pass(LONG_MS)
  return { ...shop.facts(), isKnown: isDelivered, isOpen: false }
}

/**
 * Purchases over x402 from a hostile facilitator: it settles and then times out, asks twice, swaps payee or asset, raises the price, settles
 * late, and lies about what it did. The token and its facilitator are a model in memory; signatures and clients are real.
 */
export async function run(
  log: (text: string) => void,
  { runs = RUNS }: { readonly runs?: number } = {},
): Promise<Result> {
  const result = empty('payments')
  const rates: Rate[] = []
  const real = Date.now
  try {
    for (const [subject, buy] of [
      [OURS, buyOurs],
      [THEIRS, buyTheirs],
    ] as const) {
      const count = { double: 0, lost: 0, swapped: 0, open: 0, paid: 0 }
      for (let i = 0; i < runs; i += 1) {
        const shop = new HostileShop(SEED + i, real)
        Date.now = () => shop.nowMs()
        const { payments, swapped, isKnown, isOpen } = await buy(shop)
        if (payments > 1) count.double += 1
        if (payments > 0 && !isKnown) count.lost += 1
        if (swapped > 0) count.swapped += 1
        if (isOpen) count.open += 1
        if (payments > 0) count.paid += 1
        if ((i + 1) % 2_000 === 0) log(`${subject}: ${i + 1} purchases`)
      }
      for (const [metric, hits] of Object.entries(count))
        rates.push({ case: `${runs} purchases`, subject, metric, ...share(hits, runs) })
      if (subject === OURS) {
        const zero = (name: string, value: number): void =>
          void result.bars.push({ name: `${runs} purchases: ${name}`, value, target: '= 0', holds: value === 0 })
        zero('paid twice', count.double)
        zero('paid and not known after reconciliation', count.lost)
        zero('paid to another payee, in another asset or above the price', count.swapped)
        zero('open after reconciliation', count.open)
      } else {
        // A shop that harms nobody would prove nothing.
        result.bars.push({
          ...{ name: 'control: the reference client pays twice somewhere', value: count.double, target: '>= 1' },
          holds: count.double >= 1,
        })
      }
    }
  } finally {
    Date.now = real
  }
  result.rates = rates
  return result
}
