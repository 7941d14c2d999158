import type { Command } from '../Command.ts'
import { merge } from '../../flow/Taint.ts'
import { readPaths } from '../words.ts'

function isDecoding(program: string, line: string): boolean {
  return (
    /(?:^|\s)(?:-d|-D|--decode|-di|-r|-r -p|enc\b.*-d|-dc)\b/.test(` ${line}`) ||
    /^(?:gunzip|zcat|rev|tr|uudecode)$/.test(program)
  )
}

export const command: Command = {
  names: ['base64', 'base32', 'xxd', 'openssl', 'gunzip', 'zcat', 'gzip', 'rev', 'tr', 'uudecode', 'hex', 'basenc'],
  about: 'Writes a text differently, or reads it back.',
  run(call, engine) {
    const line = call.own.join(' ')
    if (call.program === 'openssl' && /(?:^|\s)(?:dgst|mac)\b|-hmac/.test(line))
      return { taint: new Map(), literal: null }
    const taint = new Map([...call.argTaint, ...call.input])
    for (const word of call.operands) merge(taint, engine.fileTaint(word.text))
    if (!isDecoding(call.program, line)) {
      readPaths(call, engine)
      return { taint, literal: null }
    }
    const { literalIn } = call
    taint.set('decoded', literalIn === null ? call.program : `${call.program} of a literal`)
    if (literalIn !== null && call.program === 'base64')
      return { taint, literal: Buffer.from(literalIn.trim(), 'base64').toString('utf8') }
    if (literalIn !== null && call.program === 'rev') return { taint, literal: [...literalIn].toReversed().join('') }
    readPaths(call, engine)
    return { taint, literal: null }
  },
}
