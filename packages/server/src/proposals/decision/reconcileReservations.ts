import { Address, Clock, type Hex } from '@countersign/base'
import { handle } from '../../audit/Audit.ts'
import { allowanceOf } from '../../chains/allowanceOf.ts'
import type { Chain } from '../../chains/Chain.ts'
import { finalDepth } from '../../chains/finalDepth.ts'
import { noteFrozen } from '../../mandates/freezeWhen.ts'
import { heldOf, release, settle, settlePart, type Held, type Settle } from '../../mandates/ledger/close.ts'
import type { Moved, Proof } from '../../mandates/ledger/Reservation.ts'
import { num, ofWrite, rowsOf } from '../../mandates/ledger/Sql.ts'
import * as Amount from '../../mandates/policy/Amount.ts'
import type { Reader, Write } from '../../store/openStore.ts'
import type { Gate } from '../Gate.ts'
import { isOver, type State } from '../Proposal.ts'
import { closeReplaced } from './closeReplaced.ts'
import { endHeld } from './handOutProposal.ts'
import { takenBefore } from './takenBefore.ts'

/**
 * Closes what the chain has decided about the reservations of a chain: settles what was mined, carries on allowances that stand,
 * and gives back documents whose deadline has passed. Without an answer nothing changes.
 */
export async function reconcileReservations(gate: Gate, { chainId }: { chainId: number }): Promise<void> {
  const chain = gate.chains.get(chainId)
  const rows = await gate.store.read
    .selectFrom('reservations')
    .selectAll()
    .where('state', '=', 'open')
    .where('chain_id', '=', chainId)
    .execute()
  if (chain === undefined || rows.length === 0) return
  const { number: head } = await chain.head()
  for (const held of rows.map((row) => heldOf({ ...row }))) {
    if (held.kind === 'tx') {
      await closeTransaction(gate, chain, held, head)
      await closeReplaced(gate, chain, { held, head, app: await appOf(gate.store.read, held) })
    } else if (held.kind === 'allowance') await closeAllowance(gate, chain, held, head)
    else if (held.kind === 'document') await closeDocument(gate, chain, held, head)
  }
}

/** Gives back what is held for proposals that are over, or gone with their session. */
export async function endOrphans(gate: Gate): Promise<void> {
  const rows = await gate.store.read
    .selectFrom('reservations')
    .leftJoin('proposals', 'proposals.id', 'reservations.proposal')
    .select(['reservations.proposal as proposal', 'proposals.app as app', 'proposals.state as state'])
    .where('reservations.state', '=', 'held')
    .execute()
  for (const { proposal, app, state } of rows) {
    if (proposal === null || (state !== null && !isOver(state as State))) continue
    await gate.store.write((write) =>
      endHeld(gate, write, { proposal: { id: proposal, app: app ?? 'default' }, why: state ?? 'gone' }),
    )
  }
}

async function appOf(read: Reader, held: Held): Promise<string> {
  const row = await read
    .selectFrom('proposals')
    .select('app')
    .where('id', '=', held.proposal ?? '')
    .executeTakeFirst()
  return row?.app ?? 'default'
}

/** Settled once every step of the proposal is mined at depth, by the chain's own word. */
async function closeTransaction(gate: Gate, chain: Chain, held: Held, head: bigint): Promise<void> {
  const calls = await gate.store.read
    .selectFrom('proposal_calls')
    .select(['tx_hash', 'tx_nonce', 'tx_block', 'tx_block_hash'])
    .where('proposal_id', '=', held.proposal ?? '')
    .orderBy('step')
    .execute()
  const last = calls.at(-1)
  if (last === undefined || calls.some(({ tx_block: block }) => block === null)) return
  const mined = await Promise.all(calls.map(({ tx_hash: hash }) => chain.receipt((hash ?? '0x') as Hex.Hex)))
  for (const [i, receipt] of mined.entries())
    if (
      receipt === null ||
      receipt.blockHash !== calls[i]?.tx_block_hash ||
      head < receipt.blockNumber + finalDepth(chain)
    )
      return
  const isReverted = mined.every((receipt) => receipt?.isSuccess !== true)
  const block = mined.at(-1)?.blockNumber ?? 0n
  const proof: Proof = {
    kind: 'mined',
    hash: last.tx_hash ?? '',
    nonce: last.tx_nonce ?? held.nonceFrom ?? 0,
    block: Number(block),
    blockHash: last.tx_block_hash ?? '',
    depth: Number(head - block),
    isReverted,
  }
  const standing = isReverted ? [] : await standingAfter(chain, held)
  const hashes = calls.map(({ tx_hash: hash }) => (hash ?? '0x') as Hex.Hex)
  const from = mined[0]?.blockNumber ?? block
  const before = isReverted ? [] : await olderAllowances(gate, chain, { held, from, to: block, hashes })
  await gate.store.write(async (write) => {
    const sql = ofWrite(write)
    const lines = await linesOf(write, held.id)
    const carry = carryOf(held, lines, standing)
    const carried = (limit: string): bigint => carry.reduce((sum, { lines: of }) => sum + (of.get(limit) ?? 0n), 0n)
    // What moved is not read here: all that was reserved counts, less the rights that stand on as their own reservations.
    const settled = new Map(
      lines.map(({ id, unit, amount }): [string, bigint] => [
        id,
        isReverted && !PAID.has(unit) ? 0n : amount > carried(id) ? amount - carried(id) : 0n,
      ]),
    )
    const { isNew, isOverrun } = await settle(sql, gate.ledgerTime, { id: held.id, proof, settled, carry })
    if (!isNew) return
    for (const { older, left } of before) await endOlder(gate, write, { older, left, proof })
    await gate.audit(write, {
      app: await appOf(write.db, held),
      event: 'mandates.reservation.settled',
      body: { reservation: handle(held.id), tx_hash: proof.hash, block: proof.block, reverted: isReverted },
    })
    if (isOverrun)
      await gate.audit(write, {
        app: await appOf(write.db, held),
        event: 'mandates.reservation.overrun',
        body: { reservation: handle(held.id) },
      })
    if (isOverrun && held.mandate !== null) await noteFrozen(gate, write, { mandate: held.mandate, because: 'overrun' })
  })
}

/** Units of which a reverted transaction may have used some: its fee, and the call itself. */
const PAID: ReadonlySet<string> = new Set(['fee', 'native', 'calls'])

interface Line {
  readonly id: string
  readonly unit: string
  readonly decimals: number
  readonly amount: bigint
}

async function linesOf(write: Write, reservation: string): Promise<readonly Line[]> {
  const rows = await rowsOf<{ id: string; unit: string; decimals: unknown; amount: string }>(
    ofWrite(write),
    `select m.id, m.unit, m.decimals, l.amount from reservation_lines l join mandate_limits m on m.id = l.limit_id
     where l.reservation = ? and l.settle_ms is null and l.beyond <> 1`,
    [reservation],
  )
  return rows.map((row) => ({ ...row, decimals: num(row.decimals), amount: BigInt(row.amount) }))
}

interface Standing {
  readonly token: Address.Address
  readonly spender: Address.Address
  /** Null where it could not be read: then all of it stands. */
  readonly amount: bigint | null
  readonly decimals: number | null
}

/** The rights that a transaction gave, as they stand now. */
async function standingAfter(chain: Chain, { account, moved }: Held): Promise<readonly Standing[]> {
  const state = chain.at(await chain.head())
  return Promise.all(
    moved.rights.map(async ({ token, spender, amount }) => ({
      ...{ token, spender },
      amount: (await allowanceOf(state, { token, owner: Address.parse(account), spender })) ?? BigInt(amount),
      decimals: chain.tokens.find(({ address }) => Address.isEqual(address, token))?.decimals ?? null,
    })),
  )
}

/** What of the lines goes on with rights that stand: of a token's lines its amount, of dollars the whole line. */
function carryOf(held: Held, lines: readonly Line[], standing: readonly Standing[]): NonNullable<Settle['carry']> {
  const left = new Map(lines.map(({ id, amount }) => [id, amount]))
  return standing
    .filter(({ amount }) => amount !== 0n)
    .map(({ token, spender, amount, decimals }) => {
      const own = lines.flatMap(({ id, unit, decimals: places }): [string, bigint][] => {
        const most = left.get(id) ?? 0n
        const isToken = unit.startsWith('token:') && unit.includes(`${held.chainId}/${token.toLowerCase()}`)
        if (!isToken && unit !== 'usd' && unit !== 'usd.loss') return []
        const wanted =
          !isToken || amount === null || decimals === null ? most : Amount.rescale(amount, decimals, places)
        const taken = wanted < most ? wanted : most
        left.set(id, most - taken)
        return taken === 0n ? [] : [[id, taken]]
      })
      return { token, spender, amount: amount ?? 0n, lines: new Map(own) }
    })
}

/** Reservations of allowances that a mined approval replaces, with what was left of each before it. */
async function olderAllowances(
  gate: Gate,
  chain: Chain,
  { held, from, to, hashes }: { held: Held; from: bigint; to: bigint; hashes: readonly Hex.Hex[] },
): Promise<readonly { readonly older: Held; readonly left: bigint }[]> {
  if (held.moved.rights.length === 0) return []
  const rows = (
    await gate.store.read
      .selectFrom('reservations')
      .selectAll()
      .where('kind', '=', 'allowance')
      .where('state', '=', 'open')
      .where('account', '=', held.account)
      .where('chain_id', '=', held.chainId)
      .execute()
  ).map((row) => heldOf({ ...row }))
  const header = await chain.header(from - 1n)
  if (header === null) return []
  const state = chain.at(header)
  const found = await Promise.all(
    rows.map(async (older) => {
      const [right] = older.moved.rights
      const isSame = held.moved.rights.some(
        ({ token, spender }) =>
          right !== undefined && Address.isEqual(token, right.token) && Address.isEqual(spender, right.spender),
      )
      if (right === undefined || !isSame) return null
      const owner = Address.parse(held.account)
      const stood = await allowanceOf(state, { ...right, owner })
      if (stood === null) return null
      // What was taken since then and before the approval is in no state that can be read.
      const taken = stood === 0n ? 0n : await takenBefore(chain, { ...right, owner, from, to, hashes })
      return { older, left: taken === null || taken > stood ? 0n : stood - taken }
    }),
  )
  return found.filter((each) => each !== null)
}

/** An approval was mined: what the spender had taken of the older one counts, the rest is given back. */
async function endOlder(
  gate: Gate,
  write: Write,
  { older, left, proof }: { older: Held; left: bigint; proof: Proof & { readonly kind: 'mined' } },
): Promise<void> {
  const allowance: Proof = { kind: 'allowance', standing: left.toString(), block: proof.block, depth: proof.depth }
  await usePart(gate, write, { held: older, left, proof: allowance })
  await release(ofWrite(write), gate.ledgerTime, { id: older.id, proof: allowance })
}

/** Settles what a spender took: what the allowance fell to is what may still be taken. */
async function usePart(
  gate: Gate,
  write: Write,
  { held, left, proof }: { held: Held; left: bigint; proof: Proof },
): Promise<void> {
  const [right] = held.moved.rights
  const before = BigInt(right?.amount ?? '0')
  if (right === undefined || left >= before) return
  const lines = await linesOf(write, held.id)
  const used = new Map(
    // In proportion, rounded up: what was taken counts in full.
    lines.map(({ id, amount }): [string, bigint] => [id, (amount * (before - left) + before - 1n) / before]),
  )
  const rest: Moved = { ...held.moved, rights: [{ ...right, amount: left.toString() }] }
  await settlePart(ofWrite(write), gate.ledgerTime, { id: held.id, used, rest, proof })
}

/** An allowance by what is left of it at depth; one that is gone was used, as far as can be told. */
async function closeAllowance(gate: Gate, chain: Chain, held: Held, head: bigint): Promise<void> {
  const [right] = held.moved.rights
  const depth = finalDepth(chain)
  if (right === undefined || head < depth) return
  const header = await chain.header(head - depth)
  if (header === null) return
  const left = await allowanceOf(chain.at(header), { ...right, owner: Address.parse(held.account) })
  if (left === null || left >= BigInt(right.amount)) return
  // It was opened by a block that may be younger than this one.
  if (held.openedMs > Number(header.timestampS) * 1_000) return
  const proof: Proof = {
    kind: 'allowance',
    standing: left.toString(),
    block: Number(header.number),
    depth: Number(depth),
  }
  await gate.store.write(async (write) => {
    if (left > 0n) return usePart(gate, write, { held, left, proof })
    await settle(ofWrite(write), gate.ledgerTime, { id: held.id, proof, settled: null })
  })
}

/** A document can no longer be used once a block at depth is later than its deadline. */
async function closeDocument(gate: Gate, chain: Chain, held: Held, head: bigint): Promise<void> {
  const depth = finalDepth(chain)
  if (held.deadlineMs === null || head < depth) return
  const header = await chain.header(head - depth)
  if (header === null || Number(header.timestampS) * 1_000 <= held.deadlineMs) return
  const proof: Proof = { kind: 'invalid', why: 'deadline', block: Number(header.number), depth: Number(depth) }
  await gate.store.write(async (write) => {
    if (!(await release(ofWrite(write), gate.ledgerTime, { id: held.id, proof }))) return
    await gate.audit(write, {
      app: await appOf(write.db, held),
      event: 'mandates.reservation.released',
      body: { reservation: handle(held.id), proof: proof.kind, at: Clock.iso(Number(header.timestampS) * 1_000) },
    })
  })
}
