import { liner, type View } from '../View.ts'
import type { Act, ActKind } from './Act.ts'
import { READERS } from './acts/index.ts'
import { Clause } from './Clause.ts'
import { LANGUAGES } from './Languages.ts'
import { sentencesOf, type Sentence } from './Sentence.ts'

const FOUND = new WeakMap<readonly View[], readonly Act[]>()

/** Every order that the words of a skill give, found once for all rules. */
export function actsIn(views: readonly View[], kind: ActKind): readonly Act[] {
  let found = FOUND.get(views)
  if (found === undefined) {
    found = readAll(views)
    FOUND.set(views, found)
  }
  return found.filter((act) => act.kind === kind)
}

function readAll(views: readonly View[]): Act[] {
  const acts: Act[] = []
  let last: Sentence | null = null
  for (const view of views) {
    if (view.name === 'code') {
      // A fence that only fetches is what "this text" speaks of in the sentence after it.
      if (view.holder === 'fence' && /^\s*(?:\$\s*)?(?:curl|wget)\b[^|>\n]{0,300}$/.test(view.text.trim()))
        last = sentenceOfFence(view)
      continue
    }
    if (last !== null && last.view.file !== view.file) last = null
    if (view.holder === 'table') continue
    const lineOf = liner(view)
    for (const sentence of sentencesOf(view, LANGUAGES)) {
      const clause = new Clause(sentence, last)
      const context = { urlBefore: last === null ? '' : urlOf(last) }
      for (const { kind, read, needs } of READERS) {
        if (!needs.every((group) => group.some((each) => sentence.concepts.has(each)))) continue
        const found = read(clause, context)
        if (found === null) continue
        acts.push({
          kind,
          file: view.file,
          line: lineOf(sentence.from),
          view: view.name,
          role: view.role,
          text: clause.text.slice(0, 400),
          severity: found.severity,
          target: found.target ?? '',
        })
      }
      last = sentence
    }
  }
  return acts
}

function urlOf(sentence: Sentence): string {
  for (const token of sentence.tokens) {
    const url = /https?:\/\/[^\s"'`|)]{3,300}/.exec(token.text)?.[0]
    if (url !== undefined) return url
  }
  return ''
}

function sentenceOfFence(view: View): Sentence {
  const token = { kind: 'code' as const, text: view.text.trim(), at: 0, isQuoted: false, concepts: new Set<never>() }
  return {
    view,
    from: 0,
    to: view.text.length,
    tokens: [token],
    concepts: token.concepts,
    dictionary: LANGUAGES.of({ ...view, text: '' }),
  }
}
