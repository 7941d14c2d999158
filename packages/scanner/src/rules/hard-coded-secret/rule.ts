import type { Rule } from '../../Rule.ts'
import { at, cleaned, viewsFor } from '../ask.ts'

const PLACEHOLDER =
  /example|your|xxxx|placeholder|1234567|abcdef|\.\.\.|<|test[_-]?key|dummy|fake|sample|redacted|AKIAIOSFODNN7|changeme/i
const KEYS: readonly (readonly [string, RegExp, 'critical' | 'high' | 'medium'])[] = [
  [
    'a private key',
    /-----BEGIN (?:RSA |EC |OPENSSH |DSA |PGP )?PRIVATE KEY(?: BLOCK)?-----\s{1,4}[A-Za-z0-9+/=\s]{100,}/,
    'critical',
  ],
  ['an AWS key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, 'high'],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60,90}\b/, 'high'],
  ['an Anthropic key', /\bsk-ant-[A-Za-z0-9-]{24,}\b/, 'high'],
  ['an OpenAI key', /\bsk-(?:proj-)?[A-Za-z0-9]{40,}\b/, 'high'],
  ['a Stripe key', /\b[rs]k_live_[A-Za-z0-9]{20,}\b/, 'high'],
  ['a Slack token', /\bxox[abprs]-[0-9]{8,14}-[A-Za-z0-9-]{16,}\b/, 'high'],
  ['a Google key', /\bAIza[0-9A-Za-z_-]{35}\b/, 'high'],
  ['a Telegram bot token', /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b/, 'high'],
  ['a JSON web token', /\beyJ[A-Za-z0-9_-]{12,}\.eyJ[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{16,}\b/, 'medium'],
]

const PATTERNS = KEYS.map(([, pattern]) => pattern)

export const rule: Rule = {
  name: 'hard-coded-secret',
  check: 'structure',
  ast: 'AST08',
  item: '8.3',
  about: 'A key, a token or a private key stands in the skill.',
  severity: 'high',
  because: 'It is public from the moment the skill is.',
  remediation: "Revoke it, and read it from the owner's environment.",
  *find(material) {
    for (const { view, patterns } of viewsFor(material, PATTERNS)) {
      for (const [what, pattern, severity] of KEYS) {
        if (!patterns.includes(pattern)) continue
        const found = pattern.exec(view.text)
        if (found === null || PLACEHOLDER.test(found[0]) || new Set(found[0]).size < 10) continue
        yield at(
          { file: view.file, line: cleaned(view).lineOf(found.index), view: view.name, role: view.role },
          `${what}: ${found[0].slice(0, 8)}…`,
          { severity },
        )
      }
    }
  },
}
