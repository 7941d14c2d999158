/** A command that somebody would run: a program and its words, and where it stands. */
export interface Words {
  readonly program: string
  readonly args: readonly string[]
  readonly file: string
  readonly line: number
  readonly text: string
}

/** Words that stand for something else: `<package>`, `$NAME`, `YOUR_PACKAGE`, `package-name`, `...`. */
export function isPlaceholder(word: string): boolean {
  return (
    /[<>{}$*…[\]|;&()`'"\\]/.test(word) ||
    word.includes('...') ||
    /^(?:your|my)[-_]/i.test(word) ||
    /^(?:package|packages|pkg|name|package[-_]name|crate|crate[-_]name|image|image[-_]name|tool|lib|library|module|foo|bar|baz|dependency)$/i.test(
      word,
    ) ||
    /^[A-Z][A-Z0-9_]{2,60}$/.test(word)
  )
}
