import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['echo', 'printf', 'print', 'write-output', 'write-host'],
  about: 'Prints its words.',
  run(call) {
    const literal = call.own.filter((each) => !/^-[neE]+$/.test(each)).join(' ')
    return { taint: new Map(call.argTaint), literal }
  },
}
