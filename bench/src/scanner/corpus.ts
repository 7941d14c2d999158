import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { row, type Result } from '../Result.ts'
import { share } from '../Wilson.ts'
import { loadCorpora, HELD_BACK_FOLD, type Labelled } from './corpora.ts'
import { judgePackages, measureRatios, type Judged } from './judgePackages.ts'

const OURS = 'countersign'

/** Bars by the first letters of a tier: at most or at least this share is blocked at `high`. */
const BARS: Readonly<Record<string, { readonly name: string; readonly atLeast?: number; readonly atMost?: number }>> = {
  A: { name: 'wild malware blocked, %', atLeast: 95 },
  C: { name: 'synthetic payloads blocked, %', atLeast: 92 },
  E: { name: 'evasions blocked, %', atLeast: 90 },
  G1: { name: 'vendor skills blocked by mistake, %', atMost: 2 },
  G2: { name: 'official crypto skills blocked by mistake, %', atMost: 1.5 },
  H1: { name: 'vendor skills of the second corpus blocked by mistake, %', atMost: 2 },
  H2: { name: 'crypto skills of the second corpus blocked by mistake, %', atMost: 1.5 },
  H3: { name: 'community skills blocked by mistake, %', atMost: 3 },
}

const INCOMPLETE_AT_MOST = 0.5
const RATIO_PACKAGES = 200
const RATIO_AT_MOST = { p50: 20, p95: 80 }

/**
 * How much of what is bad is blocked, how much of what is good is blocked by mistake, and how long it takes, on labelled
 * packages. The fold that is held back is reported beside the others and counts into no table that rules are tuned by.
 */
export function corpus(result: Result, log: (text: string) => void, only: 'costs' | 'ratios' | null = null): void {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-corpus-'))
  try {
    const { labelled: all, absent } = loadCorpora(folder)
    const labelled = only === null ? all : all.filter((each) => !each.isHeldBack)
    for (const name of absent) log(`skipped: the labelled corpus ${name} is not here; its bars are not judged`)
    if (labelled.length === 0) return
    if (only === 'ratios') return ratios(labelled, result, log)
    const { judged, missing } = judgePackages(labelled)
    log(`${judged.length} labelled packages; ${missing} without a SKILL.md left out`)
    if (only === null) tiers(judged, result, log)
    costs(
      judged.filter((each) => !each.isHeldBack),
      result,
      log,
    )
    if (only !== null) return
    times(judged, result, log)
    ratios(labelled, result, log)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function tiers(judged: readonly Judged[], result: Result, log: (text: string) => void): void {
  const groups = Map.groupBy(judged, (each) => `${each.tier}${each.isHeldBack ? ` (held back)` : ''}`)
  for (const [tier, members] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const count = (is: (each: Judged) => boolean) => members.filter(is).length
    const blocked = share(
      count((each) => each.isBlocked),
      members.length,
    )
    const families = [...Map.groupBy(members, (each) => each.family).values()]
    const macro =
      families.reduce((sum, family) => sum + family.filter((each) => each.isBlocked).length / family.length, 0) /
      families.length
    const of = (value: number) => (100 * value).toFixed(1)
    log(
      `${tier.padEnd(32)} blocked ${String(blocked.hits).padStart(3)} of ${String(blocked.n).padStart(3)} = ${of(blocked.rate)} % (Wilson 95 %: ${of(blocked.low)} to ${of(blocked.high)}), by family ${of(macro)} % of ${families.length}, medium or worse ${of(count((each) => each.isMedium) / members.length)} %, not fully analysed ${count((each) => each.isIncomplete)}`,
    )
    result.rows.push({
      case: `${tier} blocked at high`,
      subject: OURS,
      metric: 'share',
      unit: '% (p95 and p99 columns: Wilson bounds)',
      n: blocked.n,
      p50: 100 * blocked.rate,
      p95: 100 * blocked.low,
      p99: 100 * blocked.high,
    })
    const bar = BARS[tier.split('-')[0] ?? '']
    if (bar === undefined) continue
    const value = 100 * blocked.rate
    result.bars.push({
      name: `${bar.name}${members[0]?.isHeldBack === true ? `, fold ${HELD_BACK_FOLD} held back` : ''} (${blocked.hits} of ${blocked.n}; Wilson ${of(blocked.low)} to ${of(blocked.high)})`,
      value,
      target: bar.atLeast === undefined ? `<= ${bar.atMost}` : `>= ${bar.atLeast}`,
      holds: bar.atLeast === undefined ? value <= (bar.atMost ?? 0) : value >= bar.atLeast,
    })
  }
  const honest = judged.filter((each) => !each.isMalicious)
  const unread = share(honest.filter((each) => each.isIncomplete).length, honest.length)
  result.bars.push({
    name: `honest packages not fully analysed, % (${unread.hits} of ${unread.n})`,
    value: 100 * unread.rate,
    target: `<= ${INCOMPLETE_AT_MOST}`,
    holds: 100 * unread.rate <= INCOMPLETE_AT_MOST,
  })
}

/**
 * What each rule costs: packages that it blocks, and packages for which it is the only reason. A rule that stops more honest
 * packages on its own than hostile ones does more harm than good, and may not block.
 */
function costs(judged: readonly Judged[], result: Result, log: (text: string) => void): void {
  const of = new Map<string, { hostile: number; hostileOnly: number; honest: number; honestOnly: number }>()
  // Tiers B and D are broad labels: a package there may hold nothing that a scanner could see.
  for (const each of judged.filter(({ tier }) => !/^[BD]-/.test(tier))) {
    for (const rule of each.blockedBy) {
      const cost = of.get(rule) ?? { hostile: 0, hostileOnly: 0, honest: 0, honestOnly: 0 }
      of.set(rule, cost)
      const isOnly = each.blockedBy.length === 1
      if (each.isMalicious) {
        cost.hostile += 1
        cost.hostileOnly += Number(isOnly)
      } else {
        cost.honest += 1
        cost.honestOnly += Number(isOnly)
      }
    }
  }
  log('cost per rule, folds that are not held back: packages blocked / packages blocked by this rule alone')
  const sorted = [...of].toSorted(([a, x], [b, y]) => y.honestOnly - x.honestOnly || (a < b ? -1 : 1))
  for (const [rule, cost] of sorted)
    log(
      `  ${rule.padEnd(26)} hostile ${String(cost.hostile).padStart(3)}/${String(cost.hostileOnly).padStart(2)}  honest ${String(cost.honest).padStart(3)}/${String(cost.honestOnly).padStart(2)}${cost.honestOnly > cost.hostileOnly ? '  COSTS MORE THAN IT CATCHES' : ''}`,
    )
  const dear = sorted.filter(([, cost]) => cost.honestOnly > cost.hostileOnly).map(([rule]) => rule)
  result.bars.push({
    name: `rules that stop more honest packages alone than hostile ones${dear.length === 0 ? '' : ` (${dear.join(', ')})`}`,
    value: dear.length,
    target: '= 0',
    holds: dear.length === 0,
  })
}

function times(judged: readonly Judged[], result: Result, log: (text: string) => void): void {
  const wall = row(
    { case: 'one skill, all four analysers', subject: OURS, metric: 'wall', unit: 'ms' },
    judged.flatMap((each) => each.wallMs),
  )
  result.rows.push(
    wall,
    row(
      { case: 'one skill, all four analysers', subject: OURS, metric: 'cpu', unit: 'ms' },
      judged.flatMap((each) => each.cpuMs),
    ),
  )
  // The tuned corpus again: a report is a function of the tree.
  const again = judged.filter((each) => each.corpus === 'skills-dev')
  const differ = judgePackages(again).judged.filter((each, i) => each.text !== again[i]?.text)
  const isSame = differ.length === 0
  const named = differ.map((each) => (each.isHeldBack ? 'one that is held back' : each.path)).join(', ')
  log(`${again.length} packages scanned twice: ${isSame ? 'the same bytes' : `reports differ for ${named}`}`)
  result.bars.push({
    name: 'the same reports twice, byte for byte',
    value: Number(isSame),
    target: '= 1',
    holds: isSame,
  })
}

/** CPU of a scan over CPU of reading and hashing the same files. */
function ratios(labelled: readonly Labelled[], result: Result, log: (text: string) => void): void {
  for (const [name, members] of Map.groupBy(labelled, (each) => each.corpus)) {
    if (members.length < RATIO_PACKAGES) continue
    const order = (each: Labelled) => createHash('sha256').update(each.path).digest('hex')
    const some = members.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)).slice(0, RATIO_PACKAGES)
    const { ratios, hashMs, scanMs } = measureRatios(some)
    const ratio = row({ case: `${name}: scan over read and hash`, subject: OURS, metric: 'ratio', unit: '×' }, ratios)
    const scan = row({ case: `${name}: scan`, subject: OURS, metric: 'cpu', unit: 'ms' }, scanMs)
    result.rows.push(
      ratio,
      scan,
      row({ case: `${name}: read and SHA-256`, subject: 'node:crypto', metric: 'cpu', unit: 'ms' }, hashMs),
    )
    log(
      `${name}: CPU of a scan over CPU to read and hash: median ${ratio.p50.toFixed(1)}, p95 ${ratio.p95.toFixed(1)}; scan ${scan.p50.toFixed(2)} and ${scan.p95.toFixed(1)} ms`,
    )
    for (const at of ['p50', 'p95'] as const)
      result.bars.push({
        name: `${name}: CPU of a scan over CPU to read and hash, ${at}`,
        value: ratio[at],
        target: `<= ${RATIO_AT_MOST[at]}`,
        holds: ratio[at] <= RATIO_AT_MOST[at],
      })
  }
}
