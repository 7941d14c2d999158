// Written by tools/lists.ts.
import type { Language } from './Language.ts'
import { language as batchLanguage } from './batch/language.ts'
import { language as cmakeLanguage } from './cmake/language.ts'
import { language as dockerfileLanguage } from './dockerfile/language.ts'
import { language as goLanguage } from './go/language.ts'
import { language as gradleLanguage } from './gradle/language.ts'
import { language as javaLanguage } from './java/language.ts'
import { language as javascriptLanguage } from './javascript/language.ts'
import { language as jsonLanguage } from './json/language.ts'
import { language as justLanguage } from './just/language.ts'
import { language as luaLanguage } from './lua/language.ts'
import { language as makeLanguage } from './make/language.ts'
import { language as perlLanguage } from './perl/language.ts'
import { language as phpLanguage } from './php/language.ts'
import { language as powershellLanguage } from './powershell/language.ts'
import { language as pythonLanguage } from './python/language.ts'
import { language as rubyLanguage } from './ruby/language.ts'
import { language as rustLanguage } from './rust/language.ts'
import { language as shellLanguage } from './shell/language.ts'
import { language as tomlLanguage } from './toml/language.ts'
import { language as yamlLanguage } from './yaml/language.ts'

/** Every language that is read, by its folder. */
export const LANGUAGES: readonly Language[] = [
  batchLanguage,
  cmakeLanguage,
  dockerfileLanguage,
  goLanguage,
  gradleLanguage,
  javaLanguage,
  javascriptLanguage,
  jsonLanguage,
  justLanguage,
  luaLanguage,
  makeLanguage,
  perlLanguage,
  phpLanguage,
  powershellLanguage,
  pythonLanguage,
  rubyLanguage,
  rustLanguage,
  shellLanguage,
  tomlLanguage,
  yamlLanguage,
]
