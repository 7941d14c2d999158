import type { Command } from '../Command.ts'
import { readPaths } from '../words.ts'

export const command: Command = {
  names: ['chmod', 'chown', 'chgrp', 'icacls', 'attrib'],
  about: 'Changes who may do what with a file.',
  run(call, engine) {
    readPaths(call, engine, 'write')
    return { taint: new Map(), literal: null }
  },
}
