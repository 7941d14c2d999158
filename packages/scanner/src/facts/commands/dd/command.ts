import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['dd'],
  about: 'Copies bytes between files that are named in its words.',
  run(call, engine) {
    const taint = new Map([...call.argTaint, ...call.input])
    const of = (name: string) => call.own.find((each) => each.startsWith(name))?.slice(name.length)
    const from = of('if=')
    if (from !== undefined) for (const [source, what] of engine.fileTaint(from)) taint.set(source, what)
    const to = of('of=')
    if (to === undefined) return { taint, literal: null }
    engine.path(to, 'write')
    engine.keep(to, taint)
    engine.into(to, taint)
    return { taint: new Map(), literal: null }
  },
}
