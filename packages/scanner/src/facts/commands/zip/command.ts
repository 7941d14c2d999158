import type { Command } from '../Command.ts'
import { merge, type Taint } from '../../flow/Taint.ts'

export const command: Command = {
  names: ['zip', 'rar'],
  about: 'Packs files into the first.',
  run(call, engine) {
    const taint = new Map<never, never>() as Taint
    for (const word of call.operands) merge(taint, engine.fileTaint(word.text))
    const target = call.operands[0]?.text
    if (target !== undefined) engine.keep(target, taint)
    return { taint: new Map(), literal: null }
  },
}
