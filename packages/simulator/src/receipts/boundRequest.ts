import { Address, assert, Clock, Hex } from '@countersign/base'
import { parseIntent } from '../intent/Intent.ts'
import type { Assertion, Intent } from '../model/Intent.ts'
import { parseKnown } from '../wire/parseRequest.ts'
import type { KnownAddress } from '../model/KnownAddress.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { readSource } from '../signatures/readSignable.ts'
import type { Bound, BoundCall, BoundRequest } from '../model/Bound.ts'

/** The parts of a request that a receipt carries beside its calls. */
export function boundRequestOf(request: SimulationRequest): BoundRequest {
  return {
    block: request.block.toString(),
    known: request.known.map(({ address, name, kind, symbol, decimals }) => ({
      address,
      name,
      kind,
      ...(symbol === undefined ? {} : { symbol }),
      ...(decimals === undefined ? {} : { decimals }),
    })),
    intent: request.intent == null ? null : intentToWire(request.intent),
    is_agent_proposed: request.isAgentProposed === true,
    is_look_ahead: request.isLookAhead !== false,
    ...((request.saidRecipients ?? []).length === 0 ? {} : { said_recipients: [...(request.saidRecipients ?? [])] }),
    ...(request.signature == null ? {} : { signable: request.signature.source }),
  }
}

/** The calls as they will be signed. @param gasLimits - The limits that were simulated. */
export function boundCallsOf(request: SimulationRequest, gasLimits: readonly bigint[]): BoundCall[] {
  return request.calls.map((call, i) => ({
    to: call.to,
    value: call.value.toString(),
    data: call.data,
    gas_limit: (gasLimits[i] ?? call.gasLimit ?? 0n).toString(),
    max_fee_per_gas: call.maxFeePerGasWei?.toString() ?? null,
    max_priority_fee_per_gas: call.maxPriorityFeePerGasWei?.toString() ?? null,
    access_list: (call.accessList ?? []).map(({ address, storageKeys }) => ({
      address,
      storage_keys: [...storageKeys],
    })),
    authorization_list: (call.authorizationList ?? []).map((each) => ({
      chain_id: each.chainId.toString(),
      address: Address.parse(each.address),
      nonce: each.nonce.toString(),
      y_parity: each.yParity,
      r: each.r.toString(),
      s: each.s.toString(),
    })),
    label: call.label,
    ...(call.nonce === undefined ? {} : { nonce: call.nonce.toString() }),
    ...(call.type === undefined ? {} : { type: call.type }),
  }))
}

/**
 * The same request on the newest block, at the gas limits that are bound. Only for a receipt that was verified.
 *
 * @param nowMs - A document is read as of now: what has expired since is worth nothing.
 */
export async function requestOfBound(
  { chain_id, from, calls, request, typed_data_digest }: Bound,
  nowMs: number,
): Promise<SimulationRequest> {
  const known = request.known.flatMap((entry): readonly KnownAddress[] =>
    entry.kind === 'user' ? [{ address: entry.address, name: entry.name, kind: 'user' }] : parseKnown([entry]),
  )
  const signer = Address.parse(from)
  const signature =
    request.signable === undefined
      ? null
      : await readSource(request.signable, {
          chainId: chain_id,
          from: signer,
          nowMs,
          known: (address) => known.find((entry) => entry.address === address),
        })
  assert((signature?.digest ?? null) === typed_data_digest, 'the document is the one that was bound')
  return {
    chainId: chain_id,
    from: signer,
    signature,
    block: 'latest',
    maxHeadAgeMs: 0,
    calls: calls.map((call) => ({
      to: call.to === null ? null : Address.parse(call.to),
      value: BigInt(call.value),
      data: Hex.parse(call.data),
      gasLimit: BigInt(call.gas_limit),
      maxFeePerGasWei: call.max_fee_per_gas === null ? null : BigInt(call.max_fee_per_gas),
      label: call.label,
      ...(call.max_priority_fee_per_gas === null
        ? {}
        : { maxPriorityFeePerGasWei: BigInt(call.max_priority_fee_per_gas) }),
      ...(call.access_list.length === 0
        ? {}
        : {
            accessList: call.access_list.map(({ address, storage_keys }) => ({
              address: Address.parse(address),
              storageKeys: storage_keys.map((key) => Hex.parse(key)),
            })),
          }),
      ...(call.nonce === undefined ? {} : { nonce: BigInt(call.nonce) }),
      ...(call.type === undefined ? {} : { type: call.type }),
      ...(call.authorization_list.length === 0
        ? {}
        : {
            authorizationList: call.authorization_list.map((each) => ({
              chainId: BigInt(each.chain_id),
              address: Address.parse(each.address),
              nonce: BigInt(each.nonce),
              yParity: each.y_parity,
              r: BigInt(each.r),
              s: BigInt(each.s),
            })),
          }),
    })),
    known,
    intent: request.intent === null ? null : parseIntent(request.intent),
    isAgentProposed: request.is_agent_proposed,
    isLookAhead: request.is_look_ahead,
    ...(request.said_recipients === undefined ? {} : { saidRecipients: request.said_recipients.map(Address.parse) }),
  }
}

/** An intent as its file spells it: `parseIntent` reads the very same intent from it. */
export function intentToWire(intent: Intent): Record<string, unknown> {
  return {
    version: intent.version,
    chain_id: intent.chainId,
    account: intent.account,
    goal: intent.goal,
    assertions: intent.assertions.map(assertionToWire),
  }
}

function assertionToWire(assertion: Assertion): Record<string, unknown> {
  switch (assertion.name) {
    case 'max_outflow':
    case 'recipient_receives':
    case 'max_fee':
      return { ...assertion, amount: assertion.amount.toString() }
    case 'min_inflow': {
      const { account, amount, ...rest } = assertion
      return { ...rest, amount: amount.toString(), ...(account === null ? {} : { account }) }
    }
    case 'allowed_authority': {
      const { amount, expiresByMs, ...rest } = assertion
      return {
        ...rest,
        ...(amount === null ? {} : { amount: amount.toString() }),
        ...(expiresByMs === null ? {} : { expires_by: Clock.iso(expiresByMs) }),
      }
    }
    case 'allowed_delegate':
      return { name: assertion.name, delegate: assertion.delegate, chain_id: assertion.chainId }
    case 'bridge_recipient':
      return { name: assertion.name, recipient: assertion.recipient, chain_id: assertion.chainId }
    case 'deadline':
      return { name: assertion.name, at: Clock.iso(assertion.atMs) }
    case 'min_price':
      return { ...assertion, ratio: assertion.ratio.text }
    case 'allowed_recipients':
    case 'no_new_authority':
      return { ...assertion }
  }
}
