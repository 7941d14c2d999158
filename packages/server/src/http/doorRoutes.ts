import { Address, Clock, assert } from '@countersign/base'
import {
  CallError,
  parseCall,
  readMessage,
  readTypedData,
  requestOf,
  type SignatureRequest,
} from '@countersign/simulator'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { KeyAbsentError } from '../keys/verifyKey.ts'
import * as Document from '../proposals/Document.ts'
import * as Door from '../proposals/Door.ts'
import { describeCall, describeDraft } from '../proposals/describeCall.ts'
import type { Proposal } from '../proposals/Proposal.ts'
import { proposeThroughDoor } from '../proposals/proposeThroughDoor.ts'
import { knownAddresses } from '../proposals/simulateBatch.ts'
import { chainOf, refuseSize, type StagedDraft } from '../proposals/stageProposal.ts'
import { bodyOf, type Context } from './context.ts'
import { HttpError, invalidField } from './errors.ts'
import { refuseHeld, urlOf } from './proposalAccess.ts'
import { refuseUnknown } from './proposalRoutes.ts'

const WHAT = ['transactions', 'typed_data', 'message'] as const
const KNOWN = [...WHAT, 'from', 'chain_id', 'idempotency_key', 'client', 'wallet']
/** What a wallet decides when it signs, or what a card does not show. */
const NOT_PROPOSED = [
  ['nonce', 'nonce'],
  ['type', 'type'],
  ['access_list', 'accessList'],
  ['authorization_list', 'authorizationList'],
  ['max_fee_per_gas', 'maxFeePerGas'],
  ['max_priority_fee_per_gas', 'maxPriorityFeePerGas'],
  ['gas_price', 'gasPrice'],
] as const
/** A card shows so much of a wallet's claim, in bytes of JSON. */
const MAX_WALLET_BYTES = 16_384

/**
 * `POST /api/proposals`: what an integrator's program wants signed, without a chat. It is simulated, and waits for its
 * owner on our page; the page itself is `GET /p/{id}`.
 */
export function doorRoutes(
  server: FastifyInstance,
  context: Context,
  { webRoot, pageHeaders }: { webRoot: string | null; pageHeaders: Readonly<Record<string, string>> },
): void {
  server.post('/api/proposals', async (request, reply) => {
    const { caller } = request
    if (caller === null) throw new KeyAbsentError(null)
    refuseHeld(caller)
    const draft = draftIn(context, request)
    await server.charge(request, reply, draft.calls.length - 1)
    const body = bodyOf(request)
    const { proposal, isNew } = await proposeThroughDoor(
      { gate: context.gate, queue: context.accounts },
      {
        app: caller.app,
        draft,
        door: { name: 'guard', keyId: caller.keyId, family: caller.family, client: Door.parseClient(body['client']) },
        idempotencyKey: idempotencyKeyIn(request),
        wallet: walletIn(body['wallet']),
      },
    )
    return reply.status(isNew ? 201 : 200).send(answerOf(context, proposal))
  })

  server.get('/p/:id', async (_request, reply) => {
    if (webRoot === null)
      throw new HttpError(404, 'http:page:absent', 'This server has no page.', 'Start it with its page.')
    return reply.headers({ ...pageHeaders, 'cache-control': 'no-cache' }).sendFile('index.html')
  })
}

/** The answer of a door: what became of it, and where its owner finds it. */
export function answerOf(context: Context, proposal: Proposal): Record<string, unknown> {
  assert(proposal.report !== null, 'what came through a door has its verdict from the start')
  return {
    id: proposal.id,
    state: proposal.state,
    verdict: proposal.report.verdict,
    digest: proposal.digest,
    url: urlOf(context, proposal),
    expires_at: Clock.iso(proposal.expiresMs),
  }
}

/** Reads the body strictly, before anything is asked of a chain. */
function draftIn(context: Context, request: FastifyRequest): StagedDraft {
  const [parameter] = Object.keys(request.query as Record<string, unknown>)
  if (parameter !== undefined) throw invalidField(parameter.slice(0, 40), 'Send everything in the JSON body.')
  refuseUnknown(request, KNOWN)
  const body = bodyOf(request)
  const [what, other] = WHAT.filter((name) => body[name] !== undefined)
  if (what === undefined || other !== undefined)
    throw invalidField(other ?? 'transactions', `Send exactly one of ${WHAT.join(', ')}.`)
  const chainId = body['chain_id']
  if (!Number.isSafeInteger(chainId) || (chainId as number) <= 0)
    throw invalidField('chain_id', 'A positive whole number, not a text.')
  if (typeof body['from'] !== 'string') throw invalidField('from', 'The address that would sign.')
  const from = Address.parse(body['from'])
  const place = { chainId: chainId as number, from }
  const chain = chainOf(context.gate, place.chainId)
  if (what === 'transactions') return transactionsIn(context, body['transactions'], place)

  const known = knownAddresses(chain, [])
  let signature: SignatureRequest
  if (what === 'message') {
    if (typeof body['message'] !== 'string') throw invalidField('message', 'The text that would be signed.')
    signature = readMessage(body['message'], place)
  } else {
    signature = readTypedData(body['typed_data'] as Record<string, unknown>, {
      ...place,
      nowMs: context.clock.nowMs(),
      known: (address) => known.find((entry) => entry.address === address),
    })
  }
  const call = { ...Document.callOf(signature), label: signature.title }
  return { ...place, calls: [call], summary: `Sign: ${signature.title}`, provenance: [] }
}

function transactionsIn(
  context: Context,
  value: unknown,
  { chainId, from }: { chainId: number; from: Address.Address },
): StagedDraft {
  if (!Array.isArray(value)) throw invalidField('transactions', 'An array of {to, value, data}.')
  // Counted before they are read.
  refuseSize({ calls: value.map(() => ({ to: null, value: 0n, data: '0x', label: '', kind: '' })) })
  const calls = value.map((entry: unknown, i) => {
    const where = `transaction ${i + 1}`
    const call = parseCall(entry, where)
    const given = entry as Record<string, unknown>
    const refused = NOT_PROPOSED.flat().find((name) => given[name] !== undefined && given[name] !== null)
    if (refused !== undefined)
      throw new CallError(
        where,
        `"${refused}" cannot be proposed`,
        "Leave it out: the owner's wallet sets it when it signs, within what the simulation allows.",
      )
    return call
  })
  // Whatever states a sender or a chain states these.
  requestOf({ chainId, from, calls, block: 'latest' })
  const chain = chainOf(context.gate, chainId)
  const described = calls.map((call) => ({ ...call, ...describeCall(chain, call), gas: call.gasLimit }))
  return {
    chainId,
    from,
    calls: described.map(({ to, value: amount, data, label, kind, gas }) => ({
      to,
      value: amount,
      data,
      label,
      kind,
      gas,
    })),
    summary: describeDraft(described),
    provenance: [],
  }
}

/** The idempotency key, in the header or in the body. @throws {HttpError} `http:field:idempotency-key` when both differ. */
function idempotencyKeyIn(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key']
  const inHeader = Door.parseIdempotencyKey(header)
  const inBody = Door.parseIdempotencyKey(bodyOf(request)['idempotency_key'])
  if (inHeader !== null && inBody !== null && inHeader !== inBody)
    throw invalidField('idempotency_key', 'The header Idempotency-Key says something else: send one, or both alike.')
  return inHeader ?? inBody
}

const WALLET_KINDS = ['eoa', '7702', 'safe', '4337', '5792'] as const

/** What the client says that the wallet can do: `{kind, address?, capabilities?}`. @throws {DoorError} */
function walletIn(value: unknown): Door.WalletClaim | null {
  if (value === undefined || value === null) return null
  const fail = (why: string): never => {
    throw new Door.DoorError(
      'wallet',
      why,
      `Send {"kind", "address", "capabilities"}; kinds: ${WALLET_KINDS.join(', ')}.`,
    )
  }
  if (typeof value !== 'object' || Array.isArray(value)) return fail('it is not an object')
  const { kind, address, capabilities, ...rest } = value as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) return fail(`it has the unknown field "${unknown.slice(0, 40)}"`)
  const known = WALLET_KINDS.find((each) => each === kind)
  if (known === undefined) return fail('its kind is unknown')
  if (address !== undefined && typeof address !== 'string') return fail('its address is not a text')
  if (JSON.stringify(value).length > MAX_WALLET_BYTES) return fail('it is too long')
  return {
    kind: known,
    ...(address === undefined ? {} : { address: Address.parse(address) }),
    ...(capabilities === undefined ? {} : { capabilities }),
  }
}
