/** The language that the page speaks now. English is always there; every other language is loaded when it is chosen. */
import { en, type Catalogue } from './en.ts'

/** Languages of the page, as BCP 47 tags, with what loads each. */
const LOADERS = {
  en: () => Promise.resolve(en),
  de: () => import('./de.ts').then(({ de }) => de),
} as const satisfies Readonly<Record<string, () => Promise<Catalogue>>>

export type Language = keyof typeof LOADERS
export const LANGUAGES = Object.keys(LOADERS) as readonly Language[]

/** How each language calls itself: shown before its catalogue is there. */
const NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' }
export const nameOf = (each: Language): string => NAMES[each]

/** Where the owner's own choice is kept. */
const SLOT = 'countersign.language'

let language: Language = 'en'
let catalogue: Catalogue = en
const listeners = new Set<() => void>()

/** The texts of the page, now. Never kept across a render: the language may have changed. */
export function t(): Catalogue {
  return catalogue
}

/** The language that fits best: the owner's own choice, then what the browser asks for, then English. */
export function languageFor(chosen: string | null, wanted: readonly string[]): Language {
  const asked = [...(chosen === null ? [] : [chosen]), ...wanted].map((tag) => tag.toLowerCase().split('-')[0])
  return LANGUAGES.find((each) => each === asked.find((tag) => LANGUAGES.some((known) => known === tag))) ?? 'en'
}

/** Speaks a language from now on. A catalogue that does not load leaves the page as it is. */
export async function speak(next: Language): Promise<void> {
  try {
    catalogue = await LOADERS[next]()
  } catch {
    return
  }
  language = next
  if (typeof document !== 'undefined') document.documentElement.lang = next
  for (const listener of listeners) listener()
}

/** Speaks the language of the owner's choice, or of the browser. */
export function speakAsAsked(): Promise<void> {
  return speak(languageFor(localStorage.getItem(SLOT), navigator.languages))
}

/** Keeps the owner's choice, and speaks it. */
export function chooseLanguage(next: Language): void {
  localStorage.setItem(SLOT, next)
  void speak(next)
}

/** The language of the page, now. */
export const languageNow = (): Language => language

/** Calls back when the page speaks another language; answers how to stop that. */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** `lang` of a text that the server wrote: English, said where the page speaks another language. */
export function serverLang(): 'en' | undefined {
  return language === 'en' ? undefined : 'en'
}
