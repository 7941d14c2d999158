/** The head of a SKILL.md, read as plain data: no tags are run, no key can reach a prototype. */
export interface Frontmatter {
  /** Null when there is none, or when it does not parse even leniently. */
  readonly data: Readonly<Record<string, unknown>> | null
  /** Where it begins and ends in SKILL.md, from 1; zero when there is none. */
  readonly line: number
  readonly endLine: number
  /** The text between the fences. */
  readonly text: string
  /** What a strict reader objects to, each with its line in the file. */
  readonly problems: readonly {
    readonly kind: 'absent' | 'syntax' | 'duplicate-key' | 'tag' | 'alias' | 'prototype-key' | 'not-a-map'
    readonly line: number
    readonly because: string
    readonly text: string
  }[]
  /** The line of each top-level key. */
  readonly lines: Readonly<Record<string, number>>
}

/** A top-level value that is text, or null. */
export function textOf(frontmatter: Frontmatter, key: string): string | null {
  const value = frontmatter.data?.[key]
  return typeof value === 'string' ? value : null
}
