import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { normalPath, RULES, scanSkill, Skill } from '@countersign/scanner'
import type { GivenFile, Scanned } from './scanSkillFiles.ts'

/** The thread of one scan: files in, findings out. */
function scanGiven(given: readonly GivenFile[]): Scanned | { refused: string } {
  const paths = given.map(({ path }) => normalPath(path))
  if (paths.some((path) => path === null)) return { refused: 'A path is absolute or leads out of the skill.' }
  if (new Set(paths).size < paths.length) return { refused: 'A path is given twice.' }
  const root = rootOf(paths as string[])
  if (root === null) return { refused: 'There is no SKILL.md among the files.' }
  const files = given
    .map(({ text }, i) => readGiven((paths[i] as string).slice(root.length), text))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const manifest = files.find(({ path }) => path.toLowerCase() === 'skill.md')
  const name = /^name:\s*["']?([^\s"']{1,64})/m.exec(manifest?.text ?? '')?.[1] ?? 'skill'
  const lower = files.map(({ path }) => path.toLowerCase())
  const skill: Skill.Skill = {
    path: '.',
    name,
    directory: root === '' ? name : root.slice(0, -1),
    files,
    surroundings: [],
    isFixture: false,
    problems: files
      .filter((_, i) => lower.indexOf(lower[i] as string) !== i)
      .map(({ path, bytes }) => ({
        kind: 'case-collision',
        file: path,
        bytes,
        because: 'Its name differs from another only in case, so that one of them disappears on some systems.',
      })),
    contentDigest: Skill.digestOf(files),
  }
  const report = scanSkill(skill, { gate: 'high', nowMs: Date.now(), neighbours: [skill] })
  const about = new Map<string, string>(RULES.map((rule) => [rule.name, rule.about]))
  return {
    verdict: report.verdict,
    max_severity: report.max_severity,
    content_digest: report.content_digest,
    risk_tier: report.risk_tier,
    findings: report.findings.map(({ rule, severity, file, line, because }) => ({
      rule,
      severity,
      file,
      line,
      about: about.get(rule) ?? '',
      because,
    })),
    unanalysed: report.coverage.unanalysed.map(({ file, why }) => ({ file, why })),
  }
}

/** The directory that all files are given below, with its slash: where SKILL.md lies. Null without one. */
function rootOf(paths: readonly string[]): string | null {
  const manifests = paths.filter((path) => /(?:^|\/)skill\.md$/i.test(path))
  const shallow = manifests.toSorted((a, b) => a.split('/').length - b.split('/').length)[0]
  if (shallow === undefined) return null
  const root = shallow.slice(0, -'skill.md'.length)
  return paths.every((path) => path.startsWith(root)) && root.split('/').length <= 2 ? root : null
}

function readGiven(path: string, text: string): Skill.SkillFile {
  const content = Buffer.from(text, 'utf8')
  return {
    path,
    kind: Skill.kindOf(path, content, true),
    bytes: content.length,
    digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
    text: text.replace(/^\ufeff/, ''),
    content,
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort?.postMessage(scanGiven(workerData as readonly GivenFile[]))
