import { Address } from '@countersign/base'
import type { ChainTransaction } from '@countersign/simulator'
import { handle } from '../../audit/Audit.ts'
import type { Chain } from '../../chains/Chain.ts'
import { finalDepth } from '../../chains/finalDepth.ts'
import { sentBetween } from '../../chains/lookUp.ts'
import { release, type Held } from '../../mandates/ledger/close.ts'
import type { Proof } from '../../mandates/ledger/Reservation.ts'
import { ofWrite } from '../../mandates/ledger/Sql.ts'
import type { Gate } from '../Gate.ts'
import { countOutside, isCancellation, type Other } from './countOutside.ts'

/**
 * How many blocks the first look back spans; each further one spans twice as many. Small, because nodes keep the state of
 * few blocks: what cannot be read gives nothing back.
 */
const FIRST_SPAN = 2n

/**
 * Gives back what a grant let an agent sign at a nonce that another transaction of the account has now, at depth. Every nonce
 * that the proposal's calls could have must be gone, and none of the transactions that took them may be one of the calls.
 */
export async function closeReplaced(
  gate: Gate,
  chain: Chain,
  { held, head, app }: { held: Held; head: bigint; app: string },
): Promise<void> {
  const { nonce: first } = held
  const depth = finalDepth(chain)
  if (first === null || held.nonceKind !== 'bound' || head < depth) return
  const calls = await gate.store.read
    .selectFrom('proposal_calls')
    .select(['recipient', 'value', 'data'])
    .where('proposal_id', '=', held.proposal ?? '')
    .execute()
  // A proposal that is gone took its bytes along: nothing can be compared.
  if (calls.length === 0) return
  const account = Address.parse(held.account)
  const fromNonce = BigInt(first)
  const toNonce = fromNonce + BigInt(calls.length)
  const until = head - depth
  if ((await nonceAt(chain, account, until)) < toNonce) return
  const since = await before(chain, { account, nonce: fromNonce, until })
  if (since === null) return
  const { transactions } = await sentBetween(chain, { account, since, until, fromNonce, toNonce, limit: 64 })
  const taken = transactions.filter(({ nonce }) => BigInt(nonce) < toNonce)
  if (taken.length < calls.length) return
  const isOurs = taken.some(
    ({ to, value, input }) =>
      // A batch of the account's own code may hold the calls; a payment of nothing to oneself is how wallets cancel.
      (Address.isEqual(to ?? '', account) && input !== '0x') ||
      calls.some(
        (call) =>
          (call.recipient ?? '').toLowerCase() === (to ?? '').toLowerCase() &&
          BigInt(call.value) === BigInt(value) &&
          call.data.toLowerCase() === input.toLowerCase(),
      ),
  )
  const [other] = taken
  if (isOurs || other?.blockNumber == null || other.blockHash === null) return
  const block = Number(other.blockNumber)
  const proof: Proof = {
    ...{ kind: 'replaced', hash: other.hash, nonce: first },
    ...{ block, blockHash: other.blockHash, depth: Number(head) - block },
  }
  const others = await othersOf(chain, { taken, account, head })
  // Without a receipt it cannot be counted: the next look tries again.
  if (others === null) return
  await gate.store.write(async (write) => {
    for (const each of others) await countOutside(gate, write, { chain, held, other: each, app })
    if (!(await release(ofWrite(write), gate.ledgerTime, { id: held.id, proof }))) return
    await gate.audit(write, {
      app,
      event: 'mandates.reservation.released',
      body: { reservation: handle(held.id), proof: proof.kind, tx_hash: other.hash },
    })
  })
}

/** What took the nonces and is no cancellation; null where one of them cannot be read. */
async function othersOf(
  chain: Chain,
  { taken, account, head }: { taken: readonly ChainTransaction[]; account: Address.Address; head: bigint },
): Promise<readonly Other[] | null> {
  const others: Other[] = []
  for (const actual of taken.filter((each) => !isCancellation(each, account))) {
    const receipt = await chain.receipt(actual.hash)
    if (receipt === null) return null
    const block = Number(receipt.blockNumber)
    others.push({
      actual,
      receipt,
      proof: {
        ...{ kind: 'mined', hash: actual.hash, nonce: Number(BigInt(actual.nonce)), block },
        ...{ blockHash: receipt.blockHash, depth: Number(head) - block, isReverted: !receipt.isSuccess },
      },
    })
  }
  return others
}

async function nonceAt(chain: Chain, account: Address.Address, block: bigint): Promise<bigint> {
  const header = await chain.header(block)
  return header === null ? 0n : chain.at(header).nonce(account)
}

/** A block after which the account's nonce was still to be used; null where there is none that can be read. */
async function before(
  chain: Chain,
  { account, nonce, until }: { account: Address.Address; nonce: bigint; until: bigint },
): Promise<bigint | null> {
  let block = until
  for (let span = FIRST_SPAN; block > 0n; span *= 2n) {
    block = block > span ? block - span : 0n
    if ((await nonceAt(chain, account, block)) <= nonce) return block
  }
  return null
}
