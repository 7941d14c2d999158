import type { Language } from '../Language.ts'

export const language: Language = {
  name: 'yaml',
  fences: ['yaml', 'yml'],
  endings: ['yaml', 'yml'],
  files: [],
  about: 'YAML.',
}
