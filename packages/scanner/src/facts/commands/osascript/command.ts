import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['osascript'],
  about: 'Runs AppleScript, which runs shells.',
  run(call, engine) {
    for (const word of call.own)
      for (const match of word.matchAll(/do shell script "((?:[^"\\]|\\.){1,2000})"/g))
        engine.nested('shell', (match[1] ?? '').replaceAll('\\"', '"'))
    return { taint: call.argTaint, literal: null }
  },
}
