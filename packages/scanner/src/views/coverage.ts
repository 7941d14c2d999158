import { languageNamed } from '../facts/languages/languageOf.ts'
import { problemIn } from '../facts/languages/readCode.ts'
import { parsers } from '../parsers.ts'
import type { Unanalysed } from '../ScanReport.ts'
import { allFiles, type Skill, type SkillFile } from '../Skill.ts'
import { isPlainYaml } from './PlainYaml.ts'

/** The parser takes about 2 µs a character; settings, and compose files, are smaller. */
const YAML_CHARS_MAX = 64 << 10

/** Every byte that no reader understood, by file, with the reason. What is not in here was read. */
export function coverageOf(skill: Skill): Unanalysed[] {
  const out: Unanalysed[] = []
  for (const problem of skill.problems) {
    if (problem.kind === 'case-collision' || problem.kind === 'bad-name' || problem.kind === 'symlink') continue
    if (problem.kind === 'link-outside' && problem.because.startsWith('It links')) continue
    out.push({ file: problem.file, bytes: Math.max(problem.bytes, 1), why: problem.because })
  }
  for (const file of allFiles(skill)) {
    if (out.some((each) => each.file === file.path)) continue
    const why = whyUnread(file)
    if (why !== null) out.push({ file: file.path, bytes: file.bytes, why })
  }
  return out
}

function whyUnread(file: SkillFile): string | null {
  if (file.bytes === 0 || file.text !== null) return null
  return file.kind === 'image' || file.kind === 'archive' ? null : 'It is a binary file.'
}

/**
 * Why a file is not what its name says, as far as our reader can tell; null when it is. Such a file is read as text all the
 * same, so that nothing in it is missed: the reader may be at fault as well as the file.
 */
export function stumbleOf(file: SkillFile): string | null {
  if (file.bytes === 0 || file.text === null) return null
  if (file.kind === 'json')
    return isJson(file.text) || isJson(withoutComments(file.text)) ? null : 'It does not parse as JSON.'
  if (file.kind === 'yaml' && file.text.length > YAML_CHARS_MAX)
    return `It is larger than YAML is parsed (${YAML_CHARS_MAX} characters).`
  if (file.kind === 'yaml')
    return isYaml(file.text.replace(/\n(?:---|\.\.\.)[^\n]*\n/g, '\n')) ? null : 'It does not parse as YAML.'
  if (file.kind === 'python' || file.kind === 'javascript') {
    const language = languageNamed(file.kind)
    const problem = language === null ? null : problemIn(file.text, language)
    return problem === null ? null : `It does not parse: ${problem}.`
  }
  return null
}

function isYaml(text: string): boolean {
  if (isPlainYaml(text)) return true
  return parsers
    .yaml()
    .parseDocument(text, { logLevel: 'silent' })
    .errors.every((error) => error.code === 'DUPLICATE_KEY')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** JSON with comments and trailing commas, as settings files are written. */
function withoutComments(text: string): string {
  return (
    text
      .replace(/("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\//g, (_, quoted?: string) => quoted ?? '')
      .replace(/,(\s*[}\]])/g, '$1')
      // What JavaScript and Python write for numbers that JSON does not have.
      .replace(/(?<=[:[,]\s{0,20})-?(?:Infinity|NaN)\b/g, '0')
  )
}
