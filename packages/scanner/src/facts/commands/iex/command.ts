import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['iex', 'invoke-expression'],
  about: 'Runs a text, in PowerShell.',
  run(call, engine) {
    const taint = new Map([...call.argTaint, ...call.input])
    if (/downloadstring|iwr|irm|invoke-webrequest|invoke-restmethod|webclient/i.test(call.shown))
      taint.set('network', 'a URL')
    if (/frombase64string/i.test(call.shown)) taint.set('decoded', 'FromBase64String')
    engine.execute(taint, 'iex')
    return { taint, literal: null }
  },
}
