import type { Rule } from '../../../Rule.ts'
import { at } from '../shared.ts'

export const lockMissing: Rule = {
  name: 'lock-missing',
  check: 'supply',
  ast: 'AST02',
  item: '2.6',
  about: 'A manifest whose whole tree no lock pins.',
  severity: 'low',
  because:
    'Most of what is installed is what packages ask for in their turn; without a lock nobody knows which, or which version.',
  remediation:
    'Commit the lock: package-lock.json, uv.lock, poetry.lock, Cargo.lock, or requirements.txt with `--hash` (pip-compile --generate-hashes).',
  *find({ supply }) {
    for (const manifest of supply.manifests) {
      const { file, lock, dependencies, loose, role, ecosystem } = manifest
      const isRequirements = /(?:requirements|constraints)[^/]*\.txt$/i.test(file)
      const isHashed =
        isRequirements && supply.dependencies.filter((each) => each.file === file).every((each) => each.pin === 'hash')
      if (lock !== null || isHashed) continue
      const first = supply.dependencies.find((each) => each.file === file)
      yield at(
        { file, line: first?.line ?? 1, evidence: first?.evidence ?? file, view: 'code', role },
        'low',
        `${file} asks for ${dependencies} ${ecosystem} ${dependencies === 1 ? 'package' : 'packages'} (${loose} of them in any version) and no lock pins what they ask for.`,
      )
    }
  },
}
