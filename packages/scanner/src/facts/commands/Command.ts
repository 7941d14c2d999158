import type { Path, Source } from '../../Fact.ts'
import type { Taint } from '../flow/Taint.ts'
import type { Word } from '../languages/shell/Script.ts'

/**
 * What becomes of the value of an option: nothing that matters, a file that is read, written or sent, text that is sent (and
 * `@file` in it), a directory that things are put into, a shell's text or a program that is run.
 */
export type Use =
  'value' | 'reads' | 'writes' | 'sends' | 'sends-file' | 'into' | 'runs' | 'runs-file' | 'url' | 'replaces-program'

/** What the words that are no options are. */
export type Operands =
  /** Files that are read; what is in them comes out. */
  | 'reads'
  /** The first is a program or pattern of the command's own, the others are read. */
  | 'program-then-reads'
  | 'writes'
  | 'deletes'
  /** The last is written with what is in the others. */
  | 'copies'
  /** Files that leave over the network. */
  | 'sends'
  | 'url'
  /** Files that are run, or opened by what runs them. */
  | 'runs'
  /** Names of variables that take what stands on the input. */
  | 'variables'
  | 'ignored'

/** What a program reads, writes, sends, runs and gives: a folder in `commands/`, with `cases.sh` that show it. */
export interface Command {
  /** Base names in lower case, without `.exe`. */
  readonly names: readonly string[]
  /** Names with a version in them: `python3.12`. */
  readonly pattern?: RegExp
  readonly about: string
  /**
   * Options that take a value, and what becomes of it. Short ones may end a cluster (`-so x`, `-ox`), long ones may hold it
   * (`--output=x`). Options that are not here take none.
   */
  readonly options?: Readonly<Record<string, Use>>
  /** Whether options are whole words after one dash, in any case: `-OutFile`. */
  readonly isOneDash?: boolean
  readonly operands?: Operands
  /** What becomes of standard input; it passes on where nothing is said. */
  readonly input?: 'passes' | 'sent' | 'dropped'
  /** What its output is, besides what passes through. */
  readonly gives?: Source
  /** What it is called in findings; the program's name where nothing is said. */
  readonly givesWhat?: string
  /** Whether what comes in as words or input comes out again; yes where nothing is said. */
  readonly carries?: boolean
  /** For what data cannot say. `null` leaves the rest to the data. */
  readonly run?: (call: Call, engine: Engine) => Answer | null
}

/** One command as the engine hands it over. */
export interface Call {
  readonly program: string
  /** The word that names it, as it stands. */
  readonly typed: string
  readonly args: readonly Word[]
  /** The texts of `args`. */
  readonly own: readonly string[]
  /** What is left once options and their values are taken away. */
  readonly operands: readonly Word[]
  readonly options: readonly { readonly name: string; readonly value: Word; readonly use: Use }[]
  /** Flags: options without a value, as they stand. */
  readonly flags: readonly string[]
  readonly input: Taint
  readonly argTaint: Taint
  readonly body: string | null
  readonly literalIn: string | null
  readonly shown: string
  readonly wrappers: readonly string[]
}

/** What comes out: what it is made of, and its text where that is known. */
export interface Answer {
  readonly taint: Taint
  readonly literal: string | null
}

/** What a command may do to the state that is followed. Nothing of it is ever run. */
export interface Engine {
  wordTaint(word: Word): Taint
  fileTaint(path: string): Taint
  /** What is literally in a file that earlier steps wrote. */
  fileText(path: string): string | null
  /** What is in a program that is found by its name alone. */
  onPath(name: string): Taint
  /** From here on the file holds this. */
  keep(path: string, taint: Taint): void
  /** Whether a directory that commands stand in was filled from the network. */
  here(): Taint
  enter(path: string): void
  path(path: string, access: Path['access']): void
  into(path: string, taint: Taint): void
  send(taint: Taint, to: string): void
  execute(taint: Taint, to: string): void
  /** A shell's input and output are a socket. */
  connect(to: string, shell: string): void
  nested(
    language: 'shell' | 'python' | 'javascript' | 'ruby' | 'perl' | 'php' | 'lua',
    text: string,
    isElsewhere?: boolean,
  ): void
  /** A shell's own text with its arguments `$0`, `$1`, …; what is on its standard input is data to it. */
  script(text: string, args: readonly Word[]): void
  variable(name: string, taint: Taint): void
  /** Runs what stands in a `>(…)` with this on its standard input. */
  feed(word: Word, taint: Taint): void
}
