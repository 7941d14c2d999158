import type { Command } from '../Command.ts'
import { readPaths } from '../words.ts'

export const command: Command = {
  names: ['sed', 'gsed'],
  about: 'Edits streams and, with -i, files.',
  operands: 'program-then-reads',
  options: { '-f': 'runs-file', '--file': 'runs-file' },
  run(call, engine) {
    // The command `e` and the flag `e` of a substitution run what stands in the line.
    if (/(?:^|[;\d$/}])\s{0,2}e\s{0,2}(?:$|[;}])/.test(call.operands[0]?.text ?? ''))
      engine.execute(call.input, call.program)
    if (call.own.some((each) => each.startsWith('-i'))) readPaths(call, engine, 'write')
    return null
  },
}
