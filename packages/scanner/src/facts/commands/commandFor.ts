import type { Command } from './Command.ts'
import { COMMANDS } from './index.ts'

const BY_NAME = new Map(COMMANDS.flatMap((command) => command.names.map((name) => [name, command] as const)))
const BY_PATTERN = COMMANDS.filter((command) => command.pattern !== undefined)

/** What is known about a program, by its base name in lower case. */
export function commandFor(program: string): Command | undefined {
  return BY_NAME.get(program) ?? BY_PATTERN.find((command) => command.pattern?.test(program))
}
