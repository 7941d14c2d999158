import type { View } from '../View.ts'
import { dictionaryOf, type Dictionary, type Lexicon } from './Lexicon.ts'
import { LEXICONS } from './languages/index.ts'

export const ENGLISH = dictionaryOf(LEXICONS[0] as Lexicon)
/** Made when the first text of their kind is read: most skills are in English. */
const DICTIONARIES = new Map<Lexicon, Dictionary>()
/** Marks that a language has to show before its words are used instead of the English ones. */
const MARKS_MIN = 2
const CHARS_LOOKED_AT = 2_000
/** Nothing that one of the other languages could be told by: most files are that. */
const FOREIGN =
  /[\u00c0-\u1fff\u2c00-\ud7ff\ue000-\ufdff\ufe10-\uffff]|\b(?:der|die|und|nicht|les|des|est|pas|los|las|para|que|uma|n\u00e3o|gli|che|non|una|con|del|della|questa|questo|le|la|et|vers|et|il|ve|bir|bu|ein|eine|auf)\b/i

/** Tells which words to read a view with: those of its language, or the English ones. */
export interface Languages {
  readonly of: (view: View) => Dictionary
}

export const LANGUAGES: Languages = {
  of(view) {
    const text = view.text.slice(0, CHARS_LOOKED_AT)
    if (!FOREIGN.test(text)) return ENGLISH
    let best: Lexicon | null = null
    let most = MARKS_MIN - 1
    for (const each of LEXICONS.slice(1)) {
      if (each.excludedBy?.test(text) === true) continue
      const count = text.match(each.marks)?.length ?? 0
      if (count > most) {
        best = each
        most = count
      }
    }
    if (best === null) return ENGLISH
    const dictionary = DICTIONARIES.get(best) ?? dictionaryOf(best)
    DICTIONARIES.set(best, dictionary)
    return dictionary
  },
}
