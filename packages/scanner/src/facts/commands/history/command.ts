import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['history'],
  about: 'Prints what was typed before, keys among it.',
  gives: 'secret',
  givesWhat: 'shell history',
}
