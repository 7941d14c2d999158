import { BaseError, EXIT_CODE, LogText } from '@countersign/base'
import { CommanderError } from 'commander'
import type { Io } from './io.ts'
import { UsageError } from './UsageError.ts'

/** Prints what went wrong, and gives the exit code. */
export function explainError(error: unknown, io: Io, isJson: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  // Help was printed, because nothing was asked for.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT_CODE.invalid
  const known = toKnown(error)
  if (known !== null) {
    const { message, code, hint } = known
    io.err(isJson ? JSON.stringify({ error: message, code, hint }) : `${message} ${hint}`)
    return EXIT_CODE[known.kind]
  }
  if (isJson) {
    const { message } = LogText.ofError(error)
    const hint = 'Report it, with what the command prints without --json.'
    io.err(JSON.stringify({ error: `A bug in Countersign: ${message}`, code: 'cli:command:bug', hint }))
  } else io.err(`A bug in Countersign: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return 1
}

/** What the system says of a path. Other system errors are ours to have foreseen. */
const PATH_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist, and cannot be made',
  ENOTDIR: 'is not a directory, or leads through a file',
  EISDIR: 'is a directory',
  EACCES: 'may not be used by this user',
  EPERM: 'may not be used by this user',
  EROFS: 'is on a file system that cannot be written',
  ENOSPC: 'is on a full disk',
}

function toKnown(error: unknown): BaseError | null {
  if (error instanceof BaseError) return error
  if (error instanceof CommanderError) {
    const message = error.message
      .replace(/^error: /, '')
      .replace(/\s*\n\s*/g, ' ')
      .replace(/\.?$/, '.')
    return new UsageError(
      message.charAt(0).toUpperCase() + message.slice(1),
      'Add --help to see what the command takes.',
    )
  }
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException
  const fault = PATH_FAULTS[code ?? '']
  if (fault === undefined || path === undefined) return null
  return new UsageError(`${path} ${fault}.`, 'Check the path, and --data-dir.')
}
