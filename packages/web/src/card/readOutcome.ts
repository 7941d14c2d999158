import type { Proposal } from '@countersign/sdk'
import { addressWord, rpc, wordOf } from '../rpc.ts'
import type { Facts } from './Outcome.ts'

/** `balanceOf(address)`, first four bytes of its Keccak-256 digest (EIP-20). */
const BALANCE_OF = '0x70a08231'
/** How often a receipt is asked for that another node has not seen yet. */
const ATTEMPTS = 5

/**
 * Reads what the owner held before and after the transactions of a settled proposal, through the page's own proxy.
 *
 * @returns null where a receipt or a balance of an old block is not to be had: then nothing is claimed.
 */
export async function readOutcome(rpcPath: string, proposal: Proposal): Promise<Facts | null> {
  const hashes = proposal.calls.flatMap(({ tx_hash: hash }) => hash ?? [])
  const receipts = await Promise.all([...new Set(hashes)].map((hash) => receiptOf(rpcPath, hash)))
  if (receipts.length === 0 || receipts.some((each) => each === null)) return null
  const found = receipts.filter((each) => each !== null)
  const blocks = found.map(({ block }) => block)
  const [first, last] = [blocks.reduce((a, b) => (b < a ? b : a)), blocks.reduce((a, b) => (b > a ? b : a))]
  const tokens = new Set(
    (proposal.report?.token_changes ?? []).flatMap(({ account, token, token_id: id }) =>
      account === proposal.from && id === null ? [token ?? ''] : [],
    ),
  )
  const balances = new Map<string, { before: bigint; after: bigint }>()
  for (const token of tokens) {
    const [before, after] = await Promise.all([
      balanceAt(rpcPath, { token, owner: proposal.from, block: first - 1n }),
      balanceAt(rpcPath, { token, owner: proposal.from, block: last }),
    ])
    if (before !== null && after !== null) balances.set(token.toLowerCase(), { before, after })
  }
  return { feeWei: found.reduce((sum, { feeWei }) => sum + feeWei, 0n), balances }
}

async function receiptOf(rpcPath: string, hash: string): Promise<{ block: bigint; feeWei: bigint } | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const receipt = (await rpc(rpcPath, 'eth_getTransactionReceipt', [hash])) as Readonly<
      Record<string, unknown>
    > | null
    const number = (name: string): bigint => {
      const value = receipt?.[name]
      return typeof value === 'string' && /^0x[0-9a-f]+$/i.test(value) ? BigInt(value) : 0n
    }
    if (receipt !== null && number('blockNumber') > 0n)
      return {
        block: number('blockNumber'),
        feeWei: number('gasUsed') * number('effectiveGasPrice') + number('l1Fee'),
      }
  }
  return null
}

async function balanceAt(
  rpcPath: string,
  { token, owner, block }: { token: string; owner: string; block: bigint },
): Promise<bigint | null> {
  const at = `0x${block.toString(16)}`
  const data = `${BALANCE_OF}${addressWord(owner)}`
  const answer =
    token === ''
      ? await rpc(rpcPath, 'eth_getBalance', [owner, at])
      : await rpc(rpcPath, 'eth_call', [{ to: token, data }, at])
  return wordOf(answer)
}
