import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['rm', 'rmdir', 'shred', 'unlink', 'del', 'rd', 'remove-item', 'truncate', 'ri', 'erase'],
  about: 'Deletes.',
  options: {
    '-s': 'value',
    '--size': 'value',
    '-n': 'value',
    '--iterations': 'value',
  },
  operands: 'deletes',
}
