import type { Lexicon } from '../Lexicon.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { it } from './it.ts'
import { ja } from './ja.ts'
import { ko } from './ko.ts'
import { pt } from './pt.ts'
import { ru } from './ru.ts'
import { tr } from './tr.ts'
import { zh } from './zh.ts'

/** English first: what no other language claims is read with its words. */
export const LEXICONS: readonly Lexicon[] = [en, de, fr, es, pt, it, ru, tr, zh, ja, ko]
