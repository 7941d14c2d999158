import { hasCode } from '../../effects/codesOf.ts'
import { asNumber, balanceOf } from '../../effects/probes.ts'
import { dealtWith } from '../../effects/reach.ts'
import type { Effects } from '../../effects/readEffects.ts'
import { playAs } from '../../evm/runBatch.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import { etherOf, READER, READER_CODE } from './reader.ts'
import { BENEFICIARY } from './sellBack.ts'
import { besideOf, unlessLimited, type Ground } from './trials.ts'

const MAX_TOKENS = 6
const MAX_HOLDERS = 3

/** What may be taken from a contract, from the user or from what the contract deals with. */
export interface Holdings {
  /** Coins and tokens; null for the coin. */
  readonly tokens: readonly (string | null)[]
  readonly holders: readonly string[]
  /** What the contract itself has. */
  readonly held: readonly { readonly token: string | null; readonly amount: bigint }[]
}

/**
 * The coins and tokens of several contracts, read in one run.
 *
 * @returns null where they could not be read.
 */
export async function holdingsOf(
  ground: Ground,
  {
    request,
    effects,
    contracts,
    user,
  }: {
    request: SimulationRequest
    effects: Pick<Effects, 'tokenChanges'>
    contracts: readonly string[]
    user: string
  },
): Promise<readonly Holdings[] | null> {
  const { fork, access, run, touched } = ground
  if (contracts.length === 0) return []
  if (fork.first?.isNode === true) return null
  const named = [
    ...request.known.flatMap(({ kind, address }) => (kind === 'token' ? [address.toLowerCase()] : [])),
    ...effects.tokenChanges.flatMap(({ token, standard }) =>
      token === null || standard !== 'erc20' ? [] : [token.toLowerCase()],
    ),
  ]
  const plans = contracts.map((contract) => {
    const others = dealtWith(fork, run, contract).filter(
      (each) => each !== contract && each !== user && hasCode(fork, run, { address: each, touched }),
    )
    const all = [...others.filter((each) => named.includes(each)), ...named, ...others]
    return { contract, others, asked: [...new Set(all)].slice(0, 2 * MAX_TOKENS) }
  })
  const calls = plans.flatMap(({ contract, asked }) => [
    etherOf(contract),
    ...asked.map((token) => balanceOf(token, contract)),
  ])
  const after = { ...run.after, accounts: new Map(run.after.accounts).set(READER, { code: READER_CODE }) }
  const from = BENEFICIARY.toLowerCase()
  const answers = await unlessLimited(() => playAs(besideOf(fork), access, after, { from, calls, touched }))
  if (answers === null || answers.length < calls.length) return null
  let at = 0
  return plans.map(({ contract, others, asked }) => {
    const coins = [null, ...asked]
    const held = coins.flatMap((token, i) => {
      const amount = asNumber(answers[at + i])
      return amount === null ? [] : [{ token, amount }]
    })
    at += coins.length
    const tokens = [
      ...held.filter(({ amount }) => amount > 0n),
      ...held.filter(({ token, amount }) => token === null || amount === 0n),
    ].map(({ token }) => token)
    return {
      tokens: [...new Set(tokens)].slice(0, MAX_TOKENS),
      holders: [contract, user, ...others.filter((each) => !asked.includes(each)).slice(0, MAX_HOLDERS)],
      held: held.filter(({ amount }) => amount > 0n),
    }
  })
}
