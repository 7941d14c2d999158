import { join, merge, type Taint } from '../flow/Taint.ts'
import type { Answer, Call, Command, Engine } from './Command.ts'
import { readPaths, sentBy, urlOf } from './words.ts'

/** A program that nobody described: what goes in may come out, and a file that was fetched and is now run is a flow. */
export const UNKNOWN: Command = {
  names: [],
  about: 'A program that is not known.',
  run(call, engine) {
    const { program, typed } = call
    const invoked = /[/$]/.test(typed) ? engine.fileTaint(typed.replace(/^\.\//, '')) : engine.onPath(program)
    if (invoked.has('network')) engine.execute(invoked, program)
    else if (/^\.\/\w/.test(typed) && engine.here().has('network')) engine.execute(engine.here(), program)
    readPaths(call, engine)
    const taint = join(call.argTaint, call.input)
    // A program whose name nobody can read, given an address, is taken to fetch it.
    const url = typed.startsWith('$') ? call.own.find((each) => /^(?:https?|ftp):\/\//.test(each)) : undefined
    if (url !== undefined) taint.set('network', url)
    return { taint, literal: null }
  },
}

/** What the data of a command says about one call of it. */
export function byData(command: Command, call: Call, engine: Engine): Answer {
  const sent: Taint = new Map()
  const passed: Taint = new Map()
  const outs: string[] = []
  const operands = call.operands.map((word) => word.text)
  const isReader = command.operands === 'reads' || command.operands === 'program-then-reads'
  if (command.carries !== false) merge(passed, call.argTaint)
  if (command.input === 'sent') merge(sent, call.input)
  else if (command.input !== 'dropped') merge(passed, call.input)
  let hasProgram = false
  for (const { value, use } of call.options) {
    if (use === 'reads' || use === 'into') merge(passed, engine.fileTaint(value.text))
    else if (use === 'writes' && value.text !== '-') outs.push(value.text)
    else if (use === 'runs') engine.nested('shell', value.text)
    else if (use === 'runs-file') engine.execute(engine.fileTaint(value.text), call.program)
    else if (use === 'replaces-program') hasProgram = true
    else if (use === 'sends' || use === 'sends-file') merge(sent, sentBy(value, use, call.input, engine))
  }
  const url = urlOf(operands)
  switch (command.operands) {
    case 'reads':
    case 'program-then-reads':
      for (const file of command.operands === 'reads' || hasProgram ? operands : operands.slice(1))
        merge(passed, engine.fileTaint(file))
      break
    case 'writes':
      for (const file of operands) {
        engine.path(file, 'write')
        engine.keep(file, new Map(passed))
        engine.into(file, passed)
      }
      break
    case 'deletes':
      for (const file of operands) engine.path(file, 'delete')
      return { taint: new Map(), literal: null }
    case 'copies':
      copies(call, operands, engine)
      return { taint: new Map(), literal: null }
    case 'sends':
      merge(sent, call.argTaint)
      for (const file of operands) merge(sent, engine.fileTaint(file))
      break
    case 'runs':
      for (const file of operands) engine.execute(engine.fileTaint(file), call.program)
      break
    case 'variables':
      for (const name of operands) engine.variable(name, new Map(call.input))
      break
    case 'url':
    case 'ignored':
    case undefined:
      break
  }
  if (isReader) readPaths(call, engine)
  engine.send(sent, url !== '' ? url : (operands.find((each) => /[.:@]/.test(each)) ?? call.program))
  if (command.gives !== undefined) passed.set(command.gives, command.givesWhat ?? (url === '' ? call.program : url))
  for (const out of outs) {
    engine.path(out, 'write')
    engine.keep(out, new Map(passed))
    engine.into(out, passed)
  }
  return { taint: outs.length === 0 ? passed : new Map(), literal: null }
}

function copies(call: Call, operands: readonly string[], engine: Engine): void {
  const into = call.options.find((each) => each.use === 'into')?.value.text
  const sources = into === undefined ? operands.slice(0, -1) : operands
  const target = into ?? operands.at(-1) ?? ''
  const taint = new Map(call.argTaint)
  for (const file of sources) {
    merge(taint, engine.fileTaint(file))
    engine.path(file, 'read')
  }
  if (sources.length === 0) return
  engine.path(target, 'write')
  engine.keep(target.replace(/\/$/, ''), taint)
  engine.into(target, taint)
}
