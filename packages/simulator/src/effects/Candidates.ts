import { Address } from '@countersign/base'
import type { Log } from '../model/Step.ts'
import { surviving } from './Trace.ts'
import type { RawFrame } from '../model/Trace.ts'

/** What the events claim and the state must confirm: which balances and grants to read before and after. */
export interface Candidates {
  /** `token|account` */
  readonly balances: Set<string>
  /** `token|id` */
  readonly nfts: Set<string>
  /** `token|account|id` */
  readonly multi: Set<string>
  /** `token|owner|spender` */
  readonly allowances: Set<string>
  /** `token|owner|operator` */
  readonly operators: Set<string>
  /** `token|id` */
  readonly approvals: Set<string>
  /** `permit2|owner|token|spender` */
  readonly permit2: Set<string>
  /** Net movement that events announce, by `token|account`. Never believed, only compared. */
  readonly announced: Map<string, bigint>
}

const ZERO = Address.ZERO

/**
 * Collects what to look at. Events name candidates; storage writes add the user's balance in every contract that
 * was written to, so that a debit without an event is found too.
 */
export function collect({
  user,
  logs,
  traces,
  writtenContracts,
}: {
  user: string
  logs: readonly Log[]
  traces: readonly RawFrame[]
  writtenContracts: readonly string[]
}): Candidates {
  const found: Candidates = {
    balances: new Set(),
    nfts: new Set(),
    multi: new Set(),
    allowances: new Set(),
    operators: new Set(),
    approvals: new Set(),
    permit2: new Set(),
    announced: new Map(),
  }
  for (const log of logs) fromLog(found, log)
  for (const trace of traces) {
    for (const { frame } of surviving(trace)) fromApproveCall(found, frame)
  }
  for (const contract of writtenContracts) {
    found.balances.add(`${contract}|${user}`)
  }
  return found
}

function announce(found: Candidates, token: string, account: unknown, delta: bigint): void {
  const who = String(account).toLowerCase()
  if (who === ZERO) return
  const key = `${token}|${who}`
  found.balances.add(key)
  found.announced.set(key, (found.announced.get(key) ?? 0n) + delta)
}

function fromLog(found: Candidates, log: Log): void {
  if (log.event === null || log.args === null) return
  const token = log.address.toLowerCase()
  const args = log.args
  const lower = (value: unknown): string => String(value).toLowerCase()
  switch (log.event) {
    case 'Transfer(address,address,uint256)':
      if (log.topics.length === 4) {
        found.nfts.add(`${token}|${String(args['tokenId'])}`)
      } else {
        announce(found, token, args['from'], -(args['value'] as bigint))
        announce(found, token, args['to'], args['value'] as bigint)
      }
      break
    case 'Deposit(address,uint256)':
      announce(found, token, args['dst'], args['wad'] as bigint)
      break
    case 'Withdrawal(address,uint256)':
      announce(found, token, args['src'], -(args['wad'] as bigint))
      break
    case 'TransferSingle(address,address,address,uint256,uint256)':
      for (const side of [args['from'], args['to']]) {
        if (lower(side) !== ZERO) found.multi.add(`${token}|${lower(side)}|${String(args['id'])}`)
      }
      break
    case 'TransferBatch(address,address,address,uint256[],uint256[])':
      for (const id of args['ids'] as readonly bigint[]) {
        for (const side of [args['from'], args['to']]) {
          if (lower(side) !== ZERO) found.multi.add(`${token}|${lower(side)}|${id}`)
        }
      }
      break
    case 'Approval(address,address,uint256)':
      if (log.topics.length === 4) found.approvals.add(`${token}|${String(args['tokenId'])}`)
      else found.allowances.add(`${token}|${lower(args['owner'])}|${lower(args['spender'])}`)
      break
    case 'ApprovalForAll(address,address,bool)':
      found.operators.add(`${token}|${lower(args['owner'])}|${lower(args['operator'])}`)
      break
    case 'Approval(address,address,address,uint160,uint48)':
    case 'Permit(address,address,address,uint160,uint48,uint48)':
      found.permit2.add(`${token}|${lower(args['owner'])}|${lower(args['token'])}|${lower(args['spender'])}`)
      break
  }
}

/** Grants by the call itself, in case the contract stays silent. */
function fromApproveCall(found: Candidates, frame: RawFrame): void {
  const input = frame.input ?? '0x'
  if (frame.to === undefined || input.length < 138) return
  const token = frame.to.toLowerCase()
  const owner = frame.from.toLowerCase()
  const first = `0x${input.slice(34, 74)}`.toLowerCase()
  const selector = input.slice(0, 10)
  // approve, increaseAllowance
  if (selector === '0x095ea7b3' || selector === '0x39509351') found.allowances.add(`${token}|${owner}|${first}`)
  // setApprovalForAll
  if (selector === '0xa22cb465') found.operators.add(`${token}|${owner}|${first}`)
  // Permit2 approve(token, spender, amount, expiration)
  if (selector === '0x87517c45' && input.length >= 266) {
    found.permit2.add(`${token}|${owner}|${first}|0x${input.slice(98, 138)}`.toLowerCase())
  }
}
