import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['get-childitem', 'gci', 'dir', 'ls', 'get-item'],
  about: 'Lists; of the drive `env:` it lists the environment.',
  run: (call) =>
    /(?:^|\s)env:/i.test(call.own.join(' '))
      ? { taint: new Map([['env', 'the whole environment'] as const]), literal: null }
      : null,
}
