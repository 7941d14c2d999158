import { Address, Hex } from '@countersign/base'
import type { Simulator } from '@countersign/simulator'
import type { Settings } from '../Options.ts'
import { askServer } from './askServer.ts'

/** An EIP-3009 authorization. */
export interface Authorization {
  readonly chainId: number
  readonly asset: string
  readonly from: Address.Address
  readonly nonce: string
}

/** What the chain says of an authorization, and the time of the block that says it, in seconds. Null: no answer. */
export type AskSpent = (of: Authorization) => Promise<{ readonly isUsed: boolean; readonly atS: number } | null>

/** How long after its end an authorization may still be mined, in milliseconds: clocks of chains differ. */
const MARGIN_MS = 30_000

/**
 * What may become of an authorization. `open`: it may still be spent. `spent`: it was. `void`: it was not, and never can be. `unknown`: its
 * time is over, and the chain does not answer.
 */
export async function isSpendable(
  ask: AskSpent | undefined,
  { validBeforeMs, ...authorization }: Authorization & { readonly validBeforeMs: number },
): Promise<'open' | 'spent' | 'void' | 'unknown'> {
  if (Date.now() <= validBeforeMs + MARGIN_MS) return 'open'
  const answer = await ask?.(authorization).catch(() => null)
  if (answer == null) return 'unknown'
  if (answer.isUsed) return 'spent'
  // A block before its end proves nothing.
  return answer.atS * 1_000 > validBeforeMs + MARGIN_MS ? 'void' : 'open'
}

/** Whether the chain shows an authorization as spent now; no answer is a no. */
export async function isSpent(
  ask: AskSpent | undefined,
  { chainId, asset, from, nonce }: Authorization,
): Promise<boolean> {
  const answer = await ask?.({ chainId, asset, from, nonce }).catch(() => null)
  return answer?.isUsed === true
}

/** authorizationState(address,bytes32) of EIP-3009. */
function dataOf({ from, nonce }: Authorization): Hex.Hex {
  return `0xe94a0102${from.slice(2).toLowerCase().padStart(64, '0')}${Hex.parse(nonce).slice(2).padStart(64, '0')}`
}

/** One word that is 0 or 1; anything else is no answer. */
function wordOf(answer: unknown): boolean | null {
  if (typeof answer !== 'string' || !/^0x0{63}[01]$/.test(answer)) return null
  return answer.endsWith('1')
}

export function spentOnChain(open: () => Promise<Simulator>): AskSpent {
  return async (of) => {
    const simulator = await open()
    if (simulator.chainId !== of.chainId) return null
    const head = await simulator.reads.head()
    const answer = await simulator.reads.at(head).call({ to: Address.parse(of.asset), data: dataOf(of) })
    const isUsed = answer.status === 'returned' ? wordOf(answer.data) : null
    return isUsed === null ? null : { isUsed, atS: Number(head.timestampS) }
  }
}

/** The same through a server, by the JSON-RPC door: it reads the chain for keys with the scope `read`. */
export function spentByServer(settings: Extract<Settings, { kind: 'server' }>): AskSpent {
  return async (of) => {
    const ask = async (method: string, params: readonly unknown[]): Promise<unknown> => {
      const body = { jsonrpc: '2.0', id: 1, method, params }
      const path = `/rpc/${of.chainId}`
      const answer = await askServer(settings, { method: 'POST', path, body, timeoutMs: REQUEST_MS })
      return answer.status === 200 ? answer.body['result'] : null
    }
    // The block first: what is read after it is not older.
    const block = (await ask('eth_getBlockByNumber', ['latest', false])) as { timestamp?: unknown } | null
    const isUsed = wordOf(await ask('eth_call', [{ to: of.asset, data: dataOf(of) }, 'latest']))
    const atS = typeof block?.timestamp === 'string' ? Number(block.timestamp) : Number.NaN
    return isUsed === null || !Number.isSafeInteger(atS) ? null : { isUsed, atS }
  }
}

/** For one question to the server, in milliseconds. */
const REQUEST_MS = 10_000
