import type { Dependency } from '../Dependency.ts'
import type { Held } from '../SupplyFacts.ts'
import { safeEvidence } from '../../Finding.ts'
import type { Match } from '../../Rule.ts'
import type { Severity } from '../../Severity.ts'

/** Packages that a registry serves, as people say them: `lodash@^4 (npm)`. */
export function nameOf({ name, spec, ecosystem, source }: Dependency): string {
  if (ecosystem === 'docker')
    return `image ${name.replace(/^docker\.io\/(?:library\/)?/, '')}${spec === '' ? '' : `:${spec}`}`
  if (source.kind !== 'registry') return `${name} (${ecosystem})`
  return `${name}${spec === '' ? '' : `@${spec.replace(/^={1,3}/, '')}`} (${ecosystem})`
}

/** A match at something held. In examples and fixtures the engine makes it milder. */
export function at(
  held: Held<{ readonly file: string; readonly line: number; readonly evidence: string }>,
  severity: Severity,
  because: string,
  remediation?: string,
): Match {
  const { file, line, view, evidence, role } = held
  // Names and commands in the sentence are the skill's own words.
  const match = { file, line, view, evidence, role, severity, because: safeEvidence(because, 400) }
  return remediation === undefined ? match : { ...match, remediation: safeEvidence(remediation, 400) }
}

/** The first of each that are the same to a reader: one finding a package and file, not one a line. */
export function* firsts<T>(all: Iterable<T>, keyOf: (each: T) => string): Generator<T> {
  const seen = new Set<string>()
  for (const each of all) {
    const key = keyOf(each)
    if (seen.has(key)) continue
    seen.add(key)
    yield each
  }
}

/** Key of a dependency within its file. */
export function inFile({ file, ecosystem, name, spec }: Dependency): string {
  return `${file}\0${ecosystem}\0${name}\0${spec}`
}

/** Commands that fetch a package and run it in the same breath. */
export function isRunAtOnce({ via, evidence, ecosystem }: Dependency): boolean {
  if (via === 'config') return true
  if (via !== 'command') return false
  if (ecosystem === 'docker') return /\brun\b/.test(evidence)
  return /\b(?:npx|bunx|pnpx|uvx|dlx|npm exec|pipx run|uv tool run|deno run|go run)\b|\bbun x\b/.test(evidence)
}

/** Fetches something and hands it to an interpreter, or starts one with a program in its words. */
export const FETCHES = /\b(?:curl|wget|Invoke-WebRequest|iwr|fetch\(|urllib|requests\.)/i
export const RUNS_TEXT =
  /\|\s{0,3}(?:sudo\s{1,3})?(?:ba|z|da)?sh\b|\b(?:ba|z|da)?sh\s{1,3}-c\b|\b(?:node|bun|deno)\s{1,3}(?:-e|--eval|eval)\b|\bpython\d?\s{1,3}-c\b|\bpowershell\b|\biex\b|\beval\b|base64\s{1,3}(?:-d|--decode|-D)\b/i
