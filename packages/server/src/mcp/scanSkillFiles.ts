import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { BaseError } from '@countersign/base'
import { safeText } from '@countersign/simulator'
import type { ToolAnswer } from './Tool.ts'

/** A file as a client hands it over. */
export interface GivenFile {
  readonly path: string
  readonly text: string
}

/** What the worker answers. */
export interface Scanned {
  readonly verdict: string
  readonly max_severity: string
  readonly content_digest: string
  readonly risk_tier: unknown
  readonly findings: readonly {
    readonly rule: string
    readonly severity: string
    readonly file: string
    readonly line: number
    readonly about: string
    readonly because: string
  }[]
  readonly unanalysed: readonly { readonly file: string; readonly why: string }[]
}

/** How long a scan may take, in milliseconds. */
const DEADLINE_MS = 20_000
/** As many scans at a time, so that they leave the processor to the gate. */
const MAX_AT_ONCE = 2
const MAX_LISTED = 100
let running = 0

/**
 * Scans the files of one skill as they were given, in a thread of its own: nothing is written to disk, and a scan that
 * takes too long is ended and is no pass.
 *
 * @throws {ScanError} `mcp:scan:busy`, `mcp:scan:timeout`, `mcp:scan:paths`.
 */
export async function scanSkillFiles(files: readonly GivenFile[]): Promise<ToolAnswer> {
  const answer = await scanFiles(files)
  if ('refused' in answer)
    throw new ScanError('paths', answer.refused, 'Give paths relative to the directory of the skill, each once.')
  return toAnswer(answer)
}

/**
 * The same, as the thread answers it.
 *
 * @throws {ScanError} `mcp:scan:busy`, `mcp:scan:timeout`.
 */
export async function scanFiles(files: readonly GivenFile[]): Promise<Scanned | { readonly refused: string }> {
  if (running >= MAX_AT_ONCE) throw new ScanError('busy', 'Other scans are running.', 'Try again in a moment.')
  running += 1
  const worker = new Worker(new URL(`./scanWorker${extname(import.meta.url)}`, import.meta.url), {
    workerData: files.map(({ path, text }) => ({ path, text })),
    name: 'countersign-scan',
    // Nothing of the process around it is its business.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  try {
    return await answerOf(worker)
  } finally {
    running -= 1
    await worker.terminate()
  }
}

/** What a thread answers; an error where it ends without an answer, or does not end in time. */
function answerOf(worker: Worker): Promise<Scanned | { refused: string }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new ScanError('timeout', 'The scan took too long and was ended.', 'Scan fewer or smaller files.')),
      DEADLINE_MS,
    )
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => {
      clearTimeout(timer)
      reject(new ScanError('timeout', 'The scan ended without an answer.', 'Scan fewer or smaller files.'))
    })
  })
}

const VERDICTS: Readonly<Record<string, string>> = {
  pass: 'pass: nothing grave was found',
  fail: 'fail: do not install it',
  incomplete: 'incomplete: something could not be analysed, so it does not pass',
}

function toAnswer(scanned: Scanned): ToolAnswer {
  const listed = scanned.findings.slice(0, MAX_LISTED)
  return {
    structured: {
      verdict: scanned.verdict,
      max_severity: scanned.max_severity,
      content_digest: scanned.content_digest,
      risk_tier: scanned.risk_tier,
      findings: listed.map(({ rule, severity, line, about, file, because }) => ({
        rule,
        severity,
        line,
        about,
        untrusted_file: safeText(file, 300),
        untrusted_because: safeText(because, 300),
      })),
      more_findings: scanned.findings.length - listed.length,
      unanalysed: scanned.unanalysed
        .slice(0, MAX_LISTED)
        .map(({ file, why }) => ({ untrusted_file: safeText(file, 300), untrusted_why: safeText(why, 300) })),
    },
    text: [
      `Verdict ${VERDICTS[scanned.verdict] ?? scanned.verdict}.`,
      ...listed.map(({ rule, severity, line }) => `- ${severity} ${rule}, line ${line}`),
    ].join('\n'),
  }
}

export class ScanError extends BaseError {
  override readonly name = 'mcp.ScanError'
  constructor(reason: 'busy' | 'timeout' | 'paths', message: string, hint: string) {
    super(message, { code: `mcp:scan:${reason}`, kind: reason === 'paths' ? 'invalid' : 'unavailable', hint })
  }
}
