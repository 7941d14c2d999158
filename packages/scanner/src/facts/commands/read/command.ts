import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['read'],
  about: 'Puts a line of its input into variables.',
  options: {
    '-d': 'value',
    '-n': 'value',
    '-N': 'value',
    '-p': 'value',
    '-t': 'value',
    '-u': 'value',
    '-a': 'value',
    '-i': 'value',
  },
  operands: 'variables',
}
