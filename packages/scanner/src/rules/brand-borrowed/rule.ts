import { textOf } from '../../Frontmatter.ts'
import type { Rule } from '../../Rule.ts'

const CLAIM =
  /\bofficial\b[^.\n]{0,30}\b(anthropic|claude|openai|google|microsoft|github|stripe|coinbase|metamask|uniswap|phantom|ledger|binance|aws|apple|meta|solana|ethereum)\b|\b(anthropic|openai|google|microsoft|github|stripe|coinbase|metamask|uniswap|phantom|ledger|binance|apple)\b[^.\n]{0,12}\bofficial\b|\bby (?:the )?(anthropic|openai|google|microsoft|coinbase|metamask|uniswap) team\b/i

export const rule: Rule = {
  name: 'brand-borrowed',
  check: 'structure',
  ast: 'AST04',
  item: '4.6',
  about: 'Name or description claim to come from a well-known maker that the skill shows no tie to.',
  severity: 'medium',
  because: "A borrowed name is trusted for somebody else's reputation.",
  remediation: 'Say who made the skill, and that it is unofficial where it is.',
  *find(material) {
    const name = textOf(material.frontmatter, 'name') ?? ''
    const description = textOf(material.frontmatter, 'description') ?? ''
    const claim = CLAIM.exec(description) ?? CLAIM.exec(name)
    if (claim === null) return
    const brand = (claim[1] ?? claim[2] ?? '').toLowerCase()
    const author = JSON.stringify(material.frontmatter.data ?? {}).toLowerCase()
    const isTied =
      material.facts.url.some(
        (url) => url.host.replace(/[^a-z0-9]/g, '').includes(brand) || url.path.toLowerCase().startsWith(`/${brand}`),
      ) || author.split(brand).length > 3
    if (!isTied)
      yield {
        file: 'SKILL.md',
        line: material.frontmatter.lines['description'] ?? 1,
        view: 'prose',
        evidence: claim[0],
      }
  },
}
