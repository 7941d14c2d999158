import { NOTHING, shown, type Hook, type Supplies } from '../Dependency.ts'

const WHEN: readonly (readonly [RegExp, Hook['when']])[] = [
  [/setup\.py$|binding\.gyp$/i, 'install'],
  [/build\.rs$/i, 'build'],
  [/conftest\.py$|noxfile\.py$/i, 'test'],
  [/\.pth$|(?:site|user)customize\.py$/i, 'session'],
]

/** What makes a script that runs by itself more than a build step: it talks, starts programs, or unpacks code. */
const REACHING =
  /\b(?:reqwest|ureq|TcpStream|UdpSocket|Command::new|curl::|hyper::|attohttpc|isahc|subprocess|os\.system|os\.popen|urllib|requests|httpx|aiohttp|socket\.|http\.client|exec\(|eval\(|compile\(|__import__|base64|b64decode|marshal|ctypes)/

/** Scripts that Cargo, pip, pytest or Python itself run without being asked. */
export function readBuildScript(file: string, text: string): Supplies {
  const base = file.split('/').at(-1) ?? file
  const when = WHEN.find(([pattern]) => pattern.test(base))?.[1] ?? 'build'
  const lines = text.split('\n')
  // A .pth file runs only its lines that begin with `import` (Python's site module).
  if (base.toLowerCase().endsWith('.pth')) {
    const at = lines.findIndex((line) => /^import[ \t]/.test(line))
    if (at === -1) return NOTHING
    return {
      ...NOTHING,
      hooks: [
        { when, name: base, command: shown(lines[at] ?? ''), file, line: at + 1, evidence: shown(lines[at] ?? '') },
      ],
    }
  }
  const at = lines.findIndex(
    (line) => !/^\s{0,40}(?:#|\/\/|use |import |from )/.test(line.slice(0, 400)) && REACHING.test(line.slice(0, 2_000)),
  )
  const line = at === -1 ? 1 : at + 1
  return {
    ...NOTHING,
    hooks: [
      {
        when,
        name: base,
        command: at === -1 ? '' : shown(lines[at] ?? ''),
        file,
        line,
        evidence: at === -1 ? base : shown(lines[at] ?? ''),
      },
    ],
  }
}
