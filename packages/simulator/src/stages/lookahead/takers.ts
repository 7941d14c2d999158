import { Address } from '@countersign/base'
import type { Effects } from '../../effects/readEffects.ts'
import { dealtWith } from '../../effects/reach.ts'
import { asNumber, balanceOf } from '../../effects/probes.ts'
import * as Overlay from '../../evm/Overlay.ts'
import { playAs } from '../../evm/runBatch.ts'
import { EMPTY_CODE_HASH } from '../../model/Access.ts'
import type { DepositTrial, Opening } from '../../model/Evidence.ts'
import { vouchedOf } from '../../model/KnownAddress.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import type { Flow } from '../../model/ValueFlow.ts'
import type { Deposit } from './exits.ts'
import { holdingsOf } from './grantees.ts'
import { etherOf, READER, READER_CODE } from './reader.ts'
import { BENEFICIARY } from './sellBack.ts'
import { tryAll, type Ground } from './trials.ts'

/** The most deposits, and people of a contract, that are followed. */
const MAX_DEPOSITS = 2
const MAX_PEOPLE = 2
const MAX_OPENINGS = 3

interface Scene {
  readonly request: SimulationRequest
  readonly effects: Effects
  readonly flow: Flow
}

/**
 * Whether somebody else can take out what the batch puts into a contract: anybody at all, and the people whose names stand in
 * the contract's code and words, its owner and its keeper. They call every function of it right after the batch; the deposit is
 * gone where less than half of it is left in the contract, and whoever called has the rest: a vault that anybody may tell to put
 * its money to work gives nothing away by it.
 */
export async function tryTakers(
  ground: Ground,
  { request, effects, flow, deposits }: Scene & { readonly deposits: readonly Deposit[] },
): Promise<readonly DepositTrial[]> {
  const user = request.from.toLowerCase()
  return Promise.all(
    deposits.slice(0, MAX_DEPOSITS).map(async ({ contract, given, isUnwritten }): Promise<DepositTrial> => {
      const isWritten = isUnwritten !== true
      const { tokens } = await holdingsOf(ground, { request, effects, contract, user })
      const actors = [BENEFICIARY.toLowerCase(), ...peopleOf(ground, { contract, flow })]
      let isWhole = true
      for (const actor of actors) {
        const lists = given.flatMap(({ token, amount }) => takingLists({ actor, amount, token }))
        const trial = await tryAll(ground, {
          ...{ actor, contract, lists, holders: [contract], user, slot: null, afterS: 0n },
          tokens: [...new Set([...given.map(({ token }) => token), ...tokens])],
          ownSlots: effects.ownSlots,
        })
        if (trial === null) {
          isWhole = false
          continue
        }
        const gone = trial.taken.find(({ token, left, gained }) =>
          given.some((each) => each.token === token && left * 2n < each.amount && gained * 2n >= each.amount),
        )
        if (gone === undefined) continue
        const taker = { actor: Address.parse(actor), isAnybody: actor === BENEFICIARY.toLowerCase() }
        return {
          ...{ contract: Address.parse(contract), isWritten, isWhole, taker },
          ...{ token: gone.token, amount: gone.amount },
        }
      }
      return { contract: Address.parse(contract), isWritten, isWhole, taker: null, token: null, amount: 0n }
    }),
  )
}

/** People, and no contracts, whom a contract knows. */
function peopleOf({ fork, run, touched }: Ground, { contract, flow }: { contract: string; flow: Flow }): string[] {
  const isPerson = (address: string) => {
    touched.set(address, touched.get(address) ?? new Set())
    const hash = fork.cache.accounts.get(address)?.codeHash ?? EMPTY_CODE_HASH
    return hash === EMPTY_CODE_HASH && run.after.accounts.get(address)?.code === undefined
  }
  return dealtWith(fork, run, contract)
    .filter(
      (address) => address !== contract && !flow.mine.has(Address.parse(address)) && BigInt(address) > MAX_PRECOMPILE,
    )
    .filter(isPerson)
    .slice(0, MAX_PEOPLE)
}
const MAX_PRECOMPILE = 0xffffn

/**
 * Contracts that the user's calls name, from which anybody can take what nobody could take before: a button, a role or a flag
 * that is everybody's now.
 */
export async function tryOpenings(
  ground: Ground,
  { request, effects, flow }: Scene,
  done: readonly string[],
): Promise<readonly Opening[]> {
  const user = request.from.toLowerCase()
  const known = vouchedOf(request)
  const named = request.calls.flatMap(({ to, data }) => [
    ...(to === null ? [] : [to.toLowerCase()]),
    ...(data.slice(10).match(/.{64}/g) ?? []).flatMap((text) =>
      /^0{24}(?!0{16})/.test(text) ? [`0x${text.slice(24)}`.toLowerCase()] : [],
    ),
  ])
  const isOpen = (address: string) => {
    if (known.has(address) || flow.mine.has(Address.parse(address)) || done.includes(address)) return false
    ground.touched.set(address, ground.touched.get(address) ?? new Set())
    return (ground.fork.cache.accounts.get(address)?.codeHash ?? EMPTY_CODE_HASH) !== EMPTY_CODE_HASH
  }
  const actor = BENEFICIARY.toLowerCase()
  const found = await Promise.all(
    [...new Set(named)]
      .filter(isOpen)
      .slice(0, MAX_OPENINGS)
      .map(async (contract) => {
        const { held: now } = await holdingsOf(ground, { request, effects, contract, user })
        // What the batch itself puts there is a deposit.
        const held = await heldBefore(ground, contract, now)
        if (held.length === 0) return null
        const tries = {
          ...{ actor, contract, holders: [contract], user, slot: null, afterS: 0n },
          lists: held.flatMap(({ token, amount }) => takingLists({ actor, amount, token })),
          tokens: held.map(({ token }) => token),
          ownSlots: effects.ownSlots,
        }
        const taken = (await tryAll(ground, tries))?.taken ?? []
        const most = taken.find(({ token, left, gained }) =>
          held.some((each) => each.token === token && left * 2n < each.amount && gained * 2n >= each.amount),
        )
        if (most === undefined) return null
        // What anybody could take before is not the batch's doing.
        const before = await tryAll(ground, { ...tries, start: Overlay.empty() })
        const was = before?.taken.find(({ token }) => token === most.token)?.amount ?? 0n
        return was * 2n >= most.amount
          ? null
          : { contract: Address.parse(contract), token: most.token, amount: most.amount }
      }),
  )
  return found.filter((each) => each !== null)
}

/** Of what a contract holds, how much it held before the batch. */
async function heldBefore(
  { fork, access, touched }: Ground,
  contract: string,
  held: readonly { readonly token: string | null; readonly amount: bigint }[],
): Promise<{ readonly token: string | null; readonly amount: bigint }[]> {
  const calls = held.map(({ token }) => (token === null ? etherOf(contract) : balanceOf(token, contract)))
  const before = Overlay.empty()
  before.accounts.set(READER, { code: READER_CODE })
  const answers = await playAs(fork, access, before, { from: BENEFICIARY.toLowerCase(), calls, touched })
  return held.flatMap(({ token, amount }, i) => {
    const was = asNumber(answers[i]) ?? 0n
    return was === 0n ? [] : [{ token, amount: was < amount ? was : amount }]
  })
}

/** Arguments with which an account asks for an amount for itself. */
function takingLists({ actor, amount, token }: { actor: string; amount: bigint; token: string | null }) {
  return [
    [],
    [actor, actor, actor, actor],
    [amount, actor, actor, actor],
    [actor, amount, actor, actor],
    ...(token === null
      ? []
      : [
          [token, actor, amount, actor],
          [token, amount, actor, actor],
        ]),
  ]
}
