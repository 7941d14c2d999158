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

/** A stream of the process, as far as it is used here. */
interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** What the terminal takes from its process. */
interface Outside {
  readonly stdout: Stream & { on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown }
  readonly stderr: Stream
  readonly env: NodeJS.ProcessEnv
}

/** Bold, dim and colours, as `styleText` writes them: nothing that hides a text or moves the cursor. */
// eslint-disable-next-line no-control-regex
const COLOURS = /(\u001b\[(?:0|1|2|22|39|3[1-7]|9[0-7])m)/
/** What is not seen, or moves or turns what is. Tabs and line ends stay. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A text as a terminal may be handed it. Servers, chains and skills are quoted in it, so it is looked at in this one place and
 * not where each command prints.
 */
function forTerminal(text: string, color: boolean): string {
  const escaped = (part: string): string =>
    part.replace(UNSEEN, (char) =>
      Array.from(
        { length: char.length },
        (_, i) => String.raw`\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`,
      ).join(''),
    )
  if (!color) return escaped(text)
  return text
    .split(COLOURS)
    .map((part, i) => (i % 2 === 1 ? part : escaped(part)))
    .join('')
}

/** The terminal. Colour only for people: not in pipes, not with NO_COLOR. A pipe gets every byte as it is. */
export function terminal({ stdout, stderr, env }: Outside = process): Io {
  // Who reads the first lines and closes the pipe (`| head`) has seen enough. A command that was not through has not
  // succeeded, so it ends as SIGPIPE would end it.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 128 + constants.signals.SIGPIPE)
    throw error
  })
  const isPlain = env['NO_COLOR'] !== undefined
  const write = (stream: Stream, text: string): void => {
    stream.write(`${stream.isTTY === true ? forTerminal(text, !isPlain) : text}\n`)
  }
  return {
    out: (text) => write(stdout, text),
    err: (text) => write(stderr, text),
    exit: (code) => {
      process.exitCode = code
    },
    env,
    columns: Math.min(stdout.columns ?? 100, 120),
    color: stdout.isTTY === true && !isPlain,
  }
}
