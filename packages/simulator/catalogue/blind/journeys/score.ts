/** Plays the journeys: what the simulator says, and what is so after they were really sent. */
import { parseArgs } from 'node:util'
import type { Report } from '../../../src/index.ts'
import { openWorld } from '../../openWorld.ts'
import type { Scene, World } from '../../World.ts'
import { BENIGN } from '../../benign.ts'
import { keccak256, toHex } from 'viem'
import * as Second from '../journeys2/all.ts'
import * as Third from '../journeys3/all.ts'
import * as Fourth from '../journeys4/all.ts'
import * as Fifth from '../journeys5/all.ts'
import * as Incidents from '../incidents/all.ts'
import { ATTACKS } from './attacks.ts'
import type { Journey, Make } from './frame.ts'
import { HONEST } from './honest.ts'

export interface Outcome {
  readonly title: string
  readonly isAttack: boolean
  readonly verdict: string
  /** Findings above a note. */
  readonly findings: readonly string[]
  readonly willRevert: boolean
  /** Whether, really sent, it does what it claims; an error's words if it could not be sent. */
  readonly truth: boolean | string
  readonly card: string
  /** A third of each set after the first: its cases count, and are not looked at one by one. */
  readonly isHeldBack: boolean
  /** It calls a contract that an npm package publishes, as published. */
  readonly isOnNpm: boolean
  /** Of coins that nobody makes or destroys here: those of which the report's changes do not add up to nothing. */
  readonly unbalanced: readonly string[]
}

/** The law of conservation: whatever leaves somebody ends with somebody whom the report lists. */
export function unbalancedIn(changes: readonly Change[], coins: readonly (string | null)[]): readonly string[] {
  return coins.flatMap((coin) => {
    const sum = changes.reduce((all, { token, delta }) => (token === coin ? all + delta : all), 0n)
    return sum === 0n ? [] : [`${coin ?? 'coin'}: ${sum}`]
  })
}
type Change = Pick<Report.Report['tokenChanges'][number], 'token' | 'delta'>

const COINBASE = '0x95222290DD7278Aa3Ddd389Cc1E1d165CC4BAfe5'

/** Sends a scene and asks what is so; an error's words if it could not be sent. */
async function send(world: World, scene: Scene, journey: Journey | undefined): Promise<boolean | string> {
  try {
    await journey?.surround?.()
    for (const each of scene.calls ?? []) await world.send(each, scene.from)
    return (await journey?.truth()) ?? false
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await world.chain.rpc('anvil_setCoinbase', [COINBASE])
  }
}

/** Where contracts of npm packages stand on the local chain: WETH9, both Uniswaps, OpenZeppelin's tokens. */
const ON_CHAIN = [
  ...(['weth', 'link', 'nft', 'multiToken', 'uniswapV2Router', 'uniswapV2Factory'] as const),
  ...(['uniswapV3Router', 'uniswapV3PositionManager', 'uniswapV3Factory', 'permit2'] as const),
] as const

/** Whether a step calls one of them. Dollars are not counted: their proxy is OpenZeppelin's, and every scene pays in them. */
export function callsNpm({ chain }: Pick<World, 'chain'>, { calls = [] }: Scene): boolean {
  const published = ON_CHAIN.map((name) => chain.addresses[name].toLowerCase())
  return calls.some(({ to }) => to !== null && published.includes(to.toLowerCase()))
}

/** The sets of cases by name. */
export const SETS = {
  journeys: { ATTACKS, HONEST },
  journeys2: { ATTACKS: Second.ATTACKS, HONEST: Second.HONEST },
  journeys3: { ATTACKS: Third.ATTACKS, HONEST: Third.HONEST },
  journeys4: { ATTACKS: Fourth.ATTACKS, HONEST: Fourth.HONEST },
  journeys5: { ATTACKS: Fifth.ATTACKS, HONEST: Fifth.HONEST },
  incidents: { ATTACKS: Incidents.ATTACKS, HONEST: Incidents.HONEST },
} as const

const hashesToThree = (title: string): boolean => BigInt(keccak256(toHex(title))) % 3n === 0n

/** What is held back: of the second set every third case, after it those whose title hashes to a multiple of three. */
const HELD_BACK: Readonly<Record<keyof typeof SETS, (title: string, place: number) => boolean>> = {
  journeys: () => false,
  incidents: () => false,
  journeys2: (_title, place) => place % 3 === 0,
  journeys3: hashesToThree,
  journeys4: hashesToThree,
  journeys5: hashesToThree,
}

/** What is so after a case was really sent; the simulator is not asked. */
async function prove(world: World, title: string, make: Make): Promise<string> {
  let journey: Journey | undefined
  return world.inside(
    async (at) => {
      journey = await make(at)
      return journey.scene
    },
    async (scene) => {
      let truth: boolean | string = false
      for (let i = 0; truth !== true && i < (journey?.tries ?? 1); i += 1) truth = await send(world, scene, journey)
      return `${truth === true ? 'proven  ' : 'UNPROVEN'} ${title}${truth === true ? '' : `: ${truth}`}`
    },
  )
}

/** Sends every case of a set and looks at what is so; gives those that are not as they claim. */
export async function proveAll(set: keyof typeof SETS, only: string, log: (text: string) => void): Promise<number> {
  const world = await openWorld()
  let unproven = 0
  try {
    for (const [title, make] of Object.entries({ ...SETS[set].ATTACKS, ...SETS[set].HONEST })) {
      if (!only.split(',').some((part) => title.includes(part))) continue
      const line = await prove(world, title, make).catch(
        (error: unknown) => `UNPROVEN ${title}: while made: ${String(error)}`,
      )
      if (line.startsWith('UNPROVEN')) unproven += 1
      log(line)
    }
  } finally {
    await world.close()
  }
  return unproven
}

async function play(world: World, title: string, isAttack: boolean, make: Make): Promise<Omit<Outcome, 'isHeldBack'>> {
  let journey: Journey | undefined
  return world.inside(
    async (at) => {
      journey = await make(at)
      return journey.scene
    },
    async (scene) => {
      const { report, card } = await world.simulate(scene)
      let truth: boolean | string = false
      for (let i = 0; truth !== true && i < (journey?.tries ?? 1); i += 1) truth = await send(world, scene, journey)
      return {
        ...{ title, isAttack, verdict: report.verdict, willRevert: report.willRevert, truth, card },
        isOnNpm: [Second, Fourth, Fifth].some(({ ON_NPM }) => ON_NPM.has(title)) || callsNpm(world, scene),
        unbalanced: unbalancedIn(report.tokenChanges, [null, world.chain.addresses.usdc, world.chain.addresses.dai]),
        findings: report.findings.filter(({ level }) => level !== 'info').map(({ level, rule }) => `${level} ${rule}`),
      }
    },
  )
}

/** All of them, or those whose title holds a text. */
export async function score(
  only = '',
  log: (text: string) => void = () => undefined,
  setName: keyof typeof SETS = 'journeys',
): Promise<readonly Outcome[]> {
  const world = await openWorld()
  const outcomes: Outcome[] = []
  let place = 0
  try {
    for (const [isAttack, set] of [
      [true, SETS[setName].ATTACKS],
      [false, SETS[setName].HONEST],
    ] as const)
      for (const [title, make] of Object.entries(set)) {
        place += 1
        const isHeldBack = HELD_BACK[setName](title, place)
        if (!title.includes(only) || (isHeldBack && only !== '')) continue
        const outcome = { ...(await play(world, title, isAttack, make)), isHeldBack }
        outcomes.push(outcome)
        if (isHeldBack) continue
        log(
          `${isAttack ? 'attack' : 'honest'} ${outcome.verdict.padEnd(5)} ${outcome.truth === true ? '     ' : 'UNPROVEN'} ${title}: ${outcome.findings.join(', ')}${outcome.willRevert ? ' REVERTS' : ''}${typeof outcome.truth === 'string' ? ` (${outcome.truth.slice(0, 90)})` : ''}`,
        )
      }
  } finally {
    await world.close()
  }
  return outcomes
}

/** How many cases there are, and of how many the verdict is right. */
export function totalsOf(outcomes: readonly Outcome[]) {
  const proven = outcomes.filter(({ truth }) => truth === true)
  const attacks = proven.filter(({ isAttack }) => isAttack)
  const honest = proven.filter(({ isAttack }) => !isAttack)
  return {
    unproven: outcomes.length - proven.length,
    attacks: attacks.length,
    found: attacks.filter(({ verdict, willRevert }) => verdict !== 'allow' && !willRevert).length,
    honest: honest.length,
    blocked: honest.filter(({ verdict }) => verdict === 'block').length,
    warned: honest.filter(({ verdict }) => verdict === 'warn').length,
    unbalanced: outcomes.filter(({ unbalanced }) => unbalanced.length > 0).length,
  }
}

/** The catalogue's own honest look-alikes: the verdict of each, and whether it stands on a contract of an npm package. */
export async function scoreBenign(): Promise<
  readonly { readonly title: string; readonly verdict: string; readonly isOnNpm: boolean }[]
> {
  const world = await openWorld()
  const found = []
  try {
    for (const { title, stage } of BENIGN) {
      const { report, scene } = await world.play(stage)
      found.push({ title, verdict: report.verdict, isOnNpm: callsNpm(world, scene) })
    }
  } finally {
    await world.close()
  }
  return found
}

// `score.ts [TEXT] [--set journeys2|journeys3|journeys4|journeys5] [--truth]`: with --truth the cases are only sent, and no verdict is asked for.
if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { set: { type: 'string', default: 'journeys' }, truth: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const [only = ''] = positionals
  const set = Object.keys(SETS).find((name): name is keyof typeof SETS => name === values.set) ?? 'journeys'
  if (values.truth) process.exitCode = (await proveAll(set, only, console.log)) === 0 ? 0 : 1
  else {
    const outcomes = await score(only, console.log, set)
    if (only !== '') for (const { card } of outcomes) console.log(card)
    for (const isHeldBack of [false, true])
      console.log(
        isHeldBack ? 'held back' : 'open',
        totalsOf(outcomes.filter((each) => each.isHeldBack === isHeldBack)),
      )
  }
}
