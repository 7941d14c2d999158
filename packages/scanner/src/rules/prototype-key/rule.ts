import { allFiles } from '../../Skill.ts'
import type { Rule } from '../../Rule.ts'

/** Files that a host or a package manager reads as settings. Data of a skill's own has whatever keys it has. */
const SETTINGS =
  /(?:^|\/)(?:\.[\w.-]{1,40}|[\w.-]{0,40}(?:package|plugin|skill|manifest|marketplace|mcp|settings(?:\.local)?|config|hooks|metadata|openclaw|agent)s?)\.(?:json|ya?ml|toml)$|(?:^|\/)\.[\w-]{1,40}\//i

export const rule: Rule = {
  name: 'prototype-key',
  check: 'structure',
  ast: 'AST04',
  item: '5.3',
  about: 'A manifest sets `__proto__`, `constructor` or `prototype`.',
  severity: 'high',
  because: "Readers that copy keys blindly hand the author their host's objects.",
  remediation: 'Remove the key.',
  *find(material) {
    for (const problem of material.frontmatter.problems)
      if (problem.kind === 'prototype-key')
        yield { file: 'SKILL.md', line: problem.line, view: 'prose', evidence: problem.text }
    for (const file of allFiles(material.skill)) {
      if ((file.kind !== 'json' && file.kind !== 'yaml' && file.kind !== 'toml') || file.text === null) continue
      const key = /(?:^|[{,\s])["']?__proto__["']?\s{0,4}[:=]/m.exec(file.text)
      if (key !== null)
        yield {
          file: file.path,
          line: file.text.slice(0, key.index).split('\n').length,
          view: 'code',
          evidence: key[0],
          ...(SETTINGS.test(file.path) ? {} : { severity: 'low' as const }),
        }
    }
  },
}
