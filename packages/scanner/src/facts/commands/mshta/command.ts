import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['mshta', 'regsvr32', 'rundll32', 'msiexec', 'wscript', 'cscript'],
  about: 'Programs of Windows that run what an address serves.',
  run(call, engine) {
    const url = /https?:\/\/[^\s"',]{3,300}/i.exec(call.shown)?.[0]
    if (url !== undefined) engine.execute(new Map([['network', url]]), call.program)
    for (const file of call.operands) engine.execute(engine.fileTaint(file.text), call.program)
    return { taint: new Map(), literal: null }
  },
}
