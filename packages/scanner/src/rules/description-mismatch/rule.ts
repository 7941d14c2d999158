import { textOf } from '../../Frontmatter.ts'
import type { Rule } from '../../Rule.ts'
import type { View } from '../../View.ts'
import { at } from '../ask.ts'

export const rule: Rule = {
  name: 'description-mismatch',
  check: 'behavior',
  ast: 'AST04',
  item: '4.1',
  about: 'The skill does something grave that its description gives no hint of.',
  severity: 'high',
  because: 'People and agents choose a skill by its description.',
  remediation: 'Describe what the skill does, all of it, or leave it out.',
  *find(material) {
    const description = `${textOf(material.frontmatter, 'description') ?? ''} ${material.skill.name}`.toLowerCase()
    if (description.trim().length < 12) return
    const graves: [
      string,
      RegExp,
      (
        | {
            file: string
            line: number
            view: 'prose' | 'code' | 'decoded' | 'hidden'
            role: View['role']
            text: string
          }
        | undefined
      ),
    ][] = [
      [
        'reads wallets',
        /wallet|crypto|solana|ethereum|evm|web3|defi|token|key|chain|swap|trade|trading|sign|bitcoin|onchain|mnemonic|mint|nft|contract|anchor|foundry|backup|secur|audit|migrat|deploy/,
        material.facts.path.find(
          (path) => path.what === 'wallet' && path.access === 'read' && path.role === 'instruction',
        ),
      ],
      [
        'deletes system files or logs',
        /clean|delete|remov|purge|uninstall|log|disk|rotat|docker|install|reset|wipe|maint|cache|temp|storage/,
        material.facts.path.find(
          (path) =>
            path.access === 'delete' &&
            /^\/var\/log|^\/etc|^\/usr|^\/home/.test(path.path) &&
            path.role === 'instruction',
        ),
      ],
      [
        'reads the credentials of others',
        /credential|secret|key|ssh|cloud|aws|gcp|azure|deploy|secur|audit|password|login|auth|cookie|browser|session|server|remote|git|docker|kube|infra|devops|backup/,
        material.facts.path.find(
          (path) =>
            path.what === 'credential' &&
            path.access === 'read' &&
            /\.ssh|\.aws|keychain|login data|cookies|\.gnupg/i.test(path.path) &&
            path.role === 'instruction',
        ),
      ],
    ]
    for (const [what, lexicon, proof] of graves)
      if (proof !== undefined && !lexicon.test(description))
        yield at(proof, proof.text, { because: `The skill ${what}; its description says nothing of the kind.` })
  },
}
