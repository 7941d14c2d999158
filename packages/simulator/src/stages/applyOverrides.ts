import { BaseError, type Address, type Hex } from '@countersign/base'
import { asNumber, balanceOf } from '../effects/probes.ts'
import * as Overlay from '../evm/Overlay.ts'
import { readAsUser, type Fork } from '../evm/runBatch.ts'
import { addAccess, sizeOf, type AccessSet } from '../model/Access.ts'
import type { StateOverride } from '../model/Override.ts'
import { onState } from './onState.ts'
import { hasFork } from './parts.ts'
import { withFork } from './prepare.ts'
import type { Job } from './Stage.ts'
import type { Tools } from './Tools.ts'

/** How often more state may be asked for until a token tells a balance, and how many slots of it are tried. */
const MAX_ROUNDS = 12
const MAX_SLOTS = 64

interface Held {
  readonly account: Address.Address
  readonly token: Address.Address
  readonly amount: bigint
}

/**
 * The job on a state that is as the request assumes: a state of its own, which nobody else sees and nothing is remembered of.
 *
 * @throws {OverrideRefusedError} `simulation:override:refused` where a token's balance cannot be set, or nothing here runs it.
 */
export async function applyOverrides(tools: Tools, job: Job): Promise<Job> {
  const overrides = job.request.overrides ?? []
  if (overrides.length === 0) return job
  if (!hasFork(job)) throw new OverrideRefusedError('the chain’s own node runs the batch, and it does not trace calls')
  const held = overrides.flatMap(({ address, tokens = [] }) =>
    tokens.map(({ token, amount }): Held => ({ account: address, token, amount })),
  )
  let assumed = onState(tools, job, overrides)
  // One after the other: the balances of one token may lie in each other's way.
  for (const each of held) assumed = onState(tools, assumed, [await slotOf(tools, assumed, each)])
  return assumed
}

/** Where a token keeps the balance of an account: the word that its getter reads and that moves what it answers. */
async function slotOf(tools: Tools, job: Job, { account, token, amount }: Held): Promise<StateOverride> {
  const probe = balanceOf(token, account)
  const from = job.user.toLowerCase()
  const ask = async (fork: Fork, after: Overlay.Overlay, touched: AccessSet) =>
    asNumber((await readAsUser(fork, job.access, after, { from, probes: [probe], touched }))[0])
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { fork } = await withFork(tools, job)
    const touched: AccessSet = new Map()
    if (fork === null) break
    const before = await ask(fork, Overlay.empty(), touched)
    const size = sizeOf(job.access)
    addAccess(job.access, touched)
    if (sizeOf(job.access) > size) continue
    if (before === null) throw new OverrideRefusedError(`${token} does not tell a balance`)
    const places = [...touched].flatMap(([contract, slots]) => [...slots].map((slot) => ({ contract, slot })))
    for (const { contract, slot } of places.slice(0, MAX_SLOTS)) {
      const word = BigInt(fork.cache.slots.get(contract)?.get(slot) ?? '0x0')
      // A flag may share the word with the balance: what is above it stays.
      const moved = BigInt.asUintN(256, word - before + amount)
      const value = `0x${moved.toString(16).padStart(64, '0')}` as Hex.Hex
      const after = { accounts: new Map(), slots: new Map([[contract, new Map([[slot, value]])]]) }
      if (word < before || (await ask(fork, after, new Map())) !== amount) continue
      return { address: contract as Address.Address, stateDiff: [{ slot: slot as Hex.Hex, value }] }
    }
    throw new OverrideRefusedError(`no stored word of ${token} sets what it says that ${account} holds`)
  }
  throw new OverrideRefusedError(`what ${token} reads to tell a balance could not be followed to its end`)
}

/** What is assumed cannot be put into the state. */
export class OverrideRefusedError extends BaseError {
  override readonly name = 'simulator.OverrideRefusedError'
  constructor(because: string) {
    super(`The state overrides cannot be applied: ${because}.`, {
      code: 'simulation:override:refused',
      kind: 'invalid',
      hint: 'Give the stored words themselves in "state_diff", or leave the override out.',
    })
  }
}
