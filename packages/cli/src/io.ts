/** The outside of a command: where it writes, what it reads, how it ends. Handed in, so that tests can look. */
export interface Io {
  out(text: string): void
  err(text: string): void
  exit(code: number): void
  readonly env: NodeJS.ProcessEnv
  readonly columns: number
  readonly color: boolean
}

/** The terminal. Colour only for people: not in pipes, not with NO_COLOR. */
export function terminal(): Io {
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
