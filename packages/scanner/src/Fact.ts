import type { View, ViewName } from './View.ts'

/** Where a fact stands, and how it was seen. */
export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly view: ViewName
  readonly role: View['role']
}

/** One simple command of a shell, wherever it stood: fence, script, inline code, a string handed to a shell. */
export interface Command extends Place {
  readonly kind: 'command'
  /** The program's base name, in lower case, without `.exe`; wrappers such as `sudo` and `env` are looked through. */
  readonly program: string
  /** Its words after the program, quotes removed, variables put in where their value is known. */
  readonly args: readonly string[]
  /** The wrappers that were looked through: `sudo`, `env`, `nohup`, `xargs`, `time`. */
  readonly wrappers: readonly string[]
  readonly text: string
  /** Commands of one pipeline share a number; `position` counts from 0. */
  readonly pipeline: number
  readonly position: number
  /** Files that redirections write (`>`, `>>`) and read (`<`). */
  readonly writes: readonly string[]
  readonly reads: readonly string[]
  /** What stands on its standard input by here-document or here-string. */
  readonly stdin: string | null
  /** Who would run it: the agent told by prose, a script, a hook, or the host before the model reads anything. */
  readonly via: 'fence' | 'inline' | 'script' | 'string' | 'hook' | 'dynamic' | 'decoded'
}

/** One call in code: `requests.post(url, …)`, `eval(x)`. */
export interface Call extends Place {
  readonly kind: 'call'
  /** Dotted, as written, import aliases resolved where they are plain: `subprocess.run`. */
  readonly callee: string
  /** The source text of the arguments. */
  readonly text: string
  /** String literals in the arguments, joined where they are concatenated. */
  readonly literals: readonly string[]
  /** Where the arguments' values come from. */
  readonly taints: readonly Source[]
}

/** Kinds of value that must not leave, and kinds that must not be run. */
export type Source = 'secret' | 'env' | 'wallet' | 'file' | 'network' | 'decoded' | 'user' | 'system'

/** `shell`: a shell's own input and output, handed to the other side. */
export type Sink = 'network' | 'exec' | 'file' | 'identity' | 'argv' | 'shell'

/** A value that goes from a source to a sink inside one script, block or pipeline. */
export interface Flow extends Place {
  readonly kind: 'flow'
  readonly source: Source
  readonly sink: Sink
  /** What is read and where it goes, for people. */
  readonly from: string
  readonly to: string
  readonly text: string
}

/** A URL, wherever it stood. */
export interface Url extends Place {
  readonly kind: 'url'
  readonly url: string
  readonly scheme: string
  /** Lower case, punycode as written; an IP address as written. */
  readonly host: string
  readonly path: string
  /**
   * What the text does with it: names it (`citation`), reads data from it, takes instructions from it, runs what it
   * serves (`code`), or sends to it.
   */
  readonly use: 'citation' | 'data' | 'instruction' | 'code' | 'send'
  readonly text: string
}

/** A path of the file system that is named, read or written. */
export interface Path extends Place {
  readonly kind: 'path'
  readonly path: string
  readonly access: 'mention' | 'read' | 'write' | 'delete'
  /** What lives there. */
  readonly what: 'credential' | 'wallet' | 'identity' | 'autostart' | 'system' | 'other'
  readonly text: string
}

/** An environment variable that code or a command reads. */
export interface EnvRead extends Place {
  readonly kind: 'env'
  readonly name: string
  readonly isSecret: boolean
}

/** Text that a person looking at the rendered page does not see. */
export interface Hidden extends Place {
  readonly kind: 'hidden'
  readonly how:
    'comment' | 'style' | 'attribute' | 'definition' | 'invisible' | 'tags' | 'bidi' | 'far-right' | 'gap' | 'selector'
  readonly text: string
}

/** Something that was encoded and has been read. */
export interface Decoded extends Place {
  readonly kind: 'decoded'
  readonly encoding: string
  readonly depth: number
  readonly text: string
}

/** A literal address or key on a chain. */
export interface ChainValue extends Place {
  readonly kind: 'chain-value'
  readonly what: 'evm-address' | 'evm-key' | 'bitcoin-address' | 'solana-key' | 'mnemonic' | 'calldata'
  /** It does not stand in the text: code puts it together from pieces. */
  readonly isSpelled?: boolean
  readonly value: string
  readonly text: string
}

export type Fact = Command | Call | Flow | Url | Path | EnvRead | Hidden | Decoded | ChainValue

export type FactKind = Fact['kind']

/** Facts by kind, in order of file, line and reading. */
export type Facts = { readonly [K in FactKind]: readonly Extract<Fact, { kind: K }>[] }
