import type { Language } from '../Language.ts'
import { toShell } from './toShell.ts'

export const language: Language = {
  name: 'make',
  fences: ['make', 'makefile'],
  endings: ['mk', 'mak'],
  files: ['makefile', 'gnumakefile'],
  about: 'Make.',
  toShell,
}
