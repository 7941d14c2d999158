/**
 * `npm run docs`: writes the reference pages that are generated. `npm run docs -- --check` writes nothing and fails when a
 * page is not what it would write; `npm run check` does so.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import { SIGNATURE_FINDINGS } from '../packages/simulator/src/signatures/FindingNames.ts'
import type { Rule } from '../packages/simulator/src/rules/Rule.ts'

const root = join(import.meta.dirname, '..')
const rules = join(root, 'packages', 'simulator', 'src', 'rules')

/** docs/reference/findings.md: one section a rule, from its folder. */
async function findings(): Promise<string> {
  const names = readdirSync(rules, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const rows: string[] = []
  const sections: string[] = []
  for (const { name } of names) {
    const { rule } = (await import(join(rules, name, 'rule.ts'))) as { rule: Rule }
    const { cases } = (await import(join(rules, name, 'cases.ts'))) as { cases: Record<string, object> }
    const path = join(rules, name, 'findings.snap')
    const said = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
    const left = Object.keys(cases['leave'] ?? cases['leaveContext'] ?? {})
    rows.push(`| [\`${name}\`](#${name}) | ${cell(rule.levels)} | ${cell(rule.about)} |`)
    sections.push(
      `## ${name}`,
      rule.about,
      `Level: ${rule.levels}.`,
      'What people read:',
      `\`\`\`text\n${said}\n\`\`\``,
      `Left alone: ${left.join('; ')}.`,
    )
  }
  const signatures = Object.entries(SIGNATURE_FINDINGS).map(
    ([name, [levels, about]]) => `| \`${name}\` | ${cell(levels)} | ${cell(about)} |`,
  )
  const page = [
    '# Findings',
    'Generated from `packages/simulator/src/rules` by `npm run docs`; do not edit it here. Each finding is a folder there: the rule, requests that it must flag, near misses that it must leave alone, and the text people read. All of them are run on a real chain by `rules.test.ts`. The worst finding of a report is its verdict. A name never changes its meaning.',
    ['| rule | level | when |', '| --- | --- | --- |', ...rows].join('\n'),
    ...sections,
    '# Findings about documents to be signed',
    'They come from reading the document, before anything runs (`packages/simulator/src/signatures`); what its holder could do with it is then simulated, and the rules above look at that.',
    ['| finding | level | when |', '| --- | --- | --- |', ...signatures].join('\n'),
  ].join('\n\n')
  return format(page, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' })
}

/** docs/reference/attack-catalogue.md: every attack with its verdict, what is met elsewhere, what is open, and the look-alikes. */
async function catalogue(): Promise<string> {
  const { ATTACKS, BENIGN, ELSEWHERE, FAMILIES, OPEN } = await import('../packages/simulator/catalogue/index.ts')
  const families = Object.entries(FAMILIES).flatMap(([letter, name]) => [
    `## ${letter}. ${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`,
    [
      '| id | attack | verdict | found by |',
      '| --- | --- | --- | --- |',
      ...ATTACKS.filter(({ id }) => id.startsWith(letter)).map(
        ({ id, title, verdict, rules: found }) =>
          `| ${id} | ${cell(title)} | ${verdict} | ${found.length === 0 ? 'nothing is there to be fooled by; it is told as it is' : found.map((rule) => `\`${rule}\``).join(', ')} |`,
      ),
      ...ELSEWHERE.filter(({ id }) => id.startsWith(letter)).map(
        ({ id, title, covered }) =>
          `| ${id} | ${cell(title)} | refused | ${covered.map(({ file }) => `\`${file}\``).join(', ')} |`,
      ),
      ...OPEN.filter(({ id }) => id.startsWith(letter)).map(
        ({ id, title, why }) => `| ${id} | ${cell(title)} | OPEN | ${cell(why)} |`,
      ),
    ].join('\n'),
    'Honest look-alikes, which must not be blocked:',
    BENIGN.filter(({ family }) => family === letter)
      .map(({ title }) => `- ${title}`)
      .join('\n'),
  ])
  const page = [
    '# The attack catalogue',
    'Generated from `packages/simulator/catalogue` by `npm run docs`; do not edit it here. Every attack is set up on a local chain with real contracts, simulated, and must get its verdict and show its facts (`catalogue.test.ts`); every look-alike must pass. `npm run bench -- detection` counts both, beside raw `eth_simulateV1` and viem’s `simulateCalls` on the same cases, with 95 % intervals.',
    'The cases are open, and the simulator was mended on them: the rate says how much of the known is caught, not how much of the unknown. Nothing is recognised by its shape; what decides is what happens to balances, authority and code, and what would happen in another block or in the next transaction.',
    ...families,
  ].join('\n\n')
  return format(page, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' })
}

/** docs/reference/scanner-rules.md: every rule of the skill scanner under its item of the OWASP list. */
async function scannerRules(): Promise<string> {
  const { AST_NAMES, RULES } = await import('../packages/scanner/src/index.ts')
  const sections = Object.entries(AST_NAMES).flatMap(([item, name]) => {
    const own = RULES.filter((rule) => rule.ast === item)
    if (own.length === 0) return []
    return [
      `## ${item} ${name}`,
      own
        .map(
          (rule) =>
            `- **${rule.name}** (${rule.check}, ${rule.severity}${rule.item === null ? '' : `, checklist ${rule.item}`}). ${rule.about} ${rule.because} *Fix:* ${rule.remediation}`,
        )
        .join('\n'),
    ]
  })
  const page = [
    '# Rules of the skill scanner',
    `Generated from \`packages/scanner/src\` by \`npm run docs\`; do not edit it here. ${RULES.length} rules by item of the OWASP Agentic Skills Top 10. Each is a folder with cases that it must flag (\`bad/\`), near misses that it must leave alone (\`good/\`), and the words people read (\`findings.snap\`). The severity is the rule's own; a finding may be milder or graver by what was found.`,
    ...sections,
  ].join('\n\n')
  return format(page, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' })
}

/** docs/threat-model.md: what stands above the mark is written by hand, the tables below it come from `test/adversary/threats`. */
async function threatModel(): Promise<string> {
  const mark = '<!-- Written by "npm run docs" from test/adversary/threats. Do not edit it below this line. -->'
  const [head = ''] = readFileSync(join(root, 'docs', 'threat-model.md'), 'utf8').split(mark)
  const { readThreats } = await import('../test/adversary/readThreats.ts')
  const sections = (await readThreats()).flatMap(({ title, threats }) => [
    `## ${title}`,
    [
      '| id | threat | what stops it | what remains | shown by |',
      '| --- | --- | --- | --- | --- |',
      ...threats.map(
        ({ id, threat, stoppedBy, remains, tests }) =>
          `| ${id} | ${cell(threat)} | ${cell(stoppedBy)} | ${cell(remains ?? 'nothing known')} | ${tests.map(({ file, name }) => `\`${file}\`: ${cell(name)}`).join('<br>')} |`,
      ),
    ].join('\n'),
  ])
  const page = [head.trim(), mark, ...sections].join('\n\n')
  return format(page, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' })
}

/** docs/reference/receipts.md is written by hand, but for the table of exit codes. */
async function receipts(): Promise<string> {
  const { DRIFT_EXITS } = await import('../packages/cli/src/driftExits.ts')
  const [begin, end] = ['<!-- drift exits: written by `npm run docs` -->', '<!-- end -->'] as const
  const text = readFileSync(join(root, 'docs', 'reference', 'receipts.md'), 'utf8')
  const [head = '', rest = ''] = text.split(begin)
  const table = [
    '| kind | exit | when |',
    '| --- | --- | --- |',
    ...Object.entries(DRIFT_EXITS).map(([kind, [exit, about]]) => `| \`${kind}\` | ${exit} | ${cell(about)} |`),
  ].join('\n')
  return format(`${head}${begin}\n\n${table}\n\n${rest.slice(rest.indexOf(end))}`, {
    parser: 'markdown',
    printWidth: 120,
    proseWrap: 'preserve',
  })
}

/** docs/screenshots/README.md: every picture that `npm run screenshots` made, by page and by look. */
function screenshots(): Promise<string> {
  const files = readdirSync(join(root, 'docs', 'screenshots')).filter((each) => each.endsWith('.webp'))
  const sections = [
    ['card', 'The approval card, in each of its states'],
    ['page', 'Around the card'],
    ['reach', 'How an owner is told'],
    ['telegram', 'The mini app of Telegram'],
    ['admin', 'The operator’s dashboard'],
  ].map(([prefix, title]) => {
    const own = files.filter((each) => each.startsWith(`${prefix}-`))
    const nameOf = (file: string): string => file.replace(/-(?:phone|desktop)(?:-dark)?\.webp$/, '')
    const rows = [...new Set(own.map(nameOf))].toSorted().map((name) => {
      const words = name.slice((prefix ?? '').length + 1).replaceAll('-', ' ')
      const shown = (look: string): string => {
        const file = own.find((each) => nameOf(each) === name && each.slice(name.length).startsWith(`-${look}`))
        return file === undefined ? '' : `![${words === '' ? prefix : words}, ${look}](${file})`
      }
      return `| ${words} | ${shown('phone')} | ${shown('desktop')} |`
    })
    return [`## ${title}`, '', '| what | phone | desktop |', '| --- | --- | --- |', ...rows].join('\n')
  })
  const page = [
    '# Screenshots',
    'Written by `npm run docs` from the pictures beside it; `npm run screenshots` makes the pictures anew, in a real browser on a real server and a local chain. Addresses and amounts are of that chain.',
    ...sections,
  ].join('\n\n')
  return format(page, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' })
}

/** packages/sdk/src/wire.ts: types of what the routes take and answer. */
async function wire(): Promise<string> {
  const { wireTypes } = await import('./wire/wireTypes.ts')
  return wireTypes(root)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

const pages: Readonly<Record<string, () => Promise<string>>> = {
  'docs/reference/findings.md': findings,
  'docs/reference/attack-catalogue.md': catalogue,
  'docs/reference/scanner-rules.md': scannerRules,
  'docs/reference/receipts.md': receipts,
  'docs/threat-model.md': threatModel,
  'docs/screenshots/README.md': screenshots,
  'packages/sdk/src/wire.ts': wire,
}
for (const [path, write] of Object.entries(pages)) {
  const text = await write()
  const at = join(root, path)
  const isSame = existsSync(at) && readFileSync(at, 'utf8') === text
  if (!process.argv.includes('--check')) writeFileSync(at, text)
  else if (!isSame) {
    console.error(`${path} is not what its sources say. Run "npm run docs" and commit it.`)
    process.exitCode = 1
  }
}
