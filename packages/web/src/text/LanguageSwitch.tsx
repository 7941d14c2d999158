import { chooseLanguage, LANGUAGES, nameOf, t, type Language } from './text.ts'
import { useLanguage } from './useLanguage.ts'

/** In which language the page speaks. The names stand in their own languages. */
export function LanguageSwitch() {
  const language = useLanguage()
  return (
    <label className="flex items-center" onClick={(event) => event.stopPropagation()}>
      <span className="sr-only">{t().page.language}</span>
      <select
        className="button w-full px-2"
        value={language}
        onChange={(event) => chooseLanguage(event.target.value as Language)}
      >
        {LANGUAGES.map((each) => (
          <option key={each} value={each} lang={each}>
            {nameOf(each)}
          </option>
        ))}
      </select>
    </label>
  )
}
