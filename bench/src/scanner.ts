import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSnapshot, readTree, RULES, scan, scanSkill, type SkillReport, type Snapshot } from '@countersign/scanner'
import { empty, row, type Result } from './Result.ts'
import { blind } from './scanner/blind.ts'
import { blindSet } from './scanner/blindSets.ts'
import { corpus } from './scanner/corpus.ts'

const OURS = 'countersign'
const SOURCES = join(import.meta.dirname, '../../packages/scanner/src')
/** The command as it is installed. */
const MAIN = join(import.meta.dirname, '../../packages/cli/bin/countersign.mjs')
/**
 * How much of what is bad is blocked, how much of what is good is blocked by mistake, and how long it takes: on the
 * labelled corpus when it is there, and on our own cases always. Rivals are run when they are installed; none of them is
 * re-implemented here.
 */
export async function run(log: (text: string) => void, only: string | null = null): Promise<Result> {
  const result = empty('scanner')
  const parts: Readonly<Record<string, () => void | Promise<void>>> = {
    cases: () => cases(result, log),
    blind: () => blind(result, log),
    blind2: () => blindSet('blind2', result, log),
    blind3: () => blindSet('blind3', result, log),
    blind4: () => blindSet('blind4', result, log),
    blind5: () => blindSet('blind5', result, log),
    corpus: () => corpus(result, log),
    start: () => start(result, log),
    slow: () => adversarial(result, log),
    rivals: () => rivals(log),
  }
  // Parts of the corpus without the fold that is held back: `costs` is what CI prints.
  if (only === 'costs' || only === 'ratios') corpus(result, log, only)
  else for (const [name, part] of Object.entries(parts)) if (only === null || only === name) await part()
  return result
}

/** Our own cases: every rule's `bad/` and `good/`, with the vulnerabilities that the cases of one rule are about. */
async function cases(result: Result, log: (text: string) => void): Promise<void> {
  const osv = await loadSnapshot(join(SOURCES, 'supply/osv/fixtures'))
  const count = { bad: [0, 0], good: [0, 0] }
  for (const folder of [join(SOURCES, 'rules'), join(SOURCES, 'supply/rules')]) {
    for (const rule of readdirSync(folder, { withFileTypes: true })) {
      if (!rule.isDirectory()) continue
      for (const kind of ['bad', 'good'] as const) {
        const at = join(folder, rule.name, kind)
        for (const entry of existsSync(at) ? readdirSync(at) : []) {
          if (!entry.endsWith('.md')) continue
          const skill = skillOf(entry, readFileSync(join(at, entry), 'utf8'), osv)
          count[kind][1] = (count[kind][1] ?? 0) + 1
          if (skill.findings.some((finding) => finding.rule === rule.name)) count[kind][0] = (count[kind][0] ?? 0) + 1
        }
      }
    }
  }
  const share = ([hits = 0, all = 0]: number[]) => (100 * hits) / Math.max(1, all)
  log(`${RULES.length} rules, ${count.bad[1]} bad and ${count.good[1]} good single-file cases`)
  result.bars.push(
    {
      name: 'own cases: bad ones found by their rule, %',
      value: share(count.bad),
      target: '= 100',
      holds: share(count.bad) === 100,
    },
    {
      name: 'own cases: near misses left alone, %',
      value: 100 - share(count.good),
      target: '= 100',
      holds: share(count.good) === 0,
    },
  )
}

function skillOf(name: string, text: string, osv: Snapshot.Snapshot): SkillReport {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'))
  try {
    const skill = join(folder, name.replace(/\.md$/, ''))
    mkdirSync(skill)
    writeFileSync(
      join(skill, 'SKILL.md'),
      text.startsWith('---') ? text : `---\nname: a-skill\ndescription: A case for a rule.\n---\n\n${text}`,
    )
    return scan({ paths: [skill], base: folder, nowMs: 0, osv }).skills[0] as SkillReport
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** From the command to the first skill's verdict, in a process of its own. */
function start(result: Result, log: (text: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-start-'))
  try {
    writeFileSync(
      join(folder, 'SKILL.md'),
      '---\nname: a-skill\ndescription: Adds two numbers.\n---\n\nAdd the numbers.\n',
    )
    const samples: number[] = []
    const bare: number[] = []
    for (let round = 0; round < 9; round += 1) {
      samples.push(timeOf([MAIN, 'scan', folder, '--json']))
      bare.push(timeOf(['-e', '0']))
    }
    log('start of the command measured against an empty process of the same Node')
    const ours = row({ case: 'command start to verdict', subject: OURS, metric: 'wall', unit: 'ms' }, samples)
    const empty = row({ case: 'command start to verdict', subject: 'node -e 0', metric: 'wall', unit: 'ms' }, bare)
    result.rows.push(ours, empty)
    const times = ours.p50 / empty.p50
    result.bars.push({
      name: `start over that of an empty process, median (${ours.p50.toFixed(0)} ms)`,
      value: times,
      target: '<= 6',
      holds: times <= 6,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function timeOf(args: readonly string[]): number {
  const startMs = performance.now()
  spawnSync(process.execPath, args, { stdio: 'ignore' })
  return performance.now() - startMs
}

const MIB = 1 << 20
const fill = (piece: string): string => piece.repeat(Math.ceil(MIB / piece.length)).slice(0, MIB)

/** Files of one megabyte that are made to be slow to read: what makes other readers take seconds or minutes. */
const ADVERSARIAL: Readonly<Record<string, () => string>> = {
  'blank lines': () => fill('\n'),
  'nested lists, then blank lines': () => `${'- '.repeat(10_000)}\n${fill('\n')}`.slice(0, MIB),
  'open brackets': () => fill('['),
  'link openings': () => fill('[a]('),
  backticks: () => fill('` `` '),
  emphasis: () => fill('*a **b '),
  quotes: () => fill('> '),
  'open comments': () => fill('<!-- a '),
  'closed comments on one line': () => fill('<!--a-->'),
  'open fences': () => fill('```\na\n'),
  'shell substitutions': () => `\`\`\`bash\n${fill('$(')}`,
  'shell quotes': () => `\`\`\`bash\n${fill('"$a\'')}`,
  'shell pipes': () => `\`\`\`bash\n${fill('a|')}`,
  'code brackets': () => `\`\`\`python\n${fill('f(')}`,
  'code assignments': () => `\`\`\`python\n${fill('a=a\n')}`,
  base64: () => fill('QWxhZGRpbjpvcGVuIHNlc2FtZQ'),
  'base64 pieces': () => fill('QWxhZGRpbjpvcGVuIHNlc2FtZQ== '),
  numbers: () => fill('12, '),
  'hex pairs': () => fill('0xab '),
  'one word': () => fill('a'),
  'words of orders': () => fill('ignore all do not tell the '),
  urls: () => fill('https://a.invalid/b '),
  table: () => fill('| a | b |\n'),
  'zero width': () => fill('a\u200b'),
}

function adversarial(result: Result, log: (text: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-adversarial-'))
  const worst = { ms: 0, name: '' }
  const samples: number[] = []
  try {
    for (const [name, make] of Object.entries(ADVERSARIAL)) {
      writeFileSync(join(folder, 'SKILL.md'), `---\nname: a-skill\ndescription: Adds.\n---\n\n${make()}`)
      const [skill] = readTree([folder], folder)
      if (skill === undefined) continue
      // The first run compiles; what a megabyte costs is the second one's.
      scanSkill(skill, { gate: 'high', nowMs: 0, neighbours: [] })
      const startMs = performance.now()
      scanSkill(skill, { gate: 'high', nowMs: 0, neighbours: [] })
      const ms = performance.now() - startMs
      samples.push(ms)
      log(`1 MB of ${name}: ${ms.toFixed(0)} ms`)
      if (ms > worst.ms) Object.assign(worst, { ms, name })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  result.rows.push(row({ case: '1 MB made to be slow', subject: OURS, metric: 'wall', unit: 'ms' }, samples))
  result.bars.push({
    name: `1 MB made to be slow, the worst (${worst.name}), ms`,
    value: worst.ms,
    target: '<= 200',
    holds: worst.ms <= 200,
  })
}

/** Rivals are run where they are installed; they are never re-implemented. */
function rivals(log: (text: string) => void): void {
  for (const [program, args] of [
    ['skill-audit', ['--version']],
    ['skill-scanner', ['--version']],
    ['skillscan', ['--version']],
    ['snyk-agent-scan', ['--version']],
  ] as const) {
    const { status } = spawnSync(program, [...args], { stdio: 'ignore' })
    log(
      `${program}: ${status === 0 ? 'installed; use `countersign scan --adapters` for its findings' : 'not run (not installed here)'}`,
    )
  }
}
