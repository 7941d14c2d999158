import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Labelled skills, where this checkout has them beside it. None of their text is in this repository. */
export const CORPORA_FOLDER = join(import.meta.dirname, '../../../../shared/corpora')

/** The fold that no rule was tuned on. It is turned with every release, and scored beside the others. */
export const HELD_BACK_FOLD = 4

export interface Labelled {
  readonly corpus: string
  readonly root: string
  readonly path: string
  readonly isMalicious: boolean
  readonly tier: string
  /** Near-duplicates share one. */
  readonly family: string
  /** Set aside: nothing was tuned on it, and its packages are not looked at one by one. */
  readonly isHeldBack: boolean
}

/** Names of the corpora, and how a package of each is held back. */
const CORPORA: readonly {
  readonly name: string
  readonly archive: string | null
  readonly isHeldBack: (fields: Readonly<Record<string, string>>) => boolean
}[] = [
  // A fifth of the hostile packages of every tier, chosen by a hash of the path.
  {
    name: 'skills-dev',
    archive: 'skills-dev.tar.xz',
    isHeldBack: (of) => of['label'] === 'malicious' && fifth(of['path'] ?? '') === HELD_BACK_FOLD,
  },
  {
    name: 'skills-honest2',
    archive: 'skills-honest2.tar.xz',
    isHeldBack: (of) => Number(of['fold']) === HELD_BACK_FOLD,
  },
  { name: 'skills-open2', archive: null, isHeldBack: () => false },
]

function fifth(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % 5
}

/** Unpacks what is there into a folder of the caller's, and reads the labels. A corpus that is not there is left out by name. */
export function loadCorpora(into: string): { readonly labelled: Labelled[]; readonly absent: string[] } {
  const labelled: Labelled[] = []
  const absent: string[] = []
  for (const { name, archive, isHeldBack } of CORPORA) {
    let root = join(CORPORA_FOLDER, name)
    if (archive !== null) {
      const from = join(CORPORA_FOLDER, archive)
      const isUnpacked = existsSync(from) && spawnSync('tar', ['xJf', from, '-C', into, '--no-same-owner']).status === 0
      root = isUnpacked ? join(into, name) : ''
    }
    if (root === '' || !existsSync(join(root, 'labels.csv'))) {
      absent.push(name)
      continue
    }
    const [head = '', ...lines] = readFileSync(join(root, 'labels.csv'), 'utf8').trim().split('\n')
    const columns = head.split(',')
    for (const line of lines) {
      const values = line.split(',')
      const of = Object.fromEntries(columns.map((column, i) => [column, values[i] ?? '']))
      labelled.push({
        corpus: name,
        root,
        path: of['path'] ?? '',
        isMalicious: of['label'] === 'malicious',
        tier: of['tier'] ?? '',
        family: of['cluster'] || of['path'] || '',
        isHeldBack: isHeldBack(of),
      })
    }
  }
  return { labelled, absent }
}
