import { Address, type Hex } from '@countersign/base'
import type { Controlled } from '../model/Controlled.ts'
import type { RawFrame } from '../model/Trace.ts'
import { asNumber, asOwner, type Probe, type ProbeAnswer } from './probes.ts'
import { surviving } from './Trace.ts'

/** An account that was called and then acted, and by whom it was called. Lower case. */
interface Candidate {
  readonly account: string
  readonly caller: string
  /** It checked a signature before it acted. */
  readonly isSigned: boolean
}

const IS_OWNER = '0x2f54bf6e'
const GET_THRESHOLD: Hex.Hex = '0xe75235b8'
const OWNER: Hex.Hex = '0x8da5cb5b'
/** The most accounts that are asked. */
const MAX_ASKED = 8
/** ecrecover, and secp256r1 (RIP-7212). */
const SIGNATURE_CHECKS = [1n, 256n]
/** validateUserOp of ERC-4337 0.6 and 0.7, isValidSignature of ERC-1271. */
const SIGNATURE_SELECTORS = ['0x3a871cdd', '0x19822f7c', '0x1626ba7e']

/**
 * Accounts that may be the sender's own: called by the sender, by an account that was so called, or with a signature, and
 * calling others themselves. Whether they are, they are asked.
 *
 * @param isAsked - Leaves out who is known to be something else, such as a router that the app vouches for.
 */
export function candidatesOf(
  traces: readonly RawFrame[],
  from: string,
  isAsked: (account: string) => boolean,
): Candidate[] {
  const found = new Map<string, Candidate>()
  const reached = new Set([from])
  const signed = new Set(traces.flatMap((trace) => [...signedIn(trace)]))
  for (const trace of traces)
    for (const { frame } of surviving(trace)) {
      const [caller, account] = [frame.from.toLowerCase(), frame.to?.toLowerCase()]
      if (account === undefined || account === from || frame.type !== 'CALL') continue
      const isSigned = signed.has(account)
      if ((!reached.has(caller) && !isSigned) || !isAsked(account) || !acts(frame, account)) continue
      reached.add(account)
      if (found.size < MAX_ASKED && !found.has(account)) found.set(account, { account, caller, isSigned })
    }
  return [...found.values()]
}

/** What is asked of each, in this order: whether the caller or the sender is an owner, how many must sign, who owns it. */
export function questionsOf({ account, caller }: Candidate, from: string): readonly Probe[] {
  const isOwner = (who: string): Probe => ({ to: account, data: `${IS_OWNER}${who.slice(2).padStart(64, '0')}` })
  return [isOwner(caller), isOwner(from), { to: account, data: GET_THRESHOLD }, { to: account, data: OWNER }]
}

/** Who of them is controlled, by their answers before the run; an account of an account of the sender's is, too. */
export function controlledOf(
  candidates: readonly Candidate[],
  answers: readonly (readonly (ProbeAnswer | undefined)[])[],
  from: string,
): Controlled[] {
  const mine = new Set([from])
  const found: Controlled[] = []
  for (const [i, { account, caller, isSigned }] of candidates.entries()) {
    const [callerOwns, senderOwns, threshold, owner] = answers[i] ?? []
    const isTrue = (answer: ProbeAnswer | undefined) => asNumber(answer) === 1n
    const count = asNumber(threshold)
    const isEntered = mine.has(caller)
    const isOwner = isTrue(senderOwns) || (isEntered && isTrue(callerOwns))
    const name = asOwner(owner)
    if (!isEntered && !isSigned) continue
    const by =
      isOwner && count !== null && count > 0n
        ? 'safe-owner'
        : name !== null && mine.has(name)
          ? isEntered
            ? 'account-code'
            : 'entry-point'
          : null
    if (by === null) continue
    mine.add(account)
    const isSmall = count !== null && count > 0n && count < 1_000n
    found.push({ account: Address.parse(account), by, threshold: isSmall ? Number(count) : null })
  }
  return found
}

/** Whether the account itself calls somebody else, directly or by code that it borrows. */
function acts(frame: RawFrame, account: string): boolean {
  return (frame.calls ?? []).some(
    (call) =>
      call.error === undefined &&
      ((call.type === 'CALL' && call.from.toLowerCase() === account) ||
        (call.type === 'DELEGATECALL' && acts(call, account))),
  )
}

/** Accounts that check a signature: by a precompile, or by being asked to. */
function* signedIn(trace: RawFrame): Generator<string> {
  for (const { frame } of surviving(trace)) {
    if (frame.to === undefined) continue
    if (SIGNATURE_CHECKS.includes(BigInt(frame.to))) yield frame.from.toLowerCase()
    if (SIGNATURE_SELECTORS.includes((frame.input ?? '').slice(0, 10))) yield frame.to.toLowerCase()
  }
}
