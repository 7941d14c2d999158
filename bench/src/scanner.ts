import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSnapshot, readTree, RULES, scan, scanSkill, type SkillReport, type Snapshot } from '@countersign/scanner'
import { empty, row, type Result } from './Result.ts'

const OURS = 'countersign'
const SOURCES = join(import.meta.dirname, '../../packages/scanner/src')
/** The command as it is installed. */
const MAIN = join(import.meta.dirname, '../../packages/cli/bin/countersign.mjs')
/** Labelled skills, where this checkout has them beside it. Documents only: their scripts were left out. */
const CORPUS = join(import.meta.dirname, '../../../shared/corpora/skills-dev.tar.xz')

interface Labelled {
  readonly path: string
  readonly isMalicious: boolean
  readonly tier: string
  /** Near-duplicates share one. */
  readonly family: string
}

/** Bars by the first letters of a tier: at most or at least this share is blocked at `high`. */
const BARS: Readonly<Record<string, { readonly name: string; readonly atLeast?: number; readonly atMost?: number }>> = {
  A: { name: 'wild malware blocked, %', atLeast: 95 },
  C: { name: 'synthetic payloads blocked, %', atLeast: 85 },
  E: { name: 'evasions blocked, %', atLeast: 90 },
  G1: { name: 'vendor skills blocked by mistake, %', atMost: 2 },
  G2: { name: 'official crypto skills blocked by mistake, %', atMost: 1.5 },
}

/**
 * How much of what is bad is blocked, how much of what is good is blocked by mistake, and how long it takes: on the
 * labelled corpus when it is there, and on our own cases always. Rivals are run when they are installed; none of them is
 * re-implemented here.
 */
export async function run(log: (text: string) => void): Promise<Result> {
  const result = empty('scanner')
  await cases(result, log)
  if (existsSync(CORPUS)) corpus(result, log)
  else log(`skipped: the labelled corpus is not at ${CORPUS.slice(CORPUS.lastIndexOf('..'))}; its bars are not judged`)
  start(result, log)
  adversarial(result, log)
  rivals(log)
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

function corpus(result: Result, log: (text: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-corpus-'))
  try {
    const { status } = spawnSync('tar', ['xJf', CORPUS, '-C', folder, '--no-same-owner'])
    if (status !== 0) return log('skipped: the corpus cannot be unpacked (tar with xz is needed)')
    const root = join(folder, 'skills-dev')
    const labelled = readFileSync(join(root, 'labels.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line): Labelled => {
        const [path = '', label = '', tier = '', , , cluster = ''] = line.split(',')
        return { path, isMalicious: label === 'malicious', tier, family: cluster === '' ? path : cluster }
      })
    const tally = new Map<
      string,
      { blocked: number; incomplete: number; medium: number; all: number; families: Map<string, boolean[]> }
    >()
    const wallMs: number[] = []
    const cpuMs: number[] = []
    let missing = 0
    let first = ''
    const again: string[] = []
    for (const each of labelled) {
      let skills
      try {
        skills = readTree([each.path], root)
      } catch {
        // Two fixtures hold no SKILL.md: there is no skill to judge.
        missing += 1
        continue
      }
      let isBlocked = false
      let isMedium = false
      let isIncomplete = false
      for (const skill of skills) {
        const used = process.cpuUsage()
        const startMs = performance.now()
        const report = scanSkill(skill, { gate: 'high', nowMs: 0, neighbours: skills })
        wallMs.push(performance.now() - startMs)
        const spent = process.cpuUsage(used)
        cpuMs.push((spent.user + spent.system) / 1000)
        isBlocked ||= report.max_severity === 'high' || report.max_severity === 'critical'
        isMedium ||= report.max_severity !== 'none' && report.max_severity !== 'low'
        isIncomplete ||= report.coverage.unanalysed.length > 0
        first += JSON.stringify({ ...report, ms: 0 })
      }
      const tier = tally.get(each.tier) ?? {
        blocked: 0,
        incomplete: 0,
        medium: 0,
        all: 0,
        families: new Map<string, boolean[]>(),
      }
      tier.all += 1
      tier.blocked += Number(isBlocked)
      tier.medium += Number(isMedium)
      tier.incomplete += Number(isIncomplete)
      tier.families.set(each.family, [...(tier.families.get(each.family) ?? []), isBlocked])
      tally.set(each.tier, tier)
    }
    for (const each of labelled) {
      try {
        for (const skill of readTree([each.path], root))
          again.push(
            JSON.stringify({
              ...scanSkill(skill, { gate: 'high', nowMs: 0, neighbours: readTree([each.path], root) }),
              ms: 0,
            }),
          )
      } catch {
        continue
      }
    }
    log(`${labelled.length - missing} labelled skills; ${missing} without a SKILL.md left out`)
    for (const [tier, { blocked, medium, incomplete, all, families }] of [...tally].toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    )) {
      const [low, high] = wilson(blocked, all)
      const macro =
        [...families.values()].reduce((sum, hits) => sum + hits.filter(Boolean).length / hits.length, 0) / families.size
      log(
        `${tier.padEnd(22)} blocked ${String(blocked).padStart(3)} of ${String(all).padStart(3)} = ${percent(blocked, all)} % (Wilson 95 %: ${low.toFixed(1)} to ${high.toFixed(1)}), by family ${(100 * macro).toFixed(1)} % of ${families.size}, medium or worse ${percent(medium, all)} %, not fully analysed ${incomplete}`,
      )
      result.rows.push({
        case: `${tier} blocked at high`,
        subject: OURS,
        metric: 'share',
        unit: '% (p95 and p99 columns: Wilson bounds)',
        n: all,
        p50: Number(percent(blocked, all)),
        p95: low,
        p99: high,
      })
      const bar = BARS[tier.split('-')[0] ?? '']
      if (bar === undefined) continue
      const value = (100 * blocked) / all
      result.bars.push({
        name: `${bar.name} (${blocked} of ${all}; Wilson ${low.toFixed(1)} to ${high.toFixed(1)})`,
        value,
        target: bar.atLeast === undefined ? `<= ${bar.atMost}` : `>= ${bar.atLeast}`,
        holds: bar.atLeast === undefined ? value <= (bar.atMost ?? 0) : value >= bar.atLeast,
      })
    }
    const wall = row({ case: 'one skill, all four analysers', subject: OURS, metric: 'wall', unit: 'ms' }, wallMs)
    result.rows.push(
      wall,
      row({ case: 'one skill, all four analysers', subject: OURS, metric: 'cpu', unit: 'ms' }, cpuMs),
    )
    result.bars.push(
      { name: 'a skill, median, ms', value: wall.p50, target: '<= 3', holds: wall.p50 <= 3 },
      { name: 'a skill, p95, ms', value: wall.p95, target: '<= 40', holds: wall.p95 <= 40 },
      {
        name: 'the same reports twice, byte for byte',
        value: Number(first === again.join('')),
        target: '= 1',
        holds: first === again.join(''),
      },
    )
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
    result.rows.push(
      ours,
      row({ case: 'command start to verdict', subject: 'node -e 0', metric: 'wall', unit: 'ms' }, bare),
    )
    result.bars.push({ name: 'start, median, ms', value: ours.p50, target: '<= 250', holds: ours.p50 <= 250 })
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

/** Wilson's interval for a share, 95 %, in percent (E. B. Wilson, 1927). */
function wilson(hits: number, all: number): [number, number] {
  const z = 1.959964
  const share = hits / all
  const centre = share + (z * z) / (2 * all)
  const spread = z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all))
  const scale = 100 / (1 + (z * z) / all)
  return [Math.max(0, (centre - spread) * scale), Math.min(100, (centre + spread) * scale)]
}

function percent(hits: number, all: number): string {
  return ((100 * hits) / all).toFixed(1)
}
