import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readTree, scanSkill } from '@countersign/scanner'
import type { Result } from '../Result.ts'
import { share } from '../Wilson.ts'

/** Packages written without sight of the rules: `KIND.hostile.txt` must be blocked, `KIND.honest.txt` must not. */
const FOLDER = join(import.meta.dirname, 'blind')
const AT_LEAST = 90
const AT_MOST = 3

/** One package of a file in {@link FOLDER}. */
interface Written {
  readonly name: string
  readonly kind: string
  readonly isHostile: boolean
  readonly files: Readonly<Record<string, string>>
}

/** Scans every written package, names those that were judged wrongly, and counts by kind. */
export function blind(result: Result, log: (text: string) => void): void {
  const judged = readWritten().map((each) => ({ ...each, ...judge(each) }))
  for (const each of judged)
    if (each.isHostile !== each.isBlocked)
      log(`${each.isHostile ? 'missed ' : 'blocked'} ${each.kind.padEnd(18)} ${each.name.padEnd(26)} ${each.rules}`)
  for (const [kind, members] of Map.groupBy(judged, (each) => `${each.isHostile ? 'hostile' : 'honest'} ${each.kind}`))
    log(`${kind.padEnd(28)} blocked ${members.filter((each) => each.isBlocked).length} of ${members.length}`)
  for (const [isHostile, name] of [
    [true, 'blind hostile packages blocked, %'],
    [false, 'blind honest packages blocked by mistake, %'],
  ] as const) {
    const members = judged.filter((each) => each.isHostile === isHostile)
    const of = share(members.filter((each) => each.isBlocked).length, members.length)
    const value = 100 * of.rate
    result.bars.push({
      name: `${name} (${of.hits} of ${of.n}; Wilson ${(100 * of.low).toFixed(1)} to ${(100 * of.high).toFixed(1)})`,
      value,
      target: isHostile ? `>= ${AT_LEAST}` : `<= ${AT_MOST}`,
      holds: isHostile ? value >= AT_LEAST : value <= AT_MOST,
    })
  }
}

function readWritten(): Written[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .flatMap((name) => {
      const [, ...packages] = readFileSync(join(FOLDER, name), 'utf8').split(/^=== /m)
      return packages.map((text) => {
        const [head = '', ...files] = text.split(/^--- (?=\S+$)/m)
        const [title = '', kind = ''] = head.trim().split(' | ')
        const entries = files.map((file) => {
          const end = file.indexOf('\n')
          return [file.slice(0, end), unhide(file.slice(end + 1))]
        })
        return { name: title, kind, isHostile: name.includes('.hostile.'), files: Object.fromEntries(entries) }
      })
    })
}

/** `[[tags:abc]]` stands for the invisible tag characters of `abc`, which an editor would lose. */
function unhide(text: string): string {
  return text.replaceAll(/\[\[tags:([^\]]*)\]\]/g, (_, hidden: string) =>
    [...hidden].map((char) => String.fromCodePoint(0xe0000 + (char.codePointAt(0) ?? 0))).join(''),
  )
}

function judge(written: Written): { readonly isBlocked: boolean; readonly rules: string } {
  const base = mkdtempSync(join(tmpdir(), 'countersign-blind-'))
  try {
    for (const [path, text] of Object.entries(written.files)) {
      const full = join(base, written.name, path)
      mkdirSync(dirname(full), { recursive: true })
      writeFileSync(full, text)
    }
    const found = readTree([written.name], base).flatMap(
      (skill) => scanSkill(skill, { gate: 'high', nowMs: 0, neighbours: [] }).findings,
    )
    const rules = [...new Set(found.map((finding) => `${finding.rule}:${finding.severity}`))]
    return { isBlocked: rules.some((rule) => /:(?:high|critical)$/.test(rule)), rules: rules.join(' ') }
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
