import { Address, BaseError, Digest, Json } from '@countersign/base'
import type { AccountQueue } from '../proposals/AccountQueue.ts'
import type { Door } from '../proposals/Door.ts'
import { isFinal, type Proposal } from '../proposals/Proposal.ts'
import { proposeThroughDoor } from '../proposals/proposeThroughDoor.ts'
import { readDraft } from '../proposals/readDraft.ts'
import { loadDoorProposal } from '../proposals/rows.ts'
import { bytesDigest } from '../proposals/Door.ts'
import { outcomeOf, type RpcTools } from './outcomeOf.ts'
import { CODES, RpcError } from './RpcError.ts'

/** Who asks in owner mode, and for whose account. */
export interface OwnerCall {
  readonly app: string
  readonly door: Door
  readonly chainId: number
  readonly owner: Address.Address
  readonly method: string
  readonly params: readonly unknown[]
  /** When the client is answered at the latest, in the time of `performance.now()`. */
  readonly untilMs: number
}

type Tools = RpcTools & { readonly queue: AccountQueue }

const POLL_MS = 200

/**
 * Makes what a program wants signed a proposal of its owner, and waits for the answer as long as clients do. The same
 * request again, while it waits, is the same proposal; once its outcome was answered, the next one is new.
 *
 * @throws {RpcError}
 */
export async function askOwnerFor(tools: Tools, call: OwnerCall): Promise<unknown> {
  const { gate } = tools
  const { chainId, owner, door, app, method } = call
  const body = bodyOf(call)
  const draft = readDraft(
    { chains: gate.chains, nowMs: () => gate.clock.nowMs() },
    { ...body, from: owner, chain_id: chainId },
  )
  const isBatch = method === 'wallet_sendCalls'
  // A batch has an id of its own to ask by, so each one is new; the rest is known again by its bytes.
  const digest = Digest.ofJson({
    method,
    bytes: bytesDigest({ ...draft, calls: draft.calls.map((each) => ({ ...each, gas: each.gas ?? null })) }),
  })
  const made = await proposeThroughDoor(tools, {
    app,
    door,
    draft,
    idempotencyKey: isBatch ? null : `rpc-${digest}`,
    wallet: null,
  })
  const id = made.proposal.id
  if (isBatch) {
    const outcome = outcomeOf(tools, made.proposal)
    if (outcome instanceof RpcError && outcome.rpcCode !== CODES.waiting) throw outcome
    return { id }
  }
  let { proposal } = made
  let outcome = outcomeOf(tools, proposal)
  while (outcome instanceof RpcError && outcome.rpcCode === CODES.waiting && performance.now() < call.untilMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    proposal = await loadDoorProposal(gate.store.read, { id, family: door.family })
    outcome = outcomeOf(tools, proposal)
  }
  if (outcome instanceof RpcError && outcome.rpcCode === CODES.waiting) throw outcome
  // It was answered: an equal request from now on is another one.
  await gate.store.write((write) =>
    write.db.updateTable('door_proposals').set({ idempotency_key: null }).where('proposal_id', '=', id).execute(),
  )
  if (outcome instanceof RpcError) throw outcome
  return outcome
}

/** The words of `POST /api/proposals` for a method. @throws {RpcError} */
function bodyOf({ method, params, owner, chainId }: OwnerCall): Record<string, unknown> {
  switch (method) {
    case 'eth_sendTransaction':
      return { transactions: [transactionOf(params[0], { owner, chainId })] }
    case 'wallet_sendCalls':
      return { transactions: callsOf(params[0], { owner, chainId }) }
    case 'personal_sign': {
      refuseOther(params[1], owner)
      return { message: textOf(params[0]) }
    }
    default: {
      refuseOther(params[0], owner)
      const [, given] = params
      return { typed_data: typeof given === 'string' ? documentOf(given) : given }
    }
  }
}

function documentOf(text: string): unknown {
  try {
    return Json.parse(text)
  } catch (error) {
    if (error instanceof BaseError) throw error
    throw invalid('The document is not JSON.')
  }
}

/** What the wallet decides when it signs: read, and left to it. */
const LEFT_TO_WALLET = ['nonce', 'type', 'gasPrice', 'maxFeePerGas', 'maxPriorityFeePerGas', 'accessList']
/** Legacy, with an access list, and with a fee of EIP-1559. Blobs and authorizations are no calls. */
const PLAIN_TYPES: ReadonlySet<unknown> = new Set(['0x0', '0x1', '0x2', 0, 1, 2])
const READ = ['from', 'to', 'value', 'data', 'input', 'gas', 'chainId', 'authorizationList', ...LEFT_TO_WALLET]

function transactionOf(
  given: unknown,
  { owner, chainId }: { owner: Address.Address; chainId: number },
): Record<string, unknown> {
  const transaction = recordOf(given, 'a transaction')
  const unknown = Object.keys(transaction).find((field) => !READ.includes(field))
  if (unknown !== undefined) throw invalid(`The field "${unknown.slice(0, 40)}" of the transaction is not known.`)
  const { to, value, data, input, gas } = transaction
  refuseOther(transaction['from'], owner)
  refuseChain(transaction['chainId'], chainId)
  const { authorizationList, type } = transaction
  if (!isAbsent(type) && !PLAIN_TYPES.has(type))
    throw RpcError.refused(`transactions of the type ${JSON.stringify(type).slice(0, 20)} are not judged.`)
  if (!isAbsent(authorizationList) && !(Array.isArray(authorizationList) && authorizationList.length === 0))
    throw RpcError.refused('an authorization hands the account to other code.')
  if (data !== undefined && input !== undefined && data !== input)
    throw invalid('"data" and "input" of the transaction differ.')
  return {
    ...(to === undefined || to === null ? {} : { to }),
    value: value ?? '0',
    data: data ?? input ?? '0x',
    ...(gas === undefined || gas === null ? {} : { gas }),
  }
}

function callsOf(
  given: unknown,
  { owner, chainId }: { owner: Address.Address; chainId: number },
): Record<string, unknown>[] {
  const { from, chainId: chain, calls, atomicRequired, id, version, capabilities, ...more } = recordOf(given, 'a batch')
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) throw invalid(`The field "${unknown.slice(0, 40)}" of the batch is not known.`)
  void [id, version]
  if (from !== undefined) refuseOther(from, owner)
  refuseChain(chain, chainId)
  // EIP-5792: the wallet cannot promise it before it is asked.
  if (atomicRequired === true) throw new RpcError(5760, 'Atomic execution cannot be promised here.')
  refuseCapabilities(capabilities)
  if (!Array.isArray(calls)) throw invalid('"calls" is not a list.')
  return calls.map((each) => {
    const { to, value, data, capabilities: ofCall, ...rest } = recordOf(each, 'a call')
    refuseCapabilities(ofCall)
    const [field] = Object.keys(rest)
    if (field !== undefined) throw invalid(`The field "${field.slice(0, 40)}" of a call is not known.`)
    return { ...(to === undefined || to === null ? {} : { to }), value: value ?? '0', data: data ?? '0x' }
  })
}

/** EIP-5792: what is optional may be left out, and what is not must not be. */
function refuseCapabilities(given: unknown): void {
  const required = Object.entries((given ?? {}) as Record<string, { optional?: unknown } | null>).find(
    ([, value]) => value?.optional !== true,
  )
  if (required !== undefined)
    throw new RpcError(5700, `The capability "${required[0].slice(0, 40)}" is not supported here.`)
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null

function recordOf(given: unknown, what: string): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid(`The parameter is not ${what}.`)
  return given as Record<string, unknown>
}

function refuseOther(account: unknown, owner: Address.Address): void {
  if (account === undefined || account === null) return
  if (!Address.isAddress(account)) throw invalid('An address cannot be read.')
  if (Address.parse(account) !== owner)
    throw new RpcError(CODES.unauthorized, `The account ${Address.parse(account)} is not the owner of this request.`)
}

function refuseChain(given: unknown, chainId: number): void {
  if (given === undefined || given === null) return
  const named =
    typeof given === 'number'
      ? given
      : typeof given === 'string' && /^0x[0-9a-f]{1,12}$/i.test(given)
        ? Number(given)
        : NaN
  if (named !== chainId)
    throw RpcError.refused(`chain ${String(named).slice(0, 20)} of the request, chain ${chainId} of the URL.`)
}

/** Wallets take hex as bytes and anything else as text. Bytes that are no text are no message. */
function textOf(given: unknown): string {
  if (typeof given !== 'string') throw invalid('The message is not text.')
  if (!/^0x(?:[0-9a-f]{2})*$/i.test(given)) return given
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(given.slice(2), 'hex'))
  } catch {
    throw RpcError.refused('the message is bytes and not text; they can be anything.')
  }
}

function invalid(message: string): RpcError {
  return new RpcError(CODES.params, message)
}

/** `wallet_getCallsStatus` (EIP-5792): what became of a batch. */
export async function callsStatus(tools: Tools, { door, chainId, params }: OwnerCall): Promise<unknown> {
  const [id] = params
  if (typeof id !== 'string') throw invalid('The id is not text.')
  let proposal: Proposal
  try {
    proposal = await loadDoorProposal(tools.gate.store.read, { id, family: door.family })
  } catch {
    throw new RpcError(5730, 'There is no batch with this id.')
  }
  if (proposal.chainId !== chainId) throw new RpcError(5730, 'There is no batch with this id on this chain.')
  const chain = tools.gate.chains.get(chainId)
  const receipts = await Promise.all(
    proposal.calls.flatMap(({ txHash }) =>
      txHash === null || chain === undefined ? [] : [chain.pass('eth_getTransactionReceipt', [txHash])],
    ),
  )
  return {
    version: '2.0.0',
    id,
    chainId: `0x${chainId.toString(16)}`,
    atomic: false,
    status: statusOf(proposal),
    receipts: receipts.flatMap((answer) => (answer.ok && answer.result !== null ? [receiptOf(answer.result)] : [])),
  }
}

/** EIP-5792: 100 pending, 200 confirmed, 400 failed before anything was sent, 500 reverted, 600 partly. */
function statusOf(proposal: Proposal): number {
  if (proposal.state === 'settled') return 200
  if (!isFinal(proposal.state)) return 100
  const confirmed = proposal.calls.filter(({ status }) => status === 'confirmed').length
  if (confirmed > 0) return 600
  return proposal.state === 'mismatched' ? 500 : 400
}

function receiptOf(result: unknown): Record<string, unknown> {
  const { logs, status, blockHash, blockNumber, gasUsed, transactionHash } = result as Record<string, unknown>
  return { logs, status, blockHash, blockNumber, gasUsed, transactionHash }
}
