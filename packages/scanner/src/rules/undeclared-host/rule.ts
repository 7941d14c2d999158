import type { Rule } from '../../Rule.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'undeclared-host',
  check: 'behavior',
  ast: 'AST03',
  item: '3.7',
  about: 'A host is reached that the declaration does not allow.',
  severity: 'medium',
  because: 'The declaration is what was approved; what goes beyond it was not.',
  remediation: 'Add the host to `permissions.network.allow`, or do without it.',
  *find(material) {
    const allowed = material.declared.network
    if (allowed === null || allowed.includes('*')) return
    for (const { subject, proof } of material.observed.network) {
      if (
        allowed.some(
          (host) =>
            subject === host ||
            (host.startsWith('*.') && subject.endsWith(host.slice(1))) ||
            (host.includes('://') && host.includes(`//${subject}`)),
        )
      )
        continue
      yield at(proof, subject)
    }
    // `npx` and its like fetch from a registry, which is a host as well.
    const fetcher = material.observed.shell.find((seen) =>
      /^(?:npx|npm|pnpm|yarn|bunx|pip3?|uvx?|pipx|cargo)$/.test(seen.subject),
    )
    if (fetcher !== undefined && !allowed.some((host) => /npmjs|pypi|crates\.io|registry/.test(host)))
      yield at(fetcher.proof, fetcher.subject, {
        severity: 'low',
        because: `${fetcher.subject} reaches a package registry, which the declaration does not allow.`,
      })
  },
}
