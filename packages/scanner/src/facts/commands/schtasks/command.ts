import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['schtasks', 'new-scheduledtaskaction'],
  about: 'Has Windows start a command later, and again.',
  run(call, engine) {
    const after = (option: RegExp): string => {
      const at = call.own.findIndex((each) => option.test(each))
      return at < 0 ? '' : (call.own[at + 1] ?? '')
    }
    const line = [after(/^[-/]tr$|^-execute$/i), after(/^-argument$/i)].join(' ').trim()
    if (line !== '') engine.nested('shell', line)
    return { taint: new Map(), literal: null }
  },
}
