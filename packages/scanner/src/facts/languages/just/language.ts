import type { Language } from '../Language.ts'
import { toShell } from './toShell.ts'

export const language: Language = {
  name: 'just',
  fences: ['just', 'justfile'],
  endings: ['just'],
  files: ['justfile', '.justfile'],
  about: 'Just.',
  toShell,
}
