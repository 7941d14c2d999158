import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'path-escape',
  check: 'structure',
  ast: 'AST06',
  item: '6.2',
  about: 'A file or link of the skill leads out of its directory.',
  severity: 'high',
  because: 'What is loaded is then not what was reviewed, and may be anything on the machine.',
  mend: "Keep every file inside the skill's directory.",
  *find(material) {
    for (const problem of material.skill.problems) {
      if (problem.kind === 'link-outside')
        yield {
          file: problem.file,
          line: 1,
          view: 'code',
          evidence: problem.file,
          because: problem.because,
          severity: problem.because.startsWith('It links') ? 'low' : 'high',
        }
      else if (problem.kind === 'symlink')
        yield {
          file: problem.file,
          line: 1,
          view: 'code',
          evidence: problem.file,
          because: problem.because,
          severity: 'low',
        }
      else if (problem.kind === 'case-collision')
        yield {
          file: problem.file,
          line: 1,
          view: 'code',
          evidence: problem.file,
          because: problem.because,
          severity: 'medium',
        }
      else if (problem.kind === 'bad-name')
        yield {
          file: problem.file,
          line: 1,
          view: 'code',
          evidence: problem.file,
          because: problem.because,
          severity: 'medium',
        }
    }
    for (const file of material.skill.files)
      if (/!\/(?:.{0,200}\/)?\.\.\/|!\/(?:\/|[A-Za-z]:)/.test(file.path))
        yield {
          file: file.path,
          line: 1,
          view: 'code',
          evidence: file.path,
          because: 'A member of an archive would be unpacked outside of it.',
          severity: 'critical',
        }
  },
}
