import type { Command } from '../Command.ts'
import { fetch, lastSegment } from '../fetch.ts'

export const command: Command = {
  names: ['aria2c', 'axel'],
  about: 'Downloads files.',
  options: {
    '-o': 'writes',
    '--out': 'writes',
    '-d': 'into',
    '--dir': 'into',
    '-x': 'value',
    '-s': 'value',
    '-k': 'value',
    '-j': 'value',
    '-i': 'value',
    '--header': 'value',
    '--max-connection-per-server': 'value',
  },
  run: (call, engine) => fetch(call, engine, lastSegment),
}
