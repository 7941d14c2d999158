import type { Command } from '../Command.ts'
import { join, merge, type Taint } from '../../flow/Taint.ts'

export const command: Command = {
  names: ['bash', 'sh', 'zsh', 'dash', 'ksh', 'fish', 'ash', 'cmd', 'mksh'],
  about: 'A shell: runs a text after -c, a file, or its input.',
  run(call, engine) {
    const at = call.own.findIndex((each) => /^-[a-zA-Z]*c$|^\/[ck]$/i.test(each))
    const script = at >= 0 ? call.args[at + 1] : undefined
    if (script !== undefined) {
      const rest = call.args.slice(at + 2)
      const isWindows = call.program === 'cmd'
      engine.nested('shell', isWindows ? call.own.slice(at + 1).join(' ') : script.text)
      const taint = engine.wordTaint(script)
      // The words of xargs end up in the text where it says so.
      if (call.wrappers.includes('xargs')) merge(taint, call.argTaint)
      engine.execute(taint, call.program)
      if (rest.length > 0 && /\$\{?[\d@*]/.test(script.text)) engine.script(script.text, rest)
      return { taint: join(call.argTaint, call.input), literal: null }
    }
    const isInput = call.own.some((each) => /^-[a-zA-Z]*s$/.test(each))
    const file = isInput ? undefined : call.args.find((word) => !/^[-+]./.test(word.text))
    const taint = new Map<never, never>() as Taint
    if (file === undefined || /^(?:-|\/dev\/stdin|\/proc\/self\/fd\/0)$/.test(file.text)) merge(taint, call.input)
    if (file !== undefined) {
      merge(taint, engine.wordTaint(file))
      merge(taint, engine.fileTaint(file.text))
      const text = engine.fileText(file.text)
      if (text !== null) engine.nested('shell', text)
    }
    engine.execute(taint, call.program)
    if (file === undefined && call.body !== null) engine.nested('shell', call.body)
    if (file === undefined && call.literalIn !== null) engine.nested('shell', call.literalIn)
    return { taint: join(call.argTaint, call.input, taint), literal: null }
  },
}
