import { useSyncExternalStore } from 'react'
import { changesSoFar, languageNow, onLanguage, type Language } from './text.ts'

/** The language of the page; whoever calls it is drawn anew when that changes. */
export function useLanguage(): Language {
  useSyncExternalStore(onLanguage, changesSoFar)
  return languageNow()
}
