import type { Evaluator } from './evaluate.ts'
import { ASSIGNS, GLOBALS, statementEnd } from './statements.ts'
import type { Token } from './tokenize.ts'

/** `./state.mjs`, `.state`, `lib/state`: all `state`. */
export function moduleName(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/^\.+/, '')
    .replace(/\.\w{1,5}$/, '')
}

/** A name that another module gives: all of it (`*`), or one export. */
export interface Imported {
  readonly local: string
  readonly name: string
  readonly module: string
}

export function readImports(
  tokens: readonly Token[],
  imports: { offset: number; module: string }[],
  aliases: Map<string, string>,
): Imported[] {
  const imported: Imported[] = []
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]
    if (token?.kind !== 'name') continue
    const dotted = (from: number): [string, number] => {
      let name = tokens[from]?.kind === 'name' ? (tokens[from]?.text ?? '') : ''
      let at = from + 1
      while (tokens[at]?.text === '.' && tokens[at + 1]?.kind === 'name') {
        name += `.${tokens[at + 1]?.text ?? ''}`
        at += 2
      }
      return [name, at]
    }
    if (token.text === 'import' && tokens[i + 1]?.kind === 'name') {
      const [name, at] = dotted(i + 1)
      if (tokens[at]?.text === 'as' && tokens[at + 1] !== undefined) aliases.set(tokens[at + 1]?.text ?? '', name)
      const local = tokens[at]?.text === 'as' ? (tokens[at + 1]?.text ?? '') : name
      imported.push({ local, name: '*', module: name.slice(name.lastIndexOf('.') + 1) })
      const from = tokens.slice(at, at + 30).findIndex((each) => each.text === 'from')
      const source = from < 0 ? undefined : tokens[at + from + 1]
      if (source?.kind === 'string') imports.push({ offset: token.offset, module: source.text })
      else imports.push({ offset: token.offset, module: name })
    } else if (token.text === 'from' && tokens[i + 1]?.kind === 'name') {
      const [name, at] = dotted(i + 1)
      if (tokens[at]?.text !== 'import') continue
      imports.push({ offset: token.offset, module: name })
      for (let j = at + 1; j < tokens.length && tokens[j]?.kind !== 'newline'; j += 1) {
        const each = tokens[j]
        if (each?.kind !== 'name' || each.text === 'as') continue
        aliases.set(each.text, `${name}.${each.text}`)
        const isRenamed = tokens[j - 1]?.text === 'as'
        imported.push({
          local: each.text,
          name: isRenamed ? (tokens[j - 2]?.text ?? '') : each.text,
          module: name.slice(name.lastIndexOf('.') + 1),
        })
      }
    } else if (
      token.text === 'import' &&
      (tokens[i + 1]?.kind === 'string' || tokens[i + 1]?.text === '{' || tokens[i + 1]?.text === '*')
    ) {
      const source = tokens.slice(i, i + 60).find((each) => each.kind === 'string')
      if (source !== undefined) {
        imports.push({ offset: token.offset, module: source.text })
        if (tokens[i + 1]?.text === '*')
          imported.push({ local: tokens[i + 3]?.text ?? '', name: '*', module: source.text })
        for (
          let j = i + 2;
          tokens[i + 1]?.text === '{' && tokens[j] !== undefined && tokens[j]?.text !== '}' && j < i + 60;
          j += 1
        ) {
          const each = tokens[j]
          if (each?.kind !== 'name' || each.text === 'as' || tokens[j + 1]?.text === 'as') continue
          const name = tokens[j - 1]?.text === 'as' ? (tokens[j - 2]?.text ?? '') : each.text
          imported.push({ local: each.text, name, module: source.text })
        }
      }
    } else if (token.text === 'require' && tokens[i + 1]?.text === '(' && tokens[i + 2]?.kind === 'string') {
      const module = tokens[i + 2]?.text ?? ''
      imports.push({ offset: token.offset, module })
      if (tokens[i - 1]?.text === '=' && tokens[i - 2]?.kind === 'name')
        aliases.set(tokens[i - 2]?.text ?? '', module.replace(/^node:/, ''))
      if (tokens[i - 1]?.text === '=' && tokens[i - 2]?.kind === 'name')
        imported.push({ local: tokens[i - 2]?.text ?? '', name: '*', module })
      if (tokens[i - 1]?.text === '=' && tokens[i - 2]?.text === '}') {
        for (let j = i - 3; j >= 0 && tokens[j]?.text !== '{'; j -= 1)
          if (tokens[j]?.kind === 'name') {
            aliases.set(tokens[j]?.text ?? '', `${module.replace(/^node:/, '')}.${tokens[j]?.text ?? ''}`)
            imported.push({ local: tokens[j]?.text ?? '', name: tokens[j]?.text ?? '', module })
          }
      }
    }
  }
  return imported
}

/** `const all = globalThis['pro' + 'cess']`: another name for what is spelled there. */
export function readSpelledNames(
  tokens: readonly Token[],
  pair: ReadonlyMap<number, number>,
  evaluator: Evaluator,
  aliases: Map<string, string>,
): void {
  for (let i = 2; i + 1 < tokens.length; i += 1) {
    if (tokens[i]?.text !== '[' || !GLOBALS.test(tokens[i - 1]?.text ?? '') || tokens[i - 2]?.text !== '=') continue
    const close = pair.get(i)
    const name = close === undefined ? null : evaluator.text(i + 1, close)
    if (name !== null && /^\w{2,60}$/.test(name)) aliases.set(tokens[i - 3]?.text ?? '', name)
  }
}

/** Names that are given a value that is known, whatever the order: the last word stands. */
export function readConstants(tokens: readonly Token[], evaluator: Evaluator): void {
  let count = 0
  for (let i = 1; i + 1 < tokens.length && count < 2_000; i += 1) {
    const mark = tokens[i]
    if (mark?.kind !== 'mark' || !ASSIGNS.has(mark.text)) continue
    let at = i - 1
    // `x: string = …`, `s: str = …`.
    if (tokens[at - 1]?.text === ':' && tokens[at - 2]?.kind === 'name') at -= 2
    const name = tokens[at]
    if (name?.kind !== 'name' || tokens[at - 1]?.text === '.') continue
    const end = statementEnd(tokens, i + 1)
    if (end - i > 400) continue
    count += 1
    const value = evaluator.value(i + 1, end)
    if (value === null) continue
    const before = evaluator.constants.get(name.text)
    const isAdded = mark.text !== '=' && mark.text !== ':='
    if (!isAdded) evaluator.constants.set(name.text, value)
    else if (before !== undefined && 'text' in before && 'text' in value && before.text.length < 4_096)
      evaluator.constants.set(name.text, { text: before.text + value.text })
  }
}
