import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['certutil', 'bitsadmin'],
  about: 'Tools of Windows that were made for something else, and fetch.',
  run(call, engine) {
    const url = call.own.find((each) => /^[a-z]{2,6}:\/\//i.test(each)) ?? ''
    const from = new Map([['network', url] as const])
    engine.keep(call.operands.at(-1)?.text ?? '', from)
    // Nobody fetches programs with a certificate tool but those who hide.
    if (/\.(?:exe|dll|bat|cmd|ps1|vbs|scr|hta)\b/i.test(call.shown)) engine.execute(from, call.program)
    return { taint: from, literal: null }
  },
}
