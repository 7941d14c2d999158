import type { Hex } from '@countersign/base'
import * as Overlay from '../evm/Overlay.ts'
import { readAsUser, type Fork } from '../evm/runBatch.ts'
import type { AccessSet } from '../model/Access.ts'
import type { BatchRun } from '../model/Run.ts'
import { hasCode } from './codesOf.ts'
import * as Probes from './probes.ts'
import { addressIn } from './StoragePath.ts'
import { surviving } from './Trace.ts'

/** The most contracts that are asked; of further ones it is not known that they have nothing. */
const MAX_CONTRACTS = 12
/** Tokens of the app's that they are asked about, and accounts that a contract deals with, which may be tokens or hold its coins. */
const MAX_TOKENS = 10
const MAX_DEALT_WITH = 16

/** Contracts by what hangs on their words. */
export interface Reach {
  /** Contracts that have something in reach. Lower case. */
  readonly all: ReadonlySet<string>
  /**
   * Those of them that have nothing in reach but what the user allows them to take in this very run: an entry there decides over
   * no more than that, which is reported as what it is.
   */
  readonly lent: ReadonlySet<string>
}

/**
 * Contracts that have something of anybody's in reach after the run: coins or tokens that they or the contracts they deal
 * with hold, tokens of the user's that they may take, or a balance of the user's that is their own record. What such a
 * contract writes about the user may decide over it; elsewhere, nothing hangs on it now. Tokens are those that the app knows
 * and those that stand in the contract's code, in words that it read, or among what it called. A contract that has more of
 * these than are asked about counts as one that has something.
 */
export async function reachOf(
  fork: Fork,
  access: AccessSet,
  {
    user,
    run,
    contracts,
    tokens,
    touched,
  }: {
    user: string
    run: BatchRun
    contracts: readonly string[]
    tokens: readonly string[]
    touched: AccessSet
  },
): Promise<Reach> {
  const every = [...new Set(contracts)]
  const asked = every.slice(0, MAX_CONTRACTS)
  const found = new Set(every.slice(MAX_CONTRACTS))
  const stateOf = (address: string) => {
    // It belongs to what was read, also where nothing stands there.
    touched.set(address, touched.get(address) ?? new Set())
    return { before: fork.cache.accounts.get(address), after: run.after.accounts.get(address) }
  }
  const coinsOf = (address: string) => {
    const { before, after } = stateOf(address)
    return after?.balance ?? before?.balance ?? 0n
  }
  const ask = async (plan: readonly Asked[]) => {
    if (plan.length === 0) return []
    const probes = plan.map(({ probe }) => probe)
    return readAsUser(fork, access, run.after, { from: user, probes, touched })
  }
  const known = tokens.slice(0, MAX_TOKENS)
  const plan = asked.flatMap((contract): Asked[] => {
    const all = dealtWith(fork, run, contract).filter((address) => address !== contract && address !== user)
    if (coinsOf(contract) > 0n || all.length > MAX_DEALT_WITH) found.add(contract)
    const others = all.slice(0, MAX_DEALT_WITH).filter((address) => hasCode(fork, run, { address, touched }))
    return [
      { contract, at: contract, probe: Probes.balanceOf(contract, user) },
      ...[...new Set([...known, ...others])]
        .filter((token) => token !== contract)
        .flatMap((token): Asked[] => [
          { contract, at: token, probe: Probes.balanceOf(token, contract) },
          { contract, at: token, probe: Probes.allowance(token, user, contract), isAllowance: true },
        ]),
    ]
  })
  const answers = (await ask(plan)).map((answer) => Probes.asNumber(answer))
  const allowed: Asked[] = []
  for (const [i, each] of plan.entries()) {
    if ((answers[i] ?? 0n) === 0n) continue
    if (each.isAllowance === true) allowed.push(each)
    else found.add(each.contract)
  }
  // What has no balances is no token: a strategy, a treasury, whose holdings are the contract's.
  const holders = plan.flatMap(({ contract, at, probe }, i): Asked[] =>
    answers[i] === null && probe.data === Probes.balanceOf(at, contract).data && at !== contract && !found.has(contract)
      ? known.map((token) => ({ contract, at, probe: Probes.balanceOf(token, at) }))
      : [],
  )
  for (const { contract, at } of holders) if (coinsOf(at) > 0n) found.add(contract)
  const held = await ask(holders)
  for (const [i, { contract }] of holders.entries()) if ((Probes.asNumber(held[i]) ?? 0n) > 0n) found.add(contract)
  const only = allowed.filter(({ contract }) => !found.has(contract))
  const probes = only.map(({ probe }) => probe)
  const before =
    only.length === 0 ? [] : await readAsUser(fork, access, Overlay.empty(), { from: user, probes, touched })
  const older = new Set(only.filter((_, i) => Probes.asNumber(before[i]) !== 0n).map(({ contract }) => contract))
  const lent = new Set(only.flatMap(({ contract }) => (older.has(contract) ? [] : [contract])))
  return { all: new Set([...found, ...allowed.map(({ contract }) => contract)]), lent }
}

interface Asked {
  readonly contract: string
  /** Whom it is asked of, or about. */
  readonly at: string
  readonly probe: Probes.Probe
  readonly isAllowance?: true
}

/**
 * Accounts that stand in a contract's code, in the plain words that it read or wrote, that it called, and that called it: what
 * a store keeps decides over what the contract holds that keeps it there.
 */
export function dealtWith(fork: Fork, run: BatchRun, contract: string): string[] {
  const frames = run.steps.flatMap((step) => ('refused' in step ? [] : [...surviving(step.trace)]))
  const called = frames.flatMap(({ frame: { from, to, type } }) =>
    from.toLowerCase() === contract && to !== undefined ? [{ to: to.toLowerCase(), type }] : [],
  )
  const callers = frames.flatMap(({ frame: { from, to } }) =>
    to?.toLowerCase() === contract ? [from.toLowerCase()] : [],
  )
  // Code that it borrows is its own.
  const codes = [contract, ...called.flatMap(({ to, type }) => (type === 'DELEGATECALL' ? [to] : []))]
  const words = [...(run.touched.get(contract) ?? [])].flatMap((slot) => {
    const word = run.after.slots.get(contract)?.get(slot) ?? fork.cache.slots.get(contract)?.get(slot)
    const address = word === undefined ? null : addressIn(word)
    return address === null ? [] : [address]
  })
  const named = codes.flatMap((address) => namedInCode(fork, run, address))
  return [...new Set([...called.map(({ to }) => to), ...callers, ...words, ...named])]
}

/** Constants of twenty bytes: what a contract was made to deal with (PUSH20, and PUSH32 of a padded address). */
function namedInCode(fork: Fork, run: BatchRun, contract: string): string[] {
  const hash = fork.cache.accounts.get(contract)?.codeHash
  const code: Hex.Hex = run.after.accounts.get(contract)?.code ?? (hash === undefined ? '0x' : fork.codes.get(hash))
  const found = new Set<string>()
  // From one instruction to the next: bytes within a constant are no instruction.
  for (let i = 2; i < code.length;) {
    const opcode = Number.parseInt(code.slice(i, i + 2), 16)
    const size = opcode >= PUSH1 && opcode <= PUSH32 ? opcode - PUSH1 + 1 : 0
    const pushed = code.slice(i + 2, i + 2 + 2 * size)
    if (size === 20) found.add(`0x${pushed}`)
    if (size === 32 && /^0{24}/.test(pushed)) found.add(`0x${pushed.slice(24)}`)
    i += 2 + 2 * size
  }
  return [...found].filter((address) => address.length === 42 && !/^0x(?:0{20}|f{20})/.test(address))
}

const PUSH1 = 0x60
const PUSH32 = 0x7f
