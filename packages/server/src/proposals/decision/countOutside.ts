import { Address } from '@countersign/base'
import type { ChainReceipt, ChainTransaction } from '@countersign/simulator'
import { handle } from '../../audit/Audit.ts'
import { noteFrozen } from '../../mandates/freezeWhen.ts'
import { scopeOf } from '../../mandates/findMandate.ts'
import { noteOutside, type Held } from '../../mandates/ledger/close.ts'
import type { Proof } from '../../mandates/ledger/Reservation.ts'
import { num, ofWrite, rowsOf } from '../../mandates/ledger/Sql.ts'
import * as Amount from '../../mandates/policy/Amount.ts'
import type { Chain } from '../../chains/Chain.ts'
import type { Write } from '../../store/openStore.ts'
import type { Gate } from '../Gate.ts'

/** `Transfer(address,address,uint256)` and `Approval(address,address,uint256)` of EIP-20. */
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const APPROVAL = '0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925'

/** Another transaction at a nonce that was granted, mined at depth. */
export interface Other {
  readonly actual: ChainTransaction
  readonly receipt: ChainReceipt
  readonly proof: Proof & { readonly kind: 'mined' }
}

/** A payment of nothing to oneself is how wallets cancel: it moves nothing but its fee. */
export function isCancellation({ to, value, input }: ChainTransaction, account: Address.Address): boolean {
  return Address.isEqual(to ?? '', account) && BigInt(value) === 0n && input === '0x'
}

/**
 * A signer that had a grant signed something else at its nonce: what left by the events and the value counts in the mandate's
 * limits, in the caller's write, and the mandate is frozen.
 */
export async function countOutside(
  gate: Pick<Gate, 'audit' | 'clock' | 'ledgerTime' | 'tellTargets'>,
  write: Write,
  { chain, held, other, app }: { chain: Chain; held: Held; other: Other; app: string },
): Promise<void> {
  if (held.mandate === null) return
  const sql = ofWrite(write)
  const scope = scopeOf({ app, owner: held.account })
  const rows = await rowsOf<{ id: string; unit: string; decimals: unknown }>(
    sql,
    'select id, unit, decimals from mandate_limits where scope = ?',
    [scope],
  )
  const spent = spentBy(other, held.account)
  const amounts = new Map(
    rows.map(({ id, unit, decimals }): [string, bigint] => [id, askedOf(unit, num(decimals), { chain, spent })]),
  )
  const { actual, proof } = other
  const nonce = Number(BigInt(actual.nonce))
  const isNew = await noteOutside(sql, gate.ledgerTime, {
    ...{ id: `outside_${held.chainId}_${actual.hash}`, mandate: held.mandate, account: held.account },
    ...{ chainId: held.chainId, nonce, proof, amounts },
  })
  if (!isNew) return
  await gate.audit(write, {
    app,
    event: 'mandates.reservation.outside',
    body: { mandate: handle(held.mandate), tx_hash: actual.hash, nonce },
  })
  await noteFrozen(gate, write, { mandate: held.mandate, because: 'outside' })
}

/** What left the account or may be taken of it, by token in lower case; `''` for the coin. In smallest units. */
function spentBy({ actual, receipt }: Other, account: string): ReadonlyMap<string, bigint> {
  const spent = new Map<string, bigint>()
  if (!receipt.isSuccess) return spent
  spent.set('', BigInt(actual.value))
  const owner = `0x${account.slice(2).toLowerCase().padStart(64, '0')}`
  for (const { address, topics, data } of receipt.logs) {
    const isSpent = topics[0] === TRANSFER || topics[0] === APPROVAL
    if (!isSpent || topics.length !== 3 || topics[1]?.toLowerCase() !== owner || data.length !== 66) continue
    const token = address.toLowerCase()
    spent.set(token, (spent.get(token) ?? 0n) + BigInt(data))
  }
  return spent
}

function askedOf(
  unit: string,
  places: number,
  { chain, spent }: { chain: Chain; spent: ReadonlyMap<string, bigint> },
): bigint {
  if (unit === 'native') return spent.get('') ?? 0n
  if (unit === 'calls') return 1n
  if (!unit.startsWith('token:')) return 0n
  return unit
    .slice('token:'.length)
    .split(',')
    .reduce((sum, place) => {
      const [chainId, token = ''] = place.split('/')
      const decimals = chain.tokens.find(({ address }) => Address.isEqual(address, token))?.decimals ?? places
      return sum + (chainId === String(chain.chainId) ? Amount.rescale(spent.get(token) ?? 0n, decimals, places) : 0n)
    }, 0n)
}
