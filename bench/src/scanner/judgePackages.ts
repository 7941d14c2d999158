import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTree, scanSkill, Skill } from '@countersign/scanner'
import type { Labelled } from './corpora.ts'

/** What one package of a corpus got. */
export interface Judged extends Labelled {
  readonly isBlocked: boolean
  readonly isMedium: boolean
  readonly isIncomplete: boolean
  /** Rules with a finding at or above the gate. */
  readonly blockedBy: readonly string[]
  /** The reports without their times. */
  readonly text: string
  readonly wallMs: readonly number[]
  readonly cpuMs: readonly number[]
}

/** Scans packages one by one. Those without a SKILL.md have nothing to judge, and are counted. */
export function judgePackages(labelled: readonly Labelled[]): { readonly judged: Judged[]; readonly missing: number } {
  const judged: Judged[] = []
  let missing = 0
  for (const each of labelled) {
    const one = judge(each)
    if (one === null) missing += 1
    else judged.push(one)
  }
  return { judged, missing }
}

function judge(each: Labelled): Judged | null {
  let skills
  try {
    skills = readTree([each.path], each.root)
  } catch {
    return null
  }
  const wallMs: number[] = []
  const cpuMs: number[] = []
  const rules = new Set<string>()
  let isMedium = false
  let isIncomplete = false
  let text = ''
  for (const skill of skills) {
    const startMs = performance.now()
    const { answer: report, ms } = cpuOf(() => scanSkill(skill, { gate: 'high', nowMs: 0, neighbours: skills }))
    wallMs.push(performance.now() - startMs)
    cpuMs.push(ms)
    for (const finding of report.findings)
      if (finding.severity === 'high' || finding.severity === 'critical') rules.add(finding.rule)
    isMedium ||= report.max_severity !== 'none' && report.max_severity !== 'low'
    isIncomplete ||= report.coverage.unanalysed.length > 0
    text += JSON.stringify({ ...report, ms: 0 })
  }
  return {
    ...each,
    isBlocked: rules.size > 0,
    isMedium,
    isIncomplete,
    blockedBy: [...rules].toSorted(),
    text,
    wallMs,
    cpuMs,
  }
}

function cpuOf<T>(work: () => T): { readonly answer: T; readonly ms: number } {
  const before = process.cpuUsage()
  const answer = work()
  const spent = process.cpuUsage(before)
  return { answer, ms: (spent.user + spent.system) / 1000 }
}

/**
 * CPU of a scan over CPU of reading and hashing (SHA-256) the same files, package by package, in turns in one process:
 * machines differ, and so does what else runs on them.
 */
export function measureRatios(labelled: readonly Labelled[]): {
  readonly ratios: number[]
  readonly hashMs: number[]
  readonly scanMs: number[]
} {
  const ratios: number[] = []
  const hashMs: number[] = []
  const scanMs: number[] = []
  for (const each of labelled) {
    let skills
    try {
      skills = readTree([each.path], each.root)
    } catch {
      continue
    }
    const files = skills.flatMap((skill) => Skill.allFiles(skill).map((file) => join(each.root, skill.path, file.path)))
    const hashed = cpuOf(() => {
      for (const file of files) {
        try {
          createHash('sha256').update(readFileSync(file)).digest('hex')
        } catch {
          continue
        }
      }
    })
    const scanned = cpuOf(() => {
      for (const skill of skills) scanSkill(skill, { gate: 'high', nowMs: 0, neighbours: skills })
    })
    if (hashed.ms === 0) continue
    ratios.push(scanned.ms / hashed.ms)
    hashMs.push(hashed.ms)
    scanMs.push(scanned.ms)
  }
  return { ratios, hashMs, scanMs }
}
