import type { Command } from '../Command.ts'
import { interpret } from '../interpret.ts'

export const command: Command = {
  names: ['ruby', 'php', 'lua', 'luajit', 'rscript', 'julia', 'elixir'],
  pattern: /^(?:ruby|php|lua)[\d.]+$/,
  about: 'Runs a text after -e or -r, a file, or its input.',
  run: (call, engine) =>
    interpret(call, engine, {
      language: call.program.startsWith('php') ? 'php' : call.program.startsWith('lua') ? 'lua' : 'ruby',
      text: /^-[a-z]*[er]$/,
    }),
}
