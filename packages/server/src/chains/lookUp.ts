import { BaseError, type Address } from '@countersign/base'
import type { ChainTransaction } from '@countersign/simulator'
import { recoverAuthorizationAddress } from 'viem/utils'
import type { Chain } from './Chain.ts'

/** How many blocks are read one by one where providers keep no old state to search by. */
const SCAN_BLOCKS = 256n

/** Transactions that an account has sent, and whether they are all there are. */
export interface Sent {
  readonly transactions: readonly ChainTransaction[]
  readonly isComplete: boolean
}

interface At {
  readonly block: bigint
  readonly count: bigint
}

/**
 * The mined transactions of an account with the nonces from `fromNonce` to `toNonce`, both included and excluded, after
 * block `since` and up to block `until`. Blocks are searched by halves: where the account's nonce is the same at both
 * ends there is nothing to read. A nonce may also be used by an authorization that the account signed (EIP-7702), in a
 * transaction of whomever: such a nonce is explained, and there is no transaction of it.
 *
 * @param toNonce - The account's nonce at `until`.
 * @param limit - The most transactions to look for; more make it incomplete.
 */
export async function sentBetween(
  chain: Pick<Chain, 'at' | 'block' | 'header'>,
  {
    account,
    since,
    until,
    fromNonce,
    toNonce,
    limit,
  }: {
    account: Address.Address
    since: bigint
    until: bigint
    fromNonce: bigint
    toNonce: bigint
    limit: number
  },
): Promise<Sent> {
  const found: ChainTransaction[] = []
  /** Nonces of authorizations that the account signed. */
  const authorized = new Set<bigint>()
  async function take(number: bigint): Promise<void> {
    const block = await chain.block(number)
    for (const each of block?.transactions ?? []) {
      const isOwn = each.from.toLowerCase() === account.toLowerCase() && BigInt(each.nonce) >= fromNonce
      if (isOwn) found.push(each)
      for (const { nonce, ...entry } of each.authorizations ?? []) {
        if (nonce < fromNonce || nonce >= toNonce) continue
        const signer = await recoverAuthorizationAddress({
          authorization: { ...entry, chainId: Number(entry.chainId), nonce: Number(nonce) },
        }).catch(() => null)
        if (signer?.toLowerCase() === account.toLowerCase()) authorized.add(nonce)
      }
    }
  }
  /** By a transaction or by an authorization: one that was signed and not applied explains no second nonce. */
  const explained = (): ReadonlySet<bigint> =>
    new Set([...found.map(({ nonce }) => BigInt(nonce)).filter((nonce) => nonce < toNonce), ...authorized])
  async function countAt(block: bigint): Promise<bigint> {
    const header = await chain.header(block)
    return header === null ? fromNonce : chain.at(header).nonce(account)
  }
  async function search(low: At, high: At): Promise<void> {
    if (low.count >= high.count || found.length >= limit) return
    if (high.block - low.block <= 1n) return take(high.block)
    const block = (low.block + high.block) / 2n
    const middle = { block, count: await countAt(block) }
    await search(low, middle)
    await search(middle, high)
  }
  try {
    const count = await countAt(since)
    await search({ block: since, count: count > fromNonce ? count : fromNonce }, { block: until, count: toNonce })
  } catch (error) {
    // Silence is no answer; a refusal is: state that old is not kept. The blocks are.
    const isKept = error instanceof BaseError && error.code === 'chains:rpc:unreachable' && until - since < 2n
    if (!(error instanceof BaseError) || error.kind !== 'upstream' || isKept) throw error
    found.length = 0
    authorized.clear()
    const oldest = until - since > SCAN_BLOCKS ? until - SCAN_BLOCKS : since
    for (let number = until; number > oldest && BigInt(explained().size) < toNonce - fromNonce; number -= 1n)
      await take(number)
  }
  const transactions = found.sort((a, b) => (BigInt(a.nonce) < BigInt(b.nonce) ? -1 : 1))
  return { transactions, isComplete: BigInt(explained().size) >= toNonce - fromNonce }
}
