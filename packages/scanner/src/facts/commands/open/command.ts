import type { Command } from '../Command.ts'
import { readPaths } from '../words.ts'

export const command: Command = {
  names: ['open', 'start', 'start-process', 'xdg-open', 'explorer', 'invoke-item', 'ii', 'rundll', 'call'],
  about: 'Opens a file with whatever opens it; a program is run.',
  isOneDash: true,
  options: {
    '-windowstyle': 'value',
    '-verb': 'value',
    '-a': 'value',
    '-filepath': 'runs-file',
  },
  run(call, engine) {
    for (const { value } of call.options.filter((option) => option.use === 'runs-file'))
      engine.execute(engine.fileTaint(value.text), call.program)
    for (const word of call.operands) engine.execute(engine.fileTaint(word.text), call.program)
    readPaths(call, engine)
    return { taint: new Map([...call.argTaint, ...call.input]), literal: null }
  },
}
