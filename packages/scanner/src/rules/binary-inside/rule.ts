import type { Rule } from '../../Rule.ts'

const PROGRAMS: readonly (readonly [string, string])[] = [
  ['7f454c46', 'a Linux program'],
  ['4d5a', 'a Windows program'],
  ['cafebabe', 'a macOS program or Java class'],
  ['feedface', 'a macOS program'],
  ['feedfacf', 'a macOS program'],
  ['cefaedfe', 'a macOS program'],
  ['cffaedfe', 'a macOS program'],
  ['0061736d', 'a WebAssembly program'],
]

export const rule: Rule = {
  name: 'binary-inside',
  check: 'structure',
  ast: 'AST08',
  item: '8.2',
  about: 'The skill ships a program or a file that cannot be read as text.',
  severity: 'high',
  because: 'Nobody can review it, and the agent can run it.',
  remediation: 'Ship the source, or name a pinned package that holds the program.',
  *find(material) {
    for (const file of material.skill.files) {
      if (file.bytes === 0) continue
      const head = Buffer.from(file.content.subarray(0, 4)).toString('hex')
      const program = PROGRAMS.find(([magic]) => head.startsWith(magic))
      if (program !== undefined && file.text === null)
        yield { file: file.path, line: 1, view: 'code', evidence: `${file.path}: ${program[1]}`, severity: 'critical' }
      else if (/\.(?:pyc|pyo|class|node|so|dylib|dll|exe|wasm|jar)$/i.test(file.path))
        yield { file: file.path, line: 1, view: 'code', evidence: file.path }
      else if (file.kind === 'binary' && file.text === null && file.content.length > 0)
        yield { file: file.path, line: 1, view: 'code', evidence: file.path, severity: 'medium' }
    }
  },
}
