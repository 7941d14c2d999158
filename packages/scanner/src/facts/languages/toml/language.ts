import type { Language } from '../Language.ts'

export const language: Language = {
  name: 'toml',
  fences: ['toml'],
  endings: ['toml'],
  files: [],
  about: 'TOML.',
}
