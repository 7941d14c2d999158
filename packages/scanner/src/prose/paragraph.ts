import type { View } from '../View.ts'

/** A paragraph of a skill that tells the agent something, as tests of the grammar write it. */
export const paragraph = (text: string): View => ({
  ...{ file: 'SKILL.md', name: 'prose', line: 1, text, language: null, holder: 'paragraph' },
  ...{ headings: [], lead: '', decodedBy: [], role: 'instruction' },
})
