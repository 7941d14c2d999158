import type { Command } from '../Command.ts'
import { readPaths } from '../words.ts'

export const command: Command = {
  names: ['open', 'start', 'start-process', 'xdg-open', 'explorer', 'invoke-item', 'ii', 'rundll', 'call'],
  about: 'Opens a file with whatever opens it; a program is run.',
  isOneDash: true,
  options: {
    '-windowstyle': 'value',
    '-verb': 'value',
    '-a': 'value',
    '-filepath': 'runs-file',
  },
  run(call, engine) {
    for (const { value } of call.options.filter((option) => option.use === 'runs-file'))
      engine.execute(engine.fileTaint(value.text), call.program)
    // The program and its words stand apart: `Start-Process powershell -ArgumentList "-c", "…"`.
    const list = call.own.findIndex((each) => /^-a(?:rgumentlist|rgs)?$/i.test(each))
    if (list > 0) {
      const words = call.own.slice(list + 1).map((each) => each.replace(/,$/, ''))
      const line = words.map((each) => (/\s/.test(each) ? `"${each.replaceAll('"', '\\"')}"` : each)).join(' ')
      engine.nested('shell', `${call.own[0] ?? ''} ${line}`)
    }
    for (const word of call.operands) engine.execute(engine.fileTaint(word.text), call.program)
    readPaths(call, engine)
    return { taint: new Map([...call.argTaint, ...call.input]), literal: null }
  },
}
