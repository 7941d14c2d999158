import { Address } from '@countersign/base'
import type { ReportWire } from '@countersign/sdk'
import { ENDLESS, keyOf, type AskedCall, type MovesInput, type StepInput } from './Book.ts'
import type { Asset, Effect, Grade } from './Moves.ts'

/** What an amount is bounded by; the amount is what is counted. */
export function gradeOf(
  input: MovesInput,
  at: StepInput,
  loss: Asset,
): { amount: bigint; grade: Grade; because: string } {
  const { call } = at
  const bound = input.enforced?.get(keyOf(loss))
  if (bound !== undefined && bound >= loss.amount)
    return { amount: bound, grade: 'enforced', because: 'the outcome guard reverts above it' }
  if (loss.isNative && call.value >= loss.amount)
    return { amount: call.value, grade: 'proven', because: 'the value of the call' }
  const paid = paymentOf(call, input.owner)
  if (paid !== null && loss.token !== null && Address.isEqual(loss.token, call.to ?? '') && paid.amount >= loss.amount)
    return { amount: paid.amount, grade: 'proven', because: 'the amount of the transfer' }
  if (loss.token !== null && call.to !== null && !Address.isEqual(loss.token, call.to)) {
    const allowed = allowedBefore(input, at, loss.token)
    const trusted = input.trusts?.get(call.to.toLowerCase())
    const code = at.report.contract_calls.find(
      ({ address, step }) => step === at.step && Address.isEqual(address, call.to ?? ''),
    )?.code_hash
    const most = declaredMost(call)
    if (trusted !== undefined && trusted === code?.toLowerCase() && most !== null && most >= loss.amount)
      return { amount: most, grade: 'declared', because: 'the maximum that a trusted contract declares' }
    if (allowed >= loss.amount)
      return {
        amount: allowed,
        grade: 'proven',
        because:
          allowed === loss.amount
            ? 'an allowance of exactly this'
            : allowed >= ENDLESS
              ? UNREAD
              : 'the whole allowance that stands; give an exact one first',
      }
  }
  return { amount: loss.amount, grade: 'simulated', because: 'predicted, not bounded' }
}

const UNREAD = 'an allowance that could not be read counts as unlimited'

/** The allowances of the called contract, and of those that pull in the step, before it. What was not read is endless. */
function allowedBefore(input: MovesInput, { call, step, before, report }: StepInput, token: Address.Address): bigint {
  const spenders = new Set(pullersOf(report, step, token, input.owner))
  if (call.to !== null) spenders.add(call.to.toLowerCase())
  let most = 0n
  for (const spender of spenders) {
    const given = [...before.rights.values()].find(
      ({ kind, contract, spender: who }) =>
        kind === 'erc20_allowance' && Address.isEqual(contract, token) && Address.isEqual(who, spender),
    )
    const changed = [...report.authority_changes].find(
      ({ kind, contract, subject, owner }) =>
        kind === 'erc20_allowance' &&
        Address.isEqual(contract, token) &&
        Address.isEqual(subject, spender) &&
        Address.isEqual(owner, input.owner),
    )
    const stood = input.standing.find(
      (each) => Address.isEqual(each.token, token) && Address.isEqual(each.spender, spender),
    )
    const amount = given?.after ?? (changed === undefined ? stood?.amount : BigInt(changed.before))
    if (amount === undefined || amount === null) return ENDLESS
    most += amount
  }
  return most
}

/** Who calls `transferFrom` for the owner's tokens anywhere in a request: their allowances are read. */
export function spendersIn(
  report: ReportWire,
  owner: Address.Address,
): readonly { readonly token: Address.Address; readonly spender: Address.Address }[] {
  return report.steps.flatMap(({ step }) => pullsOf(report, step, owner))
}

/** Who calls `transferFrom` of a token of the owner in a step. Lower case. */
function pullersOf(report: ReportWire, step: number, token: Address.Address, owner: Address.Address): string[] {
  return pullsOf(report, step, owner)
    .filter((pull) => Address.isEqual(pull.token, token))
    .map(({ spender }) => spender.toLowerCase())
}

/** Every `transferFrom` of the owner's in a step, whether something moved or not. */
function pullsOf(
  report: ReportWire,
  step: number,
  owner: Address.Address,
): { readonly token: Address.Address; readonly spender: Address.Address }[] {
  const found: { token: Address.Address; spender: Address.Address }[] = []
  const visit = (frame: Frame | null): void => {
    if (frame === null) return
    const from = frame.args?.[0]
    if (
      frame.selector === '0x23b872dd' &&
      frame.to !== null &&
      typeof from === 'string' &&
      Address.isEqual(from, owner)
    )
      found.push({ token: Address.parse(frame.to), spender: Address.parse(frame.from) })
    for (const each of frame.calls) visit(each)
  }
  visit((report.steps.find((each) => each.step === step)?.['calls'] as Frame | undefined) ?? null)
  return found
}

interface Frame {
  readonly from: string
  readonly to: string | null
  readonly selector: string | null
  readonly args: readonly unknown[] | null
  readonly calls: readonly Frame[]
}

/**
 * Allowances of the called contract that are larger than what the simulation saw it take: until the block that holds the
 * transaction it may take all of them, so they count whole.
 */
export function wholeAllowances(input: MovesInput, at: StepInput, leaves: readonly Asset[]): Partial<Effect>[] {
  const { call, before } = at
  if (call.to === null) return []
  const tokens = new Map(
    input.standing
      .filter(({ spender }) => Address.isEqual(spender, call.to ?? ''))
      .map(({ token }) => [token.toLowerCase(), token]),
  )
  for (const { kind, token, spender } of before.rights.values())
    if (kind === 'erc20_allowance' && token !== null && Address.isEqual(spender, call.to))
      tokens.set(token.toLowerCase(), token)
  return [...tokens.values()].flatMap((token) => {
    const allowed = allowedBefore(input, at, token)
    if (allowed === 0n || Address.isEqual(token, call.to ?? '')) return []
    // Where the step takes of it, the outflow counts with the allowance already.
    if (leaves.some((loss) => loss.token !== null && Address.isEqual(loss.token, token))) return []
    const known = input.token(token)
    return [
      {
        token,
        asset: known?.symbol ?? null,
        decimals: known?.decimals ?? null,
        counterparty: call.to,
        amount: allowed,
        isUnlimited: allowed >= 2n ** 128n,
        grade: 'proven' as const,
        because: allowed >= ENDLESS ? UNREAD : 'the called contract could take its whole allowance',
      },
    ]
  })
}

/** Recipient and amount of `transfer` and of the owner's own `transferFrom`; null for every other call. */
function paymentOf({ data }: AskedCall, owner: Address.Address): { amount: bigint } | null {
  const selector = data.slice(0, 10).toLowerCase()
  const word = (i: number): string => data.slice(10 + i * 64, 74 + i * 64)
  if (selector === '0xa9059cbb' && data.length === 138) return { amount: BigInt(`0x${word(1)}`) }
  if (selector === '0x23b872dd' && data.length === 202 && Address.isEqual(Address.fromWord(word(0)), owner))
    return { amount: BigInt(`0x${word(2)}`) }
  return null
}

/** The most that a call says it may take, by functions of which that is known; null elsewhere. */
const MOST_WORD: Readonly<Record<string, number>> = {
  '0x38ed1739': 0, // swapExactTokensForTokens
  '0x18cbafe5': 0, // swapExactTokensForETH
  '0x5c11d795': 0,
  '0x791ac947': 0,
  '0x8803dbee': 1, // swapTokensForExactTokens
  '0x4a25d94a': 1, // swapTokensForExactETH
}
function declaredMost({ data }: AskedCall): bigint | null {
  const word = MOST_WORD[data.slice(0, 10).toLowerCase()]
  const text = word === undefined ? '' : data.slice(10 + word * 64, 74 + word * 64)
  return text.length === 64 ? BigInt(`0x${text}`) : null
}
