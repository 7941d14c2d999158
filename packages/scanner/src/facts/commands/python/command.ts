import type { Command } from '../Command.ts'
import { interpret } from '../interpret.ts'

export const command: Command = {
  names: ['python', 'py', 'pypy'],
  pattern: /^(?:python|pypy)[\d.]*$/,
  about: 'Runs a text after -c, a module after -m, a file, or its input.',
  run: (call, engine) => interpret(call, engine, { language: 'python', text: /^-[a-zA-Z]*c$/ }),
}
