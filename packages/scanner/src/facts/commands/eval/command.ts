import type { Command } from '../Command.ts'
import { readPaths } from '../words.ts'
import { join, merge } from '../../flow/Taint.ts'

export const command: Command = {
  names: ['eval', 'source', '.'],
  about: 'Runs a text or a file in the shell that is running.',
  run(call, engine) {
    const taint = join(call.argTaint, call.program === 'eval' ? new Map() : call.input)
    for (const word of call.operands) {
      merge(taint, engine.fileTaint(word.text))
      const text = call.program === 'eval' ? null : engine.fileText(word.text)
      if (text !== null) engine.nested('shell', text)
    }
    engine.execute(taint, call.program)
    if (call.program === 'eval') engine.nested('shell', call.own.join(' '))
    else readPaths(call, engine)
    return { taint, literal: null }
  },
}
