import type { Rule } from '../../../Rule.ts'
import { at, firsts, inFile, isRunAtOnce, nameOf } from '../shared.ts'

export const dependencyUnpinned: Rule = {
  name: 'dependency-unpinned',
  check: 'supply',
  ast: 'AST02',
  item: '2.3',
  about: 'A package, of which whatever is newest on the day is fetched.',
  severity: 'medium',
  because: 'Whoever can publish the next version decides what runs here, without anybody looking at it.',
  remediation:
    'Write the exact version, and pin its hash where the tool can: `npx pkg@1.2.3`, `pip install pkg==1.2.3 --hash=…`.',
  *find({ supply }) {
    const loose = supply.dependencies.filter(
      (each) =>
        each.pin === 'none' && each.source.kind === 'registry' && each.ecosystem !== 'docker' && each.via !== 'lock',
    )
    for (const each of firsts(loose, inFile)) {
      const isLocked = supply.manifests.some((manifest) => manifest.file === each.file && manifest.lock !== null)
      if (isLocked) continue
      const isGrave = isRunAtOnce(each) || (each.via === 'manifest' && !each.isDevelopment)
      const what = isRunAtOnce(each)
        ? 'is fetched and run at once'
        : each.via === 'manifest'
          ? 'is asked for'
          : 'is installed'
      yield at(
        each,
        isGrave ? 'medium' : 'low',
        `${nameOf(each)} ${what} without a version, so it can be another program tomorrow.`,
      )
    }
  },
}
