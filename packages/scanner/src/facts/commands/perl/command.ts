import type { Command } from '../Command.ts'
import { interpret } from '../interpret.ts'

export const command: Command = {
  names: ['perl'],
  pattern: /^perl[\d.]+$/,
  about: 'Runs a text after -e, a file, or its input.',
  run: (call, engine) => interpret(call, engine, { language: 'perl', text: /^-[a-zA-Z]*[eE]$/ }),
}
