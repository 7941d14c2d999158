import { Address, Digest, type Hex } from '@countersign/base'
import { parseTransaction, recoverTransactionAddress, serializeTransaction, type TransactionSerialized } from 'viem'
import { AccountBusyError, type AccountQueue } from '../proposals/AccountQueue.ts'
import * as Door from '../proposals/Door.ts'
import type { Gate } from '../proposals/Gate.ts'
import { isWalletOpen, type Proposal } from '../proposals/Proposal.ts'
import { proposeThroughDoor } from '../proposals/proposeThroughDoor.ts'
import { readDraft } from '../proposals/readDraft.ts'
import { sendRaw } from '../proposals/sendRaw.ts'
import { requestFor, simulateBatch, unsaved } from '../proposals/simulateBatch.ts'
import { chainOf, type StagedDraft } from '../proposals/stageProposal.ts'
import { dataOf, outcomeOf, type RpcTools } from './outcomeOf.ts'
import { RpcError } from './RpcError.ts'

/** A signed transaction, as its bytes say it. */
interface Raw {
  readonly bytes: Hex.Hex
  readonly hash: Hex.Hex
  readonly from: Address.Address
  readonly nonce: number
  readonly feeWeiPerGas: bigint
  readonly body: Readonly<Record<string, unknown>>
}

/** The most bytes of a transaction that nodes relay (geth, `txMaxSize`: 128 KiB). */
const MAX_RAW_BYTES = 2 ** 17
/** A fee per gas this many times as high as the simulation's own cap takes money instead of paying for gas. */
const MAX_FEE_FACTOR = 10n
/** As many answers as are kept for bytes that come again. */
const MAX_KNOWN = 2_000

/** What was answered for bytes that were judged, by their hash, so that the same bytes are not judged twice. */
export type KnownRaw = Map<string, RpcError | null>

/**
 * Judges a transaction that the program signed itself, and forwards exactly these bytes or nothing. `allow` is forwarded,
 * `block` refused; a `warn` waits for its owner: once they have released it by the last look on the page, the same bytes
 * are forwarded when they come again.
 *
 * @returns the hash of the bytes.
 * @throws {RpcError}
 */
export async function judgeRaw(
  tools: RpcTools & { readonly queue: AccountQueue; readonly known: KnownRaw },
  { chainId, raw, app, door }: { chainId: number; raw: unknown; app: string; door: Door.Door },
): Promise<Hex.Hex> {
  const { gate, queue, known } = tools
  const signed = await readRaw(raw, chainId)
  const place = `${door.family} ${chainId} ${signed.hash}`
  const before = known.get(place)
  if (before === null) return signed.hash
  if (before !== undefined) throw before
  const draft = readDraft(
    { chains: gate.chains, nowMs: () => gate.clock.nowMs() },
    { ...signed.body, chain_id: chainId },
  )
  try {
    const isForwarded = await queue.run({ chainId, account: signed.from }, () =>
      judgeAndSend(gate, { signed, draft, app, door }),
    )
    if (!isForwarded) return await askOwner(tools, { signed, draft, app, door })
    remember(known, place, null)
    return signed.hash
  } catch (error) {
    const answer = RpcError.of(error)
    // A refusal stands; what waits or could not be judged is asked again.
    if (answer.rpcCode === 4001 && answer.data?.proposal == null) remember(known, place, answer)
    throw answer
  }
}

function remember(known: KnownRaw, place: string, answer: RpcError | null): void {
  known.set(place, answer)
  const [oldest] = known.keys()
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
}

/** Whether it was forwarded; false where its owner has to be asked. */
async function judgeAndSend(
  gate: Gate,
  { signed, draft, app, door }: { signed: Raw; draft: StagedDraft; app: string; door: Door.Door },
): Promise<boolean> {
  const chain = chainOf(gate, draft.chainId)
  if ((await chain.transaction(signed.hash)) !== null) return true
  const nonce = await chain.at(await chain.head()).nonce(signed.from)
  if (BigInt(signed.nonce) !== nonce)
    throw RpcError.refused(`nonce ${signed.nonce} of the bytes, nonce ${nonce} of the account.`)
  const { transactions, isComplete } = await chain.waiting(signed.from, nonce)
  // A transaction at the same nonce is replaced by this one; any other changes what this one meets.
  const others = transactions.filter((each) => BigInt(each.nonce) !== nonce)
  if (others.length > 0 || !isComplete)
    throw new AccountBusyError(`A transaction of ${signed.from} is signed and not mined yet.`)
  const judged = unsaved({ app, door, draft })
  const request = await requestFor(gate.store.read, chain, judged, gate.clock.nowMs())
  const { report, wire } = await simulateBatch(chain, request)
  if (report.verdict === 'block') throw RpcError.refused(sentenceOf(wire), dataOf(wire, null))
  const { maxFeeWei, l1FeeWei, gasLimit } = report.gasEstimate
  const cap = gasLimit === 0n ? 0n : (maxFeeWei - (l1FeeWei ?? 0n)) / gasLimit
  if (signed.feeWeiPerGas > cap * MAX_FEE_FACTOR && signed.feeWeiPerGas > MIN_FEE_WEI)
    throw RpcError.refused(`its fee of ${signed.feeWeiPerGas} wei per gas is more than ten times what it needs.`)
  if (report.verdict !== 'allow') return false
  const sent = await chain.send(signed.bytes)
  if (sent.status === 'refused') throw RpcError.refused(`the network refused it (${sent.reason}).`)
  return true
}

/** Below this a fee per gas costs nothing worth a refusal: 100 gwei. */
const MIN_FEE_WEI = 100n * 10n ** 9n

/** Proposes the bytes to the account's owner, or forwards them where the owner has released them. */
async function askOwner(
  tools: RpcTools & { readonly queue: AccountQueue },
  { signed, draft, app, door }: { signed: Raw; draft: StagedDraft; app: string; door: Door.Door },
): Promise<Hex.Hex> {
  const { gate } = tools
  const { proposal } = await proposeThroughDoor(tools, {
    app,
    door,
    draft,
    idempotencyKey: `rpc-raw-${signed.hash}`,
    wallet: null,
  })
  if (isReleased(proposal, gate.clock.nowMs()))
    return sendRaw(gate, {
      chainId: draft.chainId,
      raw: signed.bytes,
      within: { kind: 'session', sid: proposal.sid },
    })
  const outcome = outcomeOf(tools, proposal)
  if (outcome instanceof RpcError) throw outcome
  return outcome
}

/** The owner had the last look, and said that it may be signed. */
function isReleased(proposal: Proposal, nowMs: number): boolean {
  return proposal.state === 'pending' && isWalletOpen(proposal, nowMs)
}

function sentenceOf(report: { findings: readonly { level: string; title: string }[] }): string {
  return `${report.findings.find(({ level }) => level === 'block')?.title ?? 'The simulation blocked it'}.`
}

/** Reads signed bytes, strictly: what is judged must be all that they say. @throws {RpcError} 4001 with the fact. */
async function readRaw(given: unknown, chainId: number): Promise<Raw> {
  if (typeof given !== 'string' || !/^0x(?:[0-9a-f]{2})+$/i.test(given) || given.length > 2 * MAX_RAW_BYTES + 2)
    throw RpcError.refused('the transaction is not bytes.')
  const bytes = given.toLowerCase() as Hex.Hex
  let transaction: ReturnType<typeof parseTransaction>
  let from: Address.Address
  try {
    transaction = parseTransaction(bytes)
    from = Address.parse(await recoverTransactionAddress({ serializedTransaction: bytes as TransactionSerialized }))
  } catch {
    throw RpcError.refused('the bytes are not a signed transaction.')
  }
  const { type, r, s, v, yParity } = transaction
  if (type === 'eip4844') throw RpcError.refused('a transaction with blobs (type 3) is not judged here.')
  if (type === 'eip7702') throw RpcError.refused('an authorization (type 4) hands the account to other code.')
  if (type !== 'legacy' && type !== 'eip2930' && type !== 'eip1559')
    throw RpcError.refused('this type of transaction is not known.')
  if (transaction.chainId === undefined)
    throw RpcError.refused('no chain in the bytes: they could be sent on every chain.')
  if (transaction.chainId !== chainId)
    throw RpcError.refused(`chain ${transaction.chainId} of the bytes, chain ${chainId} of the URL.`)
  if (!isCanonical(transaction, bytes, { r, s, v, yParity }))
    throw RpcError.refused('the encoding of the bytes is not canonical.')
  const { to, value, data, gas, nonce, gasPrice, maxFeePerGas } = transaction
  return {
    bytes,
    hash: Digest.keccak256(bytes),
    from,
    nonce: nonce ?? 0,
    feeWeiPerGas: maxFeePerGas ?? gasPrice ?? 0n,
    body: {
      from,
      transactions: [
        {
          ...(to === undefined || to === null ? {} : { to }),
          value: String(value ?? 0n),
          data: data ?? '0x',
          ...(gas === undefined ? {} : { gas: String(gas) }),
        },
      ],
    },
  }
}

function isCanonical(
  transaction: ReturnType<typeof parseTransaction>,
  bytes: Hex.Hex,
  {
    r,
    s,
    v,
    yParity,
  }: { r?: Hex.Hex | undefined; s?: Hex.Hex | undefined; v?: bigint | undefined; yParity?: number | undefined },
): boolean {
  if (r === undefined || s === undefined) return false
  try {
    const signature = { r, s, ...(v === undefined ? {} : { v }), ...(yParity === undefined ? {} : { yParity }) }
    return serializeTransaction(transaction as never, signature as never) === bytes
  } catch {
    return false
  }
}
