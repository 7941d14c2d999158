import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['cd', 'pushd', 'chdir', 'set-location'],
  about: 'Enters a directory.',
  run(call, engine) {
    engine.enter(call.operands[0]?.text ?? '')
    return { taint: new Map(), literal: null }
  },
}
