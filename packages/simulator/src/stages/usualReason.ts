import { Address, type Hex } from '@countersign/base'
import { encodeFunctionData, parseAbi, toFunctionSelector } from 'viem'
import { asNumber } from '../effects/probes.ts'
import { revertOf } from '../effects/Trace.ts'
import { playAs, type Fork } from '../evm/runBatch.ts'
import type { AccessSet } from '../model/Access.ts'
import type { BatchRun, StepRun } from '../model/Run.ts'
import type { RawFrame } from '../model/Trace.ts'

const ABI = parseAbi([
  'function approve(address spender, uint256 amount)',
  'function balanceOf(address account) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function paused() view returns (bool)',
])
const APPROVE = toFunctionSelector('function approve(address,uint256)')
const TRANSFER = toFunctionSelector('function transfer(address,uint256)')
const TRANSFER_FROM = toFunctionSelector('function transferFrom(address,address,uint256)')
/** 2015-07-30, the first block of Ethereum: a number from here to now may be a deadline that has passed. */
const FIRST_S = 1_438_226_773n
const HOUR_S = 3_600n

/**
 * Why a step fails that gives no reason: the usual ones are tried in the fork on the state before it, in at most two
 * further runs. What is said was tried and holds.
 *
 * @returns null where a reason was given, or none of the usual ones holds.
 */
export async function usualReason(
  fork: Fork,
  access: AccessSet,
  { run, touched }: { run: BatchRun; touched: AccessSet },
): Promise<string | null> {
  const failed = run.steps.at(-1)
  if (failed === undefined || 'refused' in failed || !isBare(failed)) return null
  const frame = innermost(failed.trace)
  const { to, from } = frame
  if (to === undefined) return null
  const input = (frame.input ?? '0x') as Hex.Hex
  const play = (calls: readonly { to: string; data: Hex.Hex }[], actor: string) =>
    playAs(fork, access, run.after, { from: actor.toLowerCase(), calls, touched })
  const words = (input.slice(10).match(/.{64}/g) ?? []).map((each) => `0x${each}` as Hex.Hex)
  const account = (i: number): Hex.Hex => Address.fromWord((words[i] ?? '').slice(2).padStart(64, '0'))
  const isToken = [APPROVE, TRANSFER, TRANSFER_FROM].includes(input.slice(0, 10) as Hex.Hex)
  const encode = (functionName: 'approve' | 'balanceOf' | 'allowance' | 'paused', args: readonly unknown[]): Hex.Hex =>
    encodeFunctionData({ abi: ABI, functionName, args } as Parameters<typeof encodeFunctionData>[0])
  const isApproval = input.startsWith(APPROVE) && words.length >= 2 && BigInt(words[1] ?? '0x0') > 0n
  const owner = input.startsWith(TRANSFER_FROM) ? account(0) : (from as Hex.Hex)
  const amount = BigInt(words[input.startsWith(TRANSFER_FROM) ? 2 : 1] ?? '0x0')
  const answers = await play(
    [
      { to, data: encode('paused', []) },
      { to, data: encode('balanceOf', [owner]) },
      { to, data: encode('allowance', [owner, from]) },
      ...(isApproval
        ? [
            { to, data: encode('approve', [account(0), 0n]) },
            { to, data: input },
          ]
        : []),
    ],
    from,
  )
  const [paused, held, allowed] = answers.slice(0, 3).map((answer) => asNumber(answer))
  if (isApproval && answers[3]?.success === true && answers[4]?.success === true)
    return 'the token wants the allowance set to zero first; approving 0 and then this amount succeeds'
  if (paused === 1n) return `${Address.parse(to)} says that it is paused`
  if (isToken && !isApproval && held != null && held < amount)
    return `${Address.parse(owner)} holds ${held} of the token's smallest unit, and ${amount} is to move`
  if (input.startsWith(TRANSFER_FROM) && allowed != null && allowed < amount)
    return `${Address.parse(from)} is allowed ${allowed} of the token's smallest unit, and ${amount} is to move`
  return deadline(failed, fork.env.timestampS, play)
}

/** A time of the call that has passed: an hour more, and it succeeds. */
async function deadline(
  { trace }: StepRun,
  nowS: bigint,
  play: (calls: readonly { to: string; data: Hex.Hex }[], actor: string) => Promise<readonly { success: boolean }[]>,
): Promise<string | null> {
  const input = trace.input ?? '0x'
  if (trace.to === undefined || BigInt(trace.value ?? '0x0') > 0n) return null
  const later = (nowS + HOUR_S).toString(16).padStart(64, '0')
  for (let at = 10; at + 64 <= input.length; at += 64) {
    const value = BigInt(`0x${input.slice(at, at + 64)}`)
    if (value < FIRST_S || value >= nowS) continue
    const data = `${input.slice(0, at)}${later}${input.slice(at + 64)}` as Hex.Hex
    const [answer] = await play([{ to: trace.to, data }], trace.from)
    return answer?.success === true
      ? `the time ${new Date(Number(value) * 1000).toISOString()} in the call has passed; with a later one it succeeds`
      : null
  }
  return null
}

/** It fails by the contract's own word, and the word is empty. */
function isBare({ trace }: StepRun): boolean {
  return trace.error !== undefined && /revert/i.test(trace.error) && (revertOf(trace)?.data ?? '0x') === '0x'
}

/** The call in which the failure began: the last failing one, as deep as it goes. */
function innermost(frame: RawFrame): RawFrame {
  const last = (frame.calls ?? []).findLast(({ error, to }) => error !== undefined && to !== undefined)
  return last === undefined ? frame : innermost(last)
}
