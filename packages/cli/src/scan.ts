import { readFileSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import type { AdapterName, AdapterReport, Check, Extras, Fixture, ScanReport, SupplyFacts } from '@countersign/scanner'
import { Command, InvalidArgumentError } from 'commander'
import { explain } from './scan/explain.ts'
import { readText, writeText } from './scan/files.ts'
import { runJudge } from './scan/judge.ts'
import { osvCommand, writeSnapshot } from './scan/osv.ts'
import { signCommand, verifyCommand } from './scan/sign.ts'
import { changedFiles, touchedSkills } from './changed.ts'
import type { Io } from './io.ts'
import { UsageError } from './UsageError.ts'

interface Options {
  readonly gate: string
  readonly only?: string
  readonly json?: boolean
  readonly sarif?: boolean
  readonly md?: boolean
  readonly cyclonedx?: boolean
  readonly write: readonly string[]
  readonly waivers?: string
  readonly baseline?: string
  readonly writeBaseline?: string
  readonly fixture: readonly string[]
  readonly explain?: string
  readonly lock?: string
  readonly writeLock?: string
  readonly approvedBy?: string
  readonly changed?: string | true
  readonly trustRoot?: string
  readonly osv?: string
  readonly osvOut?: string
  readonly requireOsv?: boolean
  readonly adapters?: string | true
  readonly adapterGate: string
  readonly adapterVersion: readonly string[]
  readonly adapterTimeout: string
  readonly allowUpload?: boolean
  readonly judge?: boolean
  readonly judgeTimeout: string
}

type Format = 'json' | 'sarif' | 'md' | 'cyclonedx' | 'text'

const FORMATS: readonly Format[] = ['json', 'sarif', 'md', 'cyclonedx', 'text']

/** Seconds that another scanner has for one skill. */
const ADAPTER_TIMEOUT_S = 120

type Scanner = typeof import('@countersign/scanner')
type Severity = ReturnType<typeof import('@countersign/scanner').Severity.shift>
type Snapshot = Awaited<ReturnType<typeof import('@countersign/scanner').loadSnapshot>>

/** `countersign scan`: skills before they are installed or merged; reads files and nothing else. */
export function scanCommand(io: Io): Command {
  return new Command('scan')
    .argument('[path...]', 'a skill, or a tree in which every directory with a SKILL.md is one', ['.'])
    .option('--gate <severity>', 'findings as grave as this fail: low, medium, high, critical', 'high')
    .option('--only <checks>', 'some of behavior,intent,structure,supply')
    .option('--json', 'print the report as one JSON object')
    .option('--sarif', 'print SARIF 2.1.0, one run for each analyser')
    .option('--md', 'print Markdown, for comments on pull requests')
    .option('--cyclonedx', 'print a CycloneDX bill of materials of what the skills would fetch')
    .option(
      '--write <format=file>',
      'also write json, sarif, md, cyclonedx or text to a file; repeat for more',
      collect,
      [],
    )
    .option('--waivers <file>', 'waivers: fingerprint, content digest, reason, owner, expiry; outside every skill')
    .option('--baseline <file>', 'what is known already: it is reported, and only what is new fails')
    .option('--write-baseline <file>', 'write what is found now as the baseline of later scans')
    .option(
      '--fixture <directory>',
      'samples for tests, outside what ships: reported as such, failing nothing; repeat for more (or in the lock)',
      collect,
      [],
    )
    .option('--explain <rule>', 'say what a rule looks for, why, what it flags and what to do, and end')
    .option('--lock <file>', 'skills.lock.json: what was approved; what differs from it is a finding')
    .option('--write-lock <file>', 'approve the skills as they are, if all of them pass (with --approved-by)')
    .option('--approved-by <who>', 'who approves, for --write-lock')
    .option(
      '--changed [base]',
      'only skills that differ from a branch or commit, their copies and what links to them (default: the base of the pull request, else HEAD)',
    )
    .option(
      '--trust-root <file>',
      'whose Sigstore certificates count: a trusted_root.json (default: the public instance)',
    )
    .option('--osv <path>', 'known vulnerabilities: OSV records, all.zip, a directory of these, or a snapshot')
    .option('--osv-out <file>', 'compact what --osv holds to a snapshot (.json or .json.gz), and end')
    .option('--require-osv', 'without --osv the scan is incomplete (exit 9)')
    .option(
      '--adapters [names]',
      'also run other scanners where they are installed: cisco-skill-scanner,skill-audit,skillscan,snyk-agent-scan (default: all)',
    )
    .option('--adapter-gate <severity>', 'findings of other scanners as grave as this fail', 'high')
    .option('--adapter-version <name=version>', 'accept this version of another scanner; repeat for more', collect, [])
    .option('--adapter-timeout <seconds>', 'for one skill', String(ADAPTER_TIMEOUT_S))
    .option('--allow-upload', 'agree that snyk-agent-scan sends the text of the skills to Snyk')
    .option(
      '--judge',
      'also have the configured language model read the skills; it can only add (their text is sent to it)',
    )
    .option('--judge-timeout <seconds>', 'for one question to the model', '60')
    .addHelpText(
      'after',
      `
Exit codes, the first that holds: 1 findings at or above the gate, 9 could not finish, 2 bad usage or input, 0 clean.
A path that holds no skill or cannot be read is named; the others are scanned.

Examples:
  countersign scan skills
  countersign scan . --changed origin/main --write sarif=scan.sarif
  countersign scan . --baseline scan-baseline.json --fixture test-fixtures
  countersign scan --explain fetch-then-execute
  countersign scan skills/transact --only behavior,supply --gate medium --json
  countersign scan osv fetch --out osv.json.gz
  countersign scan skills --osv osv.json.gz`,
    )
    .enablePositionalOptions()
    .addCommand(signCommand(io))
    .addCommand(verifyCommand(io))
    .addCommand(osvCommand(io))
    .action(async (paths: string[], options: Options) => {
      io.exit(await run(io, paths, options))
    })
}

async function run(io: Io, paths: readonly string[], options: Options): Promise<number> {
  // Loaded here, so that other commands start without it.
  const scanner = await import('@countersign/scanner')
  if (options.explain !== undefined) return explain(scanner, io, options.explain, options.json === true)
  const nowMs = Date.now()
  const gate = severity(scanner, options.gate, '--gate')
  const adapterGate = severity(scanner, options.adapterGate, '--adapter-gate')
  const only = options.only === undefined ? null : checks(scanner, options.only)
  const format = formatOf(options)
  const written = options.write.map(writeOf)
  if (options.writeLock !== undefined && (options.approvedBy ?? '').trim() === '') {
    throw new UsageError('Nobody approves the lock.', 'Give --approved-by with a name.')
  }
  const osv = options.osv === undefined ? null : await scanner.loadSnapshot(options.osv)
  if (options.osvOut !== undefined) return compact(io, osv, options.osvOut)
  const waivers =
    options.waivers === undefined ? [] : scanner.Waiver.parseAll(readText(options.waivers), options.waivers)
  const lock = options.lock === undefined ? null : scanner.Lock.parse(readText(options.lock), options.lock)

  const baseline =
    options.baseline === undefined ? null : scanner.Baseline.parse(readText(options.baseline), options.baseline)

  const base = process.cwd()
  const supplies = new Map<string, SupplyFacts>()
  const common = {
    paths,
    base,
    gate,
    nowMs,
    waivers,
    osv,
    ...(only === null ? {} : { only }),
    ...(lock === null ? {} : { lock }),
    ...(baseline === null ? {} : { baseline }),
    ...(options.trustRoot === undefined
      ? {}
      : { trustRoot: { text: readText(options.trustRoot), file: options.trustRoot } }),
    fixtures: fixturesOf(scanner, options, base),
  }
  const keep = options.changed === undefined ? null : keepChanged(scanner, options, { base, io, paths, nowMs })
  const report = scanner.scan({
    ...common,
    onSupply: (path, supply) => supplies.set(path, supply),
    ...(keep === null ? {} : { keep }),
  })
  const adapters =
    options.adapters === undefined ? [] : await runAdapters(scanner, io, report, { ...options, adapterGate, base })
  const judged =
    options.judge === true
      ? await runJudge(scanner, io, report, {
          paths,
          base,
          gate,
          timeoutS: secondsOf(options.judgeTimeout, '--judge-timeout'),
        })
      : []
  const extras: Extras = {
    adapters: [...adapters, ...judged],
    osv:
      osv === null
        ? null
        : {
            as_of: osv.as_of,
            age_days: scanner.Snapshot.ageDays(osv, nowMs),
            records: osv.records,
            digest: scanner.Snapshot.digestOf(osv),
          },
  }

  const show = (wanted: Format): Promise<string> => render(scanner, io, wanted, { report, extras, supplies, base })
  for (const each of written) writeText(each.file, `${await show(each.format)}\n`)
  io.out(await show(format))
  if (options.writeLock !== undefined) {
    const approved = scanner.Lock.fromReport(report, options.approvedBy ?? '', nowMs)
    writeText(options.writeLock, `${JSON.stringify(approved, null, 2)}\n`)
    io.err(`${options.writeLock}: ${approved.skills.length} skills approved by ${options.approvedBy}.`)
  }
  if (baseline !== null) {
    const gone = scanner.Baseline.countGone(baseline, report)
    if (gone > 0) io.err(`${options.baseline}: ${gone} known findings are gone. Write the baseline again.`)
  }
  if (options.writeBaseline !== undefined) {
    const made = scanner.Baseline.fromReport(report, nowMs)
    writeText(options.writeBaseline, `${JSON.stringify(made, null, 2)}\n`)
    io.err(`${options.writeBaseline}: ${made.findings.length} findings are known from now on.`)
  }
  const isOsvMissing = options.requireOsv === true && osv === null
  if (isOsvMissing) io.err('Vulnerable versions were not checked: --require-osv is given, and --osv is not.')
  return scanner.exitCodeWith(report, extras, { isOsvMissing })
}

/** Samples that are declared here; the lock declares its own. Nothing inside a skill can. */
function fixturesOf(scanner: Scanner, options: Options, base: string): Fixture[] {
  return options.fixture.map((given) => {
    const path = scanner.normalPath(relative(base, resolve(base, given)).split(sep).join('/'))
    if (path === null)
      throw new UsageError(
        `--fixture ${given} is not below the working directory.`,
        'Give a directory below it that holds samples only.',
      )
    return { path, because: 'Given with --fixture.', declared_by: 'the command line' }
  })
}

/** The skills that a change touches, decided over all of them before any is judged. */
function keepChanged(
  scanner: Scanner,
  options: Options,
  { base, io, paths, nowMs }: { base: string; io: Io; paths: readonly string[]; nowMs: number },
): (path: string) => boolean {
  const pull = io.env['GITHUB_BASE_REF'] ?? ''
  const from = typeof options.changed === 'string' ? options.changed : pull === '' ? 'HEAD' : `origin/${pull}`
  const changed = changedFiles({ base: from, cwd: base })
  const about = [options.waivers, options.lock, options.baseline].flatMap((file) =>
    file === undefined ? [] : [relative(base, resolve(base, file)).split(sep).join('/')],
  )
  // A decision about skills touches every one of them.
  if (about.some((file) => changed.includes(file))) return () => true
  const skills = new Map<string, readonly string[]>()
  // Odd paths are named by the scan itself.
  scanner.scan({
    paths,
    base,
    nowMs,
    keep: (path, files) => {
      skills.set(
        path,
        files.map((file) => scanner.pathOf(path, file)),
      )
      return false
    },
  })
  const touched = touchedSkills(skills, changed)
  io.err(`${touched.size} of ${skills.size} skills are touched by ${changed.length} changed files since ${from}.`)
  return (path) => touched.has(path)
}

async function runAdapters(
  scanner: Scanner,
  io: Io,
  report: ScanReport,
  options: Options & { adapterGate: Severity; base: string },
): Promise<AdapterReport[]> {
  const names =
    typeof options.adapters === 'string'
      ? options.adapters.split(',').map((name) => name.trim())
      : scanner.ADAPTERS.map((each) => each.name)
  const chosen = names.map((name) => {
    const found = scanner.ADAPTERS.find((each) => each.name === name)
    if (found === undefined)
      throw new UsageError(
        `There is no adapter ${name}.`,
        `Choose from ${scanner.ADAPTERS.map((each) => each.name).join(', ')}.`,
      )
    return found
  })
  const versions = new Map(
    options.adapterVersion.map((pair) => {
      const [name = '', version = ''] = pair.split('=')
      if (!scanner.ADAPTERS.some((each) => each.name === name) || !/^\d[\w.-]{0,30}$/.test(version)) {
        throw new UsageError(`--adapter-version ${pair} cannot be read.`, 'Write it as skillscan=0.4.0.')
      }
      return [name as AdapterName, version]
    }),
  )
  const timeoutS = secondsOf(options.adapterTimeout, '--adapter-timeout')
  const reports: AdapterReport[] = []
  for (const skill of report.skills) {
    for (const adapter of chosen) {
      reports.push(
        await scanner.runAdapter({ env: io.env }, adapter, {
          skill: skill.path,
          directory: resolve(options.base, skill.path),
          gate: options.adapterGate,
          timeoutMs: timeoutS * 1_000,
          isUploadAllowed: options.allowUpload === true,
          version: versions.get(adapter.name),
        }),
      )
    }
  }
  return reports
}

function secondsOf(text: string, flag: string): number {
  const seconds = Number(text)
  if (!Number.isSafeInteger(seconds) || seconds < 1 || seconds > 3_600)
    throw new UsageError(`${flag} ${text} is not valid.`, 'Give whole seconds, 1 to 3600.')
  return seconds
}

async function render(
  scanner: Scanner,
  io: Io,
  format: Format,
  {
    report,
    extras,
    supplies,
    base,
  }: { report: ScanReport; extras: Extras; supplies: ReadonlyMap<string, SupplyFacts>; base: string },
): Promise<string> {
  const lineOf = linesBelow(scanner, base)
  switch (format) {
    case 'json':
      return JSON.stringify({ ...report, osv: extras.osv, adapters: extras.adapters })
    case 'sarif':
      return JSON.stringify(
        scanner.toSarif(report, { rules: scanner.RULES, extras, lineOf, version: scanner.VERSION }),
        null,
        1,
      )
    case 'md':
      return scanner.toMarkdown(report, { extras })
    case 'cyclonedx': {
      const { toCycloneDx } = await import('@countersign/scanner/cyclonedx')
      return toCycloneDx(report, { supplies, version: scanner.VERSION })
    }
    case 'text':
      return scanner.renderReport(report, { extras, lineOf, width: io.columns, color: io.color })
  }
}

/** Lines of the scanned files, each file read once. A file that changed or went away meanwhile has none. */
function linesBelow(scanner: Scanner, base: string): (skillPath: string, file: string, line: number) => string | null {
  const read = new Map<string, readonly string[]>()
  return (skillPath, file, line) => {
    const path = resolve(base, scanner.pathOf(skillPath, file))
    const before = read.get(path)
    if (before !== undefined) return before[line - 1] ?? null
    let lines: readonly string[] = []
    try {
      lines = readFileSync(path, 'utf8').split(/\r?\n/)
    } catch {
      // A member of an archive has no file of its own.
    }
    read.set(path, lines)
    return lines[line - 1] ?? null
  }
}

function compact(io: Io, osv: Snapshot | null, file: string): number {
  if (osv === null)
    throw new UsageError('There is nothing to compact.', 'Give --osv with OSV records: a file, all.zip or a directory.')
  writeSnapshot(io, osv, file)
  return 0
}

function formatOf(options: Options): Format {
  const chosen = (['json', 'sarif', 'md', 'cyclonedx'] as const).filter((format) => options[format] === true)
  if (chosen.length > 1)
    throw new UsageError(
      `Only one of --${chosen.join(' and --')} can be printed.`,
      'Write the others to files with --write sarif=scan.sarif.',
    )
  return chosen[0] ?? 'text'
}

function writeOf(pair: string): { format: Format; file: string } {
  const at = pair.indexOf('=')
  const format = pair.slice(0, Math.max(0, at)) as Format
  const file = pair.slice(at + 1)
  if (at === -1 || file === '' || !FORMATS.includes(format))
    throw new UsageError(
      `--write ${pair} cannot be read.`,
      'Write it as sarif=scan.sarif; the formats are json, sarif, md, cyclonedx and text.',
    )
  return { format, file }
}

function severity(scanner: Scanner, text: string, flag: string): Severity {
  if (scanner.Severity.isSeverity(text)) return text
  throw new UsageError(`${flag} ${text} is no severity.`, 'Give low, medium, high or critical.')
}

function checks(scanner: Scanner, text: string): Check[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !(scanner.CHECKS as readonly string[]).includes(name))
  if (unknown !== undefined)
    throw new UsageError(
      `There is no check ${unknown === '' ? 'without a name' : unknown}.`,
      `Choose from ${scanner.CHECKS.join(', ')}.`,
    )
  return scanner.CHECKS.filter((check) => names.includes(check))
}

function collect(value: string, previous: readonly string[]): string[] {
  if (value === '') throw new InvalidArgumentError('It is empty.')
  return [...previous, value]
}
