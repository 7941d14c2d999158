import { vouchedOf } from '../model/KnownAddress.ts'
import { readEffects, type Effects } from '../effects/readEffects.ts'
import { nameKept } from '../effects/nameKept.ts'
import { readHiddenAuthority, unattributed } from '../effects/readHiddenAuthority.ts'
import { addSiblings } from '../effects/siblings.ts'
import { writesOf } from '../effects/Write.ts'
import type { Preimages } from '../effects/StoragePath.ts'
import type { Fork } from '../evm/runBatch.ts'
import { watchRun, type Watched } from '../evm/watchRun.ts'
import { envKey } from '../memory/keys.ts'
import type { Memory } from '../memory/Memory.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { BatchRun } from '../model/Run.ts'
import { isUnanswered, logsOfRun } from './parts.ts'
import type { Job } from './Stage.ts'

/** What no honest step that fails has used before (a large swap uses half a million). */
const ENDLESS_GAS = 4_000_000n

const NOTHING_WATCHED: Watched = {
  environmentReads: [],
  readsByStep: [],
  preimages: [],
  isPreimageLost: false,
  blockHashesAsked: [],
}

/**
 * Everything that a run did to balances and grants: what calls tell, and what stands in storage under the user's keys.
 *
 * @param of.variant - What makes it another run than the request's own, beside its environment and limits.
 * @param of.main - Of the expected run, when this one is another.
 */
export async function readAllEffects(
  memory: Memory,
  job: Job,
  {
    fork,
    request,
    run,
    variant = '',
    main = null,
  }: { fork: Fork; request: SimulationRequest; run: BatchRun; variant?: string; main?: Effects | null },
): Promise<Effects> {
  const { access, cache } = job
  const user = request.from.toLowerCase()
  // What the run hashed opens the slots that it wrote; those say whom to ask about.
  const watched = await watch(memory, job, { fork, request, run, variant, main: main?.watched ?? null })
  const preimages = preimagesOf(watched, main?.watched ?? null)
  // Before anything is opened: what a slot was opened into is kept.
  addSiblings(preimages, { user, run })
  const read = await readEffects(fork, access, {
    request,
    run,
    logs: logsOfRun(run),
    preimages,
    before: {
      key: { state: cache.id, env: envKey(fork.env), reader: user, document: request.signature?.digest ?? '' },
      memo: memory.balanceReads,
    },
  })
  const known = vouchedOf(request)
  const tokens = [...known].filter(([, { kind }]) => kind === 'token').map(([address]) => address)
  const hiddenAs = (mine: ReadonlySet<string>) =>
    readHiddenAuthority(fork, access, {
      ...{ user, mine, run, preimages, read, tokens },
      isVouchedFor: (contract) => known.has(contract),
      isPreimageLost: watched?.isPreimageLost ?? false,
    })
  const asSelf = await hiddenAs(new Set([user]))
  const controlled = believed({ ...read, entries: asSelf.entries }, user)
  const isAlone = controlled.length === 0 || isTouched({ ...read, entries: asSelf.entries }, user)
  const hidden = isAlone
    ? asSelf
    : await hiddenAs(new Set([user, ...controlled.map(({ account }) => account.toLowerCase())]))
  return {
    ...read,
    controlled,
    authorityChanges: [...read.authorityChanges, ...hidden.changes],
    grantSlots: hidden.slots,
    credits: hidden.credits,
    ownSlots: hidden.ownSlots,
    kept: await nameKept(fork, access, { user, run, kept: hidden.kept, touched: read.touched }),
    entries: hidden.entries,
    unexplained: hidden.unexplained,
    marks: hidden.marks,
    reach: hidden.reach,
    lent: hidden.lent,
    watched,
    environmentReads: watched?.environmentReads ?? [],
    blockHashesAsked: watched?.blockHashesAsked ?? [],
    // On a chain that no EVM here models, that one cannot watch is expected: what it would have opened stays closed.
    wasCut: read.wasCut || hidden.wasCut || (watched === null && job.node === null),
  }
}

type Told = Pick<Effects, 'tokenChanges' | 'entries' | 'controlled'>

/** Whether the sender's own coins leave, or what others keep for the sender changes. */
function isTouched({ tokenChanges, entries }: Pick<Told, 'tokenChanges' | 'entries'>, user: string): boolean {
  return (
    tokenChanges.some(({ account, delta }) => account.toLowerCase() === user && delta < 0n) ||
    entries.some(({ account }) => account.toLowerCase() === user)
  )
}

/**
 * Accounts whose word that the sender owns them is taken. Any contract can say so: what leaves it is the user's loss
 * whoever it is, but what is the sender's own and ends there has gone to a stranger.
 */
function believed({ controlled, ...told }: Told, user: string): Effects['controlled'] {
  if (!isTouched(told, user)) return controlled
  const gainers = new Set([
    ...told.tokenChanges.flatMap(({ account, delta }) => (delta > 0n ? [account.toLowerCase()] : [])),
    ...told.entries.flatMap(({ account, direction }) => (direction === 'grew' ? [account.toLowerCase()] : [])),
  ])
  return controlled.filter(({ account }) => !gainers.has(account.toLowerCase()))
}

/**
 * What a run was seen to look at; null when it could not be watched. Every run of a request is watched once; another
 * environment's only where the expected one's preimages do not explain what it wrote.
 */
async function watch(
  memory: Memory,
  job: Job,
  {
    fork,
    request,
    run,
    variant,
    main,
  }: { fork: Fork; request: SimulationRequest; run: BatchRun; variant: string; main: Watched | null },
): Promise<Watched | null> {
  // It fails, and looking into it would cost more than it could tell.
  if (isEndless(run)) return NOTHING_WATCHED
  if (main !== null && !unattributed(writesOf(fork, run), preimagesOf(main))) return NOTHING_WATCHED
  const limits = run.steps.map((step) => ('refused' in step ? '' : `${step.gasLimit}`)).join()
  const key = { ...job.key, env: envKey(fork.env), variant: `${limits}|${variant}` }
  const known = memory.watched.get(key)
  if (known !== undefined) return known
  try {
    const found = await watchRun(fork, job.access, { from: request.from, calls: request.calls, run })
    // On half the state it is no fact.
    job.learned.push(() => memory.watched.set(key, found))
    return found
  } catch (error) {
    if (!isUnanswered(error)) throw error
    return null
  }
}

/** Hashes that these runs are known to have made. */
function preimagesOf(...runs: readonly (Watched | null)[]): Preimages {
  return new Map(runs.flatMap((each) => (each?.preimages ?? []).map(({ hash, preimage }) => [hash, preimage] as const)))
}

/** A failed step that burnt more gas than an ordinary one uses at all. */
function isEndless(run: BatchRun): boolean {
  return run.steps.some((step) => !('refused' in step) && step.trace.error !== undefined && step.gasUsed > ENDLESS_GAS)
}
