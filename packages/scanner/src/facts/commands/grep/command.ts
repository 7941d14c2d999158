import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['grep', 'egrep', 'fgrep', 'rg', 'jq', 'yq', 'cut'],
  about: 'Filters: the first word is a program or a pattern, the others are files.',
  options: {
    '-A': 'value',
    '-B': 'value',
    '-C': 'value',
    '-m': 'value',
    '-d': 'value',
    '-F': 'value',
    '-v': 'value',
    '--arg': 'value',
    '-f': 'value',
    '-c': 'value',
    '-k': 'value',
    '-b': 'value',
    '-e': 'replaces-program',
    '--regexp': 'replaces-program',
  },
  operands: 'program-then-reads',
}
