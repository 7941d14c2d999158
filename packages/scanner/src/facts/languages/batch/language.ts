import type { Language } from '../Language.ts'
import { toShell } from './toShell.ts'

export const language: Language = {
  name: 'batch',
  fences: ['bat', 'cmd', 'batch'],
  endings: ['bat', 'cmd'],
  files: [],
  about: 'The command lines of Windows.',
  toShell,
}
