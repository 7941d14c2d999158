import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { join } from 'node:path'
import { BaseError, Clock } from '@countersign/base'
import {
  Checkpoint,
  keysInDirectory,
  openAuditKey,
  openAuditRecord,
  verifyExport,
  type AuditRecord,
} from '@countersign/server/audit'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { defaultDataDir } from './defaultDataDir.ts'

/** Some hundred rows at a time. */
const READ_BYTES = 256 * 1024

/** `countersign audit`: export the record, sign its head, and verify both anywhere. */
export function auditCommand(io: Io): Command {
  const audit = new Command('audit')
  const withDataDir = (command: Command): Command =>
    command.option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
  async function withRecord<T>(dataDir: string, body: (record: AuditRecord) => Promise<T>): Promise<T> {
    const record = await openAuditRecord({ dataDir, env: io.env, clock: Clock.system })
    try {
      return await body(record)
    } finally {
      await record.close()
    }
  }

  withDataDir(audit.command('list').description('which apps have a record ("_server" is the server’s own)'))
    .option('--json', 'print one JSON array')
    .action((options: { dataDir: string; json?: boolean }) =>
      withRecord(options.dataDir, async (record) => {
        const apps = record.apps()
        if (options.json === true) return io.out(JSON.stringify(apps))
        io.out(apps.length === 0 ? 'Nothing is recorded yet.' : apps.join('\n'))
      }),
    )

  withDataDir(audit.command('export').description('write an app’s record, one JSON object a line'))
    .requiredOption('--app <name>', 'whose record')
    .option('--out <file>', 'file to write; none: standard output')
    .action((options: { app: string; out?: string; dataDir: string }) =>
      withRecord(options.dataDir, async (record) => {
        if (options.out === undefined) {
          for await (const line of record.lines(options.app)) io.out(line)
          return
        }
        const file = createWriteStream(options.out, { mode: 0o600 })
        await once(file, 'open').catch((cause: unknown) => {
          throw new AuditFileError(options.out ?? '', 'written', cause)
        })
        let rows = 0
        for await (const line of record.lines(options.app)) {
          rows += 1
          if (!file.write(`${line}\n`)) await once(file, 'drain')
        }
        file.end()
        await finished(file)
        io.out(`${rows} rows of "${options.app}" are in ${options.out}.`)
      }),
    )

  withDataDir(audit.command('checkpoint').description('sign the head of an app’s record as it is now, and print it'))
    .requiredOption('--app <name>', 'whose record')
    .option('--all', 'print every checkpoint that was signed, oldest first')
    .action((options: { app: string; all?: boolean; dataDir: string }) =>
      withRecord(options.dataDir, async (record) => {
        const note = await record.checkpoint(options.app)
        io.out((options.all === true ? await record.checkpoints(options.app) : note).trimEnd())
      }),
    )

  withDataDir(audit.command('key').description('print the key that checkpoints are verified with')).action(
    (options: { dataDir: string }) => withRecord(options.dataDir, async (record) => io.out(record.verifierKey())),
  )

  withDataDir(
    audit
      .command('verify')
      .description('verify an export, row by row, and against checkpoints')
      .argument('<file>', 'the export; "-" reads standard input'),
  )
    .option('--checkpoint <file>', 'checkpoints of the record, one or many; none: a cut-off tail is not noticed')
    .option('--key <key>', 'verifier key, or a file that holds some, one a line; none: that of the data directory')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
A checkpoint and the key prove something only when they were kept where whoever runs the server cannot change them.`,
    )
    .action(async (path: string, options: { checkpoint?: string; key?: string; dataDir: string; json?: boolean }) => {
      const notes = options.checkpoint === undefined ? [] : Checkpoint.parseNotes(read(options.checkpoint))
      if (options.checkpoint !== undefined && notes.length === 0) throw new AuditFileError(options.checkpoint, 'read')
      const keys = notes.length === 0 ? [] : keysFrom(options)
      const found = await verifyExport({ chunks: chunksOf(path), notes, keys })
      if (options.json === true) io.out(JSON.stringify(found))
      if (found.problem !== null) throw new AuditBrokenError(found.problem)
      if (options.json === true) return
      const rows = `${found.rows} rows of "${found.app ?? ''}" hold`
      const last = found.checkpoints.at(-1)
      if (last === undefined)
        io.out(`${rows}, each to the one before. Without a checkpoint nobody can tell whether the end was cut off.`)
      else {
        const count = found.checkpoints.length === 1 ? 'the checkpoint' : `${found.checkpoints.length} checkpoints`
        const rest = found.rows - last
        io.out(`${rows}, and ${count} up to row ${last}.${rest > 0 ? ` ${rest} later rows are not signed yet.` : ''}`)
      }
    })
  return audit
}

/** The keys that are trusted: those given, or that of the data directory; none at all is refused. */
function keysFrom(options: { key?: string; dataDir: string }): Checkpoint.VerifierKey[] {
  if (options.key !== undefined) {
    const text = existsSync(options.key) ? read(options.key) : options.key
    const lines = text.split('\n').map((line) => line.trim())
    return lines.filter((line) => line !== '' && !line.startsWith('#')).map(Checkpoint.parseKey)
  }
  if (existsSync(join(options.dataDir, 'audit-key.json')))
    return [openAuditKey(keysInDirectory(options.dataDir)).verifier]
  throw new AuditKeyAbsentError()
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new AuditFileError(path, 'read', cause)
  }
}

async function* chunksOf(path: string): AsyncIterable<Uint8Array> {
  if (path === '-') return yield* process.stdin
  const input = createReadStream(path, { highWaterMark: READ_BYTES })
  await once(input, 'open').catch((cause: unknown) => {
    throw new AuditFileError(path, 'read', cause)
  })
  yield* input
}

export class AuditFileError extends BaseError {
  override readonly name = 'cli.AuditFileError'
  constructor(path: string, what: 'read' | 'written', cause?: unknown) {
    super(`The file ${path} cannot be ${what}.`, {
      code: `cli:audit-file:${what === 'read' ? 'unreadable' : 'unwritable'}`,
      kind: 'invalid',
      hint: 'Check the path and its permissions.',
      cause,
    })
  }
}

export class AuditKeyAbsentError extends BaseError {
  override readonly name = 'cli.AuditKeyAbsentError'
  constructor() {
    super('Without the verifier key a checkpoint proves nothing.', {
      code: 'cli:audit-key:absent',
      kind: 'invalid',
      hint: 'Pass --key with what `countersign audit key` printed on the server, or --data-dir.',
    })
  }
}

export class AuditBrokenError extends BaseError {
  override readonly name = 'cli.AuditBrokenError'
  constructor({
    code,
    row,
    lastRow,
    because,
  }: {
    code: string
    row: number | null
    lastRow: number | null
    because: string
  }) {
    const where =
      row === null ? '' : lastRow === null || lastRow === row ? `Row ${row}: ` : `Rows ${row} to ${lastRow}: `
    super(`The record does not verify. ${where}${because}.`, {
      code,
      kind: 'refused',
      hint: 'Rows before it hold. Compare with an export or a backup that was kept elsewhere.',
    })
  }
}
