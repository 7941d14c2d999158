import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['certutil', 'bitsadmin'],
  about: 'Tools of Windows that were made for something else, and fetch.',
  run(call, engine) {
    const url = call.own.find((each) => /^[a-z]{2,6}:\/\//i.test(each)) ?? ''
    const has = (option: RegExp) => call.own.some((each) => option.test(each))
    if (has(/^[-/]upload(?:-reply)?$/i)) {
      engine.send(engine.fileTaint(call.operands.at(-1)?.text ?? ''), url)
      return { taint: new Map(), literal: null }
    }
    if (has(/^[-/](?:encode|decode)(?:hex)?$/i)) {
      const [from, to] = call.operands.slice(-2)
      const taint = engine.fileTaint(from?.text ?? '')
      if (has(/^[-/]decode/i)) taint.set('decoded', call.program)
      engine.path(to?.text ?? '', 'write')
      engine.keep(to?.text ?? '', taint)
      return { taint: new Map(), literal: null }
    }
    if (url === '') return { taint: call.argTaint, literal: null }
    const from = new Map([['network', url] as const])
    engine.keep(call.operands.at(-1)?.text ?? '', from)
    // Nobody fetches programs with a certificate tool but those who hide.
    if (/\.(?:exe|dll|bat|cmd|ps1|vbs|scr|hta)\b/i.test(call.shown)) engine.execute(from, call.program)
    return { taint: from, literal: null }
  },
}
