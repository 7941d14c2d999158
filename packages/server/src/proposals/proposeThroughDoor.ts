import { BaseError, type Address } from '@countersign/base'
import type { SimulationRequest, Unmined } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import { insertDoorSession } from '../sessions/sessions.ts'
import { isUniqueViolation, type Reader, type Write } from '../store/openStore.ts'
import { AccountBusyError, type AccountQueue } from './AccountQueue.ts'
import { commitIn } from './commitProposal.ts'
import { PolicyChangedError } from './decision/recordDecision.ts'
import * as Door from './Door.ts'
import { enforceBatch, guardedCall } from './enforceBatch.ts'
import type { Gate } from './Gate.ts'
import { isGranted } from './grantProposal.ts'
import { candidatesOf, lookAtSender } from './lookAtSender.ts'
import { BytesChangedError, isReady, type Proposal } from './Proposal.ts'
import { listUnderWay, loadDoorProposal } from './rows.ts'
import { requestFor, simulateBatch, unsaved } from './simulateBatch.ts'
import {
  chainOf,
  insertStaged,
  judgementOf,
  newId,
  recordVerdict,
  refuseSize,
  type Judgement,
  type StagedDraft,
} from './stageProposal.ts'
import { unminedOf } from './unminedOf.ts'

/** A proposal as it comes through a door: frozen bytes, and who sends them. */
export interface DoorRequest {
  readonly app: string
  readonly door: Door.Door
  readonly draft: StagedDraft
  readonly idempotencyKey: string | null
  readonly wallet: Door.WalletClaim | null
}

/** As many open proposals as one key's family may have for one account. */
const MAX_OPEN = 100
/** How often it is simulated again because the account moved between simulation and commit. */
const MAX_TRIES = 3

/**
 * Simulates what came through a door, and writes it down only with its verdict: `blocked`, or committed at once, so that
 * its owner's wallet may be asked on the page. What cannot be judged leaves nothing behind. One request of an account and
 * chain at a time, each on the state that the one before left; an idempotency key answers its proposal for 24 hours.
 *
 * @returns the proposal, and whether it was made now.
 * @throws {IdempotencyError} `proposals:idempotency:conflict`: the key stands for other bytes.
 * @throws {UnjudgedError} `proposals:judgement:absent`, {AccountBusyError} `proposals:account:busy`: 503, and no proposal.
 * @throws {OpenLimitError} `proposals:limit:reached`.
 */
export async function proposeThroughDoor(
  { gate, queue }: { gate: Gate; queue: AccountQueue },
  request: DoorRequest,
): Promise<{ readonly proposal: Proposal; readonly isNew: boolean }> {
  const { draft } = request
  const chain = chainOf(gate, draft.chainId)
  refuseSize(draft)
  return queue.run({ chainId: draft.chainId, account: draft.from }, async () => {
    const known = await findKnown(gate, gate.store.read, request)
    if (known !== null) return { proposal: known, isNew: false }
    for (let i = 0; i < MAX_TRIES; i += 1) {
      const judged = await judged503(() => judge(gate, chain, request))
      try {
        return { proposal: await gate.store.write((write) => record(gate, write, { request, judged })), isNew: true }
      } catch (error) {
        // Another process was faster with the same idempotency key: its proposal is the one.
        if (isUniqueViolation(error)) {
          const theirs = await findKnown(gate, gate.store.read, request)
          if (theirs !== null) return { proposal: theirs, isNew: false }
        }
        // The account sent something between the simulation and the commit, or its mandate changed.
        if (!(error instanceof BytesChangedError || error instanceof PolicyChangedError)) throw error
      }
    }
    throw new AccountBusyError('The account sends so much that a simulation is old before it is done.')
  })
}

interface JudgedRequest extends Judgement {
  /** The sender's, after the simulation. */
  readonly nonce: bigint
}

async function judge(gate: Gate, chain: Chain, { app, door, draft, wallet }: DoorRequest): Promise<JudgedRequest> {
  const unmined = await unminedFor(gate, draft)
  const judged = unsaved({ app, door, draft })
  const request = await requestFor(gate.store.read, chain, judged, { nowMs: gate.clock.nowMs(), unmined })
  const simulated = await simulateBatch(chain, request)
  const enforced = await enforceBatch(gate, chain, { app, request, simulated, wallet })
  const judgement = await judgementOf(gate, { proposal: judged, ...enforced })
  const nonce = await chain.at(await chain.head()).nonce(draft.from)
  return { ...judgement, nonce }
}

/**
 * What is signed and not mined decides what the account has left, so the request is simulated on top of it. The chain
 * shows what waits. What it does not show nothing can stand on: a grant that is being signed with, and a transaction that
 * the account's owner reported.
 *
 * @throws {AccountBusyError}
 */
async function unminedFor(gate: Gate, { chainId, from }: StagedDraft): Promise<readonly Unmined[]> {
  const look = await lookAtSender(gate, { chainId, sender: from })
  const unmined = unminedOf(look, from)
  const shown = new Set<string>(unmined.map(({ hash }) => hash))
  const cards = await listUnderWay(gate.store.read, {
    chainId,
    sender: from,
    nowMs: gate.clock.nowMs(),
    openedSinceMs: null,
  })
  const sent = cards.filter((card) =>
    card.calls.some(
      (call) =>
        call.status === 'submitted' && call.txBlock === null && (call.txHash === null || !shown.has(call.txHash)),
    ),
  )
  if (cards.some((card) => isGranted(card, gate.clock.nowMs())))
    throw new AccountBusyError(`A grant for ${from} is being signed with.`)
  const own = (await candidatesOf(gate.store.read, sent)).find(
    ({ provenWallet }) => provenWallet?.toLowerCase() === from.toLowerCase(),
  )
  if (own !== undefined)
    throw new AccountBusyError(`A transaction of ${from} was reported as sent, and no provider shows it.`)
  return unmined
}

/** Everything that happens to it, in one commit: there is no moment at which half of it is written. */
async function record(
  gate: Gate,
  write: Write,
  { request, judged }: { request: DoorRequest; judged: JudgedRequest },
): Promise<Proposal> {
  const { app, door, idempotencyKey, wallet } = request
  const draft = guardedDraft(request.draft, judged.request)
  const nowMs = gate.clock.nowMs()
  await refuseMore(write, request)
  if (idempotencyKey !== null)
    await write.db
      .updateTable('door_proposals')
      .set({ idempotency_key: null })
      .where('family', '=', door.family)
      .where('idempotency_key', '=', idempotencyKey)
      .where('created_ms', '<=', nowMs - Door.IDEMPOTENCY_MS)
      .execute()
  const session = await insertDoorSession(gate, write, { app, family: door.family })
  const id = newId()
  const proposal = await insertStaged(gate, write, {
    id,
    session,
    draft,
    userTexts: [],
    door: {
      family: door.family,
      key_id: door.keyId,
      door: door.name,
      client: door.client === null ? null : JSON.stringify(door.client),
      wallet: wallet === null ? null : JSON.stringify(wallet),
      idempotency_key: idempotencyKey,
      bytes_digest: digestOf(request.draft),
    },
  })
  const verdict = await recordVerdict(gate, write, { proposal, judged })
  return isReady(verdict) ? commitIn(gate, write, { id, sid: session.sid, nonce: judged.nonce }) : verdict
}

/** What is stored and signed: the one call that runs the guarded batch, in the place of the calls that were asked for. */
function guardedDraft(draft: StagedDraft, request: SimulationRequest): StagedDraft {
  const call = guardedCall(request)
  if (call === null || call.to === null || guardedCall({ ...request, calls: draft.calls.map(bare) }) !== null)
    return draft
  const { to, value, data } = call
  const label = `Run ${draft.calls.length === 1 ? 'the call' : `${draft.calls.length} calls`} and 2 guard calls as one batch`
  return { ...draft, calls: [{ to, value, data, label, kind: 'contract_call' }] }
}

const bare = ({ to, value, data }: StagedDraft['calls'][number]): SimulationRequest['calls'][number] => ({
  ...{ to, value, data, gasLimit: null, maxFeePerGasWei: null, label: null },
})

/** The proposal that an idempotency key stands for; null when it stands for none. @throws {IdempotencyError} */
async function findKnown(
  gate: Gate,
  read: Reader,
  { door, draft, idempotencyKey }: DoorRequest,
): Promise<Proposal | null> {
  if (idempotencyKey === null) return null
  const row = await read
    .selectFrom('door_proposals')
    .select(['proposal_id', 'bytes_digest'])
    .where('family', '=', door.family)
    .where('idempotency_key', '=', idempotencyKey)
    .where('created_ms', '>', gate.clock.nowMs() - Door.IDEMPOTENCY_MS)
    .executeTakeFirst()
  if (row === undefined) return null
  if (row.bytes_digest !== digestOf(draft)) throw new IdempotencyError()
  return loadDoorProposal(read, { id: row.proposal_id, family: door.family })
}

function digestOf({ chainId, from, calls }: StagedDraft): string {
  return Door.bytesDigest({ chainId, from, calls: calls.map((call) => ({ ...call, gas: call.gas ?? null })) })
}

/** @throws {OpenLimitError} */
async function refuseMore(write: Write, { door, draft }: DoorRequest): Promise<void> {
  const { count } = await write.db
    .selectFrom('door_proposals')
    .innerJoin('proposals', 'proposals.id', 'door_proposals.proposal_id')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('door_proposals.family', '=', door.family)
    .where('proposals.sender', '=', draft.from)
    .where('proposals.chain_id', '=', draft.chainId)
    .where('proposals.state', '=', 'pending')
    .executeTakeFirstOrThrow()
  if (count >= MAX_OPEN) throw new OpenLimitError(draft.from)
}

/** What gave no answer gave no verdict; what is wrong with the request stays the caller's to mend. */
async function judged503<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BaseError && error.kind === 'upstream') throw new UnjudgedError(error)
    throw error
  }
}

/** There is no verdict, so there is no proposal. */
export class UnjudgedError extends BaseError {
  override readonly name = 'proposals.UnjudgedError'
  constructor(cause: BaseError) {
    super(`It could not be judged, so nothing was proposed. ${cause.message}`, {
      code: 'proposals:judgement:absent',
      kind: 'unavailable',
      hint: 'Try again in a moment.',
      cause,
    })
  }
}

/** An idempotency key stands for one request. */
export class IdempotencyError extends BaseError {
  override readonly name = 'proposals.IdempotencyError'
  constructor() {
    super('This idempotency key stands for other bytes.', {
      code: 'proposals:idempotency:conflict',
      kind: 'conflict',
      hint: 'Use a new key for each request, and the same key only to send the same request again.',
    })
  }
}

export class OpenLimitError extends BaseError {
  override readonly name = 'proposals.OpenLimitError'
  constructor(account: Address.Address) {
    super(`${MAX_OPEN} proposals for ${account} wait for their owner, and this key may open no more.`, {
      code: 'proposals:limit:reached',
      kind: 'spent',
      hint: 'Wait until the owner has answered, or until some expire.',
    })
  }
}
