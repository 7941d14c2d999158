/** One word of a command. */
export interface Word {
  /** Quotes removed, known variables put in; unknown ones stay as `$NAME`, substitutions as `$()`. */
  readonly text: string
  /** The names of the variables in it. */
  readonly variables: readonly string[]
  /** The commands of `$(…)`, backticks, `<(…)` and `>(…)` in it; the last is fed by what writes into the word. */
  readonly inner: readonly Pipeline[]
  /** Whether anything in it was quoted. */
  readonly isQuoted: boolean
  /** Whether it was put together by escapes, decoders or filters: spelled so that readers do not see it. */
  readonly isSpelled?: boolean
}

export interface Redirect {
  readonly operator: '>' | '>>' | '<' | '<<<' | '<<' | '>&' | '<&'
  readonly target: Word
}

export interface SimpleCommand {
  readonly words: readonly Word[]
  readonly assignments: readonly { readonly name: string; readonly value: Word }[]
  readonly redirects: readonly Redirect[]
  /** Of here-documents and here-strings. */
  readonly stdin: string | null
  readonly offset: number
  readonly end: number
}

/** Commands joined by `|`, with the operator that follows. */
export interface Pipeline {
  readonly commands: readonly SimpleCommand[]
  readonly offset: number
  readonly end: number
}
