import { Address, type Hex } from '@countersign/base'
import type { Log } from '../model/Step.ts'
import { toEventSelector } from 'viem'
import { addressIn, keyedAmong, wordsOf } from './StoragePath.ts'
import { mentionedAddresses, surviving } from './Trace.ts'
import { holds, isHash } from './Word.ts'
import type { OpenedWrite } from './Write.ts'
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
  /** Keys that only storage names. A getter that fails for them was never promised by anybody. */
  readonly derived: Set<string>
  /** Net movement that events announce, by `token|account` and `token|account|id`. Never believed, only compared. */
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
  writes,
}: {
  user: string
  logs: readonly Log[]
  traces: readonly RawFrame[]
  writtenContracts: readonly string[]
  /** Slots that differ, opened: they name accounts and ids that no event does. */
  writes: readonly OpenedWrite[]
}): Candidates {
  const found: Candidates = {
    balances: new Set(),
    nfts: new Set(),
    multi: new Set(),
    allowances: new Set(),
    operators: new Set(),
    approvals: new Set(),
    permit2: new Set(),
    derived: new Set(),
    announced: new Map(),
  }
  for (const log of logs) fromLog(found, log)
  for (const trace of traces) {
    for (const { frame } of surviving(trace)) fromApproveCall(found, frame)
  }
  for (const contract of writtenContracts) {
    found.balances.add(`${contract}|${user}`)
  }
  const frames = traces.flatMap((trace) => [...surviving(trace)].map(({ frame }) => frame))
  const named =
    writes.length === 0
      ? []
      : [...new Set(frames.flatMap(({ input }) => mentionedAddresses((input ?? '0x') as Hex.Hex)))]
  for (const write of writes) {
    if (found.derived.size >= MAX_DERIVED) break
    for (const contract of [write.contract, ...askedInstead(write.contract, frames, user)])
      fromWrite(found, { ...write, contract }, { user, named })
  }
  return found
}

/** Whom to ask of what a store keeps: the only contract that called it. */
function askedInstead(contract: string, frames: readonly RawFrame[], user: string): string[] {
  const callers = new Set(
    frames.flatMap(({ from, to }) => (to?.toLowerCase() === contract ? [from.toLowerCase()] : [])),
  )
  const [caller] = callers
  return caller === undefined || callers.size > 1 || caller === user || caller === contract ? [] : [caller]
}

/** Adds what the keys of a written slot could be asked about. Which of it the contract answers is seen when it is asked. */
function fromWrite(
  found: Candidates,
  { contract, path, before, after }: OpenedWrite,
  { user, named }: { user: string; named: readonly string[] },
): void {
  if (path === null) return
  const add = (set: Set<string>, kind: string, key: string): void => {
    if (set.has(key)) return
    set.add(key)
    found.derived.add(`${kind}|${key}`)
  }
  const keys = path.keys.length > 0 ? path.keys : wordsOf(path).slice(0, MAX_WORDS)
  const accounts = [...new Set(keys.flatMap((key) => addressIn(key) ?? []))]
  const isPacked = accounts.length === 0
  if (isPacked) accounts.push(...keyedAmong(path, [user, ...named]).slice(0, 3))
  // A key that is the hash of an account is no id.
  const isId = (key: Hex.Hex) => addressIn(key) === null && !(isPacked && accounts.length > 0 && isHash(key))
  const ids = [...new Set(keys.filter(isId).map((key) => BigInt(key)))].slice(0, MAX_IDS)
  const [first, second, third] = accounts
  if (first !== undefined && second === undefined) {
    if (ids.length === 0) add(found.balances, 'balance', `${contract}|${first}`)
    for (const id of ids) add(found.multi, 'multi', `${contract}|${first}|${id}`)
  }
  // Whoever is named by a word under an id holds it, or may take it.
  if (accounts.length === 0 && (holds(before, user) || holds(after, user) || addressIn(after) !== null)) {
    for (const id of ids) {
      add(found.nfts, 'owner', `${contract}|${id}`)
      add(found.approvals, 'approved', `${contract}|${id}`)
    }
  }
  if (first !== user || second === undefined) return
  if (third !== undefined) return add(found.permit2, 'permit2', `${contract}|${user}|${second}|${third}`)
  add(found.allowances, 'allowance', `${contract}|${user}|${second}`)
  add(found.operators, 'operator', `${contract}|${user}|${second}`)
}

/** The most that storage adds, of words in a layout of its own, and of ids that one slot may be keyed by. */
const MAX_DERIVED = 200
const MAX_WORDS = 8
const MAX_IDS = 4

function announceId(found: Candidates, token: string, account: unknown, id: unknown, delta: bigint): void {
  const who = String(account).toLowerCase()
  if (who === ZERO) return
  const key = `${token}|${who}|${String(id)}`
  found.announced.set(key, (found.announced.get(key) ?? 0n) + delta)
}

function announce(found: Candidates, token: string, account: unknown, delta: bigint): void {
  const who = String(account).toLowerCase()
  if (who === ZERO) return
  const key = `${token}|${who}`
  found.balances.add(key)
  found.announced.set(key, (found.announced.get(key) ?? 0n) + delta)
}

/** Events that are ids' own, whatever ABI they are told in: [topic, topics, words of data] and where they name what. */
function fromRawLog(found: Candidates, { address, topics, data }: Log): void {
  const token = address.toLowerCase()
  const word = (text: string | undefined) => text?.slice(-64) ?? ''
  const account = (text: string | undefined) => `0x${word(text).slice(24)}`
  const said = data.slice(2).match(/.{64}/g) ?? []
  if (topics[0] === TRANSFER_6909 && topics.length === 4 && said.length === 2) {
    const id = BigInt(`0x${word(topics[3])}`)
    const amount = BigInt(`0x${said[1] ?? '0'}`)
    for (const [side, delta] of [
      [account(topics[1]), -amount],
      [account(topics[2]), amount],
    ] as const) {
      if (side !== ZERO) found.multi.add(`${token}|${side}|${id}`)
      announceId(found, token, side, id, delta)
    }
  }
  // Old collections index nothing.
  if (topics[0] === TRANSFER && topics.length === 1 && said.length === 3) {
    const id = BigInt(`0x${said[2] ?? '0'}`)
    announceId(found, token, account(said[0]), id, -1n)
    announceId(found, token, account(said[1]), id, 1n)
  }
}

/** Transfer(address,address,address,uint256,uint256) of ERC-6909: caller and amount in the data. */
const TRANSFER_6909 = toEventSelector('Transfer(address,address,address,uint256,uint256)')
const TRANSFER = toEventSelector('Transfer(address,address,uint256)')

function fromLog(found: Candidates, log: Log): void {
  fromRawLog(found, log)
  if (log.event === null || log.args === null) return
  const token = log.address.toLowerCase()
  const args = log.args
  const lower = (value: unknown): string => String(value).toLowerCase()
  switch (log.event) {
    case 'Transfer(address,address,uint256)':
      if (log.topics.length === 4) {
        found.nfts.add(`${token}|${String(args['tokenId'])}`)
        announceId(found, token, args['from'], args['tokenId'], -1n)
        announceId(found, token, args['to'], args['tokenId'], 1n)
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
      announceId(found, token, args['from'], args['id'], -(args['value'] as bigint))
      announceId(found, token, args['to'], args['id'], args['value'] as bigint)
      break
    case 'TransferBatch(address,address,address,uint256[],uint256[])':
      for (const [i, id] of (args['ids'] as readonly bigint[]).entries()) {
        const amount = (args['values'] as readonly bigint[])[i] ?? 0n
        announceId(found, token, args['from'], id, -amount)
        announceId(found, token, args['to'], id, amount)
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
