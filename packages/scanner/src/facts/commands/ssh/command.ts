import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['ssh', 'autossh', 'dropbear'],
  about: 'Runs a command on another machine; what comes back is from there.',
  options: {
    '-i': 'value',
    '-F': 'value',
    '-o': 'value',
    '-S': 'value',
    '-J': 'value',
    '-p': 'value',
    '-l': 'value',
    '-e': 'value',
    '-c': 'value',
    '-L': 'value',
    '-R': 'value',
    '-D': 'value',
    '-W': 'value',
    '-b': 'value',
    '-B': 'value',
    '-m': 'value',
    '-O': 'value',
    '-Q': 'value',
    '-w': 'value',
    '-E': 'value',
  },
  run(call, engine) {
    const rest = call.operands.slice(1)
    // It runs, but elsewhere: what it writes there is not on this machine.
    if (rest.length > 0) engine.nested('shell', rest.map((word) => word.text).join(' '), true)
    return null
  },
  operands: 'sends',
  input: 'sent',
  gives: 'network',
}
