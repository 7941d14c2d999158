import type { Command } from '../Command.ts'
import { readPaths } from '../words.ts'

export const command: Command = {
  names: ['sed', 'gsed'],
  about: 'Edits streams and, with -i, files.',
  operands: 'program-then-reads',
  run(call, engine) {
    if (call.own.some((each) => each.startsWith('-i'))) readPaths(call, engine, 'write')
    return null
  },
}
