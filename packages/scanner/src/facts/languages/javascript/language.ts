import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'javascript',
  fences: ['javascript', 'js', 'typescript', 'ts', 'jsx', 'tsx', 'mjs', 'node'],
  endings: ['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx'],
  files: [],
  about: 'JavaScript and TypeScript.',
  syntax: { ...PLAIN, lineComments: ['//'], hasPatterns: true, chains: ['?.'] },
}
