import { Address, BaseError } from '@countersign/base'
import {
  CallError,
  parseCall,
  readMessage,
  readTypedData,
  requestOf,
  type SignatureRequest,
} from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import * as Document from './Document.ts'
import * as Door from './Door.ts'
import { describeCall, describeDraft } from './describeCall.ts'
import { knownAddresses } from './simulateBatch.ts'
import { chainOf, refuseSize, type StagedDraft } from './stageProposal.ts'

/** What may be asked to be signed; exactly one of them. */
export const WHAT = ['transactions', 'typed_data', 'message'] as const
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

/** What reading needs: the chains that are served, and the time. */
export interface DraftTools {
  readonly chains: ReadonlyMap<number, Chain>
  nowMs(): number
}

/**
 * Reads what a door was handed, strictly, before anything is asked of a chain: exactly one of `transactions`, `typed_data`
 * and `message`, with `from` and `chain_id`. What it answers is frozen: nothing of the given object is looked at again.
 *
 * @throws {FieldError} `http:field:…`; {CallError} of a transaction; {ChainUnknownError}.
 */
export function readDraft(tools: DraftTools, body: Readonly<Record<string, unknown>>): StagedDraft {
  const [what, other] = WHAT.filter((name) => body[name] !== undefined)
  if (what === undefined || other !== undefined)
    throw new FieldError(other ?? 'transactions', `Send exactly one of ${WHAT.join(', ')}.`)
  const chainId = body['chain_id']
  if (!Number.isSafeInteger(chainId) || (chainId as number) <= 0)
    throw new FieldError('chain_id', 'A positive whole number, not a text.')
  if (typeof body['from'] !== 'string') throw new FieldError('from', 'The address that would sign.')
  const from = Address.parse(body['from'])
  const place = { chainId: chainId as number, from }
  const chain = chainOf(tools, place.chainId)
  if (what === 'transactions') return transactionsIn(tools, body['transactions'], place)

  const known = knownAddresses(chain, [])
  let signature: SignatureRequest
  if (what === 'message') {
    if (typeof body['message'] !== 'string') throw new FieldError('message', 'The text that would be signed.')
    signature = readMessage(body['message'], place)
  } else {
    signature = readTypedData(body['typed_data'] as Record<string, unknown>, {
      ...place,
      nowMs: tools.nowMs(),
      known: (address) => known.find((entry) => entry.address === address),
    })
  }
  const call = { ...Document.callOf(signature), label: signature.title }
  return { ...place, calls: [call], summary: `Sign: ${signature.title}`, provenance: [] }
}

function transactionsIn(
  tools: DraftTools,
  value: unknown,
  { chainId, from }: { chainId: number; from: Address.Address },
): StagedDraft {
  if (!Array.isArray(value)) throw new FieldError('transactions', 'An array of {to, value, data}.')
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
  const chain = chainOf(tools, chainId)
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

const WALLET_KINDS = ['eoa', '7702', 'safe', '4337', '5792'] as const

/** What the client says that the wallet can do: `{kind, address?, capabilities?}`. @throws {DoorError} */
export function readWallet(value: unknown): Door.WalletClaim | null {
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

/** A field of what a door was handed cannot be used. */
export class FieldError extends BaseError {
  override readonly name = 'proposals.FieldError'
  constructor(field: string, hint: string) {
    super(`"${field.slice(0, 40)}" cannot be used.`, {
      code: `http:field:${field.slice(0, 40).replaceAll('_', '-')}`,
      kind: 'invalid',
      hint,
    })
  }
}
