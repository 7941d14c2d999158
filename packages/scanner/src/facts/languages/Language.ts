import type { Language as LanguageName } from '../../View.ts'

/** How a language writes comments, text, names and calls; enough to find calls with their arguments, no more. */
export interface Syntax {
  /** What begins a comment that ends with the line. */
  readonly lineComments: readonly string[]
  readonly blockComments: readonly (readonly [string, string])[]
  /** Quotes of text on one line. */
  readonly quotes: string
  /** Quotes that may go over lines: `"""`, `'''`, `[[`. */
  readonly longQuotes: readonly (readonly [string, string])[]
  /** What text between backticks is. */
  readonly backtick: 'text' | 'command' | 'none'
  /** Whether `/…/` is a pattern where a value may stand. */
  readonly hasPatterns: boolean
  /** Whether `%w[…]`, `%x(…)`, `q(…)`, `qx{…}` hold text. */
  readonly percentQuotes: 'ruby' | 'perl' | 'none'
  /** Marks, besides a dot, that lead from a value to what belongs to it. */
  readonly chains: readonly string[]
  /** Whether calls may do without brackets: `system "ls"`. */
  readonly hasBareCalls: boolean
  /** Whether names hold dashes: `Invoke-Expression`. */
  readonly hasDashes: boolean
  /** Marks that join texts. */
  readonly joins: readonly string[]
}

/** Which calls of a language's libraries do what. Each is matched against the dotted name: `Net.HTTP.get`, `os.execute`. */
export interface Calls {
  /** Runs text as code, or as a line of the shell, or a program. */
  readonly runs?: RegExp
  /** Those of `runs` that take code of this language, not a line of the shell. */
  readonly runsOwn?: RegExp
  /** Loads a file and runs it. */
  readonly runsFile?: RegExp
  readonly fetches?: RegExp
  /** Fetches into a file that an argument names. */
  readonly downloads?: RegExp
  readonly sends?: RegExp
  readonly reads?: RegExp
  readonly writes?: RegExp
  readonly deletes?: RegExp
  readonly decodes?: RegExp
  /** Names of values that hold the whole environment. */
  readonly environment?: RegExp
}

/** One language: a folder in `languages/`, with its syntax and its calls, or with a way to write it as shell. */
export interface Language {
  readonly name: LanguageName
  /** What fences call it, in lower case. */
  readonly fences: readonly string[]
  /** Endings of files, without the dot, and whole names in lower case. */
  readonly endings: readonly string[]
  readonly files: readonly string[]
  readonly about: string
  readonly syntax?: Syntax
  readonly calls?: Calls
  /** Comments that hold a line of the shell, which a tool of the language runs: its first group. */
  readonly directives?: RegExp
  /** Writes it as shell, line for line, where its lines are commands. */
  readonly toShell?: (text: string) => string
}

export const PLAIN: Syntax = {
  lineComments: ['//', '#'],
  blockComments: [['/*', '*/']],
  quotes: '"\'',
  longQuotes: [],
  backtick: 'text',
  hasPatterns: false,
  percentQuotes: 'none',
  chains: ['->', '::', '?.'],
  hasBareCalls: false,
  hasDashes: false,
  joins: ['+'],
}
