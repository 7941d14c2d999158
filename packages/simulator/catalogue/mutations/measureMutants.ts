/** Plays variants of scenes: each is staged, simulated, then really sent, and counts only if it does what the original does. */
import { Address } from '@countersign/base'
import type { Artifact } from '@countersign/chain'
import type { Report } from '../../src/index.ts'
import { batch, delegateTo } from '../moves.ts'
import { useVariant } from '../variant.ts'
import type { Scene, World } from '../World.ts'
import { compile, edited, parse, SETS, sourcesOf, type Edits } from './compile.ts'
import type { Mutation } from './kinds.ts'
import { harmOf, type Seed } from './Seed.ts'
import { isHarmed, isSame, sendAll, stateOf, watchOf, type Sent } from './truth.ts'
import { otherName, renamable, rename } from './words.ts'

export interface Outcome {
  readonly seed: Seed
  readonly mutation: Mutation
  /** Why it does not count; null: it does. */
  readonly void: string | null
  readonly verdict: Report.Verdict
  readonly rules: readonly string[]
  /** An attack that reached its level by a rule about it, or an honest scene that was not blocked. */
  readonly isRight: boolean
  readonly card: string
}

const compiled = new Map<string, Readonly<Record<string, Artifact>>>()

/** A set's artifacts under a mutation. Compiling takes seconds the first time. */
function artifactsOf(
  set: string,
  { name, edits }: Pick<Mutation, 'name' | 'edits'>,
): Readonly<Record<string, Artifact>> {
  const key = `${set}|${name}`
  const found = compiled.get(key)
  if (found !== undefined) return found
  const made = compile(edits === undefined ? sourcesOf(set) : edited(sourcesOf(set), edits))
  compiled.set(key, made)
  return made
}

let names: ReadonlySet<string> | null = null
/** Functions that lose their names in every set: scenes call contracts of one set by the interface of another. */
function renamed(): ReadonlySet<string> {
  names ??= renamable(Object.keys(SETS).map((set) => parse(sourcesOf(set))))
  return names
}

/** The scene's own deployments, in order, and whether a mutated contract is among them. */
interface Staging {
  readonly deployed: Address.Address[]
  isTouched: boolean
}

function wear(mutation: Mutation | null, staging: Staging): void {
  if (mutation === null) {
    useVariant(null)
    return
  }
  const lost = mutation.renames === true ? renamed() : null
  const renames: Edits = (files) => (lost === null ? new Map() : rename(files, lost))
  const edits = lost === null ? mutation.edits : [renames, ...(mutation.edits ?? [])]
  useVariant({
    artifact(set, name) {
      if (edits === undefined || SETS[set] === undefined) return null
      const mutant = artifactsOf(set, { name: mutation.name, edits })[name] ?? null
      const original = artifactsOf(set, { name: 'as written' })[name]
      if (mutant !== null && mutant.bytecode !== original?.bytecode) staging.isTouched = true
      return mutant
    },
    functionName: (name) => (lost?.has(name) === true ? otherName(name) : name),
    amount(value) {
      const other = mutation.amount?.(value) ?? value
      if (other !== value) staging.isTouched = true
      return other
    },
    async afterDeploy(rpc, address) {
      if (mutation.afterDeploy === undefined) return
      staging.isTouched = true
      await mutation.afterDeploy(rpc, address)
    },
  })
}

/** Stages a scene and does something in it. */
export async function staged<T>(
  world: World,
  { seed, mutation }: { seed: Seed; mutation: Mutation | null },
  work: (scene: Scene, staging: Staging) => Promise<T>,
): Promise<T> {
  const staging: Staging = { deployed: [], isTouched: false }
  const keep = (at: Address.Address) => {
    staging.deployed.push(at)
    return at
  }
  const watched = new Proxy(world, {
    get(target, key, receiver) {
      if (key === 'deploy') return async (...args: Parameters<World['deploy']>) => keep(await world.deploy(...args))
      if (key === 'deployCode')
        return async (...args: Parameters<World['deployCode']>) => keep(await world.deployCode(...args))
      return Reflect.get(target, key, receiver) as unknown
    },
  })
  wear(mutation, staging)
  try {
    return await world.inside(
      () => seed.build(watched),
      async (scene) => work(scene, staging),
    )
  } finally {
    useVariant(null)
  }
}

async function really(
  world: World,
  scene: Scene,
  staging: Staging,
): Promise<{ sent: Sent; isHarmed: (amount: (value: bigint) => bigint) => boolean }> {
  const harm = harmOf(scene)
  const watch = watchOf(world, staging.deployed, harm)
  const before = await stateOf(world, watch)
  const sent = await sendAll(world, { calls: scene.calls ?? [], from: scene.from ?? world.me, watch, before })
  return { sent, isHarmed: (amount) => harm === null || isHarmed(harm, { sent, watch, amount }) }
}

/** What the original does when it is sent; null where it cannot be sent. */
export async function truthOf(world: World, seed: Seed): Promise<Sent | null> {
  return staged(world, { seed, mutation: null }, async (scene, staging) =>
    scene.calls === undefined ? null : (await really(world, scene, staging)).sent,
  )
}

/** Whether the change leaves the truth of the scene as it is, as far as that can be said without staging it. */
export function fits(seed: Seed, mutation: Mutation): boolean {
  if (mutation.isOnlyForAttacks === true && (!seed.isAttack || seed.isAboutEvents)) return false
  // What another limit would do is not sent, so that a frame more may make the harm impossible.
  return !(seed.isAboutGas && mutation.afterDeploy !== undefined)
}

const RANK = { allow: 0, warn: 1, block: 2 } as const

/** The calls of a scene as this mutation sends them, one list a simulation; null where it does not apply. */
async function listsOf(world: World, scene: Scene, mutation: Mutation): Promise<readonly Scene[] | null> {
  const calls = scene.calls ?? []
  if (mutation.calls === 'one-by-one')
    return calls.length < 2 || scene.intent !== undefined ? null : calls.map((call) => ({ ...scene, calls: [call] }))
  if (mutation.calls === 'in-one') {
    const from = scene.from ?? world.me
    const code = await world.chain.rpc<string>('eth_getCode', [from, 'latest'])
    const isPlain = calls.every(
      (call) => call.to !== null && (call.authorizationList ?? []).length === 0 && call.gasLimit === null,
    )
    if (from !== world.me || code !== '0x' || !isPlain) return null
    await delegateTo(world, world.me, await world.deploy('Batch'))
    return [{ ...scene, calls: [batch(world, calls)] }]
  }
  return [scene]
}

/** Simulates a variant and proves it; null where the mutation changes nothing of the scene. */
export async function playMutant(
  world: World,
  { seed, mutation, truth }: { seed: Seed; mutation: Mutation; truth: Sent },
): Promise<Outcome | null> {
  const nothing = { seed, mutation, verdict: 'allow' as const, rules: [], isRight: true, card: '' }
  if (!fits(seed, mutation)) return null
  try {
    return await staged(world, { seed, mutation }, async (scene, staging) => {
      const lists = await listsOf(world, scene, mutation)
      if (lists === null || (mutation.calls === undefined && !staging.isTouched)) return null
      // An intent has amounts of its own.
      if (mutation.amount !== undefined && scene.intent !== undefined) return null
      const watch = watchOf(world, staging.deployed, harmOf(scene))
      const before = await stateOf(world, watch)
      const reports: Report.Report[] = []
      const cards: string[] = []
      const from = scene.from ?? world.me
      const steps: Sent[] = []
      for (const [i, each] of lists.entries()) {
        if (i > 0) await world.pass(12)
        const { report, card } = await world.simulate(each)
        reports.push(report)
        cards.push(card)
        // Each step by itself: its fees are put back.
        const now = await stateOf(world, watch)
        steps.push(await sendAll(world, { calls: each.calls ?? [], from, watch, before: now }))
      }
      const after = await stateOf(world, watch)
      const sent: Sent = {
        statuses: steps.flatMap(({ statuses }) => statuses),
        gasUsed: steps.reduce((sum, { gasUsed }) => sum + gasUsed, 0n),
        deltas: watch.accounts.map((_, a) =>
          watch.assets.map((__, b) => steps.reduce((sum, { deltas }) => sum + (deltas[a]?.[b] ?? 0n), 0n)),
        ),
        hasNewPower: after.powers.some((power, i) => power !== before.powers[i]),
      }
      const harm = harmOf(scene)
      const isExact = mutation.amount === undefined && mutation.calls === undefined
      const amount = mutation.amount ?? ((value: bigint) => value)
      // The batch's own code is one more contract, which holds nothing.
      const seen = {
        ...sent,
        deltas: sent.deltas.slice(0, truth.deltas.length).map((row) => row.slice(0, truth.deltas[0]?.length)),
      }
      const isVoid = !isSame(truth, seen, isExact)
        ? 'it does something else when it is sent'
        : harm !== null && !isHarmed(harm, { sent, watch, amount })
          ? 'the harm does not come about'
          : null
      const worst = reports.toSorted((a, b) => RANK[b.verdict] - RANK[a.verdict])[0] as Report.Report
      const rules = [
        ...new Set(
          reports.flatMap(({ findings }) => findings.filter(({ level }) => level !== 'info').map(({ rule }) => rule)),
        ),
      ]
      const isRight = seed.isAttack
        ? RANK[worst.verdict] >= RANK[seed.least] &&
          (seed.rules === null || rules.some((rule) => seed.rules?.includes(rule)))
        : worst.verdict !== 'block'
      return { seed, mutation, void: isVoid, verdict: worst.verdict, rules, isRight, card: cards.join('\n') }
    })
  } catch (error) {
    const message = error instanceof Error ? error.message.slice(0, 200) : String(error)
    return { ...nothing, void: `it cannot be staged: ${message}` }
  }
}
