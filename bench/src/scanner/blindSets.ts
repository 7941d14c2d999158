import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTree, scanSkill } from '@countersign/scanner'
import type { Result } from '../Result.ts'
import { share } from '../Wilson.ts'

/** Sets of other writers, each an archive beside this file that holds a folder of its name (README.md). */
const SETS = {
  blind2: 'second blind set',
  blind3: 'third blind set',
  blind4: 'fourth blind set',
  blind5: 'fifth blind set',
} as const
export type BlindSet = keyof typeof SETS
const OURS = 'countersign'

interface Row {
  readonly name: string
  readonly isHostile: boolean
  readonly kind: string
  /** `held`: nothing is ever tuned on it, and its packages are not looked at one by one. */
  readonly isHeld: boolean
  readonly rules: readonly string[]
}

/**
 * Packages of a writer who never saw the rules. Those of the open part that are judged wrongly are named; of the part that is held
 * back only the totals are told.
 */
export function blindSet(set: BlindSet, result: Result, log: (text: string) => void): void {
  const archive = join(import.meta.dirname, `${set}.tar.xz`)
  if (!existsSync(archive)) {
    log(`skipped: ${set}.tar.xz is not there`)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), `countersign-${set}-`))
  try {
    if (spawnSync('tar', ['xJf', archive, '-C', folder, '--no-same-owner']).status !== 0) {
      log(`skipped: this machine cannot unpack ${set}.tar.xz`)
      return
    }
    const rows = judge(join(folder, set))
    for (const { name, isHostile, kind, isHeld, rules } of rows)
      if (!isHeld && isHostile !== rules.length > 0)
        log(`${isHostile ? 'missed ' : 'blocked'} ${kind.padEnd(18)} ${name.padEnd(28)} ${rules.join(' ')}`)
    for (const isHostile of [true, false])
      for (const isHeld of [false, true]) {
        const members = rows.filter((row) => row.isHostile === isHostile && row.isHeld === isHeld)
        tell(set, result, log, members, `${isHostile ? 'hostile' : 'honest'}, ${isHeld ? 'held back' : 'open'}`)
      }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function tell(set: BlindSet, result: Result, log: (text: string) => void, members: readonly Row[], name: string): void {
  const of = share(members.filter((row) => row.rules.length > 0).length, members.length)
  const percent = (value: number) => (100 * value).toFixed(1)
  log(
    `${name.padEnd(20)} blocked ${of.hits} of ${of.n} = ${percent(of.rate)} % (Wilson 95 %: ${percent(of.low)} to ${percent(of.high)})`,
  )
  const kinds = [...Map.groupBy(members, (row) => row.kind)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  log(
    `  ${kinds.map(([kind, own]) => `${kind} ${own.filter((row) => row.rules.length > 0).length}/${own.length}`).join(', ')}`,
  )
  result.rows.push({
    case: `${SETS[set]}, ${name}: blocked at high`,
    subject: OURS,
    metric: 'share',
    unit: '% (p95 and p99 columns: Wilson bounds)',
    n: of.n,
    p50: 100 * of.rate,
    p95: 100 * of.low,
    p99: 100 * of.high,
  })
}

function judge(root: string): Row[] {
  const [head = '', ...lines] = readFileSync(join(root, 'labels.csv'), 'utf8').trim().split('\n')
  const columns = head.split(',')
  return lines.map((line) => {
    const values = line.split(',')
    const of = Object.fromEntries(columns.map((column, i) => [column, values[i] ?? '']))
    const skills = readTree([`${of['label']}/${of['name']}`], root)
    const found = skills.flatMap((skill) => scanSkill(skill, { gate: 'high', nowMs: 0, neighbours: skills }).findings)
    const blocking = found.filter(({ severity }) => severity === 'high' || severity === 'critical')
    return {
      name: of['name'] ?? '',
      isHostile: of['label'] === 'hostile',
      kind: of['kind'] ?? '',
      isHeld: of['part'] === 'held',
      rules: [...new Set(blocking.map((finding) => finding.rule))].toSorted(),
    }
  })
}
