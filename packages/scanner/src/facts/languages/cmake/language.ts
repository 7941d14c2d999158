import type { Language } from '../Language.ts'
import { toShell } from './toShell.ts'

export const language: Language = {
  name: 'cmake',
  fences: ['cmake'],
  endings: ['cmake'],
  files: ['cmakelists.txt'],
  about: 'CMake.',
  toShell,
}
