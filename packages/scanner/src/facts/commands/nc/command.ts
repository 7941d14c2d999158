import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['nc', 'ncat', 'netcat'],
  about: 'Connects a socket to its input and output, or to a program.',
  options: {
    '-p': 'value',
    '-w': 'value',
    '-i': 'value',
    '-s': 'value',
    '-x': 'value',
    '-X': 'value',
    '-q': 'value',
    '-G': 'value',
    '-T': 'value',
    '-m': 'value',
    '--proxy': 'value',
    '-b': 'value',
    '-e': 'runs',
    '-c': 'runs',
    '--exec': 'runs',
    '--sh-exec': 'runs',
    '--lua-exec': 'runs',
  },
  run(call, engine) {
    for (const { value } of call.options.filter((option) => option.use === 'runs'))
      engine.connect(call.operands.map((word) => word.text).join(' '), value.text)
    return null
  },
  operands: 'sends',
  input: 'sent',
  gives: 'network',
}
