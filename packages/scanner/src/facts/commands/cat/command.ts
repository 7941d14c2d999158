import type { Command } from '../Command.ts'
import { readPaths } from '../words.ts'

export const command: Command = {
  names: [
    'sqlite3',
    'cat',
    'less',
    'more',
    'head',
    'tail',
    'sort',
    'uniq',
    'strings',
    'nl',
    'tac',
    'od',
    'hexdump',
    'bat',
    'type',
    'get-content',
    'gc',
    'wc',
    'fold',
    'paste',
    'column',
    'iconv',
    'split',
    'gpg',
    'age',
    'zstd',
    'xz',
    'bzip2',
    'xargs',
    'select-string',
    'out-string',
    'nohup',
    'pv',
    'unxz',
    'bunzip2',
  ],
  about: 'Prints what is in files.',
  options: {
    '-n': 'value',
    '-c': 'value',
    '-k': 'value',
    '-t': 'value',
    '-o': 'value',
    '-r': 'value',
  },
  operands: 'reads',
  run(call, engine) {
    // A program that is all input: what it prints is known where that is.
    const literal = call.program === 'cat' && call.operands.length === 0 ? (call.literalIn ?? call.body) : null
    if (literal === null) return null
    readPaths(call, engine)
    return { taint: new Map([...call.argTaint, ...call.input]), literal }
  },
}
