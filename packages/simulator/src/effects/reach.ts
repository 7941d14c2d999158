import type { Hex } from '@countersign/base'
import { readAsUser, type Fork } from '../evm/runBatch.ts'
import type { AccessSet } from '../model/Access.ts'
import type { BatchRun } from '../model/Run.ts'
import * as Probes from './probes.ts'

/** The most contracts that are asked, tokens that they are asked about, and accounts in a contract's code that may be tokens. */
const MAX_CONTRACTS = 6
const MAX_TOKENS = 10
const MAX_IN_CODE = 6

/**
 * Contracts that have something of somebody's in reach after the run: coins or tokens that they hold, tokens of the user's
 * that they may take, or a balance of the user's that is their own record. What such a contract writes about the user may
 * decide over it; elsewhere, nothing hangs on it now. Tokens are those that the app knows and those that stand in the
 * contract's code.
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
): Promise<ReadonlySet<string>> {
  const asked = [...new Set(contracts)].slice(0, MAX_CONTRACTS)
  const coins = asked.map((contract) => {
    touched.set(contract, touched.get(contract) ?? new Set())
    return run.after.accounts.get(contract)?.balance ?? fork.cache.accounts.get(contract)?.balance ?? 0n
  })
  const plan = asked.flatMap((contract): { contract: string; probe: Probes.Probe }[] => [
    { contract, probe: Probes.balanceOf(contract, user) },
    ...[...new Set([...tokens.slice(0, MAX_TOKENS), ...namedInCode(fork, run, contract)])]
      .filter((token) => token !== contract)
      .flatMap((token) => [
        { contract, probe: Probes.balanceOf(token, contract) },
        { contract, probe: Probes.allowance(token, user, contract) },
      ]),
  ])
  if (plan.length === 0) return new Set()
  const probes = plan.map(({ probe }) => probe)
  const answers = await readAsUser(fork, access, run.after, { from: user, probes, touched })
  return new Set([
    ...asked.filter((_, i) => (coins[i] ?? 0n) > 0n),
    ...plan.flatMap(({ contract }, i) => ((Probes.asNumber(answers[i]) ?? 0n) > 0n ? [contract] : [])),
  ])
}

/** Constants of twenty bytes: what a contract was made to deal with (PUSH20, and PUSH32 of a padded address). */
function namedInCode(fork: Fork, run: BatchRun, contract: string): string[] {
  const hash = fork.cache.accounts.get(contract)?.codeHash
  const code: Hex.Hex = run.after.accounts.get(contract)?.code ?? (hash === undefined ? '0x' : fork.codes.get(hash))
  const found = [...code.matchAll(/(?:73|7f0{24})([0-9a-f]{40})/g)].map((match) => `0x${match[1] ?? ''}`)
  return [...new Set(found)].filter((address) => !/^0x(?:0{20}|f{20})/.test(address)).slice(0, MAX_IN_CODE)
}
