import type { Command } from '../Command.ts'
import { readPaths } from '../words.ts'
import { merge } from '../../flow/Taint.ts'

export const command: Command = {
  names: [
    'tar',
    'bsdtar',
    'unzip',
    '7z',
    '7za',
    'unrar',
    'hdiutil',
    'expand-archive',
    'dpkg',
    'installer',
    'rpm',
    'cpio',
  ],
  about: 'Packs files, or takes them out: what comes out of a download is a download.',
  run(call, engine) {
    const taint = new Map([...call.argTaint, ...call.input])
    const files = call.own.filter((each) => !each.startsWith('-'))
    for (const file of files) merge(taint, engine.fileTaint(file))
    if (call.program.endsWith('tar') && call.own.some((each) => /^-?[abd-zA-Z]*c[a-zA-Z]*$|^--create$/.test(each))) {
      const at = call.own.findIndex((each) => /^-?[a-zA-Z]*f$|^--file$/.test(each))
      const target = at >= 0 ? call.own[at + 1] : undefined
      if (target !== undefined && target !== '-') engine.keep(target, taint)
      readPaths(call, engine)
      return { taint, literal: null }
    }
    if (taint.has('network')) {
      const into = call.own.findIndex((each) => /^(?:-C|-d|--directory|-o|-DestinationPath)$/.test(each))
      engine.keep(into >= 0 ? `${(call.own[into + 1] ?? '.').replace(/\/$/, '')}/` : '.', taint)
      if (/^(?:installer|dpkg|rpm)$/.test(call.program)) engine.execute(taint, call.program)
    }
    return { taint: new Map(taint), literal: null }
  },
}
