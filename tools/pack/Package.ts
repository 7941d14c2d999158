import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')
/** Where packages are put together before they are packed. */
export const STAGE = join(ROOT, 'node_modules', '.cache', 'countersign-pack')

/** What a `package.json` of the sources says that the published one takes over. */
export interface SourceManifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>
  readonly bin?: Readonly<Record<string, string>>
}

/** A package that is compiled file by file. */
export interface Library {
  /** Its folder in `packages`. */
  readonly folder: string
  readonly about: string
  readonly node: string
  readonly keywords: readonly string[]
  /** Modules that no import reaches: threads and programs. */
  readonly started: readonly string[]
  /** Folders and files of `src` that the program reads at run time. */
  readonly data: readonly string[]
}

/** In the order in which they are built: each needs only those before it. */
export const LIBRARIES: readonly Library[] = [
  {
    folder: 'base',
    about: 'Pure nouns that every Countersign package stands on: addresses, amounts, digests, errors.',
    node: '>=20.19',
    keywords: ['ethereum', 'address', 'wei'],
    started: [],
    data: [],
  },
  {
    folder: 'sdk',
    about: 'The client of a Countersign server, for browsers and Node, without dependencies.',
    node: '>=20.19',
    keywords: ['ethereum', 'agent', 'wallet', 'client'],
    started: [],
    data: [],
  },
  {
    folder: 'simulator',
    about:
      'Simulates what an agent wants signed on a fork, and says what it would do: fork, effects, verdict, receipt.',
    node: '>=22.19',
    keywords: ['ethereum', 'simulation', 'agent', 'wallet', 'security'],
    started: ['evm/ethereumjs/worker.ts'],
    data: ['names/data', 'chain/data', 'clearsigning/descriptors'],
  },
  {
    folder: 'scanner',
    about: 'Scans agent skills before they are installed: what they reach for, what they hide, what they depend on.',
    node: '>=22',
    keywords: ['agent', 'skills', 'scanner', 'security', 'supply-chain'],
    started: [],
    data: ['identity/trustedRoot.json', 'supply/popular'],
  },
  {
    folder: 'guard',
    about:
      'One line in front of a signer: nothing is signed that was not simulated and judged. viem, ethers, EIP-1193, AgentKit, GOAT, x402, OWS.',
    node: '>=22.19',
    keywords: ['ethereum', 'agent', 'wallet', 'security', 'viem', 'ethers', 'x402', 'ai'],
    started: ['owsPolicy.ts'],
    data: [],
  },
]

export function manifestOf(folder: string): SourceManifest {
  return JSON.parse(readFileSync(join(ROOT, 'packages', folder, 'package.json'), 'utf8')) as SourceManifest
}

/** A path of the sources as it stands in `dist`. */
export function built(path: string, ending: '.js' | '.d.ts'): string {
  return path.replace(/^(?:\.\/)?src\//, './dist/').replace(/\.ts$/, ending)
}
