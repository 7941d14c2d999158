import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['tee', 'sponge'],
  about: 'Writes its input into files, and on.',
  run(call, engine) {
    for (const word of call.operands) {
      const { text } = word
      if (text === '>()') {
        engine.feed(word, call.input)
        continue
      }
      engine.path(text, 'write')
      engine.keep(text, new Map(call.input))
      engine.into(text, call.input)
    }
    return { taint: call.input, literal: call.literalIn }
  },
}
