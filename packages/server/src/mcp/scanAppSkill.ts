import type { SkillVerdict } from '../apps/skills/AppSkills.ts'
import { scanFiles, type GivenFile } from './scanSkillFiles.ts'

/**
 * Scans a skill of an app as the MCP tool does, in a thread of its own.
 *
 * @throws {ScanError} `mcp:scan:busy`, `mcp:scan:timeout`: nobody looked.
 */
export async function scanAppSkill(files: readonly GivenFile[]): Promise<SkillVerdict> {
  const scanned = await scanFiles(files)
  if ('refused' in scanned) return { isPass: false, because: scanned.refused }
  if (scanned.verdict === 'pass') return { isPass: true, because: null }
  if (scanned.verdict === 'incomplete') return { isPass: false, because: 'The scan could not read all of it.' }
  const rules = [...new Set(scanned.findings.map(({ rule, severity }) => `${rule} (${severity})`))]
  return { isPass: false, because: `The scan found ${rules.slice(0, 5).join(', ')}.` }
}

/** The head of a SKILL.md, and its text below. */
export async function readSkillText(text: string): Promise<{
  readonly head: Readonly<Record<string, unknown>> | null
  readonly body: string
}> {
  // Loaded with the first skill: most apps have none.
  const { frontmatterOf } = await import('@countersign/scanner')
  const { data, endLine } = frontmatterOf(text)
  return { head: data, body: text.split('\n').slice(endLine).join('\n').trim() }
}

/** The scanner and its rules: a verdict of others does not count. */
export async function scannerInUse(): Promise<string> {
  const { rulesDigest, VERSION } = await import('@countersign/scanner')
  return `${VERSION} ${rulesDigest()}`
}
