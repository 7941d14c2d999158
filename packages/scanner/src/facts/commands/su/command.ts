import type { Command } from '../Command.ts'

export const command: Command = {
  names: [
    'su',
    'runuser',
    'script',
    'flock',
    'chroot',
    'unshare',
    'nsenter',
    'screen',
    'tmux',
    'entr',
    'expect',
    'zellij',
  ],
  about: 'Runs a command that is handed to it as text.',
  run(call, engine) {
    const at = call.own.findIndex((each) => /^(?:-c|--command)$/.test(each))
    const text = at >= 0 ? call.own[at + 1] : call.operands.findLast((word) => /\s/.test(word.text))?.text
    if (text !== undefined) engine.nested('shell', text)
    if (at >= 0 && call.args[at + 1] !== undefined) engine.execute(call.argTaint, call.program)
    return { taint: call.argTaint, literal: null }
  },
}
