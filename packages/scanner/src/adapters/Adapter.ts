import type { AdapterFinding, AdapterName } from './AdapterReport.ts'
import { readCisco, readSkillAudit, readSkillScan, readSnyk } from './read.ts'

/** How another scanner is found, asked and understood. */
export interface Adapter {
  readonly name: AdapterName
  /** Its program, looked for in PATH. */
  readonly program: string
  /** The version whose output was read when this adapter was written. Another one may mean something else. */
  readonly version: string
  /** The words it is run with; the last is the skill's directory. */
  readonly args: (directory: string) => readonly string[]
  /** Exit codes that come with an answer; any other is a failure, whatever it printed. */
  readonly exitCodes: readonly number[]
  /** Environment variables that it may have besides PATH and HOME. */
  readonly env: readonly string[]
  /** True when it sends the skill's text to somebody. */
  readonly isUploading: boolean
  /** @throws {AnswerError} when the answer is not in its format. */
  readonly read: (answer: string, directory: string) => { findings: AdapterFinding[]; version: string | null }
}

/** In the order of their names. Versions and calls: docs/reference/scan-command.md. */
export const ADAPTERS: readonly Adapter[] = [
  {
    name: 'cisco-skill-scanner',
    program: 'skill-scanner',
    version: '2.3.2',
    args: (directory) => [
      'scan',
      directory,
      '--use-behavioral',
      '--lenient',
      '--format',
      'sarif',
      '--fail-on-severity',
      'high',
    ],
    exitCodes: [0, 1],
    env: [],
    isUploading: false,
    read: readCisco,
  },
  {
    name: 'skill-audit',
    program: 'skill-audit',
    version: '0.1.0',
    args: (directory) => [directory, '--format', 'sarif'],
    exitCodes: [0, 1],
    env: [],
    isUploading: false,
    read: readSkillAudit,
  },
  {
    name: 'skillscan',
    program: 'skillscan',
    version: '0.4.0',
    args: (directory) => ['audit', directory, '--dir', '--format', 'json', '--no-color'],
    exitCodes: [0, 1],
    env: [],
    isUploading: false,
    read: readSkillScan,
  },
  {
    name: 'snyk-agent-scan',
    program: 'snyk-agent-scan',
    version: '0.6.9',
    // Never with --dangerously-run-mcp-servers: that would start what the skill configures.
    args: (directory) => ['scan', '--json', directory],
    exitCodes: [0, 1],
    env: ['SNYK_TOKEN'],
    isUploading: true,
    read: readSnyk,
  },
]
