import type { Command } from '../Command.ts'
import { merge, type Taint } from '../../flow/Taint.ts'

/** The first word of what a backup program is asked to do that takes files. */
const TAKES = /^(?:backup|create|snapshot|full|incr|incremental)$/

export const command: Command = {
  names: ['restic', 'borg', 'borgmatic', 'kopia', 'duplicity', 'rustic', 'bupstash'],
  about: 'Keeps encrypted copies of directories in a repository of its owner.',
  options: {
    '-r': 'value',
    '--repo': 'value',
    '--repository': 'value',
    '--tag': 'value',
    '--exclude': 'value',
    '--exclude-file': 'value',
    '-p': 'value',
    '--password-file': 'value',
    '--password-command': 'value',
  },
  run(call, engine) {
    const [verb, ...rest] = call.operands
    if (!TAKES.test(verb?.text ?? '')) return { taint: new Map(), literal: null }
    const named = call.options.find((each) => /^(?:-r|--repo(?:sitory)?)$/.test(each.name))?.value.text
    const to = named ?? rest.find((each) => /:\/\/|::/.test(each.text))?.text ?? ''
    // Where the repository is written into the skill, it is its author's.
    if (/^(?:[a-z0-9+]{2,12}:)?[a-z0-9+]{2,12}:\/\/(?!\$|localhost|127\.)|^[\w.-]+@[\w.-]+:/i.test(to)) {
      const sent: Taint = new Map()
      for (const word of rest) merge(sent, engine.fileTaint(word.text))
      engine.send(sent, to)
    }
    return { taint: new Map(), literal: null }
  },
}
