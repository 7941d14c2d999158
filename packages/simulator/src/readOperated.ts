import { Address } from '@countersign/base'
import { pad, toEventSelector } from 'viem'
import type { ChainReads } from './chain/reads.ts'
import { UpstreamError } from './chain/rpc/Rpc.ts'
import type { Operated } from './enforcement/Draft.ts'

/** ERC-721 and ERC-1155 index owner and operator, so that one question finds the flags of every collection. */
const FOR_ALL = toEventSelector('ApprovalForAll(address,address,bool)')

/**
 * Asks for the collections in which the account ever made one of the contracts an operator. Whether a flag still stands
 * is for the collection to answer.
 *
 * @param untilBlock - The block that was simulated on.
 */
export async function readOperated(
  reads: Pick<ChainReads, 'pass'>,
  {
    account,
    contracts,
    untilBlock,
  }: { account: Address.Address; contracts: readonly Address.Address[]; untilBlock: bigint },
): Promise<Operated> {
  if (contracts.length === 0) return { collections: [], isListed: true }
  const topics = [FOR_ALL, pad(account), contracts.map((contract) => pad(contract))]
  const filter = { fromBlock: '0x0', toBlock: `0x${untilBlock.toString(16)}`, topics }
  try {
    const answer = await reads.pass('eth_getLogs', [filter])
    const found = answer.ok ? addressesOf(answer.result) : null
    return { collections: found ?? [], isListed: found !== null }
  } catch (error) {
    if (error instanceof UpstreamError) return { collections: [], isListed: false }
    throw error
  }
}

function addressesOf(logs: unknown): Address.Address[] | null {
  if (!Array.isArray(logs)) return null
  const found = logs.map((log) => (log as { readonly address?: unknown } | null)?.address)
  if (!found.every((each) => typeof each === 'string' && Address.isAddress(each))) return null
  return [...new Set(found.map((each) => Address.parse(each as string)))].toSorted()
}
