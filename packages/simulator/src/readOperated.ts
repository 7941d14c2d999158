import { Address, type Hex } from '@countersign/base'
import { decodeAbiParameters, pad, parseAbiParameters, toEventSelector } from 'viem'
import type { ChainReads } from './chain/reads.ts'
import { UpstreamError } from './chain/rpc/Rpc.ts'
import type { Operated } from './enforcement/Draft.ts'

/** ERC-721, ERC-1155 and ERC-6909 index owner and operator, so that one question finds the flags of every collection. */
const FOR_ALL = toEventSelector('ApprovalForAll(address,address,bool)')
const OPERATOR_SET = toEventSelector('OperatorSet(address,address,bool)')
/** What arrived, by id: ERC-1155 indexes the receiver third, ERC-6909 second and the id third. */
const SINGLE = toEventSelector('TransferSingle(address,address,address,uint256,uint256)')
const BATCH = toEventSelector('TransferBatch(address,address,address,uint256[],uint256[])')
const OF_ID = toEventSelector('Transfer(address,address,address,uint256,uint256)')

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
  const topics = [[FOR_ALL, OPERATOR_SET], pad(account), contracts.map((contract) => pad(contract))]
  const filter = { fromBlock: '0x0', toBlock: `0x${untilBlock.toString(16)}`, topics }
  try {
    const answer = await reads.pass('eth_getLogs', [filter])
    const found = answer.ok ? addressesOf(answer.result) : null
    if (found === null || found.length === 0) return { collections: found ?? [], isListed: found !== null }
    const { topics: _flags, ...range } = filter
    const arrived = await Promise.all(
      [
        [[SINGLE, BATCH], null, null, pad(account)],
        [OF_ID, null, pad(account)],
      ].map((each) => reads.pass('eth_getLogs', [{ ...range, address: found, topics: each }])),
    )
    const logs = arrived.map((each) => (each.ok ? idsOf(each.result) : null))
    if (logs.some((each) => each === null)) return { collections: found, isListed: false }
    return { collections: found, isListed: true, pieces: logs.flatMap((each) => each ?? []) }
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

/** Which ids of which collection the events name; null for what is no list of logs. */
function idsOf(logs: unknown): NonNullable<Operated['pieces']> | null {
  if (!Array.isArray(logs)) return null
  const found = logs.map((log) => readPiece(log))
  return found.every((each) => each !== null) ? found.flat() : null
}

const WORD = /^0x[0-9a-f]{64}$/i
const BYTES = /^0x(?:[0-9a-f]{2})*$/i

function readPiece(log: unknown): NonNullable<Operated['pieces']> | null {
  const { address, topics, data } = (log ?? {}) as Record<string, unknown>
  if (typeof address !== 'string' || !Address.isAddress(address)) return null
  if (!Array.isArray(topics) || !topics.every((topic) => typeof topic === 'string' && WORD.test(topic))) return null
  if (typeof data !== 'string' || !BYTES.test(data)) return null
  const [event, , , last] = topics as string[]
  const collection = Address.parse(address)
  if (event === OF_ID) return last === undefined ? [] : [{ collection, id: BigInt(last) }]
  try {
    const ids =
      event === SINGLE
        ? [decodeAbiParameters(parseAbiParameters('uint256, uint256'), data as Hex.Hex)[0]]
        : decodeAbiParameters(parseAbiParameters('uint256[], uint256[]'), data as Hex.Hex)[0]
    return ids.map((id) => ({ collection, id }))
  } catch {
    // No such event, whatever its name: it names no piece.
    return []
  }
}
