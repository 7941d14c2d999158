import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['powershell', 'pwsh'],
  about: 'Runs a text of PowerShell.',
  run(call, engine) {
    const at = call.own.findIndex((each) => /^-(?:c|command)$/i.test(each))
    const words = at >= 0 ? call.args.slice(at + 1) : call.args
    engine.nested('shell', words.map((word) => word.text).join(' '))
    const file = call.own[call.own.findIndex((each) => /^-f(?:ile)?$/i.test(each)) + 1]
    if (file !== undefined) engine.execute(engine.fileTaint(file), call.program)
    return { taint: call.argTaint, literal: null }
  },
}
