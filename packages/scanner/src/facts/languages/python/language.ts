import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'python',
  fences: ['python', 'py', 'python3', 'ipython'],
  endings: ['py', 'pyw'],
  files: [],
  about: 'Python.',
  syntax: {
    ...PLAIN,
    lineComments: ['#'],
    blockComments: [],
    longQuotes: [
      ['"""', '"""'],
      ["'''", "'''"],
    ],
    chains: [],
    joins: ['+', '/'],
  },
}
