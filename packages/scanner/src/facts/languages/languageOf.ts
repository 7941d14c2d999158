import type { Language as LanguageName } from '../../View.ts'
import type { Language } from './Language.ts'
import { LANGUAGES } from './index.ts'

const BY_NAME = new Map(LANGUAGES.map((language) => [language.name, language] as const))
const BY_FENCE = new Map(LANGUAGES.flatMap((language) => language.fences.map((name) => [name, language] as const)))
const BY_ENDING = new Map(LANGUAGES.flatMap((language) => language.endings.map((name) => [name, language] as const)))
const BY_FILE = new Map(LANGUAGES.flatMap((language) => language.files.map((name) => [name, language] as const)))

export function languageNamed(name: LanguageName): Language | null {
  return BY_NAME.get(name) ?? null
}

/** What a fence calls itself: `js`, `{.ruby}`, `ps1`. */
export function languageOfFence(info: string): Language | null {
  const name = /^[\w+-]{1,24}/.exec(info.replace(/^\{?\.?/, ''))?.[0].toLowerCase() ?? ''
  return BY_FENCE.get(name) ?? null
}

/** By the file's name, then its ending, then its first line. */
export function languageOfFile(path: string, text: string): Language | null {
  const base = (path.split('/').at(-1) ?? '').toLowerCase()
  const byName = BY_FILE.get(base) ?? BY_ENDING.get(base.slice(base.lastIndexOf('.') + 1))
  if (byName !== undefined && base.includes('.')) return byName
  if (byName !== undefined && BY_FILE.has(base)) return byName
  return languageOfText(text)
}

/** By what a text looks like, for those that do not say; null when it looks like nothing in particular. */
export function languageOfText(text: string): Language | null {
  const first = text.slice(0, 200)
  const shebang = /^#!.{0,60}\b(ruby|perl|php|lua|pwsh|python|node|bash|zsh|sh)/.exec(first)?.[1]
  if (shebang !== undefined) return BY_FENCE.get(shebang) ?? null
  if (first.includes('<?php')) return BY_NAME.get('php') ?? null
  if (/^\s{0,20}package \w{1,40}\s{0,4}$/m.test(first) && /\bfunc \w/.test(text)) return BY_NAME.get('go') ?? null
  if (/^\s{0,20}use (?:strict|warnings|LWP)\b/m.test(text)) return BY_NAME.get('perl') ?? null
  return null
}
