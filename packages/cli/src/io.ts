import { constants } from 'node:os'

/** The outside of a command: where it writes, what it reads, how it ends. Handed in, so that tests can look. */
export interface Io {
  out(text: string): void
  err(text: string): void
  exit(code: number): void
  readonly env: NodeJS.ProcessEnv
  /** Where values are read from that must not stand on a command line; absent: standard input. */
  readonly stdin?: AsyncIterable<string | Uint8Array>
  readonly columns: number
  readonly color: boolean
}

/** The terminal. Colour only for people: not in pipes, not with NO_COLOR. */
export function terminal(): Io {
  // Who reads the first lines and closes the pipe (`| head`) has seen enough. A command that was not through has not
  // succeeded, so it ends as SIGPIPE would end it.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 128 + constants.signals.SIGPIPE)
    throw error
  })
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    exit: (code) => {
      process.exitCode = code
    },
    env: process.env,
    columns: Math.min(process.stdout.columns ?? 100, 120),
    color: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  }
}
