import type { Language } from '../Language.ts'

export const language: Language = {
  name: 'json',
  fences: ['json', 'jsonc', 'json5'],
  endings: ['json', 'jsonc', 'json5'],
  files: [],
  about: 'JSON, with comments.',
}
