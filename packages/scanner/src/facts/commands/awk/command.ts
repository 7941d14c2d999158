import { join } from '../../flow/Taint.ts'
import type { Command } from '../Command.ts'

/** What its program hands to a shell: `system($0)`, `cmd | getline`, `print | "sh"`. */
const RUNS_INPUT = /\bsystem\s{0,2}\(|\|\s{0,2}getline\b|\|\s{0,2}(?:"|')?(?:\/bin\/)?(?:ba|z)?sh\b/

export const command: Command = {
  names: ['awk', 'gawk', 'mawk', 'nawk'],
  about: 'Runs a program of its own over lines; the program may hand them to a shell.',
  options: { '-f': 'runs-file', '--file': 'runs-file', '-v': 'value', '-F': 'value' },
  operands: 'program-then-reads',
  run(call, engine) {
    const program = call.operands[0]?.text ?? ''
    if (RUNS_INPUT.test(program)) {
      const files = call.operands.slice(1).map((word) => engine.fileTaint(word.text))
      engine.execute(join(call.input, ...files), call.program)
    }
    return null
  },
}
