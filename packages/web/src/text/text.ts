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

/** Catalogues of rooms that are loaded with their room alone. */
const areas = new Set<(next: Language) => Promise<() => void>>()

/**
 * A catalogue of its own for what a page loads later, or another page alone: it stays out of what the first page loads.
 *
 * @param english - Always there.
 * @param loaders - What loads it in every other language.
 * @returns The texts, in the language of the page. A change reaches components through `useLanguage`.
 */
export function area<T>(english: T, loaders: Readonly<Record<Exclude<Language, 'en'>, () => Promise<T>>>): () => T {
  let current = english
  const load = async (next: Language): Promise<() => void> => {
    const texts = next === 'en' ? english : await loaders[next]()
    return () => {
      current = texts
    }
  }
  areas.add(load)
  if (language !== 'en')
    load(language).then(
      (use) => {
        use()
        notify()
      },
      () => undefined,
    )
  return () => current
}

/** Speaks a language from now on. A catalogue that does not load leaves the page as it is. */
export async function speak(next: Language): Promise<void> {
  try {
    const [texts, ...uses] = await Promise.all([LOADERS[next](), ...[...areas].map((load) => load(next))])
    catalogue = texts
    for (const use of uses) use()
  } catch {
    return
  }
  language = next
  if (typeof document !== 'undefined') document.documentElement.lang = next
  notify()
}

let changes = 0
function notify(): void {
  changes += 1
  for (const listener of listeners) listener()
}

/** Rises with every change of a text: what is drawn from texts is drawn again. */
export const changesSoFar = (): number => changes

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
