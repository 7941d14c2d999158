import { Address, Hex } from '@countersign/base'
import { expectResult, type RpcEndpoint } from '../../chain/rpc/Rpc.ts'
import type { Header } from '../../model/Block.ts'
import type { SignedAuthorization } from '../../model/Call.ts'

/** A transaction as JSON-RPC gives it; only what a replay needs. */
export interface MinedTransaction {
  readonly hash: string
  readonly type?: string
  readonly from: string
  readonly to: string | null
  readonly value: string
  readonly input: string
  readonly gas: string
  readonly mint?: string | null
  readonly accessList?: readonly { readonly address: string; readonly storageKeys: readonly string[] }[]
  readonly authorizationList?: readonly Readonly<Record<string, string>>[]
}

export interface MinedReceipt {
  readonly transactionHash: string
  readonly status?: string
  readonly gasUsed: string
  readonly effectiveGasPrice?: string
  readonly l1Fee?: string
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[]; readonly data: string }[]
}

export interface MinedBlock extends Header {
  readonly transactions: readonly MinedTransaction[]
  readonly parentBeaconBlockRoot?: string
}

/** How far back transactions are looked for (design: chains, section 4). */
const MAX_BACK = 64
/** Blocks of a busy chain are megabytes: so many are asked for at first, and the rest only where these were empty. */
const FIRST_ASKED = 3

/**
 * The last final blocks that hold transactions, newest first, with their receipts.
 *
 * @param of.blocks - How many.
 */
export async function readTransactions(
  endpoint: RpcEndpoint,
  { head, finalAfter, blocks }: { head: bigint; finalAfter: number; blocks: number },
): Promise<{
  readonly busy: readonly { readonly block: MinedBlock; readonly receipts: readonly MinedReceipt[] }[]
  /** All blocks that were looked at, newest first. */
  readonly seen: readonly MinedBlock[]
}> {
  const newest = head - BigInt(finalAfter)
  const numbers = Array.from({ length: MAX_BACK }, (_, i) => newest - BigInt(i)).filter((number) => number > 0n)
  const seen: MinedBlock[] = []
  for (const part of [numbers.slice(0, FIRST_ASKED), numbers.slice(FIRST_ASKED, 16), numbers.slice(16)]) {
    if (part.length === 0 || seen.filter(isBusy).length >= blocks) break
    const answers = await endpoint.batch(
      part.map((number) => ({ method: 'eth_getBlockByNumber', params: [`0x${number.toString(16)}`, true] })),
    )
    for (const answer of answers) {
      const block = expectResult<MinedBlock | null>(answer, 'eth_getBlockByNumber')
      if (block !== null) seen.push(block)
    }
  }
  const busy = seen.filter(isBusy).slice(0, blocks)
  const answers = await endpoint.batch(busy.map(({ number }) => ({ method: 'eth_getBlockReceipts', params: [number] })))
  const receipts = await Promise.all(
    busy.map(async ({ transactions }, i) => {
      const answer = answers[i]
      if (answer?.ok === true && Array.isArray(answer.result)) return answer.result as readonly MinedReceipt[]
      // Not every node has the method; one receipt at a time is the same.
      const each = await endpoint.batch(
        transactions.slice(0, 20).map(({ hash }) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
      )
      return each.map((one) => expectResult<MinedReceipt>(one, 'eth_getTransactionReceipt'))
    }),
  )
  return { busy: busy.map((block, i) => ({ block, receipts: receipts[i] ?? [] })), seen }
}

function isBusy({ transactions }: MinedBlock): boolean {
  return transactions.length > 0
}

/** A transaction as our engines take it. */
export function callOf(transaction: MinedTransaction) {
  const { to, value, input, accessList, authorizationList } = transaction
  return {
    to: to === null ? null : Address.parse(to),
    value: BigInt(value),
    data: Hex.parse(input),
    gasLimit: null,
    maxFeePerGasWei: null,
    label: null,
    ...(accessList === undefined || accessList.length === 0 ? {} : { accessList: accessList as never }),
    ...(authorizationList === undefined
      ? {}
      : {
          authorizationList: authorizationList.map((each): SignedAuthorization => ({
            chainId: BigInt(each['chainId'] ?? '0x0'),
            address: Address.parse(each['address'] ?? ''),
            nonce: BigInt(each['nonce'] ?? '0x0'),
            yParity: Number(each['yParity'] ?? each['v'] ?? '0x0'),
            r: BigInt(each['r'] ?? '0x0'),
            s: BigInt(each['s'] ?? '0x0'),
          })),
        }),
  }
}
