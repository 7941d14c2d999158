import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['mapfile', 'readarray'],
  about: 'Puts the lines of its input into a list.',
  options: {
    '-d': 'value',
    '-n': 'value',
    '-O': 'value',
    '-s': 'value',
    '-u': 'value',
    '-C': 'value',
    '-c': 'value',
  },
  operands: 'variables',
}
