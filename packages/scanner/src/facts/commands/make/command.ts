import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['make', 'gmake', 'just', 'task'],
  about: 'Runs what a file of recipes says; the recipes are read where they stand.',
  carries: false,
  run(call, engine) {
    const at = call.own.findIndex((each) => /^(?:-f|--file|--makefile|--justfile)$/.test(each))
    if (at >= 0) engine.execute(engine.fileTaint(call.own[at + 1] ?? ''), call.program)
    const into = call.own.findIndex((each) => /^(?:-C|--directory)$/.test(each))
    if (into >= 0) {
      const folder = (call.own[into + 1] ?? '.').replace(/\/$/, '')
      engine.execute(engine.fileTaint(`${folder}/Makefile`), call.program)
    }
    return { taint: new Map(), literal: null }
  },
}
