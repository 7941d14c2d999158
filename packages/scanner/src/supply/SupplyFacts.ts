import type { ContainerFact, Dependency, Ecosystem, Hook, Problem, Registry } from './Dependency.ts'
import type { Advisory } from './osv/Snapshot.ts'
import type { Place } from '../Fact.ts'

/** What the supply analyser read from manifests, locks, images, agent configurations and install commands. */
export interface SupplyFacts {
  readonly dependencies: readonly Held<Dependency>[]
  readonly registries: readonly Held<Registry>[]
  readonly hooks: readonly Held<Hook>[]
  readonly containers: readonly Held<ContainerFact>[]
  /** A manifest that could not be read as one: not analysed, so never a pass. */
  readonly problems: readonly Problem[]
  /** Every manifest that asks for packages from a registry, and the lock beside it. */
  readonly manifests: readonly Manifest[]
  readonly vulnerable: readonly { readonly dependency: Held<Dependency>; readonly advisories: readonly Advisory[] }[]
  /** What the known-vulnerable versions were taken from; null: nobody looked, and reports say so. */
  readonly osv: { readonly as_of: string; readonly records: number; readonly digest: string } | null
}

/** Something, with the glass it was seen through and what the author uses it for. */
export type Held<T> = T & Pick<Place, 'view' | 'role'>

export interface Manifest {
  readonly file: string
  readonly ecosystem: Ecosystem
  /** The lock that covers it, or null. */
  readonly lock: string | null
  /** How many of its dependencies come from a registry, and how many of them are not pinned by the manifest alone. */
  readonly dependencies: number
  readonly loose: number
  readonly role: Place['role']
}
