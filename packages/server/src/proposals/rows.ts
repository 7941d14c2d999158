import { Address, assert, Hex } from '@countersign/base'
import type * as Wire from '@countersign/sdk'
import { handle } from '../audit/Audit.ts'
import type { Selectable } from 'kysely'
import type { Reader, Write } from '../store/openStore.ts'
import type { Schema } from '../store/Schema.ts'
import type { ArgumentProvenance } from '../provenance/Provenance.ts'
import { countMark } from '../mandates/freezeWhen.ts'
import * as Decided from './decision/Decided.ts'
import { countSent, endHeld } from './decision/handOutProposal.ts'
import type { Door } from './Door.ts'
import type * as ToolCall from './ToolCall.ts'
import { isSigned } from './Document.ts'
import type { Gate } from './Gate.ts'
import * as Remedy from './Remedy.ts'
import { tellClients } from './tellClients.ts'
import {
  isOver,
  ProposalAbsentError,
  sourcesOf,
  toWire,
  TransitionError,
  type Kind,
  type Proposal,
  type State,
} from './Proposal.ts'

/** An account on a chain, and the time: whose cards may still turn out to be signed. */
export interface Watching {
  readonly chainId: number
  readonly sender: Address.Address
  readonly nowMs: number
}

/** The cards of an account that may be signed, or may have been, and are not settled. */
function watched(read: Reader, { chainId, sender, nowMs }: Watching) {
  return read
    .selectFrom('proposals')
    .where('chain_id', '=', chainId)
    .where('sender', '=', sender)
    .where('watch_until_ms', 'is not', null)
    .where('state', '!=', 'settled')
    .where((eb) => eb.or([eb('watch_until_ms', '>', nowMs), eb('state', 'in', ['pending', 'submitted'])]))
}

/** The proposals that a mandate delays and whose time has not been waited out. */
export function delayedIn(read: Reader) {
  return read
    .selectFrom('proposal_decisions')
    .select('proposal_id')
    .where('answer', '=', 'delay')
    .where('served', '=', 0)
}

/** From which nonce and block on an account's transactions are still to be compared; null when all were. */
export async function watchedFrom(
  read: Reader,
  watching: Watching,
  { nonce }: { nonce: bigint },
): Promise<{ readonly nonce: bigint; readonly block: bigint } | null> {
  const row = await watched(read, watching)
    .where('watch_nonce', '!=', Number(nonce))
    .select((eb) => [eb.fn.min('watch_nonce').as('nonce'), eb.fn.min('watch_block').as('block')])
    .executeTakeFirst()
  if (row === undefined || row.nonce === null || row.block === null) return null
  return { nonce: BigInt(row.nonce), block: BigInt(row.block) }
}

/** As many cards as are compared with one transaction. Those whose wallet was asked for come first. */
const MAX_CARRYING = 200

/**
 * The watched cards that a transaction of the account could be of: those with a step of these very bytes or, where the
 * account called itself, those whose wallet was asked for.
 */
export async function listCarrying(
  read: Reader,
  watching: Watching,
  { to, value, data, isOwnBatch }: { to: string | null; value: bigint; data: string; isOwnBatch: boolean },
): Promise<Proposal[]> {
  const rows = await watched(read, watching)
    .where((eb) => {
      const carries = eb.exists(
        eb
          .selectFrom('proposal_calls')
          .select('proposal_calls.step')
          .whereRef('proposal_calls.proposal_id', '=', 'proposals.id')
          .where('proposal_calls.recipient', to === null ? 'is' : '=', to)
          .where('proposal_calls.value', '=', value.toString())
          .where('proposal_calls.data', '=', data),
      )
      return isOwnBatch ? eb.or([carries, eb('wallet_opened_ms', 'is not', null)]) : carries
    })
    .selectAll()
    .orderBy('wallet_opened_ms', (order) => order.desc().nullsLast())
    .orderBy('created_ms', 'desc')
    .limit(isOwnBatch ? MAX_CARRYING / 10 : MAX_CARRYING)
    .execute()
  return Promise.all(rows.map((row) => withCalls(read, row)))
}

/**
 * The watched cards of an account for which a wallet is open, or a transaction was reported or seen that is not mined.
 *
 * @param openedSinceMs - Also those whose wallet was opened since then; null: no others.
 */
export async function listUnderWay(
  read: Reader,
  { openedSinceMs, ...watching }: Watching & { readonly openedSinceMs: number | null },
): Promise<Proposal[]> {
  const rows = await watched(read, watching)
    .where((eb) =>
      eb.or([
        eb('wallet_until_ms', '>', watching.nowMs),
        ...(openedSinceMs === null ? [] : [eb('wallet_opened_ms', '>=', openedSinceMs)]),
        eb.exists(
          eb
            .selectFrom('proposal_calls')
            .select('proposal_calls.step')
            .whereRef('proposal_calls.proposal_id', '=', 'proposals.id')
            .where('proposal_calls.status', '=', 'submitted'),
        ),
      ]),
    )
    .selectAll()
    .orderBy('wallet_until_ms', (order) => order.desc().nullsLast())
    .limit(MAX_CARRYING)
    .execute()
  return Promise.all(rows.map((row) => withCalls(read, row)))
}

/**
 * Reads one proposal of one session. A proposal of another session is as absent as one that never was.
 *
 * @throws {ProposalAbsentError} `proposals:proposal:absent`.
 */
export async function loadProposal(read: Reader, { id, sid }: { id: string; sid: string }): Promise<Proposal> {
  const row = await read
    .selectFrom('proposals')
    .selectAll()
    .where('id', '=', id)
    .where('sid', '=', sid)
    .executeTakeFirst()
  if (row === undefined) throw new ProposalAbsentError()
  return withCalls(read, row)
}

/**
 * Reads a proposal that a key of this family sent through a door.
 *
 * @throws {ProposalAbsentError} `proposals:proposal:absent`, also for everybody else's.
 */
export async function loadDoorProposal(
  read: Reader,
  { id, family }: { id: string; family: string },
): Promise<Proposal> {
  const row = await liveProposals(read)
    .where('proposals.id', '=', id)
    .where('door_proposals.family', '=', family)
    .executeTakeFirst()
  if (row === undefined) throw new ProposalAbsentError()
  return withCalls(read, row)
}

/**
 * Reads a proposal that an account is to sign, for its owner: what came through a door, and what was made in any conversation
 * in which this wallet was proven.
 *
 * @throws {ProposalAbsentError} `proposals:proposal:absent`, also for everybody else's.
 */
export async function loadOwnersProposal(
  read: Reader,
  { id, sender }: { id: string; sender: Address.Address },
): Promise<Proposal> {
  const row = await ownersProposals(read, sender).where('proposals.id', '=', id).executeTakeFirst()
  if (row === undefined) throw new ProposalAbsentError()
  return withCalls(read, row)
}

/**
 * What waits for an account, newest first, wherever it was made.
 *
 * @param chainId - Where the owner is proven on one chain alone; null for all.
 */
export async function listOwnersPending(
  read: Reader,
  { sender, chainId, limit }: { sender: Address.Address; chainId: number | null; limit: number },
): Promise<Proposal[]> {
  let query = ownersProposals(read, sender).where('proposals.state', '=', 'pending')
  if (chainId !== null) query = query.where('proposals.chain_id', '=', chainId)
  const rows = await query.orderBy('proposals.updated_ms', 'desc').limit(limit).execute()
  return Promise.all(rows.map((row) => withCalls(read, row)))
}

/** What an account is to sign: what came through a door, and what was made where this wallet was proven. */
function ownersProposals(read: Reader, sender: Address.Address) {
  return liveProposals(read)
    .where('proposals.sender', '=', sender)
    .where('proposals.kind', '<>', 'tool_call')
    .where((eb) => {
      const isSender = eb('sessions.wallet_address', '=', sender)
      // What a contract answered for is proven on its chain alone.
      const isHere = eb('sessions.wallet_chain_id', '=', eb.ref('proposals.chain_id'))
      const isProven = eb.or([eb('sessions.wallet_by_key', '=', 1), isHere])
      return eb.or([eb('door_proposals.proposal_id', 'is not', null), eb.and([isSender, isProven])])
    })
}

/** Proposals of sessions that were not ended or deleted. */
function liveProposals(read: Reader) {
  return read
    .selectFrom('proposals')
    .leftJoin('door_proposals', 'door_proposals.proposal_id', 'proposals.id')
    .innerJoin('sessions', 'sessions.sid', 'proposals.sid')
    .selectAll('proposals')
    .where('sessions.ended_ms', 'is', null)
    .where('sessions.owner', 'not like', 'gone:%')
}

/**
 * A session's proposals, newest first.
 *
 * @param before - Only those that were staged before the one with this `firstTxId`.
 */
export async function listProposals(
  read: Reader,
  { sid, limit, states, before }: { sid: string; limit: number; states?: readonly State[]; before?: number },
): Promise<Proposal[]> {
  let query = read.selectFrom('proposals').selectAll().where('sid', '=', sid)
  if (states !== undefined) query = query.where('state', 'in', states)
  if (before !== undefined) query = query.where('first_tx_id', '<', before)
  const rows = await query.orderBy('first_tx_id', 'desc').limit(limit).execute()
  return Promise.all(rows.map((row) => withCalls(read, row)))
}

/** What an account did through an app and was settled, newest first, each with what its decision kept of it. */
export async function listSettled(
  read: Reader,
  {
    app,
    sender,
    fromMs,
    untilMs,
    limit,
  }: { app: string; sender: Address.Address; fromMs: number | null; untilMs: number | null; limit: number },
): Promise<{ readonly proposal: Proposal; readonly decided: string | null }[]> {
  const rows = await read
    .selectFrom('proposals')
    .leftJoin('proposal_decisions', 'proposal_decisions.proposal_id', 'proposals.id')
    .selectAll('proposals')
    .select('proposal_decisions.moves')
    .where('proposals.app', '=', app)
    .where('sender', '=', sender)
    .where('state', '=', 'settled')
    .where('kind', '<>', 'tool_call')
    .where('created_ms', '>=', fromMs ?? 0)
    .where('created_ms', '<', untilMs ?? Number.MAX_SAFE_INTEGER)
    .orderBy('created_ms', 'desc')
    .orderBy('first_tx_id', 'desc')
    .limit(limit)
    .execute()
  return Promise.all(rows.map(async ({ moves, ...row }) => ({ proposal: await withCalls(read, row), decided: moves })))
}

/** The proposals of a session that hold these transactions or documents, however old, newest first. */
export async function findByTxIds(
  read: Reader,
  { sid, txIds }: { sid: string; txIds: readonly number[] },
): Promise<Proposal[]> {
  const rows = await read
    .selectFrom('proposals')
    .selectAll()
    .where('sid', '=', sid)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('proposal_calls')
          .select('proposal_calls.step')
          .whereRef('proposal_calls.proposal_id', '=', 'proposals.id')
          .where('proposal_calls.tx_id', 'in', [...txIds]),
      ),
    )
    .orderBy('first_tx_id', 'desc')
    .execute()
  return Promise.all(rows.map((row) => withCalls(read, row)))
}

/** Whether something of a session is on its way to the chain, or may be. */
export async function mayBeSigned(read: Reader, { sid, nowMs }: { sid: string; nowMs: number }): Promise<boolean> {
  const row = await read
    .selectFrom('proposals')
    .select('id')
    .where('sid', '=', sid)
    .where((eb) =>
      eb.or([
        eb('state', '=', 'submitted'),
        eb.and([
          eb('wallet_opened_ms', 'is not', null),
          eb('state', '!=', 'settled'),
          eb('watch_until_ms', '>', nowMs),
        ]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Moves a proposal from any state that allows it to `target`, in the caller's transaction: one compare-and-set,
 * one audit entry, one event. Everything that ever happens to a proposal happens here.
 *
 * @throws {TransitionError} `proposals:transition:refused` when the state machine or a faster caller says no.
 */
export async function moveProposal(
  gate: Pick<Gate, 'audit' | 'clock' | 'events' | 'ledgerTime'> &
    Partial<Pick<Gate, 'chains' | 'onHalfDone' | 'tellOutside' | 'tellTargets'>>,
  write: Write,
  {
    id,
    sid,
    target,
    only,
    isProven = false,
    set = {},
    because = null,
    facts = {},
  }: {
    id: string
    sid: string
    target: State
    /** Narrows the allowed sources further. */
    only?: readonly State[]
    /** The chain itself says so (`Proposal.PROVEN`), not a person. */
    isProven?: boolean
    set?: Partial<
      Omit<
        Selectable<Schema['proposals']>,
        'id' | 'sid' | 'state' | 'sender' | 'chain_id' | 'digest' | 'reason' | 'updated_ms' | 'version'
      >
    >
    /** The sentence shown to people; also clears an older one when null. */
    because?: string | null
    facts?: Readonly<Record<string, unknown>>
  },
): Promise<Proposal> {
  const before = await write.db
    .selectFrom('proposals')
    .select(['state', 'app', 'kind'])
    .where('id', '=', id)
    .where('sid', '=', sid)
    .executeTakeFirst()
  if (before === undefined) throw new ProposalAbsentError()
  const sources = sourcesOf(target, { isProven, kind: before.kind as Kind }).filter(
    (source) => only === undefined || only.includes(source),
  )
  const moved =
    sources.length === 0
      ? undefined
      : await write.db
          .updateTable('proposals')
          .set({ ...set, state: target, reason: because, updated_ms: gate.clock.nowMs() })
          .where('id', '=', id)
          .where('sid', '=', sid)
          .where('state', 'in', [...sources])
          .returning('id')
          .executeTakeFirst()
  if (moved === undefined) throw new TransitionError(before.state as State, target)
  if (target === 'submitted') await countSent(gate, write, { proposal: { id, app: before.app }, isMined: false })
  if (target === 'mismatched') await countMismatched(gate, write, id)
  if (isOver(target)) await endHeld(gate, write, { proposal: { id, app: before.app }, why: target })
  const proposal = await announce(gate, write, {
    id,
    sid,
    event: `proposals.proposal.${target}`,
    facts: { from_state: before.state, because, ...facts },
  })
  if (Remedy.isHalfDone(proposal)) write.afterCommit(() => gate.onHalfDone?.(proposal))
  return proposal
}

/** What did not match counts towards the freeze of its mandate. */
async function countMismatched(gate: Parameters<typeof countMark>[0], write: Write, proposal: string): Promise<void> {
  const row = await write.db
    .selectFrom('proposal_decisions')
    .select('mandate')
    .where('proposal_id', '=', proposal)
    .executeTakeFirst()
  if (row?.mandate != null) await countMark(gate, write, { mandate: row.mandate, mark: 'mismatched', proposal })
}

/** Gives the change its version, and writes the audit entry, the event and the message that every change of a proposal owes. */
export async function announce(
  gate: Pick<Gate, 'audit' | 'clock' | 'events'> & Partial<Pick<Gate, 'chains' | 'onHalfDone' | 'tellOutside'>>,
  write: Write,
  { id, sid, event, facts }: { id: string; sid: string; event: string; facts: Readonly<Record<string, unknown>> },
): Promise<Proposal> {
  await write.db
    .updateTable('proposals')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .where('sid', '=', sid)
    .execute()
  const proposal = await loadProposal(write.db, { id, sid })
  const session = await write.db
    .selectFrom('sessions')
    .select('handle')
    .where('sid', '=', sid)
    .executeTakeFirstOrThrow()
  await gate.audit(write, {
    app: proposal.app,
    event,
    body: { proposal: handle(id), session: session.handle, digest: proposal.digest, ...facts },
  })
  await gate.events.append(write, sid, {
    type: 'proposal_changed',
    proposal: withoutSession(toWire(proposal, '', gate.clock.nowMs())),
  })
  await gate.tellOutside?.(write, proposal, event)
  await tellClients(gate, write, { proposal, event, source: (facts['from_state'] as State | undefined) ?? null })
  return proposal
}

/** Events stand in the store, and an id opens sessions: a stream puts it in where an event goes out. */
function withoutSession(wire: ReturnType<typeof toWire>): object {
  const { session_id: named, ...proposal } = wire
  assert(named === '' || named === null, 'no id was handed in')
  return proposal
}

async function withCalls(read: Reader, row: Selectable<Schema['proposals']>): Promise<Proposal> {
  const calls = await read
    .selectFrom('proposal_calls')
    .leftJoin('door_proposals', 'door_proposals.proposal_id', 'proposal_calls.proposal_id')
    .selectAll('proposal_calls')
    .select(['door_proposals.door', 'door_proposals.key_id', 'door_proposals.family', 'door_proposals.client'])
    .where('proposal_calls.proposal_id', '=', row.id)
    .orderBy('step')
    .execute()
  const receipt =
    row.receipt_digest === null
      ? undefined
      : await read.selectFrom('receipts').selectAll().where('digest', '=', row.receipt_digest).executeTakeFirst()
  const [first] = calls
  const call =
    row.kind !== 'tool_call'
      ? undefined
      : await read.selectFrom('tool_calls').selectAll().where('proposal_id', '=', row.id).executeTakeFirst()
  const decided = await read
    .selectFrom('proposal_decisions')
    .leftJoin('reservations', 'reservations.id', 'proposal_decisions.reservation')
    .selectAll('proposal_decisions')
    .select('reservations.state as held')
    .where('proposal_id', '=', row.id)
    .executeTakeFirst()
  const stateAndCalls = { state: row.state as State, calls: calls.map(callOf) }
  return {
    ...stateAndCalls,
    remedies: Remedy.isHalfDone(stateAndCalls) ? await remediesOf(read, row.id) : [],
    id: row.id,
    kind: kindOf(row.kind, calls[0]?.kind),
    toolCall: call === undefined ? null : toolCallOf(call),
    stepUpWallet: row.step_up === null ? null : (JSON.parse(row.step_up) as Proposal['stepUpWallet']),
    sid: row.sid,
    app: row.app,
    door:
      first === undefined || first.door === null
        ? null
        : {
            name: first.door as Door['name'],
            keyId: first.key_id ?? '',
            family: first.family ?? '',
            client: first.client === null ? null : (JSON.parse(first.client) as Door['client']),
          },
    chainId: row.chain_id,
    from: Address.parse(row.sender),
    summary: row.summary,
    provenance: JSON.parse(row.provenance) as ArgumentProvenance[],
    level: row.level === 'ordinary' ? 'ordinary' : 'step-up',
    questions: JSON.parse(row.questions) as Proposal['questions'],
    levelGivenMs: row.level_given_ms,
    digest: row.digest,
    decided: decided === undefined ? null : Decided.fromRow(decided),
    report: row.report === null ? null : (JSON.parse(row.report) as Wire.ReportWire),
    receipt:
      receipt === undefined
        ? null
        : { digest: receipt.digest, issuedMs: receipt.issued_ms, expiresMs: receipt.expires_ms },
    reason: row.reason,
    settlement: row.settlement === null ? null : (JSON.parse(row.settlement) as Wire.Proposal['settlement']),
    userTexts: JSON.parse(row.user_texts) as string[],
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    version: row.version,
    expiresMs: row.expires_ms,
    wallet: row.wallet_lease === null ? null : { lease: row.wallet_lease, untilMs: row.wallet_until_ms ?? 0 },
    walletOpenedMs: row.wallet_opened_ms,
    wasHandedOut: row.watch_until_ms !== null,
    watch:
      row.watch_nonce === null
        ? null
        : {
            nonce: row.watch_nonce,
            block: row.watch_block ?? 0,
            sinceBlock: row.watch_since_block ?? 0,
            untilMs: row.watch_until_ms ?? 0,
          },
  }
}

/** A document or a text to be signed is a kind of its own. */
function kindOf(stored: string, call: string | undefined): Kind {
  if (stored === 'tool_call') return 'tool_call'
  return call !== undefined && isSigned({ kind: call }) ? 'signature' : 'transactions'
}

function toolCallOf(row: Selectable<Schema['tool_calls']>): ToolCall.ToolCall {
  return {
    tool: row.tool,
    args: JSON.parse(row.args) as ToolCall.ToolCall['args'],
    definition: row.definition,
    principal: row.principal,
    keyId: row.key_id,
    seen: JSON.parse(row.seen) as ToolCall.Seen,
    result: row.result === null ? null : (JSON.parse(row.result) as ToolCall.Result),
  }
}

function callOf(call: Selectable<Schema['proposal_calls']>): Proposal['calls'][number] {
  return {
    step: call.step,
    txId: call.tx_id,
    to: call.recipient === null ? null : Address.parse(call.recipient),
    value: BigInt(call.value),
    data: Hex.parse(call.data),
    gas: call.gas === null ? null : BigInt(call.gas),
    maxFeePerGasWei: call.max_fee === null ? null : BigInt(call.max_fee),
    label: call.label,
    kind: call.kind,
    status: call.status as Wire.ProposalCall['status'],
    txHash: call.tx_hash as Hex.Hex | null,
    submittedMs: call.submitted_ms,
    txNonce: call.tx_nonce,
    txBlock: call.tx_block === null ? null : { number: call.tx_block, hash: call.tx_block_hash ?? '' },
  }
}

async function remediesOf(read: Reader, id: string): Promise<Remedy.Remedy[]> {
  const rows = await read
    .selectFrom('remedies')
    .leftJoin('proposals', 'proposals.id', 'remedies.proposal_id')
    .select(['remedies.kind', 'remedies.proposal_id', 'proposals.state'])
    .where('remedies.of_proposal', '=', id)
    .orderBy('remedies.kind')
    .execute()
  return rows.map((row) => ({ kind: row.kind, proposalId: row.proposal_id, state: row.state as State | null }))
}
