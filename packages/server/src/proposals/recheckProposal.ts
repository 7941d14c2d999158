import { BaseError, Digest, type Address } from '@countersign/base'
import {
  judgeReceipt,
  type ChainTransaction,
  type Recheck as Judged,
  type SimulationRequest,
} from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import { HandOutError } from '../mandates/ledger/close.ts'
import { SessionEndedError, type EndedWhy } from '../sessions/Lifetime.ts'
import type { Reader, Write } from '../store/openStore.ts'
import { isExactly, isRelated } from './Candidate.ts'
import { commitProposal } from './commitProposal.ts'
import * as Document from './Document.ts'
import { handOutProposal } from './decision/handOutProposal.ts'
import { isDecidedStill } from './decision/inForce.ts'
import { decidedAgain } from './decision/recordDecision.ts'
import type { Gate } from './Gate.ts'
import { candidatesOf, lookAtSender, type SenderLook } from './lookAtSender.ts'
import {
  BytesChangedError,
  isLevelOwed,
  isReady,
  isSignable,
  isWalletOpen,
  ReceiptError,
  TransitionError,
  waitsFor,
  type Proposal,
} from './Proposal.ts'
import { storeReceipt, verifiedReceipt } from './receipts.ts'
import { refuseOtherSender } from './refuseOtherSender.ts'
import { announce, listUnderWay, loadProposal, moveProposal } from './rows.ts'
import { requestFor, simulateBatch, type Simulated } from './simulateBatch.ts'
import { chainOf, judgementOf, recordVerdict, type Judgement } from './stageProposal.ts'
import { unminedOf } from './unminedOf.ts'

/**
 * What the re-check found. `fresh`: sign what was shown. `drifted`: look at it again. `blocked`: it is over. `step-up`:
 * the owner has not yet typed what did not come from them.
 */
export interface Recheck {
  readonly outcome: 'fresh' | 'drifted' | 'blocked' | 'step-up'
  readonly proposal: Proposal
  readonly because: string | null
  /** The receipt and the report that the wallet may be opened for, and no others; null when it may not. */
  readonly opened: { readonly receipt: string; readonly report: string; readonly untilMs: number } | null
}

/** Whoever asks for the wallet. */
export interface Asking {
  readonly id: string
  readonly sid: string
  readonly sender: Address.Address
  readonly chainId: number
  /** Names the window (tab, terminal) whose wallet will open. */
  readonly lease: string
  /** How long it is believed to be open, in milliseconds. Default: the policy's. */
  readonly leaseMs?: number
  /** It is handed out at most once in its life: a second time it is refused, however long ago the first was. */
  readonly isOnce?: boolean
  /** Asked in the write that would open it; throws where it may not be opened. */
  readonly mayOpen?: (write: Write, proposal: Proposal) => Promise<void>
  /** The receipt of the report that its owner was shown; null when the client does not say. */
  readonly shown?: string | null
  /** Aborted when the client already got its no: nothing is opened for it then. */
  readonly signal?: AbortSignal | undefined
  /** A simulation of what is still to be signed that was made for this very question. */
  readonly simulated?: { readonly request: SimulationRequest; readonly simulated: Simulated }
}

/**
 * The last gate before the wallet. What the account sent since is looked for on chain: what is on its way or mined is
 * adopted, and never asked for again. Then one function of the simulator, the same that the library and the command line
 * have, says whether the decision still stands. Only then the wallet is this window's, by a compare-and-set on the
 * receipt and the report that were judged. Where the outcome got worse the proposal goes back to `staged`, is judged
 * again and, unless blocked, comes back as a new card.
 *
 * @throws {SignerError} `proposals:sender:changed` or `proposals:chain:changed`.
 * @throws {WalletOpenError} `proposals:wallet:open` while a wallet is open for it, or for the same bytes, elsewhere.
 * @throws {SentError} `proposals:transaction:sent` when the same bytes are on their way, or may be.
 * @throws {TransitionError} when it is not signable.
 * @throws {BaseError} of kind `upstream` when there is no answer: then nothing may be signed.
 */
export async function recheckProposal(gate: Gate, asking: Asking): Promise<Recheck> {
  const { id, sid, sender, chainId } = asking
  const before = await loadProposal(gate.store.read, { id, sid })
  const nowMs = gate.clock.nowMs()
  if (before.state === 'pending' && nowMs < before.expiresMs && isLevelOwed(before))
    return { outcome: 'step-up', proposal: before, because: waitsFor(before) ?? STEP_UP, opened: null }
  if (!isSignable(before, nowMs)) {
    throw new TransitionError(before.state === 'pending' ? 'expired' : before.state, 'submitted')
  }
  if (chainId !== before.chainId) throw new SignerError('chain', String(before.chainId), String(chainId))
  if (sender !== before.from) throw new SignerError('sender', before.from, sender)
  await refuseOtherSender(gate.store.read, { sid, sender })
  refuseOpenElsewhere(before, asking.lease, nowMs)
  const underWay = { chainId, sender, nowMs, openedSinceMs: nowMs }
  const opened = new Set((await listUnderWay(gate.store.read, underWay)).map(openingOf))
  const known: Known = { atMs: nowMs, opened: opened.add(openingOf(before)) }

  const look = await lookAtSender(gate, { chainId, sender })
  const proposal = await loadProposal(gate.store.read, { id, sid })
  if (!isSignable(proposal, nowMs)) {
    const hash = proposal.calls.find((call) => call.txHash !== null)?.txHash ?? null
    if (hash !== null) throw new SentError(`It was sent already: ${hash}.`)
    throw new TransitionError(proposal.state, 'submitted')
  }
  const unconfirmed = proposal.calls.find((call) => call.status === 'submitted')
  if (unconfirmed !== undefined) throw new StepUnconfirmedError(unconfirmed.step)
  refuseSent(proposal, look)
  await refuseTwins(gate, { proposal, nowMs, known })

  const chain = chainOf(gate, chainId)
  // One that was made before anything was known to wait stands on nothing of it.
  let simulated = look.waiting.length > 0 ? null : (asking.simulated ?? null)
  const simulateNow = async (): Promise<NonNullable<Asking['simulated']>> => {
    const unmined = unminedOf(look, sender)
    const request = await requestFor(gate.store.read, chain, proposal, { nowMs: gate.clock.nowMs(), unmined })
    return { request, simulated: await simulateBatch(chain, request) }
  }
  if (asking.shown != null && asking.shown !== proposal.receipt?.digest) return changed(proposal)
  const waiting = new Set<string>(look.waiting.map(({ hash }) => hash))
  const judged = await judge(gate, chain, { proposal, waiting }, async () => {
    simulated ??= await simulateNow()
    return simulated.simulated.report
  })
  await gate.pauseBeforeLease?.()
  if (judged.outcome === 'good') {
    try {
      return await openWallet(gate, { proposal, asking, judged, simulated, known })
    } catch (error) {
      // The mandate has another version than the one that decided: it is judged again, and comes back as a new card.
      if (!(error instanceof HandOutError) || error.why !== 'changed') throw error
    }
  }

  const { request, simulated: fresh } = simulated ?? (await simulateNow())
  return showAgain(gate, { proposal, asking, judged, request, simulated: fresh })
}

const STEP_UP = 'It holds values that you did not name. Type them first; nothing can be signed before.'

/** Asks the simulator's one judge about the receipt that was shown. */
async function judge(
  gate: Gate,
  chain: Chain,
  { proposal, waiting }: { proposal: Proposal; waiting: ReadonlySet<string> },
  simulate: () => Promise<Simulated['report']>,
): Promise<Judged> {
  try {
    const { receipt, readSet, done } = await verifiedReceipt(gate, gate.store.read, { proposal, mayBeOld: true })
    return await judgeReceipt(
      {
        checkLease: (bound, kept, { transactions: sent }) => chain.simulator.checkLease(bound, kept, { sent, waiting }),
        simulate,
      },
      { bound: receipt.bound, readSet, done, inflowToleranceBps: gate.policy.inflowToleranceBps },
    )
  } catch (error) {
    if (!(error instanceof ReceiptError || error instanceof BytesChangedError)) throw error
    // What was shown is not what a receipt of ours speaks of: nothing stands on it.
    const report = await simulate()
    const drift = [{ kind: 'receipt' as const, because: error.message }]
    const found = { block: report.block, how: 'simulation' as const, because: [error.message], drift, moved: [] }
    return { ...found, outcome: report.verdict === 'block' ? 'blocked' : 'drifted', notes: [], report }
  }
}

/** The card goes back, is judged again, and comes back as a new one to be read. */
async function showAgain(
  gate: Gate,
  {
    proposal,
    asking,
    judged,
    request,
    simulated,
  }: {
    proposal: Proposal
    asking: Asking
    judged: Judged
    request: SimulationRequest
    simulated: Simulated
  },
): Promise<Recheck> {
  const { id, sid } = proposal
  const isBlocked = simulated.report.verdict === 'block'
  const because = isBlocked
    ? (simulated.wire.findings.find((finding) => finding.level === 'block')?.because ?? 'It is blocked now.')
    : `The chain moved since you looked: ${judged.because.map((each) => each.replace(/\.$/, '')).join('; ')}. Read it again before you sign.`
  const verdict = await decidedAgain(async () => {
    const judgement = await judgementOf(gate, { proposal, request, simulated })
    return gate.store.write((write) => judgeAgain(write, judgement))
  })
  async function judgeAgain(write: Write, judgement: Judgement): Promise<Proposal | null> {
    const now = await loadProposal(write.db, { id, sid })
    // A card does not change under the window that has its wallet open, nor twice for one look.
    refuseOpenElsewhere(now, asking.lease, gate.clock.nowMs())
    if (!isSameCard(now, proposal)) return null
    await moveProposal(gate, write, {
      id,
      sid,
      target: 'staged',
      only: ['pending'],
      because,
      facts: { drift: judged.because, kinds: judged.drift.map(({ kind }) => kind) },
    })
    return recordVerdict(gate, write, { proposal: now, judged: judgement })
  }
  if (verdict === null) return changed(await loadProposal(gate.store.read, { id, sid }))
  if (verdict.state === 'blocked')
    return { outcome: 'blocked', proposal: verdict, because: verdict.reason ?? because, opened: null }
  const proposed = isReady(verdict) ? await commitProposal(gate, { id, sid }) : verdict
  return { outcome: 'drifted', proposal: proposed, because, opened: null }
}

/** The card is another than the one that was read. */
function changed(proposal: Proposal): Recheck {
  const because = 'The card has changed since you looked. Read it again before you sign.'
  return { outcome: proposal.state === 'blocked' ? 'blocked' : 'drifted', proposal, because, opened: null }
}

/** Whether nothing of what was judged has changed since. */
function isSameCard(a: Proposal, b: Proposal): boolean {
  const steps = ({ calls }: Proposal): string => calls.map((call) => `${call.status} ${call.txHash ?? ''}`).join()
  const report = ({ report: shown }: Proposal): string => (shown === null ? '' : Digest.ofJson(shown))
  return (
    a.state === b.state &&
    a.digest === b.digest &&
    a.receipt?.digest === b.receipt?.digest &&
    steps(a) === steps(b) &&
    report(a) === report(b)
  )
}

/** Gives this window the wallet, for exactly what was judged. */
async function openWallet(
  gate: Gate,
  {
    proposal,
    asking: { lease, leaseMs = gate.policy.walletLeaseMs, signal, isOnce, mayOpen },
    judged,
    simulated,
    known,
  }: { proposal: Proposal; asking: Asking; judged: Judged; simulated: Asking['simulated'] | null; known: Known },
): Promise<Recheck> {
  const { id, sid } = proposal
  return gate.store.write(async (write) => {
    signal?.throwIfAborted()
    const nowMs = gate.clock.nowMs()
    const now = await loadProposal(write.db, { id, sid })
    if (now.state !== 'pending') throw new TransitionError(now.state, 'submitted')
    if (!isSignable(now, nowMs)) throw new TransitionError('expired', 'submitted')
    await refuseEnded(write.db, { sid })
    refuseOpenElsewhere(now, lease, nowMs)
    // This process may have stood still for longer than another window's lease: what was signed there is not in its look.
    if (isOpenedSince(now, known) && now.wallet?.lease !== lease) throw new WalletOpenError(0)
    if (isOnce === true && now.walletOpenedMs !== null) throw new WalletOpenError(0)
    if (!isSameCard(now, proposal) || now.receipt === null || now.report === null) return changed(now)
    await refuseTwins(gate, { proposal: now, nowMs, known, write })
    await mayOpen?.(write, now)
    if (!(await isDecidedStill(write.db, now, nowMs))) throw new HandOutError('changed')
    const untilMs = nowMs + leaseMs
    const nonce = isOnce === true && Document.of(now) === null ? await boundNonce(gate, write, now) : null
    await handOutProposal(gate, write, { proposal: now, nonce })
    await write.db
      .updateTable('proposals')
      .set({
        // The wallet is about to open: give the owner time to answer it, whatever is left of the card's own time.
        expires_ms: leaseMs < gate.policy.walletLeaseMs ? now.expiresMs : Math.max(now.expiresMs, untilMs),
        wallet_lease: lease,
        wallet_until_ms: untilMs,
        wallet_opened_ms: nowMs,
        watch_until_ms: nowMs + gate.policy.watchEndedMs,
      })
      .where('id', '=', id)
      .execute()
    const shown = { receipt: now.receipt.digest, report: Digest.ofJson(now.report) }
    const facts =
      judged.how === 'read-set' || simulated == null
        ? { block: judged.block.hash, how: judged.how, shown: shown.receipt }
        : { ...(await factsOf(gate, write, { proposal: now, ...simulated })), shown: shown.receipt }
    const fresh = await announce(gate, write, { id, sid, event: 'proposals.proposal.rechecked', facts })
    return { outcome: 'fresh', proposal: fresh, because: null, opened: { ...shown, untilMs } }
  })
}

/** The nonce that the receipt binds: a signer with a grant signs at it and at no other. */
async function boundNonce(gate: Gate, write: Write, proposal: Proposal): Promise<number> {
  const { receipt } = await verifiedReceipt(gate, write.db, { proposal, mayBeOld: true })
  return Number(receipt.bound.nonce)
}

/** What is asked of the wallet may stand on another block than what was shown: it gets its own receipt, for the record. */
async function factsOf(
  gate: Gate,
  write: Write,
  { proposal, request, simulated }: { proposal: Proposal; request: SimulationRequest; simulated: Simulated },
): Promise<Readonly<Record<string, unknown>>> {
  const waiting = proposal.calls.filter((call) => call.status === 'waiting')
  const calls = request.calls.map((call, i) => ({ ...call, maxFeePerGasWei: waiting[i]?.maxFeePerGasWei ?? null }))
  const { receipt } = await storeReceipt(gate, write, {
    id: proposal.id,
    request: { ...request, calls },
    simulated,
    isConsumed: true,
  })
  return { block: simulated.wire.block.hash, how: 'simulation', receipt: receipt.digest }
}

function refuseOpenElsewhere(proposal: Proposal, lease: string, nowMs: number): void {
  if (proposal.wallet === null || proposal.wallet.lease === lease || !isWalletOpen(proposal, nowMs)) return
  throw new WalletOpenError(proposal.wallet.untilMs - nowMs)
}

/** A request that was under way when its session was ended opens no wallet after the end was answered. */
async function refuseEnded(read: Reader, { sid }: { sid: string }): Promise<void> {
  const row = await read
    .selectFrom('sessions')
    .select(['ended_ms', 'ended_why'])
    .where('sid', '=', sid)
    .executeTakeFirst()
  if (row === undefined || row.ended_ms !== null) throw new SessionEndedError((row?.ended_why ?? 'owner') as EndedWhy)
}

/** What waits to be mined with the same bytes is this payment, or one that has to be over first. */
function refuseSent(proposal: Proposal, { waiting, isComplete }: SenderLook): void {
  const isSame = (actual: ChainTransaction): boolean =>
    proposal.calls.some((call) => call.status === 'waiting' && isExactly(proposal, call, actual))
  const same = waiting.find(isSame)
  if (same !== undefined) throw new SentError(`A transaction with these very bytes is on its way: ${same.hash}.`)
  if (!isComplete) throw new SentError(`${proposal.from} has sent more than can be read now, and this may be among it.`)
}

/** When the last look at the chain began, and the wallets that had been opened by then. */
interface Known {
  readonly atMs: number
  readonly opened: ReadonlySet<string>
}

function openingOf({ id, walletOpenedMs }: Proposal): string {
  return `${id} ${walletOpenedMs}`
}

/** Whether a wallet was opened for a card after the last look at the chain began: what was signed there may not be in it. */
function isOpenedSince(card: Proposal, { atMs, opened }: Known): boolean {
  return card.walletOpenedMs !== null && card.walletOpenedMs >= atMs && !opened.has(openingOf(card))
}

/**
 * A wallet that is open for the same bytes on another card or was opened there since the last look began, or a transaction of it
 * that is not accounted for, is this payment as far as anybody can tell. What strangers stage for this account counts for nothing here.
 */
async function refuseTwins(
  gate: Gate,
  { proposal, nowMs, known, write }: { proposal: Proposal; nowMs: number; known: Known; write?: Write },
): Promise<void> {
  const read = write?.db ?? gate.store.read
  const { chainId, from } = proposal
  const open = (await listUnderWay(read, { chainId, sender: from, nowMs, openedSinceMs: known.atMs })).filter(
    (card) =>
      card.id !== proposal.id &&
      card.calls.some(
        (call) =>
          !isMined(call) &&
          (call.status === 'submitted' || isWalletOpen(card, nowMs) || isOpenedSince(card, known)) &&
          proposal.calls.some((own) => own.status === 'waiting' && isSameCall(own, call)),
      ),
  )
  if (open.length === 0) return
  const [own, ...others] = await candidatesOf(read, [proposal, ...open])
  const twin = others.find((each) => own !== undefined && isRelated(own, each))
  if (twin === undefined) return
  const { wallet } = twin.proposal
  if (wallet !== null && isWalletOpen(twin.proposal, nowMs)) throw new WalletOpenError(wallet.untilMs - nowMs)
  if (isOpenedSince(twin.proposal, known)) throw new WalletOpenError(0)
  throw new SentError('A transaction with these very bytes was sent for another card and is not confirmed yet.')
}

/** A mined transaction carries it, even one that failed: it is no question to a wallet any more. */
function isMined({ txBlock }: Proposal['calls'][number]): boolean {
  return txBlock !== null
}

function isSameCall(a: Proposal['calls'][number], b: Proposal['calls'][number]): boolean {
  return a.kind === b.kind && a.to === b.to && a.value === b.value && a.data.toLowerCase() === b.data.toLowerCase()
}

export class SignerError extends BaseError {
  override readonly name = 'proposals.SignerError'
  constructor(what: 'sender' | 'chain', expected: string, actual: string) {
    super(
      what === 'sender'
        ? `This was made for the account ${expected}, but the wallet now offers ${actual}.`
        : `This is for chain ${expected}, but the wallet is on chain ${actual}.`,
      {
        code: `proposals:${what}:changed`,
        kind: 'conflict',
        hint:
          what === 'sender'
            ? 'Switch the wallet back to that account, or ask again with this one.'
            : 'Switch the network in the wallet.',
      },
    )
  }
}

export class WalletOpenError extends BaseError {
  override readonly name = 'proposals.WalletOpenError'
  constructor(leftMs: number) {
    const seconds = Math.max(1, Math.ceil(leftMs / 1000))
    super(`A wallet was asked for these bytes a moment ago, elsewhere; try again in ${seconds} s.`, {
      code: 'proposals:wallet:open',
      kind: 'conflict',
      hint: 'Finish or reject it there. If that window is gone, wait until the time is over.',
    })
  }
}

/** The same bytes are on chain, or on their way there, or may be: the wallet is not opened for them again. */
export class SentError extends BaseError {
  override readonly name = 'proposals.SentError'
  constructor(what: string) {
    super(what, {
      code: 'proposals:transaction:sent',
      kind: 'conflict',
      hint: 'Wait until it is confirmed. To send the same once more, ask for it again after that.',
    })
  }
}

export class StepUnconfirmedError extends BaseError {
  override readonly name = 'proposals.StepUnconfirmedError'
  constructor(step: number) {
    super(`Step ${step} is not confirmed on chain yet.`, {
      code: 'proposals:step:unconfirmed',
      kind: 'conflict',
      hint: 'Wait until it is confirmed: the next step is simulated on what it leaves behind.',
    })
  }
}
