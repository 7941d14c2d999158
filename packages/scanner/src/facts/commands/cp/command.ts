import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['cp', 'mv', 'ln', 'install', 'ditto', 'move', 'copy', 'copy-item', 'move-item'],
  about: 'Puts what is in files into others.',
  options: {
    '-t': 'into',
    '--target-directory': 'into',
    '-m': 'value',
    '--mode': 'value',
    '-o': 'value',
    '--owner': 'value',
    '-g': 'value',
    '--group': 'value',
    '-S': 'value',
    '--suffix': 'value',
  },
  operands: 'copies',
}
