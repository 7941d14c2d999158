import { Address } from '@countersign/base'
import * as Overlay from '../evm/Overlay.ts'
import { readAsUser, type Fork } from '../evm/runBatch.ts'
import { asNumber, balanceOf } from '../effects/probes.ts'
import type { Finding } from '../model/Finding.ts'
import type { Call } from '../model/Call.ts'
import { EMPTY_CODE_HASH, type AccessSet } from '../model/Access.ts'
import { surviving } from '../effects/Trace.ts'
import type { BatchRun } from '../model/Run.ts'
import { DOMAIN } from './Scheme.ts'
import { isExpected, withBalances } from './SignatureRequest.ts'
import type { HolderCall, SignatureRequest } from '../model/Document.ts'

/** What the holder of a signature would send, ready to run. */
export interface SignaturePlan {
  readonly calls: readonly Call[]
  /** What was read of the document, and what the contracts say that it does not fit. */
  readonly findings: readonly Finding[]
}

/** Ether that made-up holders are lent, so that an order can be filled: more than any honest order asks. */
export const LENT_WEI = 10n ** 27n

/** The calls by which a signature is used; what its holder could do next is look-ahead. */
export function usesOf(signature: SignatureRequest): readonly HolderCall[] {
  const uses = signature.holderCalls.filter((call) => call.purpose === 'use')
  return uses.length > 0 ? uses : signature.withoutSignature
}

/** Lends ether to the holders that exist only here. */
export function lend(signature: SignatureRequest, from: Address.Address): Overlay.Overlay {
  const overlay = Overlay.empty()
  for (const call of usesOf(signature)) {
    if (call.from !== from && call.value > 0n) overlay.accounts.set(call.from.toLowerCase(), { balance: LENT_WEI })
  }
  return overlay
}

/** Asks the contracts what the document needs to be good, and cuts amounts down to what the owner has. */
export async function planSignature(
  fork: Fork,
  access: AccessSet,
  { signature, from, touched }: { signature: SignatureRequest; from: Address.Address; touched: AccessSet },
): Promise<SignaturePlan> {
  const uses = usesOf(signature)
  const bounded = uses.flatMap((call) => call.bounded ?? [])
  const tokens = bounded.flatMap(({ token, owner }) => (token === null ? [] : [{ token, owner }]))
  const probes = [
    ...signature.expects.map(({ to, data }) => ({ to: to as string, data })),
    ...tokens.map(({ token, owner }) => balanceOf(token, owner)),
  ]
  const answers = await readAsUser(fork, access, Overlay.empty(), { from: from.toLowerCase(), probes, touched })
  const findings = signature.expects.flatMap((expectation, i): Finding[] => {
    const answer = answers[i]
    if (answer?.success === true && isExpected(expectation, answer.data)) return []
    return [
      {
        rule: 'signature-unfit',
        level: 'block',
        title: 'The contract does not accept it',
        because: `${expectation.to} does not confirm ${expectation.what}, so what this signature would do cannot be told.`,
        step: null,
        subject: expectation.to,
        evidence: {
          ...{ asked: expectation.what, expected: expectation.equals },
          answered: answer?.data.slice(0, 130) ?? null,
        },
      },
    ]
  })
  const held = (token: Address.Address | null, owner: Address.Address): bigint | undefined => {
    if (token === null) {
      const account = owner.toLowerCase()
      touched.set(account, touched.get(account) ?? new Set())
      return fork.cache.accounts.get(account)?.balance
    }
    const i = tokens.findIndex((each) => each.token === token && each.owner === owner)
    return i < 0 ? undefined : (asNumber(answers[signature.expects.length + i]) ?? undefined)
  }
  return {
    findings: [...judgedByCode(fork, { signature, touched }), ...findings],
    calls: uses.map((use): Call => {
      const { to, value, data: input, label } = withBalances(use, held)
      return { to, value, data: input, gasLimit: null, maxFeePerGasWei: null, label, holder: use.from }
    }),
  }
}

/** ecrecover */
const ECRECOVER = '0x0000000000000000000000000000000000000001'

/**
 * What a run shows beside what getters answer: a contract without a getter for its domain that asked who signed just this digest,
 * and went on, has the same domain. The run answers for no other digest.
 */
export function withoutShown(
  findings: readonly Finding[],
  { digest }: Pick<SignatureRequest, 'digest'>,
  run: BatchRun | null,
): readonly Finding[] {
  const isAsked = (contract: string) =>
    (run?.steps ?? []).some(
      (step) =>
        !('refused' in step) &&
        step.trace.error === undefined &&
        [...surviving(step.trace)].some(
          ({ frame }) =>
            frame.from.toLowerCase() === contract &&
            frame.to?.toLowerCase() === ECRECOVER &&
            (frame.input ?? '').toLowerCase().startsWith(digest),
        ),
    )
  return findings.filter(
    ({ rule, subject, evidence }) =>
      !(
        rule === 'signature-unfit' &&
        evidence['asked'] === DOMAIN &&
        (evidence['answered'] === null || evidence['answered'] === '0x') &&
        subject !== null &&
        isAsked(subject.toLowerCase())
      ),
  )
}

/** What was read of the document, milder where a contract stands for whom it blocks otherwise. */
function judgedByCode(
  fork: Fork,
  { signature, touched }: { signature: SignatureRequest; touched: AccessSet },
): readonly Finding[] {
  const { findings, milderForCode } = signature
  if (milderForCode === undefined) return findings
  const account = milderForCode.account.toLowerCase()
  touched.set(account, touched.get(account) ?? new Set())
  const hash = fork.cache.accounts.get(account)?.codeHash
  if (hash === undefined || hash === EMPTY_CODE_HASH) return findings
  return findings.map((each) =>
    each.level === 'block' && milderForCode.rules.includes(each.rule) ? { ...each, level: 'warn' } : each,
  )
}
