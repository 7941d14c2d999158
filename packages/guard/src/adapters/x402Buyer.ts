import { Address, Json } from '@countersign/base'
import { refused } from '../GuardRefusedError.ts'
import { isSpendable, type AskSpent } from '../gate/AskSpent.ts'
import type { X402ClientShape } from './guardX402.ts'

/**
 * What is known of a purchase. `open`: signed, and nobody knows yet. `paid`: the chain says so, and it was not delivered. `void`: the chain says
 * that it never was and never will be paid. `delivered`: the server answered with it.
 */
export interface X402Purchase {
  readonly id: string
  readonly status: 'open' | 'paid' | 'void' | 'delivered'
  /** The nonce of its authorization. */
  readonly nonce: string
}

export interface X402Buyer {
  /**
   * Gets a resource and pays for it at most once, however often it is asked for. A purchase that is open or paid presents the same
   * authorization again: it can be spent once. A new one is signed only when the chain says that the first is void.
   *
   * @param of.id - Names the purchase. Default: the address of the resource.
   * @returns What the server answered.
   * @throws {GuardRefusedError} where the payment is refused, or the purchase was delivered already.
   */
  buy(url: string, of?: { readonly id?: string; readonly init?: RequestInit }): Promise<Response>
  /** Asks the chain about every purchase that is open. What the chain does not answer stays open. */
  reconcile(): Promise<readonly X402Purchase[]>
  readonly purchases: () => readonly X402Purchase[]
}

interface Kept {
  status: X402Purchase['status']
  readonly header: string
  readonly nonce: string
  readonly validBeforeMs: number
  readonly asset: string
  readonly chainId: number
  readonly from: Address.Address
}

const REQUIRED = 'payment-required'
const SIGNATURE = 'payment-signature'

/** @param client - A guarded x402 client: it judges what it signs. */
export function openX402Buyer(
  client: X402ClientShape,
  { fetch: get, isSpent }: { readonly fetch: typeof fetch; readonly isSpent: AskSpent | undefined },
): X402Buyer {
  const kept = new Map<string, Kept>()
  const queues = new Map<string, Promise<unknown>>()
  const list = (): X402Purchase[] => [...kept].map(([id, { status, nonce }]) => ({ id, status, nonce }))

  async function present(url: string, init: RequestInit, purchase: Kept): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set(SIGNATURE, purchase.header)
    const response = await get(url, { ...init, headers })
    // Words about a settlement prove nothing; the goods are here.
    if (response.ok) purchase.status = 'delivered'
    return response
  }

  async function buyOne(url: string, { id, init }: { id: string; init: RequestInit }): Promise<Response> {
    const before = kept.get(id)
    if (before?.status === 'delivered') throw refused('this purchase was delivered already')
    if (before !== undefined && before.status !== 'void') return present(url, init, before)
    const asked = await get(url, init)
    if (asked.status !== 402) return asked
    const purchase = keptOf(await client.createPaymentPayload(requiredOf(asked)))
    kept.set(id, purchase)
    return present(url, init, purchase)
  }

  return {
    buy(url, { id = url, init = {} } = {}) {
      // Two calls for one purchase are one after the other.
      const work = (): Promise<Response> => buyOne(url, { id, init })
      const made = (queues.get(id) ?? Promise.resolve()).then(work, work)
      queues.set(
        id,
        made.catch(() => undefined),
      )
      return made
    },
    async reconcile() {
      for (const purchase of kept.values()) {
        if (purchase.status !== 'open') continue
        const state = await isSpendable(isSpent, purchase)
        if (state === 'spent') purchase.status = 'paid'
        if (state === 'void') purchase.status = 'void'
      }
      return list()
    },
    purchases: list,
  }
}

function requiredOf(response: Response): unknown {
  const header = response.headers.get(REQUIRED)
  if (header === null) throw refused('the server asks for a payment and does not say for which')
  return Json.parse(Buffer.from(header, 'base64').toString())
}

/** What was signed, as it is sent and as the chain knows it. */
function keptOf(payload: unknown): Kept {
  const { payload: signed, accepted } = payload as {
    readonly payload?: { readonly authorization?: Readonly<Record<string, unknown>> }
    readonly accepted?: { readonly asset?: unknown; readonly network?: unknown }
  }
  const { nonce, validBefore, from } = signed?.authorization ?? {}
  const chainId = Number(/^eip155:(\d+)$/.exec(String(accepted?.network))?.[1])
  if (typeof nonce !== 'string' || typeof from !== 'string' || typeof accepted?.asset !== 'string')
    throw refused('the payment is no authorization that the chain can be asked about')
  return {
    ...{ status: 'open', nonce, chainId, asset: accepted.asset, from: Address.parse(from) },
    header: Buffer.from(JSON.stringify(payload)).toString('base64'),
    validBeforeMs: Number(validBefore) * 1_000,
  }
}
