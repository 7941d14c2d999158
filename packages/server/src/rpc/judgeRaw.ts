import type { Hex } from '@countersign/base'
import { frozenAt } from '../mandates/freezes.ts'
import { AccountBusyError, type AccountQueue } from '../proposals/AccountQueue.ts'
import * as Door from '../proposals/Door.ts'
import type { Gate } from '../proposals/Gate.ts'
import { isWalletOpen, type Proposal } from '../proposals/Proposal.ts'
import { proposeThroughDoor } from '../proposals/proposeThroughDoor.ts'
import { readDraft } from '../proposals/readDraft.ts'
import { readSigned, type Signed } from '../proposals/readSigned.ts'
import { sendRaw } from '../proposals/sendRaw.ts'
import { requestFor, simulateBatch, unsaved } from '../proposals/simulateBatch.ts'
import { chainOf, judgementOf, type StagedDraft } from '../proposals/stageProposal.ts'
import { unminedOf } from '../proposals/unminedOf.ts'
import { dataOf, outcomeOf, type RpcTools } from './outcomeOf.ts'
import { RpcError } from './RpcError.ts'

/** A fee per gas this many times as high as the simulation's own cap takes money instead of paying for gas. */
const MAX_FEE_FACTOR = 10n

/**
 * Judges a transaction that the program signed itself, and forwards exactly these bytes or nothing. `allow` is forwarded,
 * `block` refused. A `warn` waits for its owner, and so does everything about which a guard, a mandate or a freeze has a say:
 * once the owner has released it by the last look on the page, the same bytes are forwarded when they come again.
 *
 * @returns the hash of the bytes.
 * @throws {RpcError}
 */
export async function judgeRaw(
  tools: RpcTools & { readonly queue: AccountQueue },
  { chainId, raw, app, door }: { chainId: number; raw: unknown; app: string; door: Door.Door },
): Promise<Hex.Hex> {
  const { gate, queue } = tools
  const signed = await readSigned(raw, chainId)
  if ('unusable' in signed) throw RpcError.refused(`${signed.unusable}.`)
  const draft = readDraft(
    { chains: gate.chains, nowMs: () => gate.clock.nowMs() },
    { ...bodyOf(signed), chain_id: chainId },
  )
  const isForwarded = await queue.run({ chainId, account: signed.from }, () =>
    judgeAndSend(gate, { signed, draft, app, door }),
  )
  return isForwarded ? signed.hash : askOwner(tools, { signed, draft, app, door })
}

/** The bytes in the words of `POST /api/proposals`. */
function bodyOf({ from, to, value, data, gas }: Signed): Record<string, unknown> {
  const transaction = { ...(to === null ? {} : { to }), value: String(value), data }
  return { from, transactions: [{ ...transaction, ...(gas === null ? {} : { gas: String(gas) }) }] }
}

/** Whether it was forwarded; false where its owner has to be asked. */
async function judgeAndSend(
  gate: Gate,
  { signed, draft, app, door }: { signed: Signed; draft: StagedDraft; app: string; door: Door.Door },
): Promise<boolean> {
  const chain = chainOf(gate, draft.chainId)
  if ((await chain.transaction(signed.hash)) !== null) return true
  const nonce = await chain.at(await chain.head()).nonce(signed.from)
  const { transactions, isComplete } = await chain.waiting(signed.from, nonce)
  // A transaction at the same nonce is replaced by this one; a later one was judged on something else.
  if (transactions.some((each) => BigInt(each.nonce) > BigInt(signed.nonce)))
    throw new AccountBusyError(`A later transaction of ${signed.from} is signed and not mined yet.`)
  const earlier = transactions.filter((each) => BigInt(each.nonce) < BigInt(signed.nonce))
  const unmined = unminedOf({ waiting: earlier, isComplete, nonce }, signed.from)
  const next = nonce + BigInt(unmined.length)
  if (BigInt(signed.nonce) !== next)
    throw RpcError.refused(`nonce ${signed.nonce} of the bytes, nonce ${next} of the account.`)
  const judged = unsaved({ app, door, draft })
  const request = await requestFor(gate.store.read, chain, judged, { nowMs: gate.clock.nowMs(), unmined })
  const simulated = await simulateBatch(chain, request)
  const { report, wire } = simulated
  if (report.verdict === 'block') throw RpcError.refused(sentenceOf(wire), dataOf(wire, null))
  const { maxFeeWei, l1FeeWei, gasLimit } = report.gasEstimate
  const cap = gasLimit === 0n ? 0n : (maxFeeWei - (l1FeeWei ?? 0n)) / gasLimit
  if (signed.feeWeiPerGas > cap * MAX_FEE_FACTOR && signed.feeWeiPerGas > MIN_FEE_WEI)
    throw RpcError.refused(`its fee of ${signed.feeWeiPerGas} wei per gas is more than ten times what it needs.`)
  if (report.verdict !== 'allow') return false
  // A guard or a mandate decides in the write that reserves, and a freeze leaves it to the owner: both on the proposal's way.
  const { prepared } = await judgementOf(gate, { proposal: judged, request, simulated })
  if (prepared !== null || (await frozenAt(gate.store.read, { app, owner: signed.from })) !== null) return false
  const sent = await chain.send(signed.bytes)
  if (sent.status === 'refused') throw RpcError.refused(`the network refused it (${sent.reason}).`)
  return true
}

/** Below this a fee per gas costs nothing worth a refusal: 100 gwei. */
const MIN_FEE_WEI = 100n * 10n ** 9n

/** Proposes the bytes to the account's owner, or forwards them where the owner has released them. */
async function askOwner(
  tools: RpcTools & { readonly queue: AccountQueue },
  { signed, draft, app, door }: { signed: Signed; draft: StagedDraft; app: string; door: Door.Door },
): Promise<Hex.Hex> {
  const { gate } = tools
  const { proposal } = await proposeThroughDoor(tools, {
    app,
    door,
    draft,
    idempotencyKey: `rpc-raw-${signed.hash}`,
    wallet: null,
  })
  if (await isReleased(gate, proposal))
    return sendRaw(gate, {
      chainId: draft.chainId,
      raw: signed.bytes,
      within: { kind: 'session', sid: proposal.sid },
    })
  const outcome = outcomeOf(tools, proposal)
  if (outcome instanceof RpcError) throw outcome
  return outcome
}

/** The owner had the last look, and nothing was frozen since. */
async function isReleased({ store, clock }: Gate, proposal: Proposal): Promise<boolean> {
  if (proposal.state !== 'pending' || !isWalletOpen(proposal, clock.nowMs())) return false
  const frozenMs = await frozenAt(store.read, { app: proposal.app, owner: proposal.from })
  return frozenMs === null || (proposal.walletOpenedMs ?? 0) > frozenMs
}

function sentenceOf(report: { findings: readonly { level: string; title: string }[] }): string {
  return `${report.findings.find(({ level }) => level === 'block')?.title ?? 'The simulation blocked it'}.`
}
