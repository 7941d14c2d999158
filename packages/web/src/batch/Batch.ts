/** Several steps in one prompt of the wallet (EIP-5792), as pure words and shapes. */
import type { ProposalCall } from '@countersign/sdk'
import { t } from '../text/text.ts'

/**
 * What a wallet says of atomic batches on a chain: it makes them, it makes them after it upgraded the account (EIP-7702), or
 * nothing that may be relied on.
 */
export type Atomic = 'supported' | 'ready' | 'none'

/** The version of EIP-5792 that this page speaks. */
const VERSION = '2.0.0'

export const hexOf = (chainId: number): `0x${string}` => `0x${chainId.toString(16)}`

/**
 * Reads the answer to `wallet_getCapabilities`. Anything but a clear yes is `none`: then each step is signed singly.
 *
 * @param answer - Whatever the wallet said: capabilities by chain id in hexadecimal, `0x0` for all chains.
 */
export function atomicIn(answer: unknown, chainId: number): Atomic {
  const status = (key: string): unknown => field(field(field(answer, key), 'atomic'), 'status')
  const own = Object.keys(isRecord(answer) ? answer : {}).find(
    (key) => /^0x[0-9a-f]+$/i.test(key) && Number(key) === chainId,
  )
  const said = own === undefined ? status('0x0') : status(own)
  return said === 'supported' || said === 'ready' ? said : 'none'
}

/** The one parameter of `wallet_sendCalls`. `atomicRequired`: all steps happen, or none. */
export function requestOf(
  calls: readonly Pick<ProposalCall, 'to' | 'value' | 'data'>[],
  { id, from, chainId }: { readonly id: string; readonly from: string; readonly chainId: number },
) {
  return {
    version: VERSION,
    id,
    from: from as `0x${string}`,
    chainId: hexOf(chainId),
    atomicRequired: true,
    calls: calls.map(({ to, value, data }) => ({
      to: to as `0x${string}`,
      value: `0x${BigInt(value).toString(16)}` as const,
      data: data as `0x${string}`,
    })),
  }
}

/** The id by which the wallet knows the batch: what it answered, as text or as `{ id }`. @throws {Error} where there is none. */
export function idIn(answer: unknown): string {
  const id = typeof answer === 'string' ? answer : field(answer, 'id')
  if (typeof id !== 'string' || id === '' || id.length > 8_194) throw new Error(t().buttons.batchUnfollowed)
  return id
}

/** What `wallet_getCallsStatus` says happened. */
export interface Status {
  /** `unsent`: nothing was sent. `reverted`: sent, and nothing happened. `partly`: some of it happened. */
  readonly kind: 'waiting' | 'settled' | 'unsent' | 'reverted' | 'partly'
  /** Hashes of its transactions, in order, each once. */
  readonly hashes: readonly string[]
}

/** Reads a status by its hundreds, so that codes which are added later keep their meaning; anything else still waits. */
export function statusIn(answer: unknown): Status {
  const code = field(answer, 'status')
  const receipts = field(answer, 'receipts')
  const hashes = (Array.isArray(receipts) ? receipts : []).flatMap((receipt: unknown) => {
    const hash = field(receipt, 'transactionHash')
    return typeof hash === 'string' && /^0x[0-9a-f]{64}$/i.test(hash) ? [hash] : []
  })
  const kinds = { 2: 'settled', 4: 'unsent', 5: 'reverted', 6: 'partly' } as const
  const group = typeof code === 'number' ? Math.floor(code / 100) : 1
  const kind = group in kinds ? kinds[group as keyof typeof kinds] : 'waiting'
  return { kind, hashes: [...new Set(hashes)] }
}

/** Which steps each hash is reported for: one for all of a whole batch; step by step where the wallet did only some. */
export function reportsOf(
  steps: readonly number[],
  { kind, hashes }: Status,
): readonly { readonly steps: readonly number[]; readonly hash: string }[] {
  const [only] = hashes
  if (only === undefined) return []
  if (hashes.length === 1 && kind !== 'partly') return [{ steps, hash: only }]
  return hashes.slice(0, steps.length).map((hash, i) => ({ steps: [steps[i] ?? 1], hash }))
}

/** What a batch that did not go through means; null where the card says it. */
export function endText({ kind }: Status): string | null {
  switch (kind) {
    case 'unsent':
      return t().buttons.batchUnsent
    case 'reverted':
      return t().buttons.batchReverted
    case 'partly':
      return t().buttons.batchPartly
    default:
      return null
  }
}

/** Whether the wallet says that it cannot do this batch (EIP-5792, 5700 to 5760), or this method. Nothing was sent. */
export function isRefused(error: unknown): boolean {
  for (let each = error, depth = 0; isRecord(each) && depth < 6; each = each['cause'], depth += 1) {
    const code = each['code']
    if (typeof code === 'number' && (code === 4200 || code === -32601 || (code >= 5700 && code <= 5760))) return true
  }
  return false
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}
