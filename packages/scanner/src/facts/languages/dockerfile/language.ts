import type { Language } from '../Language.ts'
import { toShell } from './toShell.ts'

export const language: Language = {
  name: 'dockerfile',
  fences: ['dockerfile', 'docker', 'containerfile'],
  endings: ['dockerfile'],
  files: ['dockerfile', 'containerfile'],
  about: 'Dockerfiles.',
  toShell,
}
