import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['at', 'batch', 'parallel'],
  about: 'Runs its input, later or many times.',
  run(call, engine) {
    engine.execute(call.input, call.program)
    for (const text of [call.body, call.literalIn]) if (text !== null) engine.nested('shell', text)
    return { taint: new Map(), literal: null }
  },
}
