import { merge, type Taint } from '../flow/Taint.ts'
import type { Answer, Call, Engine } from './Command.ts'

/**
 * An interpreter runs one thing: the text after its flag, a module, a file, or its input. All else is data to what it runs:
 * what is piped into a program that is named, and the words after it.
 */
export function interpret(
  call: Call,
  engine: Engine,
  of: { readonly language: Parameters<Engine['nested']>[0]; readonly text: RegExp },
): Answer {
  const at = call.own.findIndex((each) => of.text.test(each))
  const script = at >= 0 ? call.args[at + 1] : undefined
  const out: Taint = new Map([...call.argTaint, ...call.input])
  if (script !== undefined) {
    engine.nested(of.language, script.text)
    // A value that is put into a text is data to it; a text that is all value is what runs.
    const taint: Taint = /^\s{0,8}\$/.test(script.text) ? engine.wordTaint(script) : new Map()
    if (/https?:\/\//.test(script.text) && /exec|eval/.test(script.text))
      merge(taint, new Map([['network', 'a URL in the code']]))
    engine.execute(taint, call.program)
    for (const word of call.args.slice(at + 2)) merge(out, engine.fileTaint(word.text))
  } else {
    const module = call.own.findIndex((each) => each === '-m')
    const file = call.args.find((word) => !/^-./.test(word.text) && !/^(?:run|x|exec|eval)$/.test(word.text))
    const taint: Taint = new Map()
    if (module < 0) {
      if (file === undefined || file.text === '-' || file.text === '/dev/stdin') merge(taint, call.input)
      if (file !== undefined) {
        merge(taint, engine.wordTaint(file))
        merge(taint, engine.fileTaint(file.text))
        if (/^https?:\/\//.test(file.text)) taint.set('network', file.text)
      }
    }
    engine.execute(taint, call.program)
    if (call.body !== null && (file === undefined || file.text === '-')) engine.nested(of.language, call.body)
    if (call.literalIn !== null && (file === undefined || file.text === '-')) engine.nested(of.language, call.literalIn)
  }
  const code = script?.text ?? call.body ?? ''
  if (/b64decode|unhexlify|b85decode|atob|fromhex|decompress|decode64|unpack1?\(|base64_decode/.test(code))
    out.set('decoded', call.program)
  if (/urlopen|requests\.get|fetch\(|file_get_contents\(\s{0,2}['"]https?:/.test(code)) out.set('network', call.program)
  return { taint: out, literal: null }
}
