import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['pbpaste', 'xclip', 'xsel', 'wl-paste', 'get-clipboard'],
  about: 'Prints the clipboard.',
  gives: 'secret',
  givesWhat: 'the clipboard',
  carries: false,
  input: 'dropped',
}
