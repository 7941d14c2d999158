/** Scenes whose variants are measured, with what is true of them. */
import { ATTACKS, BENIGN, type Family, type Harm, type Staged } from '../index.ts'
import { WRITTEN_AWAY, WRITTEN_HONESTLY } from '../attribution.ts'
import * as blind from '../blind/scenes.ts'
import * as kept from '../blind/keptScenes.ts'
import * as value from '../blind/value/scenes.ts'
import type { Build, Scene } from '../World.ts'

export interface Seed {
  readonly name: string
  readonly isAttack: boolean
  readonly family: Family | 'attribution' | `blind: ${string}`
  /** The level that an attack must reach. */
  readonly least: 'warn' | 'block'
  /** Rules of which one must speak, where the set says which are about it. */
  readonly rules: readonly string[] | null
  /** The rule that speaks is about events themselves. */
  readonly isAboutEvents: boolean
  /** The harm is at another gas limit than the one that is simulated. */
  readonly isAboutGas: boolean
  readonly build: Build
}

export const harmOf = (scene: Scene): Harm | null => (scene as Partial<Staged>).harm ?? null

const EVENTS = new Set(['event-unbacked', 'debit-unannounced', 'hostile-name'])
const ofKinds = ([set, { KINDS, KNOWN }]: readonly [string, Pick<typeof blind, 'KINDS' | 'KNOWN'>]): Seed[] =>
  KINDS.flatMap(({ title, rules, attacks, honest, isBait }) =>
    [
      ...Object.entries(attacks).map(([name, build]) => ({ name, build, isAttack: true, isBait })),
      ...Object.entries(honest).map(([name, build]) => ({ name, build, isAttack: false, isBait })),
    ]
      // What is known to fail as it is written says nothing new when it is changed.
      .filter(({ name, isAttack }) => !(name in KNOWN) && !(`${isAttack ? 'attack' : 'honest'}: ${name}` in KNOWN))
      .filter(({ isBait, isAttack }) => !(isBait === true && isAttack))
      .map(({ name, build, isAttack }) => ({
        ...{
          name: `${title}: ${name}`,
          build,
          isAttack,
          least: 'warn' as const,
          family: `blind: ${set}` as const,
          rules,
        },
        isAboutEvents: rules.some((rule) => EVENTS.has(rule)),
        isAboutGas: /gas/.test(title),
      })),
  )

export const SEEDS: readonly Seed[] = [
  // To allow is right where nothing is there to be fooled by.
  ...ATTACKS.filter(({ verdict }) => verdict !== 'allow').map(({ id, title, verdict, rules, stage }): Seed => ({
    ...{
      name: `${id} ${title}`,
      isAttack: true,
      family: id[0] as Family,
      least: verdict as 'warn' | 'block',
      rules: null,
    },
    isAboutEvents: rules.some((rule) => EVENTS.has(rule)),
    isAboutGas: false,
    build: stage,
  })),
  ...BENIGN.map(({ family, title, stage }): Seed => ({
    ...{
      name: `${family} ${title}`,
      isAttack: false,
      family,
      least: 'block',
      rules: null,
      isAboutEvents: false,
      isAboutGas: false,
    },
    build: stage,
  })),
  ...Object.entries(WRITTEN_AWAY).map(([name, build]): Seed => ({
    ...{
      name,
      isAttack: true,
      family: 'attribution',
      least: 'warn',
      rules: null,
      isAboutEvents: false,
      isAboutGas: false,
    },
    build: async (world) => ({ ...(await build(world)), isAgentProposed: true }),
  })),
  ...Object.entries(WRITTEN_HONESTLY).map(([name, build]): Seed => ({
    ...{
      name,
      isAttack: false,
      family: 'attribution',
      least: 'block',
      rules: null,
      isAboutEvents: false,
      isAboutGas: false,
    },
    build: async (world) => ({ ...(await build(world)), isAgentProposed: true }),
  })),
  ...Object.entries({ blind, kept, value }).flatMap(ofKinds),
]
