import type { Command } from '../Command.ts'
import { interpret } from '../interpret.ts'

export const command: Command = {
  names: ['node', 'nodejs', 'bun', 'tsx', 'ts-node', 'deno'],
  about: 'Runs a text after -e, a file, or its input.',
  run: (call, engine) =>
    interpret(call, engine, { language: 'javascript', text: /^(?:-[a-z]*[ep]|--eval|--print|eval)$/ }),
}
